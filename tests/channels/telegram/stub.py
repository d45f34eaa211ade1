"""A Bot API server of ours, written from the published Bot API: strict where Telegram is, ill on command."""

import asyncio
import itertools
import json
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self

from aiohttp import ClientError, ClientSession, web

from tests.channels.telegram.conversations import BOT
from tests.channels.telegram.rules import RefusedError, check_commands, refuse
from tests.channels.telegram.sending import TAKEN_AT_MOST, Sending

TOKEN = "4242:ABCDEFGHIJKLMNOPQRSTUVWXYZ_012345"
GIVEN_AT_MOST = 20 * 1024 * 1024


class StubTelegram(Sending):
    """The server.

    `troubles[method]` says what the next calls of a method meet first: « lost » (carried out, the answer never comes),
    « cut » (not carried out, the connection breaks), « 502 », or a number of seconds to wait (429).
    """

    def __init__(self, port: int = 0) -> None:
        super().__init__()
        self._port = port
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.troubles: dict[str, deque[str | int]] = defaultdict(deque)
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.webhook: dict[str, Any] = {}
        self.held = asyncio.Event()  # set while updates may be asked for
        self.held.set()
        self._updates: deque[dict[str, Any]] = deque()
        self._numbers = itertools.count(900)
        self._news = asyncio.Event()
        self._bringing: asyncio.Task[None] | None = None
        application = web.Application(client_max_size=2 * TAKEN_AT_MOST)
        application.router.add_route("*", "/bot{token}/{method}", self._serve)
        application.router.add_get("/file/bot{token}/{path:.*}", self._download)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        self.url = ""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._bringing is not None:
            self._bringing.cancel()
        await self._runner.cleanup()

    def bring(self, **said: Any) -> int:
        """Something happened: an update waits for the bot."""
        number = next(self._numbers)
        self._updates.append({"update_id": number, **said})
        self._news.set()
        return number

    @property
    def unconfirmed(self) -> int:
        """How many updates the bot has not confirmed."""
        return len(self._updates)

    def sent(self, method: str) -> list[dict[str, Any]]:
        """The arguments of each call of a method."""
        return [data for called, data in self.calls if called == method]

    # --- the wire ---

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != TOKEN:
            return _refused(401, "Unauthorized")
        data = await _read(request)
        trouble = self.troubles[method].popleft() if self.troubles[method] else None
        if isinstance(trouble, int):
            return _refused(429, f"Too Many Requests: retry after {trouble}", {"retry_after": trouble})
        if trouble == "502":
            return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
        answer = None if trouble == "cut" else await self._carry_out(method, data)
        return await _break_off(request) if answer is None or trouble == "lost" else answer

    async def _carry_out(self, method: str, data: dict[str, Any]) -> web.Response:
        if method not in _METHODS:
            return _refused(404, "Not Found")
        self.calls.append((method, data))
        try:
            return web.json_response({"ok": True, "result": await _METHODS[method](self, data)})
        except RefusedError as error:
            return _refused(error.code, error.description, error.parameters)

    async def _download(self, request: web.Request) -> web.Response:
        file_id = request.match_info["path"].partition("/")[2]
        if file_id not in self.files:
            return web.Response(status=404)
        return web.Response(body=self.files[file_id][1])

    # --- receiving ---

    async def get_updates(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook:
            raise RefusedError(409, "Conflict: can't use getUpdates method while webhook is active")
        await self.held.wait()
        offset, until = int(data.get("offset", 0)), asyncio.get_running_loop().time() + float(data.get("timeout", 0))
        while self._updates and self._updates[0]["update_id"] < offset:
            self._updates.popleft()
        while not self._updates and asyncio.get_running_loop().time() < until:
            self._news.clear()
            try:
                async with asyncio.timeout_at(until):
                    await self._news.wait()
            except TimeoutError:
                break
        return list(self._updates)[: int(data.get("limit", 100))]

    async def set_webhook(self, data: dict[str, Any]) -> bool:
        self.webhook = data
        self._bringing = self._bringing or asyncio.create_task(self._bring_all())
        return True

    async def delete_webhook(self, _: dict[str, Any]) -> bool:
        self.webhook = {}
        if self._bringing is not None:
            self._bringing.cancel()
            self._bringing = None
        return True

    async def _bring_all(self) -> None:
        """Bring updates one by one; one that is not answered 200 is brought again."""
        async with ClientSession() as session:
            while self.webhook:
                if not self._updates:
                    self._news.clear()
                    await self._news.wait()
                elif await self._brought(session):
                    self._updates.popleft()
                else:
                    await asyncio.sleep(0.05)

    async def _brought(self, session: ClientSession) -> bool:
        header = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]}
        try:
            async with session.post(self.webhook["url"], json=self._updates[0], headers=header) as answer:
                return answer.status == 200
        except ClientError:
            return False

    # --- the bot itself ---

    async def get_me(self, _: dict[str, Any]) -> dict[str, Any]:
        flags = ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries")
        return {**BOT, **dict.fromkeys(flags, False)}

    async def get_chat(self, data: dict[str, Any]) -> dict[str, Any]:
        kinds = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
        more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(kinds, False)}
        return {**self.open_chat(data).shown(), **more}

    async def webhook_info(self, _: dict[str, Any]) -> dict[str, Any]:
        waiting = {"pending_update_count": len(self._updates), "has_custom_certificate": False}
        return {"url": self.webhook.get("url", ""), **waiting}

    async def get_file(self, data: dict[str, Any]) -> dict[str, Any]:
        if data.get("file_id") not in self.files:
            raise refuse("wrong file_id or the file is temporarily unavailable")
        name, content = self.files[data["file_id"]]
        if len(content) > GIVEN_AT_MOST:
            raise refuse("file is too big")
        return {"file_id": data["file_id"], "file_unique_id": name, "file_path": f"documents/{data['file_id']}"}

    async def set_commands(self, data: dict[str, Any]) -> bool:
        self.commands[self._scope(data)] = check_commands(data.get("commands"))
        return True

    async def get_commands(self, data: dict[str, Any]) -> list[dict[str, str]]:
        return self.commands.get(self._scope(data), [])

    async def delete_commands(self, data: dict[str, Any]) -> bool:
        self.commands.pop(self._scope(data), None)
        return True

    def _scope(self, data: Mapping[str, Any]) -> str:
        scope = data.get("scope") or {"type": "default"}
        if scope["type"] == "chat":
            self.open_chat(scope)
        return str(scope.get("chat_id", scope["type"]))


