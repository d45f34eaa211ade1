"""A letter that may have arrived is settled by its kind: information is left at that, the rest is the bureau's."""

import pytest

from storage.outbox import Letter
from storage.tables import Outbox
from storage.work import UnitOfWork
from tests.channels.telegram.conftest import BUREAU, World
from tests.channels.telegram.person import Person
from tests.channels.telegram.stub import StubTelegram


async def lose(world: World, person: Person, kind: str) -> int:
    """A letter of this kind leaves, and the answer of Telegram is lost; returns the letter's number."""
    world.stub.troubles["sendMessage"].append("lost")
    await world.app.database.reserve_ids()
    work = UnitOfWork(world.app.database, world.clock.now())
    work.outbox.put(Letter(person.chat.id, "sendMessage", {"text": "Un."}, kind))
    await world.app.committer.commit(work)
    world.app.postman.look()
    await world.settled()
    (letter,) = await letters(world, person)
    assert letter.state == "doubtful"
    return int(letter.id)


async def letters(world: World, person: Person) -> list[Outbox]:
    return [row for row in await world.rows(Outbox) if row.chat_id == person.chat.id]


def heard(stub: StubTelegram) -> list[str]:
    """What the bureau's room was told."""
    return [message["text"] for message in stub.chats[BUREAU].messages.values() if message["from"]["is_bot"]]


@pytest.mark.parametrize("kind", ["convocation/convocation", "avis/released", "receipts/receipt", ""])
async def test_the_bureau_is_told_of_a_doubt_on_which_rights_hang(world: World, camille: Person, kind: str) -> None:
    number = await lose(world, camille, kind)
    await world.until(lambda: heard(world.stub))

    (told,) = heard(world.stub)
    assert told.startswith(f"Un message n’est peut-être pas arrivé : n° {number} ")
    assert f"pour le renvoyer : !lettres relancer {number}." in told


async def test_information_that_may_have_arrived_is_left_at_that(world: World, camille: Person, sasha: Person) -> None:
    await lose(world, camille, "faq/answer")
    sasha.says("!lettres relancer")
    await world.settled()

    (told,) = heard(world.stub)
    assert "douteux" in told.split("\n")[0]
    assert told.split("\n")[1].endswith("simple information, pas renvoyée : la personne peut redemander")
    assert [letter.state for letter in await letters(world, camille)] == ["doubtful"]


async def test_a_letter_in_doubt_is_sent_again_only_when_the_bureau_names_it(
    world: World, camille: Person, sasha: Person
) -> None:
    number = await lose(world, camille, "convocation/convocation")

    for line in ("!lettres relancer", f"!lettres relancer {number}", f"!lettres relancer {number}"):
        sasha.says(line)
        await world.settled()

    assert [letter.state for letter in await letters(world, camille)] == ["replaced", "sent"]
    assert camille.words == ["Un.", "Un."]
    *_, once, again = heard(world.stub)
    assert "1 message relancé." in once
    assert f"Le message n° {number} n’est ni abandonné, ni revenu, ni douteux : je ne l’ai pas renvoyé." in again


@pytest.fixture
def sasha(stub: StubTelegram) -> Person:
    """Somebody of the bureau, in its room."""
    return Person(stub, id=8008, name="Sasha", group=BUREAU)
