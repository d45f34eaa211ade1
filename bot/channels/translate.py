"""From what arrived to an aiogram `Update`, when its turn comes.

A typed number or label presses a button only when its keyboard is the latest message of the conversation, or is
replied to: elsewhere « 3 » may answer « combien d'années ? ». In a group only the latest keyboard is pressed so.
"""

from collections.abc import Mapping
from typing import Any

from aiogram import Bot
from aiogram.types import Update

from bot.channels.answered import keep_vote
from bot.channels.arrival import (
    Arrival,
    ChoiceArrival,
    EditArrival,
    FileArrival,
    MemberArrival,
    PlaceArrival,
    RawArrival,
    ReactionArrival,
    TextArrival,
)
from bot.channels.markup import words_of
from bot.channels.raw import said_in
from storage import identities, outbox
from storage.work import UnitOfWork

_MEMBERSHIPS = {"join": "member", "invite": "left", "knock": "left", "leave": "left", "ban": "kicked"}


async def update_of(arrival: Arrival, work: UnitOfWork, bot: Bot) -> Update | None:
    """The update that an arrival is, bound to `bot`; None when it means nothing to a bot.

    Identities it needs are written by `work`, in the transaction of the update itself.
    """
    said = await _Translator(arrival, work, bot).said()
    if said is None:
        return None
    return Update.model_validate({"update_id": work.inbox_id or work.take_id(), **said}, context={"bot": bot})


