"""The whole call as it will be lived: forty candidates, a real homeserver, a real mail server, a bot killed ten times.

Everybody writes from an encrypted client of their own. The bureau is at two; four IEN have copies, one of them on the
messenger too. The clock is moved by the bureau's « !demo avancer »; after a kill the service comes back at 9:00 of the
same day, and is moved to the hour again. `kill -9` falls at random moments (drawn from a seed) of every part of the
call, commands are written while the service is down, and the mail server twice hangs up before it has said yes.
"""

import asyncio
import contextlib
import random
import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nio
import pytest

from tests.channels.matrix.person import Person
from tests.channels.matrix.synapse import Synapse
from tests.channels.smtp import Kept, MailServer, parts
from tests.forty import (
    FORTY,
    IEN,
    SECRET,
    SILENT_AT_FIRST,
    SILENT_TO_THE_END,
    TOTAL,
    Candidate,
    ranks_named,
)
from tests.journeys.call import Call, by_lanes, convoke, deposits, instruct, judge, release, remind, subject_of
from tests.journeys.conversation import Conversation
from tests.journeys.service import Service

pytestmark = [pytest.mark.server, pytest.mark.timeout(1200)]

PASSWORD = "un mot de passe de passage"
SEED = 17_0076
KILLS = 10


@dataclass
class Story:
    """What everybody has on their screen and in their mailbox at the end."""

    chats: dict[str, list[str]]
    unread: list[str]  # who has a message whose key never came
    mails: list[Kept]
    early: list[str]  # all that was said before the day of the avis
    kills: int
    journal_status: int

    def said(self, words: str) -> Counter[str]:
        """How many messages (or files) beginning with these words each person has."""
        return Counter({who: n for who, all_ in self.chats.items() if (n := _count(all_, words))})

    def mailed(self, subject: str) -> list[Kept]:
        """The e-mails of that subject, each Message-ID once."""
        unique = {one.message["Message-ID"]: one for one in self.mails}
        return [one for one in unique.values() if subject_of(one).startswith(subject)]

    def mailboxes(self, subject: str) -> Counter[str]:
        """How many e-mails of that subject each address has."""
        return Counter(address for one in self.mailed(subject) for address in one.recipients)


def _count(all_: Iterable[str], words: str) -> int:
    return sum(one.startswith(words) for one in all_)


async def arrive(server: Synapse, name: str, folder: Path, stack: contextlib.AsyncExitStack) -> Person:
    """An account and a client."""
    user = await asyncio.to_thread(server.register, name, PASSWORD)
    return await stack.enter_async_context(Person(server.url, user, PASSWORD, folder / name))


async def assemble(server: Synapse, folder: Path, stack: contextlib.AsyncExitStack) -> Call:
    """Everybody at their client, the service running, each candidate in a room with it."""
    bot = await asyncio.to_thread(server.register, "greffier", PASSWORD)
    nadia, edith, roche = [await arrive(server, name, folder, stack) for name in ("nadia", "edith", "roche")]
    bureau = await nadia.open_room(bot, direct=False)
    await nadia.client.room_invite(bureau, edith.user)
    await edith.sync()
    mail = MailServer()
    await mail.start()
    stack.push_async_callback(mail.stop)
    settings = {
        "GREFFIER_DATA_DIR": str(folder / "donnees"),
        "GREFFIER_DATE": "2017-04-10",
        "GREFFIER_DEMO": "1",
        "GREFFIER_SEMANTIC": "0",
        "GREFFIER_MATRIX__HOMESERVER": server.url,
        "GREFFIER_MATRIX__USER": bot,
        "GREFFIER_MATRIX__PASSWORD": PASSWORD,
        "GREFFIER_MATRIX__BUREAU_ROOM": bureau,
        "GREFFIER_EMAIL__HOST": "127.0.0.1",
        "GREFFIER_EMAIL__PORT": str(mail.port),
        "GREFFIER_EMAIL__SECURITY": "none",
        "GREFFIER_EMAIL__SENDER": "Greffier <greffier@ac-paris.fr>",
    }
    service = Service(settings, folder / "greffier.log")
    await service.start()
    stack.push_async_callback(service.stop)
    await nadia.joined(bureau, bot)
    people: dict[Candidate, Conversation] = {}

    async def come(one: Candidate) -> None:
        person = await arrive(server, one.who, folder, stack)
        people[one] = Conversation(person, bot, await person.open_room(bot))
        await person.joined(people[one].room, bot)

    await by_lanes(come(one) for one in FORTY)
    seats = Conversation(nadia, bot, bureau), Conversation(edith, bot, bureau), Conversation(roche, bot)
    return Call(service, mail, *seats, people, random.Random(SEED))


