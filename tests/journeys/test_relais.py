"""A question to the bureau on a real homeserver, encrypted: words and files both ways, killed meanwhile, settled."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nio.crypto.attachments import decrypt_attachment, encrypt_attachment

from tests.channels.matrix.person import Person
from tests.channels.matrix.synapse import Synapse
from tests.journeys.conversation import Conversation
from tests.journeys.service import Service

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
PASSWORD = "un mot de passe"
PAPERS = Path(__file__).parents[1] / "conversations" / "fichiers"


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


async def relation(talk: Conversation, to: str, *, thread: bool) -> dict[str, Any]:
    """What makes an event answer the latest message of the bot with some words, or stand in its thread."""
    await talk.until(re.escape(to))
    event = [one.event_id for one in talk.person.seen if to in str(getattr(one, "body", ""))][-1]
    earlier = {"m.in_reply_to": {"event_id": event}}
    threaded = {"rel_type": "m.thread", "event_id": event, "is_falling_back": True}
    return {"m.relates_to": {**threaded, **earlier} if thread else earlier}


async def answer(talk: Conversation, words: str, to: str, *, thread: bool = False) -> None:
    """Write as the answer to the latest message of the bot with some words, or in its thread as clients do."""
    await talk.person.say(talk.room, words, **await relation(talk, to, thread=thread))


async def give(talk: Conversation, name: str, to: str, *, thread: bool = False) -> bytes:
    """Answer with a file, encrypted, as clients do; returns its bytes."""
    data = await asyncio.to_thread((PAPERS / name).read_bytes)
    sealed, keys = encrypt_attachment(data)
    uploaded, _ = await talk.person.client.upload(lambda *_: sealed, "application/octet-stream", filesize=len(sealed))
    file = {"body": name, "filename": name, "info": {"size": len(data)}, "file": {**keys, "url": uploaded.content_uri}}
    await talk.person.send(talk.room, {"msgtype": "m.file", **file, **await relation(talk, to, thread=thread)})
    return data


async def taken(talk: Conversation, name: str) -> list[bytes]:
    """The files of this name that the bot left in the room, opened."""
    found = []
    for event in await talk.reread():
        if getattr(event, "key", None) and name in str(event.source["content"].get("filename") or event.body):
            stored = await talk.person.client.download(event.url)
            found.append(decrypt_attachment(stored.body, event.key["k"], event.hashes["sha256"], event.iv))
    return found


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


async def test_files_pass_both_ways_once_whatever_is_killed_and_the_person_ends_it(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.camille.ask("bonjour", "Êtes-vous d’accord")
        await desk.camille.ask("j'accepte", "Question 1 sur 5")
        await desk.camille.ask("parler à quelqu'un", "Quelle est votre question")
        await desk.camille.ask("Où entre-t-on ?", "transmise au bureau")
        await desk.edith.until("Où entre-t-on")

        plan = await give(desk.edith, "scan0001.pdf", "Où entre-t-on", thread=True)
        await desk.service.kill()
        await desk.service.start()
        await desk.camille.until("Fichier joint : « scan0001.pdf »")
        door = await give(desk.camille, "IMG_2034.jpg", "De la part du bureau")
        await desk.service.kill()
        await desk.service.start()
        await desk.nadia.until("Fichier : IMG_2034.jpg")
        await answer(desk.nadia, "C’est bien là.", "Relais n° 1 : IMG_2034.jpg")
        await desk.camille.until("C’est bien là")
        await desk.camille.ask("merci, c'est bon", "Votre question est réglée")
        await desk.nadia.until("Relais n° 1 fermé par la personne")

        passed = (await taken(desk.camille, "scan0001.pdf"), await taken(desk.nadia, "IMG_2034.jpg"))
        dossier = await desk.nadia.ask("!dossier 1", "n° 1")
    assert passed == ([plan], [door])
    assert "IMG_2034.jpg" not in dossier