class _Translator:
    def __init__(self, arrival: Arrival, work: UnitOfWork, bot: Bot) -> None:
        self.arrival = arrival
        self.work = work
        self.bot = bot
        self.chat_id = 0

    async def said(self) -> dict[str, Any] | None:  # noqa: PLR0911 -- one line per kind of arrival is the clearest
        arrival = self.arrival
        if isinstance(arrival, RawArrival):
            return await self._raw(arrival)
        person = await self._person()
        match arrival:
            case TextArrival():
                return await self._text(arrival, person)
            case FileArrival():
                return {"message": await self._file(arrival, person)}
            case PlaceArrival():
                place = {"latitude": arrival.latitude, "longitude": arrival.longitude}
                return {"message": {**await self._head(person), "location": place}}
            case EditArrival():
                return await self._edit(arrival, person)
            case ChoiceArrival():
                return await self._choice(arrival, person)
            case ReactionArrival():
                return await self._reaction(arrival, person)
            case MemberArrival():
                return await self._member(arrival, person)

    # --- who and where ---

    async def _person(self) -> dict[str, Any]:
        arrival = self.arrival
        room = arrival.room if arrival.direct else None
        known = await identities.person(
            self.work, arrival.door, arrival.sender, room=room, display_name=arrival.sender_name
        )
        self.chat_id = known if arrival.direct else await identities.room(self.work, arrival.door, arrival.room)
        return {"id": known, "is_bot": False, "first_name": arrival.sender_name or arrival.sender}

    def _chat(self, person: Mapping[str, Any]) -> dict[str, Any]:
        if self.arrival.direct:
            return {"id": self.chat_id, "type": "private", "first_name": person["first_name"]}
        return {"id": self.chat_id, "type": "group", "title": "salon"}

    async def _message_id(self, event: str) -> int | None:
        fresh = (row["message_id"] for row in self.work.events if row["event"] == event)
        found = next(fresh, None)
        return found or await self.work.run(identities.message_of, self.arrival.door, event)

    async def _head(self, person: dict[str, Any]) -> dict[str, Any]:
        """What every new message begins with."""
        arrival, message_id = self.arrival, self.work.take_id()
        identities.remember_event(self.work, arrival.door, arrival.event, message_id)
        head = {
            "message_id": message_id,
            "date": int(arrival.sent_at.timestamp()),
            "chat": self._chat(person),
            "from": person,
        }
        if arrival.thread is not None:
            head["message_thread_id"] = await self._message_id(arrival.thread) or message_id
            head["is_topic_message"] = True
        reply_to = await self._message_id(arrival.reply_to) if arrival.reply_to else None
        if reply_to is not None:
            head["reply_to_message"] = await self._earlier(reply_to, person)
        return head

    async def _earlier(self, message_id: int, person: Mapping[str, Any]) -> dict[str, Any]:
        """An earlier message, with its words where it is ours."""
        written = await self.work.run(outbox.written, message_id) or {}
        text = words_of(written)
        return {
            "message_id": message_id,
            "date": int(self.arrival.sent_at.timestamp()),
            "chat": self._chat(person),
            **({"text": text} if text else {}),
            **_inline(written.get("reply_markup")),
        }

    # --- what ---

    async def _text(self, arrival: TextArrival, person: dict[str, Any]) -> dict[str, Any]:
        reply_to = await self._message_id(arrival.reply_to) if arrival.reply_to else None
        pressed = await self._typed_press(arrival.text, reply_to)
        if pressed is not None:
            message_id, button = pressed
            if "callback_data" in button:
                typed = self.work.take_id()  # the words may be edited: the press bears their number
                identities.remember_event(self.work, arrival.door, arrival.event, typed)
                return await self._press(message_id, button["callback_data"], person, typed=typed)
            return {"message": {**await self._head(person), "text": button["text"]}}
        return {"message": {**await self._head(person), "text": arrival.text, **_entities(arrival.text)}}

    async def _raw(self, arrival: RawArrival) -> dict[str, Any]:
        """An update as it came; what was typed presses a button here too."""
        said = await said_in(arrival, self.work)
        message = said.get("message") or {}
        if "text" not in message or "from" not in message:
            return said
        self.chat_id = message["chat"]["id"]
        pressed = await self._typed_press(message["text"], (message.get("reply_to_message") or {}).get("message_id"))
        if pressed is None:
            return said
        message_id, button = pressed
        if "callback_data" in button:
            return await self._press(message_id, button["callback_data"], message["from"], typed=message["message_id"])
        return {"message": {**message, "text": button["text"]}}

    async def _typed_press(self, text: str, reply_to: int | None) -> tuple[int, Mapping[str, Any]] | None:
        keyboard = await self.work.run(identities.keyboard, self.chat_id)
        if reply_to not in {None, keyboard.message_id} and self.chat_id > 0:
            earlier = ((await self.work.run(outbox.written, reply_to)) or {}).get("reply_markup")
            button = typed_button(earlier, text) if earlier else None
            if button is not None:
                return reply_to, button  # what it answers is over, and the room says so
        if keyboard.markup is None or keyboard.message_id is None:
            return None
        stays = "keyboard" in keyboard.markup and not keyboard.markup.get("one_time_keyboard")
        replied = reply_to is not None and reply_to == keyboard.message_id
        if not (stays or replied or keyboard.last_message_id == keyboard.message_id):
            return None
        button = typed_button(keyboard.markup, text)
        return None if button is None else (keyboard.message_id, button)

    async def _press(
        self, message_id: int, data: str, person: dict[str, Any], *, typed: int | None = None
    ) -> dict[str, Any]:
        return {
            "callback_query": {
                "id": f"{self.chat_id}:{typed or self.work.inbox_id or self.work.take_id()}",
                "from": person,
                "chat_instance": str(self.chat_id),
                "message": await self._earlier(message_id, person),
                "data": data,
            }
        }

    async def _choice(self, arrival: ChoiceArrival, person: dict[str, Any]) -> dict[str, Any] | None:
        message_id = await self._message_id(arrival.target)
        if message_id is None:
            return None
        written = await self.work.run(outbox.written, message_id) or {}
        if "question" in written:
            return await self._vote(message_id, arrival.option, person)
        buttons = buttons_of(written.get("reply_markup") or {})
        if arrival.option is None:
            return None
        if not 0 <= arrival.option < len(buttons):
            return None
        button = buttons[arrival.option]
        if "callback_data" in button:
            return await self._press(message_id, button["callback_data"], person)
        return {"message": {**await self._head(person), "text": button["text"]}}

    async def _vote(self, message_id: int, option: int | None, person: Mapping[str, Any]) -> dict[str, Any]:
        """A vote in a poll; None takes an earlier one back."""
        await keep_vote(self.work, message_id, person["id"], option)
        chosen = [] if option is None else [option]
        voter = {"poll_id": str(message_id), "user": person, "option_ids": chosen}
        return {"poll_answer": {**voter, "option_persistent_ids": [str(number) for number in chosen]}}

    async def _file(self, arrival: FileArrival, person: dict[str, Any]) -> dict[str, Any]:
        file = arrival.file
        file_id = identities.keep_media(
            self.work, arrival.door, file.source, file.name, file.mime, file.size, peer_id=person["id"]
        )
        shared = {"file_id": file_id, "file_unique_id": file_id, "file_size": file.size}
        head = await self._head(person)
        document = {**shared, "file_name": file.name, "mime_type": file.mime}
        caption = {"caption": arrival.caption} if arrival.caption else {}
        if arrival.image:  # kept as a document beside it: a photo has no name, and pieces are told by their names
            return {**head, **caption, "photo": [{**shared, "width": 1, "height": 1}], "document": document}
        return {**head, **caption, "document": document}

    async def _edit(self, arrival: EditArrival, person: dict[str, Any]) -> dict[str, Any] | None:
        message_id = await self._message_id(arrival.target)
        if message_id is None:
            return None
        instant = int(arrival.sent_at.timestamp())
        head = {"message_id": message_id, "date": instant, "edit_date": instant}
        words = {"text": arrival.text, **_entities(arrival.text)}
        return {"edited_message": {**head, "chat": self._chat(person), "from": person, **words}}

    async def _reaction(self, arrival: ReactionArrival, person: dict[str, Any]) -> dict[str, Any] | None:
        message_id = await self._message_id(arrival.target)
        if message_id is None:
            return None
        shown = [{"type": "emoji", "emoji": arrival.key}]
        return {
            "message_reaction": {
                "chat": self._chat(person),
                "message_id": message_id,
                "user": person,
                "date": int(arrival.sent_at.timestamp()),
                "old_reaction": shown if arrival.taken_back else [],
                "new_reaction": [] if arrival.taken_back else shown,
            }
        }

    async def _member(self, arrival: MemberArrival, person: dict[str, Any]) -> dict[str, Any]:
        me = {"id": self.bot.id, "is_bot": True, "first_name": "Greffier"}
        whom = me if arrival.is_self else person
        changed = {
            "chat": self._chat(person),
            "from": person,
            "date": int(arrival.sent_at.timestamp()),
            "old_chat_member": _member(arrival.old, whom),
            "new_chat_member": _member(arrival.new, whom),
        }
        return {"my_chat_member" if arrival.is_self else "chat_member": changed}


