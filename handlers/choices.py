"""Keyboards: every choice that can be tapped can be typed, as its number or its words."""

from collections.abc import Callable, Sequence
from typing import Any

from aiogram.filters import Filter
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup

from bot.circulaire.campagne import Campagne
from storage import identities
from storage.tables import Piece
from storage.work import UnitOfWork

Choices = Sequence[tuple[str, str]]  # what each stands for, and its words


def keyboard(choices: Choices) -> InlineKeyboardMarkup:
    """One button a row for each (data, label)."""
    rows = [[InlineKeyboardButton(text=label, callback_data=data)] for data, label in choices]
    return InlineKeyboardMarkup(inline_keyboard=rows)


class Tapped(Filter):
    """True for a choice whose data begin with this mark.

    Gives what follows it under the names that are asked for: `Tapped("page", page=int, args=str)`.
    """

    def __init__(self, mark: str, **readers: Callable[[str], Any]) -> None:
        self._mark = mark
        self._readers = readers

    async def __call__(self, callback: CallbackQuery) -> bool | dict[str, Any]:
        """Look at what a person tapped, or typed instead."""
        mark, *parts = (callback.data or "").split(":", len(self._readers))
        if mark != self._mark:
            return False
        return {name: read(part) for (name, read), part in zip(self._readers.items(), parts, strict=True)} or True


def is_yes(word: str) -> bool:
    """Reads the end of « withdraw:oui », « withdraw:non »."""
    return word == "oui"


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
