"""What a page cannot say of the bureau's work: who may, twice at once, after a restart, and what never leaks."""

import asyncio
import itertools
import json
import random
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.channels.console import BUREAU
from bot.circulaire.avis import AvisEtat
from bot.circulaire.candidature import Etat
from bot.circulaire.convocation import ConvocationEtat
from bot.clock import PARIS
from handlers.arguments import Role
from handlers.commands import allowed
from storage import journal
from storage.bureau import Avis, Confirmation, Convocation, Ien
from storage.tables import Candidature, Inbox, Journal, Outbox
from tests.handlers.conftest import Talk

CLOSED = datetime(2017, 4, 22, 9, tzinfo=PARIS)
INTERVIEW = datetime(2017, 4, 26, 18, tzinfo=PARIS)
RELEASE = datetime(2017, 4, 28, 9, tzinfo=PARIS)
SECRET = "Zinzolin"  # a word of an avis that is nowhere else
NEWEST = ("oui", "1")  # of two that wait, the one asked last
COMMISSION = "!commissions Commission A : salle 12 ; 9h-12h ; membres Mme Petit"


async def convoked(talk: Talk, *people: str) -> None:
    """People deposit, are declared recevable and convoked."""
    for who in people:
        await talk.deposits(who, f"{who.capitalize()} Martin")
    await talk.directory()
    talk.clock.set(CLOSED)
    await talk.app.settled()
    await talk.says(BUREAU, f"!recevable 1-{len(people)}", COMMISSION, "!planning", "!convoquer", "oui")


async def test_a_reader_sees_and_changes_nothing(talk: Talk) -> None:
    talk.app.given["roles"] = {"bureau": Role.LECTEUR}
    await talk.deposits("camille", "Camille Martin")
    talk.clock.set(CLOSED)
    await talk.app.settled()

    await talk.says(BUREAU, "!recevable 1")

    assert "n’est pas ouverte à votre rôle" in talk.heard(BUREAU)
    assert [one.etat for one in await talk.rows(Candidature)] == [Etat.DEPOSEE]
    acts = await talk.app.database.query(journal.lines)
    assert acts[-1].act == "command.refused"


async def test_the_help_of_a_reader_names_no_act_of_a_gestionnaire() -> None:
    names = {command.name for command in allowed("bureau", Role.LECTEUR)}

    assert {"dossiers", "tableau", "journal"} <= names
    assert {"recevable", "convoquer", "avis"} & names == set()


async def test_a_confirmation_survives_a_restart(reopen: Any) -> None:
    async with reopen(datetime(2017, 4, 10, 9, tzinfo=PARIS)) as talk:
        await talk.deposits("camille", "Camille Martin")
        talk.clock.set(CLOSED)
        await talk.app.settled()
        await talk.says(BUREAU, '!irrecevable 1 hors public "Second degré"')

    async with reopen(CLOSED) as again:
        await again.says(BUREAU, "OK")

        assert [one.etat for one in await again.rows(Candidature)] == [Etat.IRRECEVABLE]


