"""The clerk itself: doors, rule book, postman and the command line."""

from bot.compat.imports import defer_types

defer_types()
