"""The door on Telegram: updates go to the inbox before they are confirmed, letters leave at Telegram's pace."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from telegram.error import ChatMigrated, InvalidToken, TelegramError

from bot.accounts import TelegramSettings
from bot.channels.door import Mailbox, Parcel, Sent
from bot.channels.telegram.client import Carrier
from bot.channels.telegram.faults import done_already, fault_of, harmless_twice, too_late_to_answer
from bot.channels.telegram.inward import KINDS, arrival_of, moved
from bot.channels.telegram.menu import Menu, menu_calls
from bot.channels.telegram.names import Names, message_in
from bot.channels.telegram.outward import Call, as_message, call_of
from bot.channels.telegram.webhook import Webhook
from bot.clock import Clock
from bot.errors import ConfigurationError, DoubtfulDeliveryError
from bot.events import Event, log

_LEAVING = "leaving"  # noted before a request leaves: a try that was cut short is doubtful
_HOLD = 30  # seconds that Telegram may hold the line for
_LONGEST_WAIT = 60.0  # seconds between two tries to reach Telegram
_LET_GO = 1.5  # seconds after which a pressed button stops turning, unless a room answers it with words


class TelegramDoor:
    """Implements `bot.channels.door.Door` on the Bot API.

    Args:
        menu: the commands shown to everybody, and to the bureau in its own conversation.
        hold: seconds that Telegram may hold the line for.
    """

    name = "telegram"
    answers = frozenset(
        {"getMe", "getChat", "getChatMember", "getChatMemberCount", "getChatAdministrators"}
        | {"setMyCommands", "getMyCommands", "deleteMyCommands"}
    )

    def __init__(
        self, settings: TelegramSettings, mailbox: Mailbox, clock: Clock, *, menu: Menu | None = None, hold: int = _HOLD
    ) -> None:
        self._settings = settings
        self._mailbox = mailbox
        self._clock = clock
        self._menu = menu or Menu()
        self._hold = hold
        self._carrier = Carrier(settings)
        self._names = Names(settings.token.get_secret_value().partition(":")[0])
        self._pressed: dict[str, asyncio.Task[None]] = {}

    # --- open and shut ---

    async def open(self) -> None:
        """Prove the token; a network that is away is waited for by `run`.

        Raises:
            ConfigurationError: Telegram refuses the token.
        """
        known = await self._mailbox.recall("moved") or {}
        self._names.moved.update({int(old): new for old, new in known.items()})
        try:
            await self._carrier.initialize()
        except InvalidToken:
            await self._carrier.shutdown()
            raise _refused_token() from None
        except TelegramError as error:
            log.warning(Event.DOOR_DELAYED, door=self.name, error=type(error).__name__)

    async def close(self) -> None:
        """Leave in good order."""
        for task in self._pressed.values():
            task.cancel()
        await self._carrier.shutdown()

    async def run(self) -> None:
        """Receive until cancelled."""
        await self._until_done(self._prepare)
        url, secret = self._settings.webhook_url, self._settings.webhook_secret
        if url is None or secret is None:
            await self._poll()
        else:
            await self._listen(urlsplit(url).path or "/", secret.get_secret_value())

    async def _prepare(self) -> None:
        """Say how updates shall come, and show the menu."""
        url, secret = self._settings.webhook_url, self._settings.webhook_secret
        if url is None or secret is None:
            await self._carrier.call("deleteWebhook", {})
        else:  # one connection: updates of a conversation stay in order
            data = {"url": url, "secret_token": secret.get_secret_value(), "max_connections": 1}
            await self._carrier.call("setWebhook", {**data, "allowed_updates": list(KINDS)})
        for data in menu_calls(self._menu):
            await self._carrier.call("setMyCommands", data)

    async def _until_done(self, act: Any) -> Any:
        """Try again, less and less often, until Telegram has answered.

        Raises:
            ConfigurationError: Telegram refuses the token: nothing but a new one will do.
        """
        wait = 1.0
        while True:
            try:
                return await act()
            except InvalidToken:
                raise _refused_token() from None
            except TelegramError as error:
                log.warning(Event.DOOR_DELAYED, door=self.name, error=type(error).__name__)
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    # --- inward ---

    async def _poll(self) -> None:
        """Ask for updates; what was given is confirmed by the question after the commit.

        After an empty answer nothing is left to confirm and the number is dropped: after a silence of a week Telegram
        counts its updates from anywhere, lower numbers too, and those must not be taken for confirmed.
        """
        offset: int | None = None
        while True:
            given = await self._until_done(partial(self._carrier.updates, offset, KINDS, self._hold))
            await self._keep(given)
            offset = given[-1]["update_id"] + 1 if given else None

    async def _listen(self, path: str, secret: str) -> None:
        """Let Telegram bring updates; ask it for a sign of life meanwhile."""
        async with Webhook(self._settings.webhook_listen, path, secret, self._keep_one):
            while True:
                await self._until_done(partial(self._carrier.call, "getMe", {}))
                await self._mailbox.receive([])
                await asyncio.sleep(self._hold)

    async def _keep_one(self, update: Mapping[str, Any]) -> None:
        await self._keep([update])

    async def _keep(self, updates: Sequence[Mapping[str, Any]]) -> None:
        """Put updates into the inbox; one that cannot be read is passed over, or it would hold up all others."""
        now, arrivals = self._clock.now(), []
        for update in updates:
            try:
                await self._note_move(update)
                arrival = arrival_of(update, self._names, now)
            except (KeyError, TypeError, ValueError) as error:
                log.error(Event.EVENT_SKIPPED, door=self.name, error=type(error).__name__)
                continue
            if arrival is not None:
                arrivals.append(arrival)
        await self._mailbox.receive(arrivals)
        for update in updates:
            if "callback_query" in update:
                self._let_go(str(update["callback_query"]["id"]))

    async def _note_move(self, update: Mapping[str, Any]) -> None:
        numbers = moved(update)
        if numbers is not None:
            await self._remember_move(*numbers)

    async def _remember_move(self, old: int, new: int) -> None:
        self._names.moved[self._names.known_as(old)] = new
        await self._mailbox.remember("moved", self._names.moved)

    def _let_go(self, press: str) -> None:
        """Stop the button from turning after a moment."""
        task = asyncio.create_task(self._answer_press(press))
        self._pressed[press] = task
        task.add_done_callback(lambda _: self._pressed.pop(press, None))

    async def _answer_press(self, press: str) -> None:
        await asyncio.sleep(_LET_GO)
        with contextlib.suppress(TelegramError):
            await self._carrier.call("answerCallbackQuery", {"callback_query_id": press})

    async def fetch(self, source: Mapping[str, Any]) -> bytes:
        """The bytes of a file that somebody sent.

        Raises:
            DeliveryError: Telegram does not give it.
        """
        try:
            return await self._carrier.download(str(source["file_id"]))
        except TelegramError as error:
            raise fault_of(error, "getFile") from error

    # --- outward ---

    async def send(self, parcel: Parcel) -> Sent:
        """Hand over one letter.

        Raises:
            DeliveryError: it did not leave, or nobody knows whether it did.
        """
        if parcel.progress.get(_LEAVING):
            raise DoubtfulDeliveryError("an earlier try was cut short: the message may have arrived")
        call = await call_of(parcel, self._names)
        self._hold_press(call)
        try:
            return await self._hand_over(call, parcel)
        except ChatMigrated as error:
            await self._remember_move(int(parcel.room), error.new_chat_id)
            call.data["chat_id"] = error.new_chat_id
        except TelegramError as error:
            if not too_late_to_answer(error) or not call.data.get("text"):
                await self._judge(error, call.method, parcel)
                return Sent()
            call = as_message(call, self._names.here(int(parcel.room)))
        try:
            return await self._hand_over(call, parcel)
        except TelegramError as error:
            await self._judge(error, call.method, parcel)
            return Sent()

    async def _hand_over(self, call: Call, parcel: Parcel) -> Sent:
        async def leaving() -> None:
            await parcel.note({_LEAVING: True})

        result = await self._carrier.call(
            call.method, call.data, leaving=None if harmless_twice(call.method) else leaving
        )
        shown = [message for message in map(message_in, result if isinstance(result, list) else [result]) if message]
        return Sent(tuple(event for message in shown for event in self._events(message, call)))

    def _events(self, message: Mapping[str, Any], call: Call) -> tuple[str, ...]:
        chat_id = int(message["chat"]["id"] if "chat" in message else call.data["chat_id"])
        shown = self._names.message(chat_id, message["message_id"])
        poll = message.get("poll")
        return (shown, self._names.poll(poll["id"])) if poll else (shown,)

    async def _judge(self, error: TelegramError, method: str, parcel: Parcel) -> None:
        """Raise what a failure means; nothing where things are already as they were wanted."""
        if done_already(error):
            return
        fault = fault_of(error, method)
        if not isinstance(fault, DoubtfulDeliveryError) and not harmless_twice(method):
            await parcel.note({_LEAVING: False})
        raise fault from error

    def _hold_press(self, call: Call) -> None:
        """A room answers a press with words: nothing else shall answer it."""
        task = self._pressed.pop(str(call.data.get("callback_query_id")), None)
        if task is not None:
            task.cancel()

    async def typing(self, room: str, *, on: bool) -> None:
        """Show that an answer is on its way; it stops by itself."""
        if on:
            with contextlib.suppress(TelegramError):
                data = {"chat_id": self._names.here(int(room)), "action": "typing"}
                await self._carrier.call("sendChatAction", data)

    async def answer(self, method: str, payload: Mapping[str, Any]) -> Any:
        """What Telegram answers at once.

        Raises:
            DeliveryError: it refuses, or cannot be reached.
        """
        data = dict(payload)
        if "chat_id" in data:
            data["chat_id"] = self._names.here(int(data["chat_id"]))
        try:
            return await self._carrier.call(method, data)
        except TelegramError as error:
            raise fault_of(error, method) from error


def _refused_token() -> ConfigurationError:
    return ConfigurationError(["GREFFIER_TELEGRAM__TOKEN : Telegram refuse ce jeton"])
