"""A Bot API server of ours, written from the published Bot API: strict where Telegram is, ill on command."""

import asyncio
import itertools
import json
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import ClientError, ClientSession, web

from tests.channels.telegram.rules import (
    RefusedError,
    check_caption,
    check_commands,
    check_markup,
    check_poll,
    check_text,
    refuse,
)

TOKEN = "4242:ABCDEFGHIJKLMNOPQRSTUVWXYZ_012345"
BOT = {"id": 4242, "is_bot": True, "first_name": "Greffier", "username": "greffier_bot"}
GIVEN_AT_MOST = 20 * 1024 * 1024
TAKEN_AT_MOST = 50 * 1024 * 1024
MONDAY = 1491807600  # 10 April 2017, 9:00 in Paris


@dataclass
class Chat:
    """A conversation, as Telegram keeps it. `closed` is why the bot may not write to it."""

    id: int
    kind: str = "private"
    name: str = "Camille"
    closed: str | None = None
    moved_to: int | None = None
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def shown(self) -> dict[str, Any]:
        """The chat as updates show it."""
        named = {"first_name": self.name} if self.kind == "private" else {"title": self.name}
        return {"id": self.id, "type": self.kind, **named}

    def keep(self, sender: Mapping[str, Any], at: int, **said: Any) -> dict[str, Any]:
        """Add a message."""
        number = next(self.numbers)
        message = {"message_id": number, "date": at, "chat": self.shown(), "from": dict(sender), **said}
        self.messages[number] = message
        return message