_METHODS: dict[str, Callable[[StubTelegram, dict[str, Any]], Awaitable[Any]]] = {
    "getMe": StubTelegram.get_me,
    "getUpdates": StubTelegram.get_updates,
    "setWebhook": StubTelegram.set_webhook,
    "deleteWebhook": StubTelegram.delete_webhook,
    "getWebhookInfo": StubTelegram.webhook_info,
    "sendMessage": StubTelegram.send_message,
    "sendDocument": lambda server, data: server.send_file("document", data),
    "sendPhoto": lambda server, data: server.send_file("photo", data),
    "sendVideo": lambda server, data: server.send_file("video", data),
    "sendAudio": lambda server, data: server.send_file("audio", data),
    "sendVoice": lambda server, data: server.send_file("voice", data),
    "sendAnimation": lambda server, data: server.send_file("animation", data),
    "sendVideoNote": lambda server, data: server.send_file("video_note", data),
    "sendSticker": lambda server, data: server.send_file("sticker", data),
    "sendMediaGroup": StubTelegram.send_album,
    "sendVenue": StubTelegram.send_venue,
    "sendContact": StubTelegram.send_contact,
    "stopPoll": StubTelegram.stop_poll,
    "sendPoll": StubTelegram.send_poll,
    "sendLocation": StubTelegram.send_location,
    "forwardMessage": StubTelegram.forward_message,
    "copyMessage": StubTelegram.copy_message,
    "editMessageText": lambda server, data: server.edit("text", data),
    "editMessageCaption": lambda server, data: server.edit("caption", data),
    "editMessageMedia": StubTelegram.edit_media,
    "editMessageReplyMarkup": lambda server, data: server.edit("markup", data),
    "deleteMessage": StubTelegram.delete_message,
    "setMessageReaction": StubTelegram.react,
    "pinChatMessage": StubTelegram.pin,
    "unpinChatMessage": StubTelegram.unpin,
    "unpinAllChatMessages": StubTelegram.unpin_all,
    "leaveChat": StubTelegram.leave,
    "sendChatAction": StubTelegram.chat_action,
    "answerCallbackQuery": StubTelegram.answer_press,
    "getChat": StubTelegram.get_chat,
    "getChatMember": StubTelegram.get_member,
    "getChatMemberCount": StubTelegram.count_members,
    "getChatAdministrators": StubTelegram.get_administrators,
    "getFile": StubTelegram.get_file,
    "setMyCommands": StubTelegram.set_commands,
    "getMyCommands": StubTelegram.get_commands,
    "deleteMyCommands": StubTelegram.delete_commands,
}


async def _read(request: web.Request) -> dict[str, Any]:
    """The arguments: forms carry JSON in their fields, files come beside them."""
    found: dict[str, Any] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            found[name] = (value.filename, value.file.read())
        else:
            found[name] = json.loads(value) if str(value)[:1] in {"[", "{"} and name in _STRUCTURED else value
    return found


_STRUCTURED = {
    *("reply_markup", "reply_parameters", "options", "reaction", "commands", "scope", "allowed_updates", "media"),
}


def _refused(code: int, description: str, parameters: Mapping[str, Any] | None = None) -> web.Response:
    more = {"parameters": parameters} if parameters else {}
    return web.json_response({"ok": False, "error_code": code, "description": description, **more}, status=code)


async def _break_off(request: web.Request) -> web.StreamResponse:
    """Let go of the line without a word."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
