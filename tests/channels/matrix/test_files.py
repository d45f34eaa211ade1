"""Files through a real homeserver, sealed both ways."""

import hashlib
from typing import Any

import nio
import pytest

from bot.errors import PermanentDeliveryError, TemporaryDeliveryError
from tests.channels.matrix.conftest import World, listening
from tests.channels.matrix.person import Post
from tests.channels.matrix.proxy import IllProxy

pytestmark = pytest.mark.server


async def test_a_file_goes_out_sealed_and_its_upload_is_not_repeated(world: World, letters: Post) -> None:
    data = b"%PDF-1.7 " + b"x" * 200_000
    letters.files["h"] = data
    document = {"file": "h", "name": "recu.pdf", "mime": "application/pdf", "size": len(data)}
    async with IllProxy(world.synapse.url) as proxy, world.talking(url=proxy.url) as (door, room):
        proxy.faults["/send/"] = 2
        first = letters.letter(room, "sendDocument", key="doc", document=document, caption="Votre reçu")
        with pytest.raises(TemporaryDeliveryError):
            await door.send(first)
        with pytest.raises(TemporaryDeliveryError):
            await door.send(letters.letter(room, "sendMessage", text="x"))
        second = letters.letter(room, "sendDocument", key="doc", progress=letters.notes[0], **first.payload)
        await door.send(second)
        event = await world.ann.until(lambda event: isinstance(event, nio.RoomEncryptedFile))
        fetched = await door.fetch(
            {"mxc": event.url, "key": event.key["k"], "iv": event.iv, "hash": event.hashes["sha256"]}
        )
        uploads = sum("/upload" in asked and "media" in asked for asked in proxy.asked)

    assert (event.body, event.source["content"]["filename"]) == ("Votre reçu", "recu.pdf")
    assert hashlib.sha256(fetched).digest() == hashlib.sha256(data).digest()
    assert uploads == 1


async def test_a_file_comes_in_sealed_and_is_opened(world: World) -> None:
    data = b"%PDF-1.7 " + b"y" * 100_000
    async with world.talking() as (door, room):
        answer, keys = await world.ann.client.upload(
            lambda *_: data, content_type="application/pdf", filename="cv.pdf", encrypt=True, filesize=len(data)
        )
        info = {"mimetype": "application/pdf", "size": len(data)}
        content = {"msgtype": "m.file", "body": "cv.pdf", "info": info, "file": {**keys, "url": answer.content_uri}}
        await world.ann.send(room, content)
        [arrival] = await world.mailbox.until(lambda box: box.of_kind("file"))
        fetched = await door.fetch(arrival.file.source)
        with pytest.raises(PermanentDeliveryError):
            await door.fetch({**arrival.file.source, "hash": "A" * 43})

    assert (arrival.file.name, arrival.file.size, arrival.clear) == ("cv.pdf", len(data), False)
    assert fetched == data


async def test_the_limit_of_files_is_the_homeserver_s(world: World, letters: Post) -> None:
    async with listening(world.door()) as door:
        limit = await door.file_limit()

    assert limit == 50 * 1024 * 1024


async def test_a_caption_is_edited_under_its_file(world: World, letters: Post) -> None:
    letters.files["h"] = b"abc"
    document = {"file": "h", "name": "recu.pdf", "mime": "application/pdf", "size": 3}
    async with world.talking() as (door, room):
        sent = await door.send(letters.letter(room, "sendDocument", document=document, caption="avant"))
        await door.send(
            letters.letter(room, "editMessageCaption", message_id=5, caption="après", targets={5: sent.events})
        )
        edit = await world.ann.until(lambda event: "m.new_content" in event.source["content"])

    new = edit.source["content"]["m.new_content"]
    assert (new["msgtype"], new["body"], new["filename"]) == ("m.file", "après", "recu.pdf")
    assert new["file"]["url"].startswith("mxc://")


async def test_a_new_caption_is_shown_under_the_file_that_took_the_place_of_another(
    world: World, letters: Post
) -> None:
    letters.files |= {"un": b"un", "deux": b"deux"}

    def file(name: str) -> dict[str, Any]:
        return {"file": name, "name": f"{name}.pdf", "mime": "application/pdf", "size": len(name)}

    async with world.talking() as (door, room):
        sent = await door.send(letters.letter(room, "sendDocument", document=file("un"), caption="Un"))
        about: dict[str, Any] = {"message_id": 5, "targets": {5: sent.events}}
        media = {"type": "document", "media": file("deux"), "caption": "Deux"}
        await door.send(letters.letter(room, "editMessageMedia", media=media, **about))
        await door.send(letters.letter(room, "editMessageCaption", caption="Toujours deux", **about))
        found = await world.ann.until(lambda event: getattr(event, "body", "") == "* Toujours deux")

    shown = found.source["content"]["m.new_content"]
    assert (shown["body"], shown["filename"]) == ("Toujours deux", "deux.pdf")
