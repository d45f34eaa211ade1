"""A question to the bureau on a real homeserver, encrypted: answered in its thread, answered back, killed once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.channels.matrix.person import Person
from tests.channels.matrix.synapse import Synapse
from tests.journeys.conversation import Conversation
from tests.journeys.service import Service

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
PASSWORD = "un mot de passe"


@dataclass
class Desk:
    """The service, the bureau at two, and a candidate."""

    service: Service
    nadia: Conversation
    edith: Conversation
    camille: Conversation


@contextlib.asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[Desk]:
    async with contextlib.AsyncExitStack() as stack:
        (folder / "homeserver").mkdir()
        server = Synapse(folder / "homeserver")
        await asyncio.to_thread(server.start)
        stack.push_async_callback(asyncio.to_thread, server.stop)
        bot = await asyncio.to_thread(server.register, "greffier", PASSWORD)
        users = [await asyncio.to_thread(server.register, name, PASSWORD) for name in ("nadia", "edith", "camille")]
        people = [Person(server.url, user, PASSWORD, folder / user[1:5]) for user in users]
        nadia, edith, camille = [await stack.enter_async_context(person) for person in people]
        bureau = await nadia.open_room(bot, direct=False)
        await nadia.client.room_invite(bureau, edith.user)
        await edith.sync()
        service = Service(settings(server, bot, bureau, folder), folder / "greffier.log")
        await service.start()
        stack.push_async_callback(service.stop)
        own = await camille.open_room(bot)
        await nadia.joined(bureau, bot)
        await camille.joined(own, bot)
        seats = (nadia, bureau), (edith, bureau), (camille, own)
        talks = [Conversation(person, bot, room) for person, room in seats]
        listening = [asyncio.create_task(talk.listen()) for talk in talks]
        try:
            yield Desk(service, *talks)
        finally:
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)


def settings(server: Synapse, bot: str, bureau: str, folder: Path) -> dict[str, str]:
    return {
        "GREFFIER_DATA_DIR": str(folder / "donnees"),
        "GREFFIER_DEMO": "1",
        "GREFFIER_SEMANTIC": "0",
        "GREFFIER_DATE": "2017-04-10",
        "GREFFIER_MATRIX__HOMESERVER": server.url,
        "GREFFIER_MATRIX__USER": bot,
        "GREFFIER_MATRIX__PASSWORD": PASSWORD,
        "GREFFIER_MATRIX__BUREAU_ROOM": bureau,
    }


async def answer(talk: Conversation, words: str, to: str, *, thread: bool = False) -> None:
    """Write as the answer to the latest message of the bot with some words, or in its thread as clients do."""
    event = [one.event_id for one in talk.person.seen if to in str(getattr(one, "body", ""))][-1]
    earlier = {"m.in_reply_to": {"event_id": event}}
    relation: dict[str, Any] = earlier
    if thread:
        relation = {"rel_type": "m.thread", "event_id": event, "is_falling_back": True, **earlier}
    await talk.person.say(talk.room, words, **{"m.relates_to": relation})


async def test_a_question_is_answered_in_its_thread_and_answered_back_whatever_is_killed(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.camille.ask("bonjour", "Êtes-vous d’accord")
        await desk.camille.ask("j'accepte", "Question 1 sur 5")
        await desk.camille.ask("parler à quelqu'un", "Quelle est votre question")
        await desk.camille.ask("Puis-je venir avec ma tablette ?", "transmise au bureau")
        await desk.nadia.ask("!relais", "Relais ouverts : 1")
        await desk.edith.until("Relais ouverts : 1")

        await desk.service.kill()
        await answer(desk.edith, "Oui, venez avec.", "Puis-je venir", thread=True)
        await desk.service.start()
        await desk.camille.until("De la part du bureau .relais n° 1. :\nOui, venez avec.")
        await answer(desk.camille, "Merci, et la souris ?", "De la part du bureau")
        await desk.nadia.until("Relais n° 1, suite")
        await answer(desk.nadia, "Aussi.", "Relais n° 1, suite")
        await desk.camille.until("De la part du bureau .relais n° 1. :\nAussi.")
        await desk.nadia.ask("!fermer 1", "Relais n° 1 fermé")
        await desk.camille.until("Je reprends la main")

        said = [words for event in await desk.camille.reread() if (words := str(getattr(event, "body", "")))]
        seen = [str(getattr(event, "body", "")) for event in await desk.nadia.reread()]
    assert [words.split("\n")[1] for words in said if words.startswith("De la part")] == ["Oui, venez avec.", "Aussi."]
    assert sum("Réponse promise" in words for words in seen) == 2
    assert said[-1].startswith("Le bureau a terminé sur votre question (relais n° 1).")
    assert "Question 1 sur 5." in said[-1]
