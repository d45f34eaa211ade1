"""Keyboards: every choice that can be tapped can be typed, as its number or its words."""

from collections.abc import Iterable

from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.circulaire.campagne import Campagne
from storage import identities
from storage.tables import Piece
from storage.work import UnitOfWork


def keyboard(choices: Iterable[tuple[str, str]]) -> InlineKeyboardMarkup:
    """One button a row for each (data, label)."""
    rows = [[InlineKeyboardButton(text=label, callback_data=data)] for data, label in choices]
    return InlineKeyboardMarkup(inline_keyboard=rows)


def pressed(callback: CallbackQuery) -> tuple[Message, str]:
    """The message whose choice a person tapped or typed, and what that choice stands for."""
    assert isinstance(callback.message, Message)  # noqa: S101 -- each door says which message it was, however old
    assert callback.data is not None  # noqa: S101 -- nobody is offered a game
    return callback.message, callback.data


def places_for(campagne: Campagne, waiting: Piece) -> list[tuple[str, str]]:
    """What may be done with a file whose place is still to be told: codes and their words; « - » drops it."""
    code = waiting.details.get("after")
    if code:
        return [
            (f"+{code}", "Ajouter à la suite, comme page suivante"),
            (code, "Remplacer la pièce"),
            ("-", "Ne pas garder ce fichier"),
        ]
    maybe = waiting.details.get("maybe")
    offered = [(piece.code, capital(piece.short)) for piece in campagne.pieces if not maybe or piece.code in maybe]
    return [*offered, ("-", "Aucune : ne pas garder ce fichier")]


async def offered_last(person_id: int, work: UnitOfWork) -> str:
    """The choices that the conversation ends with: a « oui » said then answers them. Empty where it ends with none."""
    shown = await work.run(identities.keyboard, person_id)
    return str(shown.markup or "") if shown.message_id == shown.last_message_id else ""


def capital(words: str) -> str:
    """Words as they begin a line."""
    return words[:1].upper() + words[1:]