async def test_a_confirmation_expires(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    talk.clock.set(CLOSED)
    await talk.app.settled()
    await talk.says(BUREAU, '!irrecevable 1 hors public "Second degré"')
    talk.clock.set(CLOSED.replace(hour=10, minute=1))

    await talk.says(BUREAU, "1")

    assert "a expiré" in talk.heard(BUREAU)
    assert [one.etat for one in await talk.rows(Candidature)] == [Etat.DEPOSEE]


async def test_only_the_asker_confirms(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    talk.clock.set(CLOSED)
    await talk.app.settled()
    await talk.says(BUREAU, '!irrecevable 1 hors public "Second degré"')

    await talk.says("bureau-edith", "oui")

    assert "Seule la personne qui a demandé" in talk.heard(BUREAU)
    assert [one.etat for one in await talk.rows(Candidature)] == [Etat.DEPOSEE]


async def test_a_delay_is_given_by_two_and_a_late_piece_then_counts(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.says(BUREAU, "!piece 1 etat refuser illisible")
    talk.clock.set(CLOSED)
    await talk.app.settled()
    await talk.says(BUREAU, "!prolonger 1 2017-04-24 Serveur en panne", "oui")
    await talk.says("bureau-edith", "oui")

    await talk.drops("etat-des-services.pdf")

    assert [one.etat for one in await talk.rows(Candidature)] == [Etat.DEPOSEE]
    asked, given = (await talk.rows(Confirmation))[-1], await talk.app.database.query(journal.lines)
    granted = next(line for line in given if line.act == "extension.granted")
    assert asked.four_eyes
    assert json.loads(granted.details)["asked_by"] == asked.asker_id
    assert granted.actor != f"bureau:{asked.asker_id}"


async def test_a_late_piece_without_a_delay_is_refused(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.says(BUREAU, "!piece 1 etat refuser illisible")
    talk.clock.set(CLOSED)
    await talk.app.settled()

    await talk.drops("etat-des-services.pdf")

    assert [one.etat for one in await talk.rows(Candidature)] == [Etat.INCOMPLETE]


async def test_two_members_who_convoke_at_once_convoke_once(talk: Talk) -> None:
    for who in ("camille", "paul"):
        await talk.deposits(who, f"{who.capitalize()} Martin")
    await talk.directory()
    talk.clock.set(CLOSED)
    await talk.app.settled()
    await talk.says(BUREAU, "!recevable 1 2", COMMISSION, "!planning", "!convoquer")
    await talk.says("bureau-edith", "!convoquer")

    await asyncio.gather(talk.door.say(BUREAU, "oui"), talk.door.say("bureau-edith", "oui"))
    await talk.app.settled()

    sent = [row for row in await talk.rows(Outbox) if row.method == "sendEmail" and row.kind.startswith("convocation")]
    assert sorted(json.loads(row.payload)["to"][0] for row in sent) == [
        "camille.camille@ac-paris.fr",
        "paul.paul@ac-paris.fr",
    ]


async def test_two_candidates_never_share_a_creneau(talk: Talk) -> None:
    await convoked(talk, "camille", "paul")
    first, second = await talk.rows(Convocation)

    await talk.says(BUREAU, f"!creneau 2 {first.starts_at:%H:%M}")

    assert f"!permuter 2 {1}" in talk.heard(BUREAU)
    rows = [row for row in await talk.rows(Convocation) if row.live]
    assert len({(row.commission, row.starts_at) for row in rows}) == len(rows) == 2
    assert second.sequence == 0


async def test_a_moved_convocation_is_the_next_of_the_same_entry(talk: Talk) -> None:
    await convoked(talk, "camille", "paul")

    await talk.says(BUREAU, "!creneau 1 11:00")

    rows = [row for row in await talk.rows(Convocation) if row.uid.startswith("convocation-1.")]
    assert [(row.sequence, row.etat, row.live) for row in rows] == [
        (0, ConvocationEtat.REMPLACEE, None),
        (1, ConvocationEtat.PUBLIEE, 1),
    ]
    assert len({row.uid for row in rows}) == 1
    moved = [row for row in await talk.rows(Outbox) if row.method == "sendEmail" and row.kind.endswith("/moved")]
    assert sorted(json.loads(row.payload)["to"][0] for row in moved) == [
        "camille.camille@ac-paris.fr",
        "ien19a@ac-paris.fr",
    ]


async def test_two_candidates_exchange_by_both_agreeing(talk: Talk) -> None:
    await convoked(talk, "camille", "paul")
    before = {row.candidature_id: row.starts_at for row in await talk.rows(Convocation) if row.live}

    await talk.says("camille", "2", "échange avec le dossier 2")
    await talk.says("paul", "oui")

    after = {row.candidature_id: row.starts_at for row in await talk.rows(Convocation) if row.live}
    assert sorted(after.values()) == sorted(before.values())
    assert all(after[one] != before[one] for one in before)


async def test_a_withdrawal_frees_the_creneau_and_takes_the_entry_away(talk: Talk) -> None:
    await convoked(talk, "camille", "paul")

    await talk.says("camille", "!retirer", "oui")

    assert [row.live for row in await talk.rows(Convocation)] == [None, 1]
    mails = [row for row in await talk.rows(Outbox) if row.kind in {"convocation/cancelled", "ien/cancelled"}]
    assert {json.loads(row.payload)["to"][0] for row in mails if row.method == "sendEmail"} == {
        "camille.camille@ac-paris.fr",
        "ien19a@ac-paris.fr",
    }
    entry = next(
        json.loads(row.payload)["calendar"]
        for row in mails
        if row.kind == "convocation/cancelled" and row.method == "sendEmail"
    )
    assert b"METHOD:CANCEL" in talk.app.files.get(entry["file"])


async def test_an_ien_has_the_copies_of_their_own_candidates_only(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.deposits("ines", "Inès Benali", circonscription="20 B")
    await talk.directory()
    talk.clock.set(CLOSED)
    await talk.app.settled()
    await talk.says(BUREAU, "!recevable 1 2", COMMISSION, "!planning", "!convoquer", "oui")

    copies = [json.loads(row.payload) for row in await talk.rows(Outbox) if row.kind == "ien/convocation"]

    assert {(one["to"][0], "Camille" in one["text"], "Inès" in one["text"]) for one in copies} == {
        ("ien19a@ac-paris.fr", True, False),
        ("ien20b@ac-paris.fr", False, True),
    }


async def test_without_an_ien_nobody_is_convoked(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin", circonscription="Paris 5")
    await talk.directory()
    talk.clock.set(CLOSED)
    await talk.app.settled()

    await talk.says(BUREAU, "!recevable 1", COMMISSION, "!planning", "!convoquer")

    assert "l’IEN de la circonscription « Paris 5 »" in talk.heard(BUREAU)
    assert [one.etat for one in await talk.rows(Candidature)] == [Etat.RECEVABLE]


async def test_the_evening_digest_of_an_ien_comes_once(talk: Talk) -> None:
    await convoked(talk, "camille", "paul")
    ien = next(one for one in await talk.rows(Ien) if one.key == "19a")
    await talk.says(
        BUREAU, "!ien importer\ncirconscription;nom;courriel;tchap\nParis 19A;Mme Roche;ien19a@ac-paris.fr;roche"
    )
    await talk.says("roche", "!copies résumé")

    await talk.says(BUREAU, "!copie 1", "!copie 2")
    talk.clock.set(CLOSED.replace(hour=18, minute=1))
    await talk.app.settled()

    digests = [row for row in await talk.rows(Outbox) if row.kind == "agenda/digest"]
    assert [json.loads(row.payload)["to"] for row in digests] == [[ien.email]]


async def judged(talk: Talk) -> None:
    """An avis is sealed and confirmed by two, before its date."""
    await convoked(talk, "camille", "paul")
    talk.clock.set(INTERVIEW)
    await talk.app.settled()
    await talk.says(BUREAU, "!entendu 1 2", f"!avis 1 défavorable {SECRET}")
    await talk.says("bureau-edith", "oui")
    await talk.says(BUREAU, f"!avis 2 réservé {SECRET}")


async def test_the_commission_deliberates_with_the_dossiers_of_those_it_has_heard(talk: Talk) -> None:
    await judged(talk)

    await talk.says(BUREAU, "!commission")

    assert "Dossier de la commission : 2 dossiers" in talk.heard(BUREAU)


def spoken(talk: Talk, *, since: int) -> str:
    """Everything that anybody was shown since, files included."""
    said = talk.said[since:]
    words = [" ".join((one.text, *one.choices)) for one in said]
    return " ".join([*words, *(one.file[1].decode("latin-1") for one in said if one.file)])


@pytest.mark.parametrize("seed", range(6))
async def test_no_command_of_anybody_shows_an_avis_before_its_date(talk: Talk, seed: int) -> None:
    await judged(talk)
    begin = len(talk.said)
    chance = random.Random(seed)
    people = ("camille", "paul", "bureau", "bureau-edith", "ines")
    lines = [
        f"!{command.name}{tail}"
        for who in ("bureau", "candidat", "ien")
        for command in allowed(who)
        for tail in ("", " 1", " 2")
    ]
    lines += [
        "oui",
        "mon avis",
        "ouvrir l’avis",
        "favorable ou défavorable ?",
        "j'ai quel avis ?",
        "!avis publier",
        "!simuler 2017-04-29",
    ]
    clocks = itertools.cycle(datetime(2017, 4, 27, hour, 59, 59, tzinfo=PARIS) for hour in (8, 12, 23))

    for line in chance.sample(lines, 40):
        if chance.random() < 0.3 and (later := next(clocks)) > talk.clock.now():
            talk.clock.set(later)
        await talk.says(chance.choice(people), line)

    shown = spoken(talk, since=begin)
    assert SECRET not in shown
    assert "défavorable (candidature" not in shown
    assert {row.released_at for row in await talk.rows(Avis)} == {None}


async def test_no_row_but_the_sealed_one_keeps_the_words_of_an_avis(talk: Talk) -> None:
    await judged(talk)

    kept = [row for model in (Inbox, Outbox, Confirmation, Candidature) for row in await talk.rows(model)]
    lines = await talk.app.database.query(lambda session: session.query(Journal).all())

    assert [row for row in [*kept, *lines] if SECRET in repr(row)] == []
    assert all(SECRET not in row.sealed for row in await talk.rows(Avis))


async def test_avis_leave_on_their_day_by_two_and_are_opened_by_an_act(talk: Talk) -> None:
    await judged(talk)
    talk.clock.set(RELEASE)
    await talk.app.settled()
    await talk.says(BUREAU, "!avis publier", "oui")

    assert {row.etat for row in await talk.rows(Avis)} == {AvisEtat.CONFIRME, AvisEtat.SCELLE}

    await talk.says("bureau-edith", *NEWEST)
    await talk.says("camille", "ouvrir l’avis")

    assert talk.heard().startswith("Avis de la commission : défavorable")
    released = [row for row in await talk.rows(Avis) if row.released_at]
    assert [(row.etat, row.opened_at) for row in released] == [(AvisEtat.LU, RELEASE)]
    mails = [
        json.loads(row.payload)["to"][0]
        for row in await talk.rows(Outbox)
        if row.method == "sendEmail" and "avis" in row.kind
    ]
    assert sorted(mails) == ["camille.camille@ac-paris.fr", "ien19a@ac-paris.fr"]


async def test_a_corrected_avis_is_a_new_version_by_two_with_its_reason(talk: Talk) -> None:
    await judged(talk)

    await talk.says(BUREAU, "!avis 1 favorable Erreur de saisie")
    refused = talk.heard(BUREAU)
    await talk.says(BUREAU, "!avis 1 favorable Beau projet motif : erreur de saisie")
    await talk.says("bureau-edith", *NEWEST)
    talk.clock.set(RELEASE)
    await talk.says(BUREAU, "!avis publier")
    await talk.says("bureau-edith", *NEWEST)
    await talk.says("camille", "ouvrir l’avis")

    assert "motif :" in refused
    assert "favorable" in talk.heard()
    assert "Beau projet" in talk.heard()
    assert "erreur de saisie" not in talk.heard()
    assert [row.rank for row in await talk.rows(Avis)] == [1, 1, 2]


async def test_the_journal_of_a_whole_call_holds(talk: Talk) -> None:
    await judged(talk)

    assert await talk.app.database.query(lambda session: journal.first_broken(journal.lines(session))) is None


async def test_an_erasure_announced_late_is_done_late(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    talk.clock.set(datetime(2017, 4, 28, 9, tzinfo=PARIS))
    await talk.app.settled()
    await talk.says(BUREAU, "!irrecevable 1 Second degré", "oui", "!archiver")
    await talk.says("bureau-edith", "oui")
    talk.clock.set(datetime(2017, 7, 28, 8, tzinfo=PARIS))  # the announcement was due on the 13th: nobody was there
    await talk.app.settled()
    announced = talk.heard()
    talk.clock.set(datetime(2017, 7, 28, 10, tzinfo=PARIS))  # the day that was promised first
    await talk.app.settled()

    before = [one.etat for one in await talk.rows(Candidature)]
    talk.clock.set(datetime(2017, 8, 12, 9, tzinfo=PARIS))
    await talk.app.settled()

    assert "effacés le samedi 12 août 2017" in announced
    assert (before, [one.etat for one in await talk.rows(Candidature)]) == ([Etat.CLOSE], [Etat.EFFACEE])


async def test_a_closing_that_was_moved_closes_nothing_on_the_old_day(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte")
    later = talk.app.campagne.closes_at.replace(day=28)
    talk.app.given["campagne"] = replace(talk.app.campagne, closes_at=later)
    talk.clock.set(CLOSED)
    await talk.app.settled()

    assert [one.etat for one in await talk.rows(Candidature)] == [Etat.BROUILLON]


async def test_the_copy_of_a_released_avis_goes_to_the_ien_of_the_moment(talk: Talk) -> None:
    await judged(talk)
    talk.clock.set(RELEASE)
    await talk.app.settled()
    await talk.says(BUREAU, "!avis publier")
    await talk.says("bureau-edith", *NEWEST)
    await talk.says(BUREAU, "!ien importer\ncirconscription;nom;courriel\nParis 19A;M. Petit;nouveau19a@ac-paris.fr")

    await talk.says(BUREAU, "!copie 1", "!copie 2")

    copies = [json.loads(row.payload) for row in await talk.rows(Outbox) if row.kind in {"ien/avis", "ien/convocation"}]
    sent = [(one["to"][0], SECRET in one["text"]) for one in copies if one["to"][0].startswith("nouveau")]
    assert sent == [("nouveau19a@ac-paris.fr", True), ("nouveau19a@ac-paris.fr", False)]