async def play(folder: Path) -> Story:
    """The call from the first « bonjour » to the last avis read."""
    server = Synapse(folder / "homeserver")
    await asyncio.to_thread(server.start)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, server.stop)
        began = time.monotonic()
        call = await assemble(server, folder, stack)
        call.spent["arrivée"] = round(time.monotonic() - began, 1)
        everyone = {**{one.who: chat for one, chat in call.people.items()}, "bureau": call.nadia, "roche": call.roche}
        listening = [asyncio.create_task(chat.listen()) for chat in (*everyone.values(), call.edith)]
        try:
            await deposits(call, folder)
            await instruct(call)
            await convoke(call)
            await remind(call)
            await judge(call)
            early = [words for chat in everyone.values() for words in chat.heard()]
            early += [_words_of(one) for one in call.mail.kept]
            await release(call)
            await asyncio.sleep(3)  # for whatever would be said twice
            kept = {who: await chat.reread() for who, chat in everyone.items()}
        finally:
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)
        await call.service.stop()
        status = await call.service.command("journal", "verify")
        call.spent["tout"] = round(time.monotonic() - began, 1)
        print(f"the whole call, in seconds: {call.spent}")  # noqa: T201 -- a journey says how long it took
        chats = {who: [str(getattr(one, "body", "")) for one in events] for who, events in kept.items()}
        unread = [who for who, events in kept.items() for one in events if isinstance(one, nio.MegolmEvent)]
        return Story(chats, unread, call.mail.kept, early, call.kills, status)


def _words_of(one: Kept) -> str:
    """The subject, the words and the names of the papers of an e-mail."""
    leaves = parts(one.message)
    texts = [leaf.get_content() for leaf in leaves if leaf.get_content_maintype() == "text"]
    return "\n".join([subject_of(one), *texts, *(leaf.get_filename() or "" for leaf in leaves)])


def _place_of(words: str) -> tuple[str, ...]:
    """The hour and the room that a convocation names."""
    found = re.search(r"Heure : (.+?) \(heure de Paris\)\s+Lieu : (salle \d+)", words)
    assert found, words
    return found.groups()


