"""The whole call with forty candidates, on the console door and a frozen clock: who was told what, counted exactly.

The same call is run on a real homeserver, with a real mail server and a bot that is killed, in tests/journeys.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.console import BUREAU, Said
from bot.circulaire.avis import AvisEtat
from bot.circulaire.candidature import Etat
from bot.clock import PARIS
from storage import journal
from storage.bureau import Avis, Convocation
from storage.tables import Candidature
from tests.forty import (
    ABSENT,
    COMMISSIONS,
    FORTY,
    IEN,
    SECRET,
    SILENT_AT_FIRST,
    SILENT_TO_THE_END,
    TOTAL,
    Candidate,
    directory,
    ranks_named,
)
from tests.handlers.conftest import OPEN_DAY, Talk, _talk

ON_THE_MESSENGER = "roche"  # the IEN of Paris 19A
RELEASED = datetime(2017, 4, 28, 9, tzinfo=PARIS)


@dataclass
class Story:
    """What was said to everybody, up to the release of the avis and after it, and what is kept."""

    said: Sequence[Said]
    before_release: int
    rows: dict[type[Any], list[Any]] = field(default_factory=dict)
    broken_line: int | None = None

    def mails(self, subject: str) -> Counter[str]:
        """How many e-mails with that subject each address received."""
        found = [one.text.split("\n") for one in self.said if one.room == "courriel"]
        return Counter(lines[0].removeprefix("À : ") for lines in found if lines[1].startswith(f"Objet : {subject}"))

    def chats(self, words: str) -> Counter[str]:
        """How many messages beginning with these words each person received."""
        return Counter(one.room for one in self.said if one.room != "courriel" and one.text.startswith(words))

    def papers(self, name: str) -> Counter[str]:
        """How many files of that name each person received."""
        return Counter(one.room for one in self.said if one.file is not None and one.file[0] == name)


async def move(talk: Talk, day: int, hour: int, minute: int = 0) -> None:
    """The clock of April 2017; what falls due is done."""
    talk.clock.set(datetime(2017, 4, day, hour, minute, tzinfo=PARIS))
    await talk.app.settled()


async def import_directory(talk: Talk, folder: Path) -> None:
    """The bureau drops the table of the IEN."""
    file = folder / "ien.csv"
    file.write_text(directory(ON_THE_MESSENGER))
    await talk.door.drop(BUREAU, file, caption="!ien importer")
    await talk.app.settled()


async def convoke(talk: Talk) -> None:
    """Everybody is declared recevable and convoked; some answer, and the net catches the others."""
    await talk.says(BUREAU, f"!recevable 1-{TOTAL}", *COMMISSIONS, "!planning", "!convoquer", "oui")
    for one in FORTY:
        if one not in SILENT_AT_FIRST:
            await talk.says(one.who, "j’y serai")
    await move(talk, 24, 20)
    for one in SILENT_AT_FIRST:
        if one not in SILENT_TO_THE_END:
            await talk.says(one.who, "1")
    await move(talk, 25, 8)
    await move(talk, 25, 18)


async def judge(talk: Talk) -> None:
    """Each avis is sealed by one member of the bureau and confirmed by the other."""
    await move(talk, 26, 19, 30)
    heard = [str(one.rank + 1) for one in FORTY if one not in ABSENT]
    await talk.says(BUREAU, f"!entendu {' '.join(heard)}", *(f"!absent {one.rank + 1}" for one in ABSENT))
    for one in FORTY:
        await talk.says(BUREAU, f'!avis {one.rank + 1} favorable "{SECRET} {one.rank}."')
        await talk.says("bureau-edith", "oui")
    await move(talk, 27, 23, 59)
    await talk.says(BUREAU, "!avis publier")


async def play(folder: Path) -> Story:
    """The call, from the first « bonjour » to the last avis opened."""
    async with _talk(folder / "donnees", OPEN_DAY) as talk:
        for one in FORTY:
            await talk.deposits(one.who, one.name, circonscription=one.circonscription)
        await import_directory(talk, folder)
        await move(talk, 22, 9)
        await convoke(talk)
        await judge(talk)
        story = Story(talk.said, len(talk.said))
        talk.clock.set(RELEASED)
        await talk.says(BUREAU, "!avis publier")
        await talk.says("bureau-edith", "oui")
        for one in FORTY:
            await talk.says(one.who, "ouvrir l’avis")
        story.rows = {model: await talk.rows(model) for model in (Candidature, Convocation, Avis)}
        story.broken_line = await talk.app.database.query(lambda session: journal.first_broken(journal.lines(session)))
        return story


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The call, played once for all the tests of this page."""
    return asyncio.run(play(tmp_path_factory.mktemp("appel")))