class StubTelegram:
    """The server.

    `troubles[method]` says what the next calls of a method meet first: « lost » (carried out, the answer never comes),
    « cut » (not carried out, the connection breaks), « 502 », or a number of seconds to wait (429).
    """

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self.chats: dict[int, Chat] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.troubles: dict[str, deque[str | int]] = defaultdict(deque)
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.presses: dict[str, str | None] = {}
        self.now = MONDAY
        self.webhook: dict[str, Any] = {}
        self.held = asyncio.Event()  # set while updates may be asked for
        self.held.set()
        self._updates: deque[dict[str, Any]] = deque()
        self._numbers = itertools.count(900)
        self._files = itertools.count(1)
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

    def chat(self, number: int, kind: str = "private", name: str = "Camille") -> Chat:
        """A conversation that the bot may write to."""
        return self.chats.setdefault(number, Chat(number, kind, name))

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

    def keep_file(self, name: str, data: bytes) -> str:
        """Store the bytes of a file; returns its file_id."""
        file_id = f"BQACAgQ_{next(self._files)}-7"
        self.files[file_id] = (name, data)
        return file_id

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
                await asyncio.wait_for(self._news.wait(), until - asyncio.get_running_loop().time())
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

    # --- sending ---

    def open_chat(self, data: Mapping[str, Any], name: str = "chat_id") -> Chat:
        """The conversation of a call, where the bot may write."""
        if name not in data:
            raise refuse("chat_id is empty")
        chat = self.chats.get(int(data[name]))
        if chat is None:
            raise refuse("chat not found")
        if chat.closed is not None:
            raise RefusedError(403, f"Forbidden: {chat.closed}")
        if chat.moved_to is not None:
            moved = {"migrate_to_chat_id": chat.moved_to}
            raise RefusedError(400, "Bad Request: group chat was upgraded to a supergroup chat", moved)
        return chat

    def deliver(self, data: Mapping[str, Any], **said: Any) -> dict[str, Any]:
        chat = self.open_chat(data)
        reply = data.get("reply_parameters")
        if reply and reply["message_id"] in chat.messages:
            said["reply_to_message"] = chat.messages[reply["message_id"]]
        elif reply and not reply.get("allow_sending_without_reply"):
            raise refuse("message to be replied not found")
        markup = check_markup(data.get("reply_markup"))
        shown = {"reply_markup": markup} if markup and "inline_keyboard" in markup else {}
        message = chat.keep(BOT, self.now, **said, **shown)
        message["_keyboard"] = markup
        return _public(message)

    async def send_message(self, data: dict[str, Any]) -> dict[str, Any]:
        self.open_chat(data)
        return self.deliver(data, text=check_text(data))

    async def send_file(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        self.open_chat(data)
        given = data.get(kind)
        if not isinstance(given, tuple):
            raise refuse(f"there is no {kind} in the request")
        name, content = given
        if len(content) > TAKEN_AT_MOST:
            raise RefusedError(413, "Request Entity Too Large")
        file_id = self.keep_file(name, content)
        file = {"file_id": file_id, "file_unique_id": file_id[-3:], "file_size": len(content)}
        shown = [{**file, "width": 1, "height": 1}] if kind == "photo" else {**file, "file_name": name}
        return self.deliver(data, **{kind: shown}, **check_caption(data))

    async def send_poll(self, data: dict[str, Any]) -> dict[str, Any]:
        self.open_chat(data)
        return self.deliver(data, poll=check_poll(data, f"5{next(self._files):015}"))

    async def send_location(self, data: dict[str, Any]) -> dict[str, Any]:
        self.open_chat(data)
        place = {name: float(data[name]) for name in ("latitude", "longitude")}
        return self.deliver(data, location=place)

    async def forward_message(self, data: dict[str, Any]) -> dict[str, Any]:
        message = self._message(data, "from_chat_id", "message to forward not found")
        said = {name: message[name] for name in ("text", "caption", "document", "photo") if name in message}
        return self.deliver(data, **said, forward_origin={"type": "user", "date": message["date"]})

    async def copy_message(self, data: dict[str, Any]) -> dict[str, Any]:
        message = self._message(data, "from_chat_id", "message to copy not found")
        said = {name: message[name] for name in ("text", "caption", "document", "photo") if name in message}
        return {"message_id": self.deliver(data, **said)["message_id"]}

    # --- changing ---

    def _message(self, data: Mapping[str, Any], chat: str = "chat_id", missing: str = "not found") -> dict[str, Any]:
        message = self.open_chat(data, chat).messages.get(int(data["message_id"]))
        if message is None:
            raise refuse(missing)
        return message

    async def edit(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        message = self._message(data, missing="message to edit not found")
        if message["from"]["id"] != BOT["id"]:
            raise refuse("message can't be edited")
        fresh: dict[str, Any] = {}
        if kind == "text":
            fresh["text"] = check_text(data)
        elif kind == "caption":
            fresh = {"caption": None, **check_caption(data)}
        markup = check_markup(data.get("reply_markup"))
        if all(message.get(name) == value for name, value in fresh.items()) and message.get("reply_markup") == markup:
            same = "specified new message content and reply markup are exactly the same as a current content"
            raise refuse(f"message is not modified: {same} and reply markup of the message")
        message.update(fresh, reply_markup=markup, _keyboard=markup, edit_date=self.now)
        return _public(message)

    async def delete_message(self, data: dict[str, Any]) -> bool:
        self._message(data, missing="message to delete not found")
        del self.chats[int(data["chat_id"])].messages[int(data["message_id"])]
        return True

    async def react(self, data: dict[str, Any]) -> bool:
        self._message(data, missing="message to react not found")["_reaction"] = data.get("reaction", [])
        return True

    async def pin(self, data: dict[str, Any]) -> bool:
        self._message(data, missing="message to pin not found")["_pinned"] = True
        return True

    async def leave(self, data: dict[str, Any]) -> bool:
        self.open_chat(data).closed = "bot is not a member of the group chat"
        return True

    async def chat_action(self, data: dict[str, Any]) -> bool:
        self.open_chat(data)
        return True

    async def answer_press(self, data: dict[str, Any]) -> bool:
        if self.presses.get(data["callback_query_id"], "gone") is not None:
            raise refuse("query is too old and response timeout expired or query ID is invalid")
        self.presses[data["callback_query_id"]] = data.get("text", "")
        return True

    # --- the bot itself ---

    async def get_me(self, _: dict[str, Any]) -> dict[str, Any]:
        flags = ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries")
        return {**BOT, **dict.fromkeys(flags, False)}

    async def get_chat(self, data: dict[str, Any]) -> dict[str, Any]:
        return {**self.open_chat(data).shown(), "accent_color_id": 0, "max_reaction_count": 11}

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
        scope = data.get("scope") or {"type": "default"}
        if scope["type"] == "chat":
            self.open_chat(scope)
        self.commands[str(scope.get("chat_id", scope["type"]))] = check_commands(data.get("commands"))
        return True


_METHODS: dict[str, Callable[[StubTelegram, dict[str, Any]], Awaitable[Any]]] = {
    "getMe": StubTelegram.get_me,
    "getUpdates": StubTelegram.get_updates,
    "setWebhook": StubTelegram.set_webhook,
    "deleteWebhook": StubTelegram.delete_webhook,
    "getWebhookInfo": StubTelegram.webhook_info,
    "sendMessage": StubTelegram.send_message,
    "sendDocument": lambda server, data: server.send_file("document", data),
    "sendPhoto": lambda server, data: server.send_file("photo", data),
    "sendPoll": StubTelegram.send_poll,
    "sendLocation": StubTelegram.send_location,
    "forwardMessage": StubTelegram.forward_message,
    "copyMessage": StubTelegram.copy_message,
    "editMessageText": lambda server, data: server.edit("text", data),
    "editMessageCaption": lambda server, data: server.edit("caption", data),
    "editMessageReplyMarkup": lambda server, data: server.edit("markup", data),
    "deleteMessage": StubTelegram.delete_message,
    "setMessageReaction": StubTelegram.react,
    "pinChatMessage": StubTelegram.pin,
    "leaveChat": StubTelegram.leave,
    "sendChatAction": StubTelegram.chat_action,
    "answerCallbackQuery": StubTelegram.answer_press,
    "getChat": StubTelegram.get_chat,
    "getFile": StubTelegram.get_file,
    "setMyCommands": StubTelegram.set_commands,
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


_STRUCTURED = {"reply_markup", "reply_parameters", "options", "reaction", "commands", "scope", "allowed_updates"}


def _public(message: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if not name.startswith("_") and value is not None}


def _refused(code: int, description: str, parameters: Mapping[str, Any] | None = None) -> web.Response:
    more = {"parameters": parameters} if parameters else {}
    return web.json_response({"ok": False, "error_code": code, "description": description, **more}, status=code)


async def _break_off(request: web.Request) -> web.StreamResponse:
    """Let go of the line without a word."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
