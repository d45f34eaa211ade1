"""What a mail server tells of a letter of ours, read in its report (RFC 3464, RFC 3461).

Anybody may write to the mailbox where reports come: nothing of a message is kept but a letter's number, an outcome and
a code, and nothing in a message can raise.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any, Literal

LONGEST = 256 * 1024  # bytes of a message that are read: what it tells comes before the letter that it gives back
_ARRIVED = frozenset({"delivered", "relayed", "expanded"})
_STATUS = re.compile(r"[45]\.\d{1,3}\.\d{1,3}(?!\d)")
_NO_STATUS = "5.0.0"  # a server says « failed » and not why

Outcome = Literal["failed", "arrived", "delayed"]


@dataclass(frozen=True)
class Report:
    """What a mail server tells of one letter.

    Args:
        letter: the letter's id.
        code: why it failed, « 5.1.1 » (RFC 3463); empty for the other outcomes. No address, no server's words.
        told_at: the instant that the server gives, None where it gives none.
    """

    letter: int
    outcome: Outcome
    code: str = ""
    told_at: datetime | None = None


def read_report(raw: bytes, instance: str) -> Report | None:
    """What a message tells of a letter of ours; None for every other message, whatever is in it.

    Args:
        raw: the message as it travelled, or its beginning.
        instance: name of the database: our letters are `instance-id`.
    """
    try:
        return _read(message_from_bytes(raw[:LONGEST]), instance)
    except Exception:  # noqa: BLE001 -- strangers write to this mailbox: what cannot be read is no report of ours
        return None


def _read(message: Message, instance: str) -> Report | None:
    parts: Any = message.get_payload()
    if message.get_content_type() != "multipart/report" or not isinstance(parts, list):
        return None
    blocks = [
        block for part in parts if part.get_content_type() == "message/delivery-status" for block in part.get_payload()
    ]
    letter = _letter(parts, blocks, instance)
    outcome, code = _outcome(blocks)
    return None if letter is None or outcome is None else Report(letter, outcome, code, _told_at(message))


def _letter(parts: Sequence[Message], blocks: Sequence[Message], instance: str) -> int | None:
    """The letter that is given back, whole or its headers alone, else the one whose envelope is named."""
    ours = rf"{re.escape(instance)}-(\d{{1,18}})"
    returned = [_headers_of(part) for part in parts if part.get_content_type() != "message/delivery-status"]
    named = [re.fullmatch(rf"<{ours}@[^<>@]+>", _said(headers, "Message-ID")) for headers in returned]
    named += [re.fullmatch(ours, _said(block, "Original-Envelope-Id"), re.IGNORECASE) for block in blocks]
    return next((int(found[1]) for found in named if found), None)


def _headers_of(part: Message) -> Message:
    """Headers of the letter that a part gives back; none for a part that gives back no letter."""
    payload: Any = part.get_payload()
    if part.get_content_maintype() == "message" and isinstance(payload, list):
        whole: Message = payload[0]
        return whole
    data = part.get_payload(decode=True) if part.get_content_type() == "text/rfc822-headers" else b""
    return message_from_bytes(data) if isinstance(data, bytes) else Message()


def _outcome(blocks: Sequence[Message]) -> tuple[Outcome | None, str]:
    """The worst that is told of any recipient."""
    told = {_said(block, "Action").casefold().partition(" ")[0]: block for block in reversed(blocks)}
    if "failed" in told:
        status = _STATUS.match(_said(told["failed"], "Status"))
        return "failed", status[0] if status else _NO_STATUS
    if _ARRIVED & told.keys():
        return "arrived", ""
    return ("delayed" if "delayed" in told else None), ""


def _said(headers: Message, name: str) -> str:
    return str(headers.get(name, "")).strip()


def _told_at(message: Message) -> datetime | None:
    try:
        told = parsedate_to_datetime(_said(message, "Date"))
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)