def _member(membership: str, user: Mapping[str, Any]) -> dict[str, Any]:
    status = _MEMBERSHIPS.get(membership, "left")
    return {"status": status, "user": dict(user), **({"until_date": 0} if status == "kicked" else {})}


def _entities(text: str) -> dict[str, Any]:
    """A command is marked as one, as Telegram does."""
    if not text.startswith("/") or len(text) == 1:
        return {}
    return {"entities": [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]}


def _inline(markup: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"reply_markup": markup} if markup and "inline_keyboard" in markup else {}


def buttons_of(markup: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The buttons that may be pressed, in order: what the numbers stand for. Links are not pressed."""
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
    flat = [button if isinstance(button, dict) else {"text": button} for row in rows for button in row]
    return [button for button in flat if "url" not in button]


def typed_button(markup: Mapping[str, Any], text: str) -> Mapping[str, Any] | None:
    """The button that a typed number (« 1 », « 1. ») or label means."""
    buttons = buttons_of(markup)
    words = _bare(text)
    if words.isdecimal() and 1 <= int(words) <= len(buttons):
        return buttons[int(words) - 1]
    return next((button for button in buttons if _bare(button["text"]) == words), None)


def _bare(text: str) -> str:
    """Words without the full stop or bracket that may follow them, in small letters."""
    return text.strip().rstrip(".)").strip().casefold()
