"""The methods of the Bot API that are answered at once, from the memory or by the door, with no letter."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, TypeVar

from aiogram import Bot, methods
from aiogram.types import (
    AcceptedGiftTypes,
    BotCommand,
    ChatFullInfo,
    ChatMemberAdministrator,
    ChatMemberLeft,
    ChatMemberMember,
    File,
    Poll,
    PollOption,
    User,
)
from pydantic import BaseModel

from bot.channels.door import Membership, SeeingDoor
from bot.channels.payload import chat_of, plain, refusal
from bot.channels.writer import Writer
from bot.errors import PermanentDeliveryError
from storage import identities, inbox, outbox
from storage.work import UnitOfWork

B = TypeVar("B", bound=BaseModel)
Member = ChatMemberAdministrator | ChatMemberMember | ChatMemberLeft
_NEUTRAL: Mapping[Any, Any] = {bool: False, int: 0, str: ""}


def filled(model: type[B], **given: Any) -> B:
    """A value of the Bot API, what it requires beyond `given` being false, 0 or empty."""
    required = {name: field.annotation for name, field in model.model_fields.items() if field.is_required()}
    neutral = {name: _NEUTRAL[kind] for name, kind in required.items() if name not in given}
    return model.model_validate({**neutral, **given})


# --- what was sent ---


def file(field: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a message that shows a file of ours, under a `file_id` that may be sent again."""
    file_id = f"kept-{kept['file']}-{kept['name']}"
    size = {"width": 1, "height": 1, "duration": 0, "length": 1}
    shared = {"file_id": file_id, "file_unique_id": str(kept["file"])[:16], "file_size": kept["size"]}
    named = {"file_name": kept["name"], "mime_type": kept["mime"]}
    match field:
        case "photo":
            return {"photo": [{**shared, "width": 1, "height": 1}]}
        case "document":
            return {"document": {**shared, **named}}
        case "sticker":
            plain_sticker = {"type": "regular", "is_animated": False, "is_video": False}
            return {"sticker": {**shared, "width": 1, "height": 1, **plain_sticker}}
        case _:
            return {field: {**shared, **named, **size}}


def poll(message_id: int, payload: Mapping[str, Any], votes: Mapping[str, int] | None = None) -> Poll:
    """The poll that a message of ours is; its answers bear the same number."""
    chosen = list((votes or {}).values())
    labels = [option if isinstance(option, str) else option["text"] for option in payload["options"]]
    options = [
        filled(PollOption, persistent_id=str(number), text=label, voter_count=chosen.count(number))
        for number, label in enumerate(labels)
    ]
    kind = payload.get("type") or "regular"
    question = payload["question"]
    total = len(chosen)
    return filled(Poll, id=str(message_id), question=question, options=options, type=kind, total_voter_count=total)


async def counted(work: UnitOfWork, message_id: int) -> Poll | None:
    """A poll of ours with its votes, closed; None where the message is none."""
    payload = await work.run(outbox.written, message_id) or {}
    if "options" not in payload:
        return None
    votes = await work.run(inbox.fact, _votes_key(message_id))
    return poll(message_id, payload, votes).model_copy(update={"is_closed": True})


async def keep_vote(work: UnitOfWork, message_id: int, voter: int, option: int | None) -> None:
    """Keep the vote of a person for whoever stops the poll; None takes an earlier one back."""
    earlier: dict[str, int] | None = await work.run(inbox.fact, _votes_key(message_id))
    votes = {**(earlier or {}), str(voter): option}
    kept = {person: chosen for person, chosen in votes.items() if chosen is not None}
    await inbox.remember(work.database, _votes_key(message_id), kept)


def _votes_key(message_id: int) -> str:
    return f"votes.{message_id}"


async def get_file(writer: Writer, _: Bot, method: methods.GetFile, work: UnitOfWork) -> File:
    """What is known of a file that somebody sent, or that we sent."""
    identity = method.file_id
    name, _mime, size = await writer.describe(work, identity)
    if name is None:
        raise refusal(method, "invalid file_id")
    return File(file_id=identity, file_unique_id=identity, file_size=size, file_path=identity)


# --- who and where ---


async def get_me(writer: Writer, *_: Any) -> User:
    """The bot itself."""
    return writer.me