def _same_words(one: Kept) -> tuple[Any, ...]:
    """All that a person can see of an e-mail: everything but the marks between its parts."""
    heads = [(name, value) for name, value in one.message.items() if name != "Content-Type"]
    return (one.recipients, heads, [(leaf.items(), leaf.get_payload(decode=True)) for leaf in parts(one.message)])


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The call, lived once for all the tests of this page."""
    return asyncio.run(play(tmp_path_factory.mktemp("appel")))


def each(people: Iterable[Candidate]) -> Counter[str]:
    """Once for each, by their conversation."""
    return Counter(one.who for one in people)


def each_mail(people: Iterable[Candidate]) -> Counter[str]:
    """Once for each, by their mailbox."""
    return Counter(one.mail for one in people)


def test_the_service_was_killed_ten_times(story: Story) -> None:
    assert story.kills == KILLS


def test_everybody_can_read_everything_that_was_said_to_them(story: Story) -> None:
    assert story.unread == []


def test_everybody_is_received_and_convoked_once_in_the_chat(story: Story) -> None:
    assert story.said("Votre candidature est déposée") == each(FORTY)
    assert story.said("Convocation à l’entretien") == each(FORTY)
    assert story.said("convocation-1.pdf") == each(FORTY) + each(SILENT_AT_FIRST)
    assert story.said("convocation.ics") == each(FORTY) + each(SILENT_AT_FIRST)


def test_everybody_is_convoked_once_by_mail_with_pdf_and_calendar(story: Story) -> None:
    mails = story.mailed("Convocation à l’entretien")

    names = {tuple(part.get_filename() for part in parts(one.message) if part.get_filename()) for one in mails}

    assert story.mailboxes("Convocation à l’entretien") == each_mail(FORTY)
    assert names == {("convocation-1.pdf", "convocation.ics")}


def test_an_e_mail_that_came_twice_is_twice_the_same(story: Story) -> None:
    by_id: dict[str, list[Kept]] = {}
    for one in story.mails:
        by_id.setdefault(one.message["Message-ID"], []).append(one)

    different = [key for key, all_ in by_id.items() if any(_same_words(one) != _same_words(all_[0]) for one in all_)]

    assert different == []
    assert len(by_id) < len(story.mails)  # the mail server hung up before its « yes »


def test_no_two_candidates_share_a_creneau(story: Story) -> None:
    told = [words for all_ in story.chats.values() for words in all_ if words.startswith("Convocation à l’entretien")]

    places = {_place_of(words) for words in told}

    assert (len(told), len(places)) == (TOTAL, TOTAL)
    assert {_place_of(_words_of(one)) for one in story.mailed("Convocation à l’entretien")} == places


@pytest.mark.parametrize("subject", ["Copie : convocation à", "Copie : avis de la commission"])
def test_the_copies_of_a_kind_go_to_the_ien_of_each_candidate_alone(story: Story, subject: str) -> None:
    mails = story.mailed(subject)

    told = {
        mail: ranks_named([_words_of(one).split("\n")[0] for one in mails if one.recipients == [mail]]) for mail in IEN
    }

    assert told == {mail: [one.rank for one in FORTY if one.ien == mail] for mail in IEN}
    assert len(mails) == TOTAL


def test_the_ien_on_the_messenger_hears_of_their_own_candidates_alone(story: Story) -> None:
    copies = [words for words in story.chats["roche"] if words.startswith("Copie")]

    assert ranks_named(copies) == sorted([one.rank for one in FORTY if one.ien == IEN[0]] * 2)


def test_the_net_the_alert_and_the_reminder_come_once(story: Story) -> None:
    assert story.said("Voici de nouveau votre convocation") == each(SILENT_AT_FIRST)
    assert story.mailboxes("Rappel : convocation") == each_mail(SILENT_AT_FIRST)
    assert story.said("Vous n’avez pas confirmé") == each(SILENT_TO_THE_END)
    assert story.mailboxes("Votre convocation du") == each_mail(SILENT_TO_THE_END)
    assert story.said("Rappel : votre entretien a lieu demain") == each(FORTY)


def test_no_word_of_an_avis_leaves_before_its_day(story: Story) -> None:
    assert [words for words in story.early if SECRET in words or re.search(r"avis-\d+\.pdf", words)] == []


def test_everybody_has_their_avis_once_and_their_own(story: Story) -> None:
    opened = {
        who: words for who, all_ in story.chats.items() for words in all_ if words.startswith("Avis de la commission")
    }

    assert story.said("L’avis de la commission sur votre candidature") == each(FORTY)
    assert story.mailboxes("Circulaire 17AN0076 : avis") == each_mail(FORTY)
    assert [f"{SECRET} {one.rank}." in opened[one.who] for one in FORTY] == [True] * TOTAL


def test_the_journal_holds(story: Story) -> None:
    assert story.journal_status == 0
