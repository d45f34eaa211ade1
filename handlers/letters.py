"""Telling somebody else than the person who speaks: a letter in the chat, and one on the academic mailbox."""

from collections.abc import Sequence
from html import unescape
from typing import Any

from markupsafe import Markup

from bot.errors import Refusal
from handlers.choices import Choices, keyboard
from handlers.say import parts, say
from handlers.turn import Desk
from storage import candidatures, identities, relais
from storage.bureau import Relais
from storage.outbox import Letter
from storage.tables import Candidature
from storage.work import UnitOfWork

LONGEST = 3000  # characters of a person's words: with ours around them, every door carries them in one message
PAPER = "papier"  # the door of those whose dossier came by e-mail or post: no conversation
Stored = dict[str, Any]  # a file of a letter: {"file": sha256, "name", "mime", "size"}


def stored(sha256: str, name: str, size: int, mime: str = "application/pdf") -> Stored:
    """A file that a letter carries."""
    return {"file": sha256, "name": name, "mime": mime, "size": size}


def check_length(words: str) -> None:
    """Refuse words that no single letter could carry whole.

    Raises:
        Refusal: they are too long; nothing is cut.
    """
    if len(words) > LONGEST:
        raise Refusal("letters/too_long", most=LONGEST, length=len(words))


def to_chat(
    work: UnitOfWork,
    chat_id: int,
    text: str,
    *,
    candidature_id: int | None = None,
    choices: Choices = (),
    files: Sequence[Stored] = (),
    **values: Any,
) -> int | None:
    """Letters to one conversation: its files, then its words with their choices; returns the last message's id."""
    for file in files:
        work.outbox.put(Letter(chat_id, "sendDocument", {"document": file}, text, candidature_id))
    *before, last = parts(say(text, **values))
    for part in before:
        work.outbox.put(Letter(chat_id, "sendMessage", {"text": part, "parse_mode": "HTML"}, text, candidature_id))
    payload: dict[str, Any] = {"text": last, "parse_mode": "HTML"}
    if choices:
        payload["reply_markup"] = keyboard(choices).model_dump(exclude_none=True)
    return work.outbox.put(Letter(chat_id, "sendMessage", payload, text, candidature_id))


def revise(work: UnitOfWork, chat_id: int, message_id: int, text: str, **values: Any) -> None:
    """Other words for a message that is there already."""
    payload = {"message_id": message_id, "text": say(text, **values), "parse_mode": "HTML"}
    work.outbox.put(Letter(chat_id, "editMessageText", payload, text))


def to_bureau(
    desk: Desk, text: str, *, candidature_id: int | None = None, choices: Choices = (), **values: Any
) -> list[int]:
    """A letter to each room of the bureau; returns the messages' ids."""
    sent = [
        to_chat(desk.work, room, text, candidature_id=candidature_id, choices=choices, **values) for room in desk.bureau
    ]
    return [message for message in sent if message is not None]


async def about_relais(desk: Desk, row: Relais, text: str, *, choices: Choices = (), **values: Any) -> None:
    """Tell the bureau something of a relay; what answers it is about that relay."""
    values |= {"row": row, "asker": await relais.asker(desk.work, row)}
    sent = to_bureau(desk, text, candidature_id=row.candidature_id, choices=choices, **values)
    row.messages = [*row.messages, *sent]


def to_mailbox(
    desk: Desk,
    owner_id: int,
    address: str,
    text: str,
    *,
    candidature_id: int | None = None,
    files: Sequence[Stored] = (),
    **values: Any,
) -> None:
    """A letter to a mailbox: text and HTML from the same words, its subject from « …_subject ».

    Args:
        owner_id: whose mailbox it is: letters to one person leave in order.
        files: attached, but for the entry of a calendar, which is known by its `method` and is a part of its own.
    """
    subject = unescape(say(f"{text}_subject", campagne=desk.campagne, **values))
    body = say(text, campagne=desk.campagne, mail=True, **values)
    page = say("letters/mail", body=Markup(body.replace("\n", "<br>\n")), campagne=desk.campagne)  # noqa: S704 -- rendered and escaped by `say`
    payload: dict[str, Any] = {
        "to": [address],
        "subject": subject,
        "text": _plain(body),
        "html": page,
        "attachments": [file for file in files if "method" not in file],
    }
    entry = next((file for file in files if "method" in file), None)
    if entry is not None:
        payload["calendar"] = entry
    desk.work.outbox.put(Letter(owner_id, "sendEmail", payload, text, candidature_id, door="email"))


def _plain(body: str) -> str:
    """The words line by line, without their tags."""
    return "\n".join(unescape(Markup(line).striptags()) for line in body.split("\n"))  # noqa: S704 -- rendered and escaped by `say`


async def is_on_paper(desk: Desk, one: Candidature) -> bool:
    """Whether a dossier came by e-mail or by post: its person has no conversation."""
    person = await desk.work.run(candidatures.candidat, one.candidat_id)
    return person is not None and person.door == PAPER


async def to_conversation(
    desk: Desk, one: Candidature, text: str, *, files: Sequence[Stored] = (), choices: Choices = (), **values: Any
) -> bool:
    """Tell a candidate in their conversation; on Telegram, where the campagne is discreet, only that something waits.

    Returns:
        Whether they were told; otherwise the words belong in their mailbox.
    """
    if await is_on_paper(desk, one):
        return False
    discreet = desk.campagne.discreet_on_telegram and identities.is_telegrams(one.candidat_id)
    key, papers = ("letters/waits", ()) if discreet else (text, files)
    values = {"one": one, "campagne": desk.campagne, "mail": False, **values}
    to_chat(desk.work, one.candidat_id, key, candidature_id=one.id, choices=choices, files=papers, **values)
    return not discreet


async def to_candidat(
    desk: Desk,
    one: Candidature,
    text: str,
    *,
    mail: bool = False,
    files: Sequence[Stored] = (),
    choices: Choices = (),
    **values: Any,
) -> None:
    """Tell a candidate, in their conversation and, where `mail` or where it cannot say all, on the academic mailbox."""
    told = await to_conversation(desk, one, text, files=files, choices=choices, **values)
    if one.address and (mail or not told):
        to_mailbox(desk, one.candidat_id, one.address, text, candidature_id=one.id, files=files, one=one, **values)
