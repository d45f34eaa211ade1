"""Files on Matrix: sealed before they leave, opened after they came, never bigger than the server takes."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from nio.crypto.attachments import decrypt_attachment, encrypt_attachment
from nio.exceptions import EncryptionError

from bot.channels.door import Parcel
from bot.channels.matrix.client import Client, RefusedError, quoted
from bot.errors import PermanentDeliveryError

_PATIENCE = 600.0  # seconds for one file
_AS_SAID = {"sendPhoto": "m.image", "sendSticker": "m.image", "sendVoice": "m.audio", "sendAudio": "m.audio"}
_VOICE = "org.matrix.msc3245.voice"  # shown as a voice message rather than as a file of sound
_KINDS = {"image": "m.image", "audio": "m.audio", "video": "m.video"}
_ADDRESS = re.compile(r"mxc://(?P<server>[\w\[][\w.:\[\]-]*)/(?P<media>[\w-]+)", re.ASCII)
_DONE = "upload"  # what is noted of an upload, so that it is not done twice


class Media:
    """Files that go through the homeserver."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._limit: int | None = None

    async def limit(self) -> int | None:
        """The biggest file the homeserver takes, in bytes; None where it does not say."""
        if self._limit is None:
            try:
                answer = await self._client.call("GET", "client/v1/media/config")
            except RefusedError:
                return None
            found = answer.get("m.upload.size") if isinstance(answer, dict) else None
            self._limit = int(found) if found else None
        return self._limit

    async def content(self, parcel: Parcel, *, sealed: bool) -> dict[str, Any]:
        """The file of a letter, uploaded, as the part of an event's content that shows it.

        Raises:
            PermanentDeliveryError: it is bigger than the homeserver takes, or is no longer kept.
        """
        file = parcel.file
        if file is None:
            raise PermanentDeliveryError("the letter carries no file")
        noted = parcel.progress.get(_DONE)
        if noted is None:
            noted = await self._upload(parcel, str(file["file"]), str(file["mime"]), sealed=sealed)
            await parcel.note({_DONE: noted})
        kind = _AS_SAID.get(parcel.method) or _KINDS.get(str(file["mime"]).partition("/")[0], "m.file")
        voice: dict[str, Any] = {_VOICE: {}} if parcel.method == "sendVoice" else {}
        return {
            "msgtype": kind,
            "body": file["name"],
            "info": {"mimetype": file["mime"], "size": file["size"]},
            **voice,
            **noted,
        }

    async def _upload(self, parcel: Parcel, sha256: str, mime: str, *, sealed: bool) -> dict[str, Any]:
        try:
            data = await asyncio.to_thread(parcel.read, sha256)
        except OSError as error:
            raise PermanentDeliveryError("the file of this letter is no longer kept") from error
        limit = await self.limit()
        if limit is not None and len(data) > limit:
            raise PermanentDeliveryError(f"the file is bigger than the homeserver takes: {limit} bytes")
        keys: dict[str, Any] = {}
        if sealed:
            data, keys = await asyncio.to_thread(encrypt_attachment, data)
            mime = "application/octet-stream"
        # No file name: names carry names of people, and the server has no need of them.
        answer = await self._client.call("POST", "media/v3/upload", data, mime=mime, patience=_PATIENCE)
        mxc = str(answer["content_uri"])
        return {"file": {**keys, "url": mxc}} if sealed else {"url": mxc}

    async def fetch(self, source: Mapping[str, Any]) -> bytes:
        """The clear bytes of a file that somebody sent.

        Raises:
            PermanentDeliveryError: it is not there any more, or is not what was announced.
        """
        address = _ADDRESS.fullmatch(str(source["mxc"]))
        if address is None:
            raise PermanentDeliveryError("this is no address of a file")
        data = await self._download(address["server"], address["media"])
        if "key" not in source:
            return data
        try:
            opened = await asyncio.to_thread(decrypt_attachment, data, source["key"], source["hash"], source["iv"])
        except (EncryptionError, ValueError) as error:
            raise PermanentDeliveryError("the file is not the one that was announced") from error
        return bytes(opened)

    async def _download(self, server: str, media: str) -> bytes:
        """Authenticated media first; older servers know only the open address."""
        path = quoted(server, media)
        try:
            data = await self._client.call("GET", f"client/v1/media/download/{path}", patience=_PATIENCE)
        except RefusedError as error:
            if error.code != "M_UNRECOGNIZED":
                raise
            data = await self._client.call("GET", f"media/v3/download/{path}", patience=_PATIENCE)
        return bytes(data)
