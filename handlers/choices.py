"""Keyboards: every choice that can be tapped can be typed, as its number or its words."""

from collections.abc import Iterable

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup


def keyboard(choices: Iterable[tuple[str, str]]) -> InlineKeyboardMarkup:
    """One button a row for each (data, label)."""
    rows = [[InlineKeyboardButton(text=label, callback_data=data)] for data, label in choices]
    return InlineKeyboardMarkup(inline_keyboard=rows)