def each(people: Sequence[Candidate]) -> Counter[str]:
    """Once for each candidate, by their conversation."""
    return Counter(one.who for one in people)


def each_mail(people: Sequence[Candidate]) -> Counter[str]:
    """Once for each candidate, by their mailbox."""
    return Counter(one.mail for one in people)


EVERYBODY_ONCE = each(FORTY)


def test_everybody_is_convoked_once_in_the_chat_with_pdf_and_calendar(story: Story) -> None:
    assert story.chats("Convocation à l’entretien") == EVERYBODY_ONCE
    assert story.papers("convocation-1.pdf") == EVERYBODY_ONCE + each(SILENT_AT_FIRST)
    assert story.papers("convocation.ics") == EVERYBODY_ONCE + each(SILENT_AT_FIRST)


def test_everybody_is_convoked_once_by_mail(story: Story) -> None:
    assert story.mails("Convocation à l’entretien") == each_mail(FORTY)


def test_no_two_candidates_share_a_creneau(story: Story) -> None:
    held = [(row.commission, row.starts_at) for row in story.rows[Convocation]]

    assert (len(held), len(set(held))) == (TOTAL, TOTAL)


@pytest.mark.parametrize("subject", ["Copie : convocation à", "Copie : avis de la commission"])
def test_the_copies_of_a_kind_go_to_the_ien_of_each_candidate_alone(story: Story, subject: str) -> None:
    found = [one.text for one in story.said if one.room == "courriel" and f"\nObjet : {subject}" in one.text]

    told = {mail: ranks_named([text for text in found if text.startswith(f"À : {mail}\n")]) for mail in IEN}

    assert told == {mail: [one.rank for one in FORTY if one.ien == mail] for mail in IEN}
    assert len(found) == TOTAL


def test_the_ien_on_the_messenger_hears_of_their_own_candidates_alone(story: Story) -> None:
    copies = [one.text for one in story.said if one.room == ON_THE_MESSENGER and one.text.startswith("Copie")]

    assert ranks_named(copies) == sorted([one.rank for one in FORTY if one.ien == IEN[0]] * 2)


def test_the_net_and_the_alert_reach_the_silent_ones_once_and_nobody_else(story: Story) -> None:
    assert story.chats("Voici de nouveau votre convocation") == each(SILENT_AT_FIRST)
    assert story.mails("Rappel : convocation") == each_mail(SILENT_AT_FIRST)
    assert story.chats("Vous n’avez pas confirmé") == each(SILENT_TO_THE_END)
    assert story.mails("Votre convocation du") == each_mail(SILENT_TO_THE_END)


def test_everybody_is_reminded_once_on_the_eve(story: Story) -> None:
    assert story.chats("Rappel : votre entretien a lieu demain") == EVERYBODY_ONCE


def test_no_word_of_an_avis_leaves_before_its_day(story: Story) -> None:
    said = story.said[: story.before_release]

    assert [one for one in said if SECRET in one.text] == []
    assert [one for one in said if "[avis-" in one.text or (one.file and "avis" in one.file[0])] == []


def test_everybody_has_their_avis_once_and_their_own(story: Story) -> None:
    opened = {one.room: one.text for one in story.said if one.text.startswith("Avis de la commission : favorable")}

    assert story.chats("L’avis de la commission sur votre candidature") == EVERYBODY_ONCE
    assert story.mails("Circulaire 17AN0076 : avis de la commission") == each_mail(FORTY)
    assert [f"{SECRET} {one.rank}." in opened[one.who] for one in FORTY] == [True] * TOTAL


def test_nothing_was_handed_to_a_door_twice(story: Story) -> None:
    events = [one.event for one in story.said]

    assert len(events) == len(set(events))


def test_everybody_ends_with_an_avis_opened_and_the_journal_holds(story: Story) -> None:
    assert {row.etat for row in story.rows[Candidature]} == {Etat.AVIS_TRANSMIS}
    assert [row.etat for row in story.rows[Avis]] == [AvisEtat.LU] * TOTAL
    assert story.broken_line is None
