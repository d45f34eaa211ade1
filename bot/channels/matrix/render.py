"""From a letter to the Matrix events it becomes; pure.

Every choice is written as numbered lines, so that it can be typed in any client; where polls are shown, one tap does.
The poll has the unstable form (MSC3381): the stable form is an empty line in Tchap.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.door import FILES, Parcel
from bot.channels.markup import words_of
from bot.channels.matrix.choices import POLL, TEXT, options, poll_content, question_of, with_options
from bot.channels.matrix.html import escaped, shown
from bot.channels.matrix.words import CHOICE, POLL_ENDED
from bot.errors import PermanentDeliveryError

MESSAGE = "m.room.message"
POLL_END = "org.matrix.msc3381.poll.end"
REACTION = "m.reaction"
KEY = "fr.greffier.key"  # the letter's key and part, inside the content: how a letter is found again
_PREVIEWS = "com.beeper.linkpreviews"  # MSC4095: an empty list asks clients to show none
_MOST_ANSWERS = 20  # of a poll
_DIGITS = (*(f"{number}\ufe0f\u20e3" for number in range(1, 10)), "🔟")


@dataclass(frozen=True)
class Part:
    """One thing to do in the room.

    Args:
        kind: the event's type; « redact », « leave », « pin » and « unpin » are not events but acts on `target`.
        counts: the event is one that people answer, so its name is kept with the message.
        replaces: a new poll stands for the message that `replaces` names.
    """

    kind: str
    content: Mapping[str, Any]
    target: str | None = None
    counts: bool = True
    replaces: str | None = None


def parts_of(
    parcel: Parcel, *, choices: str, poll: str | None = None, file: Mapping[str, Any] | None = None
) -> list[Part]:
    """What a letter becomes, in order.

    Args:
        choices: « sondage », « réactions » or « texte ».
        poll: the poll that now stands for the message of the letter (an edit), where it has one.
        file: the uploaded file's part of the content.

    Raises:
        PermanentDeliveryError: the method cannot be said on Matrix.
    """
    render = METHODS.get(parcel.method)
    if render is None:
        raise PermanentDeliveryError(f"{parcel.method} cannot be said on Matrix")
    return render(_Letter(parcel, choices, poll, file or {}))


@dataclass(frozen=True)
class _Letter:
    parcel: Parcel
    choices: str
    poll: str | None
    file: Mapping[str, Any]

    @property
    def payload(self) -> Mapping[str, Any]:
        return self.parcel.payload

    def target(self) -> str:
        """The event that an act is about."""
        events = self.parcel.targets.get(int(self.payload["message_id"]), ())
        if not events:
            raise PermanentDeliveryError("the message this is about is not known here")
        return events[0]

    def words(self, field: str) -> tuple[str, str | None]:
        """`(plain, rich)` of a field of the payload; no rich words where they add nothing."""
        return _words(self.payload, field)

    def relation(self) -> dict[str, Any]:
        """Answering, or in a thread when the person wrote in one."""
        targets, payload = self.parcel.targets, self.payload
        reply = targets.get(int((payload.get("reply_parameters") or {}).get("message_id") or 0), ())
        thread = targets.get(int(payload.get("message_thread_id") or 0), ())
        relates: dict[str, Any] = {"m.in_reply_to": {"event_id": reply[0]}} if reply else {}
        if thread:
            relates = {"rel_type": "m.thread", "event_id": thread[0], "is_falling_back": not reply, **relates}
            relates.setdefault("m.in_reply_to", {"event_id": thread[0]})
        return {"m.relates_to": relates} if relates else {}


def _words(payload: Mapping[str, Any], field: str) -> tuple[str, str | None]:
    given = str(payload.get(field) or "")
    if str(payload.get("parse_mode") or "").upper() != "HTML":
        return given, None
    plain, rich = shown(given, payload.get("people") or {})
    return plain, rich if rich != escaped(plain).replace("\n", "<br>") else None


# --- choices ---


def _choice_parts(letter: _Letter, question: str, labels: Sequence[str], **more: Any) -> list[Part]:
    """What makes numbered lines tappable."""
    if not labels or len(labels) > _MOST_ANSWERS or letter.choices != "sondage":
        return []
    return [Part(POLL, poll_content(question, labels), **more)]


def _seeds(letter: _Letter, labels: Sequence[str]) -> list[Part]:
    if letter.choices != "réactions" or len(labels) > len(_DIGITS):
        return []
    return [Part(REACTION, {"key": _DIGITS[number]}, counts=False) for number in range(len(labels))]


def _end(poll: str) -> Part:
    relates = {"m.relates_to": {"rel_type": "m.reference", "event_id": poll}}
    return Part(POLL_END, {**relates, POLL_END: {}, TEXT: POLL_ENDED, "body": POLL_ENDED}, counts=False)


# --- methods ---


def _content(words: tuple[str, str | None], msgtype: str = "m.text") -> dict[str, Any]:
    plain, rich = words
    return {
        "msgtype": msgtype,
        "body": plain,
        **({"format": "org.matrix.custom.html", "formatted_body": rich} if rich is not None else {}),
    }


def _send_message(letter: _Letter) -> list[Part]:
    words, (labels, links) = letter.words("text"), options(letter.payload)
    content = _content(with_options(words, labels, links))
    no_preview = (letter.payload.get("link_preview_options") or {}).get("is_disabled")
    previews: dict[str, Any] = {_PREVIEWS: []} if no_preview else {}
    said = Part(MESSAGE, {**content, **previews, **letter.relation()})
    return [said, *_choice_parts(letter, question_of(words[0]), labels), *_seeds(letter, labels)]


def _send_file(letter: _Letter) -> list[Part]:
    words, (labels, links) = letter.words("caption"), options(letter.payload)
    caption = with_options(words, labels, links)
    content = {**letter.file, **letter.relation()}
    if caption[0]:
        content |= {"filename": letter.file["body"], **_content(caption, letter.file["msgtype"])}
    return [Part(MESSAGE, content), *_choice_parts(letter, question_of(words[0]), labels), *_seeds(letter, labels)]


def _send_poll(letter: _Letter) -> list[Part]:
    labels = [option if isinstance(option, str) else option["text"] for option in letter.payload["options"]]
    question = str(letter.payload["question"])
    words = with_options((question, None), labels, [])
    said = Part(MESSAGE, {**_content(words), **letter.relation()})
    return [said, *_choice_parts(letter, question, labels), *_seeds(letter, labels)]


def _send_location(letter: _Letter) -> list[Part]:
    """A place on a map, under its name where it has one."""
    address = f"geo:{letter.payload['latitude']},{letter.payload['longitude']}"
    named = "\n".join(str(letter.payload[name]) for name in ("title", "address") if letter.payload.get(name))
    content = {"msgtype": "m.location", "body": named or address, "geo_uri": address, **letter.relation()}
    return [Part(MESSAGE, content)]


def _send_contact(letter: _Letter) -> list[Part]:
    return [Part(MESSAGE, {**_content((words_of(letter.payload), None)), **letter.relation()})]


def _stop_poll(letter: _Letter) -> list[Part]:
    return _ended(letter)


def _edit(letter: _Letter, content: Mapping[str, Any]) -> Part:
    relates = {"rel_type": "m.replace", "event_id": letter.target()}
    fallback = {**content, "body": f"* {content['body']}"}
    return Part(MESSAGE, {**fallback, "m.new_content": dict(content), "m.relates_to": relates}, counts=False)


def _edit_text(letter: _Letter) -> list[Part]:
    words, (labels, links) = letter.words("text"), options(letter.payload)
    edited = _edit(letter, _content(with_options(words, labels, links)))
    return [*_ended(letter), edited, *_renewed(letter, question_of(words[0]), labels)]


def _edit_caption(letter: _Letter) -> list[Part]:
    """The file stays as it is under new words; a file that can no longer be read is answered instead."""
    words, (labels, links) = letter.words("caption"), options(letter.payload)
    caption = with_options(words, labels, links)
    if letter.file:
        named = {"filename": letter.file.get("filename") or letter.file["body"]}
        said = _edit(letter, {**letter.file, **named, **_content(caption, letter.file["msgtype"])})
    else:
        said = Part(MESSAGE, {**_content(caption), **_answering(letter.target())}, counts=False)
    return [*_ended(letter), said, *_renewed(letter, question_of(words[0]), labels)]


def _edit_media(letter: _Letter) -> list[Part]:
    words, (labels, links) = _words(letter.payload["media"], "caption"), options(letter.payload)
    caption = with_options(words, labels, links)
    captioned = {"filename": letter.file["body"], **_content(caption, letter.file["msgtype"])} if caption[0] else {}
    edited = _edit(letter, {**letter.file, **captioned})
    return [*_ended(letter), edited, *_renewed(letter, question_of(words[0]), labels)]


def _edit_markup(letter: _Letter) -> list[Part]:
    """Taking a keyboard away ends its poll; a new keyboard is written out, as it cannot be put under old words."""
    labels, links = options(letter.payload)
    if not labels and not links:
        return _ended(letter)
    written = {**_content(with_options(("", None), labels, links)), **_answering(letter.target())}
    return [*_ended(letter), Part(MESSAGE, written, counts=False), *_renewed(letter, CHOICE, labels)]


def _ended(letter: _Letter) -> list[Part]:
    return [_end(letter.poll)] if letter.poll else []


def _renewed(letter: _Letter, question: str, labels: Sequence[str]) -> list[Part]:
    return _choice_parts(letter, question, labels, counts=False, replaces=letter.target())


def _answering(event: str) -> dict[str, Any]:
    return {"m.relates_to": {"m.in_reply_to": {"event_id": event}}}


def _delete(letter: _Letter) -> list[Part]:
    events = letter.parcel.targets.get(int(letter.payload["message_id"]), ())
    polls = {letter.poll} if letter.poll else set()
    return [Part("redact", {}, target=event) for event in [*events, *sorted(polls - set(events))]]


def _react(letter: _Letter) -> list[Part]:
    emojis = [reaction.get("emoji") for reaction in letter.payload.get("reaction") or []]
    relates = {"rel_type": "m.annotation", "event_id": letter.target()}
    return [Part(REACTION, {"m.relates_to": {**relates, "key": emoji}}, counts=False) for emoji in emojis if emoji]


def _pin(letter: _Letter) -> list[Part]:
    return [Part("pin", {}, target=letter.target())]


def _unpin(letter: _Letter) -> list[Part]:
    """One pin, or the last where none is named."""
    return [Part("unpin", {}, target=letter.target() if letter.payload.get("message_id") else None)]


def _unpin_all(_: _Letter) -> list[Part]:
    return [Part("unpin all", {})]


def _leave(_: _Letter) -> list[Part]:
    return [Part("leave", {})]


def _answer_callback(letter: _Letter) -> list[Part]:
    text = str(letter.payload.get("text") or "")
    return [Part(MESSAGE, _content((text, None), "m.notice"))] if text else []


def _copy(letter: _Letter) -> list[Part]:
    """Somebody's message said again by the bot; `file` is the content of the original."""
    if not letter.file:
        raise PermanentDeliveryError("the message to copy can no longer be read")
    content = {name: value for name, value in letter.file.items() if name not in {"m.relates_to", "m.mentions", KEY}}
    return [Part(MESSAGE, {**content, **letter.relation()})]


METHODS: Mapping[str, Callable[[_Letter], list[Part]]] = {
    "sendMessage": _send_message,
    **dict.fromkeys(FILES, _send_file),
    "sendPoll": _send_poll,
    "stopPoll": _stop_poll,
    "sendLocation": _send_location,
    "sendVenue": _send_location,
    "sendContact": _send_contact,
    "editMessageText": _edit_text,
    "editMessageCaption": _edit_caption,
    "editMessageMedia": _edit_media,
    "editMessageReplyMarkup": _edit_markup,
    "deleteMessage": _delete,
    "setMessageReaction": _react,
    "pinChatMessage": _pin,
    "unpinChatMessage": _unpin,
    "unpinAllChatMessages": _unpin_all,
    "leaveChat": _leave,
    "answerCallbackQuery": _answer_callback,
    "copyMessage": _copy,
    "forwardMessage": _copy,
}
