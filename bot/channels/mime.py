"""Turns a letter into an e-mail: who it goes to, its words, its papers. Nothing of a letter can become a header."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Any

from bot.channels.door import Parcel
from bot.errors import PermanentDeliveryError

_UNSEEN = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")  # what could end a header's line, or hide in it
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
_LONGEST = 254  # characters of an address
_MIME = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+", re.IGNORECASE)
_SEVEN_BITS = SMTP.clone(cte_type="7bit")  # every server on the way carries it unchanged
_METHODS = frozenset({"REQUEST", "CANCEL"})  # what a calendar may do in somebody's diary


@dataclass(frozen=True)
class Envelope:
    """From whom letters come.

    Args:
        sender: an address, with or without a name, « Greffier <greffier@ac-paris.fr> ».
        reply_to: where answers go; empty: to the sender.
    """

    sender: str
    reply_to: str = ""

    @property
    def address(self) -> str:
        """The sender's bare address."""
        return parseaddr(self.sender)[1]

    @property
    def domain(self) -> str:
        """What Message-IDs end with."""
        return self.address.rpartition("@")[2]


def is_address(text: str) -> bool:
    """Whether `text` is one bare e-mail address."""
    if len(text) > _LONGEST or not _ADDRESS.fullmatch(text):
        return False
    try:
        return Address(addr_spec=text).addr_spec == text
    except (HeaderParseError, ValueError):
        return False


def recipients_of(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Everybody who receives the letter, each once, those of `to` first.

    Raises:
        PermanentDeliveryError: nobody is named, or an address is none; the address itself is not said.
    """
    everybody = [*payload.get("to", ()), *payload.get("cc", ())]
    wrong = [number for number, address in enumerate(everybody, 1) if not is_address(address)]
    if wrong or not payload.get("to"):
        numbers = ", ".join(map(str, wrong)) or "none is given"
        raise PermanentDeliveryError(f"addresses that are not one: {numbers} of {len(everybody)}")
    return tuple({address.casefold(): address for address in everybody}.values())


def compose(parcel: Parcel, envelope: Envelope) -> bytes:
    """The e-mail as it travels; its Message-ID is the letter's key, at every try."""
    payload = parcel.payload
    message = EmailMessage(policy=_SEVEN_BITS)
    message["From"] = _mailbox(envelope.sender)
    if envelope.reply_to:
        message["Reply-To"] = _mailbox(envelope.reply_to)
    for header in ("to", "cc"):
        if payload.get(header):
            message[header.capitalize()] = [Address(addr_spec=address) for address in payload[header]]
    message["Subject"] = one_line(payload.get("subject", ""))
    message["Date"] = parcel.written_at
    message["Message-ID"] = f"<{parcel.key}@{envelope.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    _fill(message, payload, parcel.read)
    message["Content-Language"] = "fr"  # last: what begins with « Content- » moves to a part when parts are made
    return message.as_bytes()


def one_line(text: str) -> str:
    """The same words, on one line."""
    return _UNSEEN.sub(" ", text).strip()


def _fill(message: EmailMessage, payload: Mapping[str, Any], read: Callable[[str], bytes]) -> None:
    """The words in two forms, the calendar as a third and as a file, then the papers."""
    message.set_content(payload["text"])
    if payload.get("html"):
        message.add_alternative(payload["html"], subtype="html")
    papers: list[Mapping[str, Any]] = list(payload.get("attachments", ()))
    calendar = payload.get("calendar")
    if calendar:
        if calendar["method"] not in _METHODS:
            raise PermanentDeliveryError("a calendar that neither invites nor cancels")
        words = read(calendar["file"]).decode()
        message.add_alternative(words, subtype="calendar", params={"method": calendar["method"]})
        papers.append({**calendar, "mime": "application/ics"})  # the same type again would be offered twice
    _attach(message, papers, read)


def _attach(message: EmailMessage, papers: Sequence[Mapping[str, Any]], read: Callable[[str], bytes]) -> None:
    for paper in papers:
        mime = str(paper["mime"])
        kind, _, subtype = (mime if _MIME.fullmatch(mime) else "application/octet-stream").lower().partition("/")
        if kind in {"message", "multipart"}:  # what an e-mail is made of is carried as plain bytes
            kind, subtype = "application", "octet-stream"
        data = read(paper["file"])
        message.add_attachment(data, maintype=kind, subtype=subtype, filename=one_line(str(paper["name"])))


def _mailbox(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(display_name=name, addr_spec=address)