async def get_chat(writer: Writer, _: Bot, method: methods.GetChat, work: UnitOfWork) -> ChatFullInfo:
    """A conversation, as the door shows it."""
    chat_id = chat_of(method, method.chat_id)
    seen = await _seen(writer, method, work)
    _own, name = await _names(work, chat_id)
    shown = (
        {"type": "private", "first_name": name} if chat_id > 0 else {"type": "group", "title": seen.title or "salon"}
    )
    return filled(ChatFullInfo, id=chat_id, accepted_gift_types=filled(AcceptedGiftTypes), **shown)


async def get_member(writer: Writer, _: Bot, method: methods.GetChatMember, work: UnitOfWork) -> Member:
    """Where somebody stands in a conversation."""
    seen = await _seen(writer, method, work)
    if method.user_id == writer.me.id:
        return _member(writer.me, seen.me)
    name, shown = await _names(work, method.user_id)
    if not name:
        raise refusal(method, "user not found")
    return _member(User(id=method.user_id, is_bot=False, first_name=shown), seen.people.get(name, "left"))


async def count_members(writer: Writer, _: Bot, method: methods.GetChatMemberCount, work: UnitOfWork) -> int:
    """How many are in a conversation, the bot among them."""
    return len((await _seen(writer, method, work)).people) + 1


async def get_administrators(
    writer: Writer, _: Bot, method: methods.GetChatAdministrators, work: UnitOfWork
) -> list[Member]:
    """Those who run a room, other bots included: a network does not tell them apart."""
    seen = await _seen(writer, method, work)
    found = [_member(writer.me, seen.me)] if seen.me == "administrator" else []
    for name in sorted(name for name, status in seen.people.items() if status == "administrator"):
        number = await identities.person(work, writer.door.name, name)
        _own, shown = await _names(work, number)
        found.append(_member(User(id=number, is_bot=False, first_name=shown), "administrator"))
    return found


async def _names(work: UnitOfWork, peer_id: int) -> tuple[str, str]:
    """The door's own name of a person or room and the one they show; empty when unknown."""
    for peer in work.peers.values():  # one met in this very update
        if peer["id"] == peer_id:
            return peer["name"], peer["display_name"] or peer["name"]
    name = await work.run(identities.name_of, peer_id) or ""
    return name, await work.run(identities.display_name, peer_id) or name


async def _seen(writer: Writer, method: Any, work: UnitOfWork) -> Membership:
    room = await writer.room_of(work, chat_of(method, method.chat_id))
    if room is None:
        raise refusal(method, "chat not found")
    if not isinstance(writer.door, SeeingDoor):
        raise refusal(method, f"method {type(method).__name__} is not available on {writer.door.name}")
    try:
        return await writer.door.membership(room)
    except PermanentDeliveryError as error:
        raise refusal(method, "chat not found") from error


def _member(user: User, status: str) -> Member:
    if status == "administrator":
        return filled(ChatMemberAdministrator, user=user, can_manage_chat=True, can_delete_messages=True)
    return ChatMemberLeft(user=user) if status == "left" else ChatMemberMember(user=user)


# --- the menu of commands: kept, and given back as it was set ---


async def set_commands(writer: Writer, bot: Bot, method: methods.SetMyCommands, work: UnitOfWork) -> bool:
    """Keep a menu for its scope and its language."""
    kept = [plain(command, bot) for command in method.commands]
    await _keep_menu(writer, work, {**await _menus(writer, work), _scope(bot, method): kept})
    return True


async def get_commands(writer: Writer, bot: Bot, method: methods.GetMyCommands, work: UnitOfWork) -> list[BotCommand]:
    """The menu of a scope and a language."""
    kept = (await _menus(writer, work)).get(_scope(bot, method), [])
    return [BotCommand.model_validate(command) for command in kept]


async def delete_commands(writer: Writer, bot: Bot, method: methods.DeleteMyCommands, work: UnitOfWork) -> bool:
    """Forget the menu of a scope and a language."""
    menus = await _menus(writer, work)
    menus.pop(_scope(bot, method), None)
    await _keep_menu(writer, work, menus)
    return True


def _scope(bot: Bot, method: Any) -> str:
    scope = plain(method.scope, bot) if method.scope else {"type": "default"}
    return json.dumps([scope, method.language_code or ""], sort_keys=True)


async def _menus(writer: Writer, work: UnitOfWork) -> dict[str, Any]:
    return await work.database.query(partial(inbox.fact, key=f"{writer.door.name}.commands")) or {}


async def _keep_menu(writer: Writer, work: UnitOfWork, menus: Mapping[str, Any]) -> None:
    await inbox.remember(work.database, f"{writer.door.name}.commands", menus)


async def nothing(*_: Any) -> bool:
    """What has no meaning here and does no harm."""
    return True
