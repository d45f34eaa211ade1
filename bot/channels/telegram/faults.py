"""What a failure on Telegram means for a letter: try again, give up, or say that nobody knows.

Telegram has no idempotency key. A request whose answer was lost may have become a message: it is never repeated
blindly. What changes an existing message (an edit, a deletion, a reaction) may be done twice without harm.
"""

from datetime import timedelta

import httpx
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.errors import DeliveryError, DoubtfulDeliveryError, PermanentDeliveryError, TemporaryDeliveryError

_HARMLESS_TWICE = ("get", "edit", "delete", "set", "pin", "unpin", "leave", "answer", "stop", "sendChatAction")
# The whole request never reached Telegram: a connection that did not open, or broke before the last byte.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.WriteError, httpx.WriteTimeout)
_REVOKED_WAIT = 60.0  # seconds: a token that is refused is the sysadmin's to mend, letters wait
_PLAIN = {
    "bot was blocked by the user": "the person has blocked the bot",
    "user is deactivated": "the person's account no longer exists",
    "can't initiate conversation": "the person has never written to the bot",
    "bot was kicked": "the bot was removed from the group",
    "chat not found": "the conversation is not known to Telegram",
    "too large": "the file is bigger than Telegram takes: 50 MB",
    "file is too big": "the file is bigger than Telegram gives: 20 MB",
}
_DONE_ALREADY = ("message is not modified", "message to delete not found")


def harmless_twice(method: str) -> bool:
    """Whether a method may be carried out twice and nobody sees a difference."""
    return method.startswith(_HARMLESS_TWICE)


def done_already(error: TelegramError) -> bool:
    """Whether a refusal says that things are as they were wanted."""
    return isinstance(error, BadRequest) and any(words in str(error).casefold() for words in _DONE_ALREADY)


def too_late_to_answer(error: TelegramError) -> bool:
    """Whether a press can no longer be answered (Telegram forgets it after a while)."""
    return isinstance(error, BadRequest) and "query is too old" in str(error).casefold()


def fault_of(error: TelegramError, method: str) -> DeliveryError:
    """The failure of delivery that an error of Telegram is."""
    words = str(error)
    if isinstance(error, RetryAfter):
        return TemporaryDeliveryError("Telegram asks to wait", retry_after=_seconds(error.retry_after))
    if isinstance(error, InvalidToken):
        return TemporaryDeliveryError("Telegram refuses the token", retry_after=_REVOKED_WAIT)
    if isinstance(error, BadRequest | Forbidden) or "too large" in words.casefold():
        known = (plain for said, plain in _PLAIN.items() if said in words.casefold())
        return PermanentDeliveryError(next(known, f"refused by Telegram: {words}"))
    sent = isinstance(error, NetworkError) and not isinstance(error.__cause__, _NOT_SENT)
    if isinstance(error, Conflict) or not sent or harmless_twice(method):
        return TemporaryDeliveryError(f"Telegram cannot be reached: {type(error).__name__}")
    return DoubtfulDeliveryError("the answer of Telegram was lost: the message may have arrived")


def _seconds(wait: float | timedelta) -> float:
    return wait.total_seconds() if isinstance(wait, timedelta) else wait
