"""Telling somebody else than the person who speaks: a letter in the chat, and one on the academic mailbox."""

from collections.abc import Sequence
from html import unescape
from typing import Any

from markupsafe import Markup

from bot.circulaire.campagne import Campagne
from bot.errors import Refusal
from handlers.choices import keyboard
from handlers.say import say
from storage import identities
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
    choices: Sequence[tuple[str, str]] = (),
    files: Sequence[Stored] = (),
    **values: Any,
) -> int | None:
    """A letter to one conversation: its files, then its words with their choices; returns the message's id."""
    payload: dict[str, Any] = {"text": say(text, **values), "parse_mode": "HTML"}
    if choices:
        payload["reply_markup"] = keyboard(choices).model_dump(exclude_none=True)
    for file in files:
        work.outbox.put(Letter(chat_id, "sendDocument", {"document": file}, text, candidature_id))
    return work.outbox.put(Letter(chat_id, "sendMessage", payload, text, candidature_id))


def revise(work: UnitOfWork, chat_id: int, message_id: int, text: str, **values: Any) -> None:
    """Other words for a message that is there already."""
    payload = {"message_id": message_id, "text": say(text, **values), "parse_mode": "HTML"}
    work.outbox.put(Letter(chat_id, "editMessageText", payload, text))


def to_bureau(
    work: UnitOfWork,
    bureau: Sequence[int],
    text: str,
    *,
    candidature_id: int | None = None,
    choices: Sequence[tuple[str, str]] = (),
    **values: Any,
) -> list[int]:
    """A letter to each room of the bureau; returns the messages' ids."""
    sent = [to_chat(work, room, text, candidature_id=candidature_id, choices=choices, **values) for room in bureau]
    return [message for message in sent if message is not None]


def to_mailbox(
    work: UnitOfWork,
    owner_id: int,
    address: str,
    text: str,
    *,
    campagne: Campagne,
    candidature_id: int | None = None,
    copy: Sequence[str] = (),
    files: Sequence[Stored] = (),
    calendar: Stored | None = None,
    **values: Any,
) -> None:
    """A letter to a mailbox: text and HTML from the same words, its subject from « …_subject ».

    Args:
        owner_id: whose mailbox it is: letters to one person leave in order.
    """
    subject = unescape(say(f"{text}_subject", campagne=campagne, **values))
    body = say(text, campagne=campagne, mail=True, **values)
    page = say("letters/mail", body=Markup(body.replace("\n", "<br>\n")), campagne=campagne)  # noqa: S704 -- rendered and escaped by `say`
    payload: dict[str, Any] = {
        "to": [address],
        "cc": list(copy),
        "subject": subject,
        "text": _plain(body),
        "html": page,
        "attachments": list(files),
    }
    if calendar is not None:
        payload["calendar"] = calendar
    work.outbox.put(Letter(owner_id, "sendEmail", payload, text, candidature_id, door="email"))


def _plain(body: str) -> str:
    """The words line by line, without their tags."""
    return "\n".join(unescape(Markup(line).striptags()) for line in body.split("\n"))  # noqa: S704 -- rendered and escaped by `say`


def to_conversation(
    work: UnitOfWork,
    one: Candidature,
    door: str,
    text: str,
    *,
    campagne: Campagne,
    files: Sequence[Stored] = (),
    choices: Sequence[tuple[str, str]] = (),
    **values: Any,
) -> bool:
    """Tell a candidate in their conversation; on Telegram, where the campagne is discreet, only that something waits.

    Returns:
        Whether they were told; otherwise the words belong in their mailbox.
    """
    if door == PAPER:
        return False
    discreet = campagne.discreet_on_telegram and identities.is_telegrams(one.candidat_id)
    key, papers = ("letters/waits", ()) if discreet else (text, files)
    values = {"one": one, "campagne": campagne, "mail": False, **values}
    to_chat(work, one.candidat_id, key, candidature_id=one.id, choices=choices, files=papers, **values)
    return not discreet


def to_candidat(
    work: UnitOfWork,
    one: Candidature,
    door: str,
    text: str,
    *,
    campagne: Campagne,
    mail: bool = False,
    copy: Sequence[str] = (),
    files: Sequence[Stored] = (),
    calendar: Stored | None = None,
    choices: Sequence[tuple[str, str]] = (),
    **values: Any,
) -> None:
    """Tell a candidate, in their conversation and, where `mail` or where it cannot say all, on the academic mailbox."""
    papers = [*files, *([calendar] if calendar else [])]
    told = to_conversation(work, one, door, text, campagne=campagne, files=papers, choices=choices, **values)
    address = str(one.notice.get("courriel") or "")
    if address and (mail or not told):
        to_mailbox(
            work,
            one.candidat_id,
            address,
            text,
            campagne=campagne,
            candidature_id=one.id,
            copy=copy,
            files=files,
            calendar=calendar,
            one=one,
            **values,
        )
