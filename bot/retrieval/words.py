"""The words of a message as one would write them on paper: no accents, no SMS, no typing mistakes."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Final

from snowballstemmer.french_stemmer import FrenchStemmer

from bot.circulaire.likeness import likeness

_WORD = re.compile(r"[a-z0-9@+]+'?")
_SPLIT_NAMES: Final = (("i-prof", "iprof"), ("i prof", "iprof"), ("m@gistere", "magistere"))
_REPAIRED_FROM: Final = 5  # letters: a shorter word has too many neighbours
_REPAIR_CUTOFF: Final = 84.0  # of 100: one letter wrong in six


def fold(text: str) -> str:
    """The text in lower case without accents, with straight apostrophes."""
    flat = unicodedata.normalize("NFKD", text.lower().replace("’", "'").replace("œ", "oe"))
    return "".join(letter for letter in flat if not unicodedata.combining(letter))


def tokens(text: str) -> list[str]:
    """The words typed; an elided one keeps its apostrophe."""
    folded = fold(text)
    for split, whole in _SPLIT_NAMES:
        folded = folded.replace(split, whole)
    return _WORD.findall(folded)


@lru_cache(maxsize=1)
def sms_lexicon() -> Mapping[str, str]:
    """What people type for short, whatever the subject."""
    lines = resources.files("bot.retrieval").joinpath("sms.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" = ", 1) for line in lines if " = " in line and not line.startswith("#"))
    return dict(pairs)


class Speller:
    """Writes a message out in full, and repairs what looks like a known word mistyped.

    Args:
        abbreviations: those of the campagne, beside the general ones.
    """

    def __init__(self, abbreviations: Mapping[str, str], texts: Iterable[str]) -> None:
        self.short = {**sms_lexicon(), **{fold(short): fold(long) for short, long in abbreviations.items()}}
        known = {word for text in texts for word in self._long(text)}
        self._known = known | {word for long in self.short.values() for word in long.split()}
        targets = sorted(word for word in self._known if len(word) >= _REPAIRED_FROM)
        self._targets = [(word, _letters(word)) for word in targets]
        self._stem = FrenchStemmer().stemWord
        self._stems: dict[str, str] = {}

    def words(self, text: str) -> list[str]:
        """The words of the message, in full, known ones where one letter was wrong."""
        return [word if word in self._known else self._repaired(word) for word in self._long(text)]

    def stems(self, words: Iterable[str]) -> list[str]:
        """What the words have in common with their other forms."""
        return [self._stems.get(word) or self._stems.setdefault(word, self._stem(word)) for word in words]

    def _long(self, text: str) -> list[str]:
        found: list[str] = []
        for token in tokens(text):
            if token.endswith("'"):
                found.append(token[:-1])
            else:
                found.extend(self.short.get(token, token).split())
        return found

    def _repaired(self, word: str) -> str:
        if len(word) < _REPAIRED_FROM or not word.isalpha():
            return word
        letters = _letters(word)
        near = [
            known
            for known, others in self._targets  # each letter of one alone is one that they do not share
            if 100 * (1 - (letters ^ others).bit_count() / (len(word) + len(known))) >= _REPAIR_CUTOFF
        ]
        best = max(near, key=lambda known: likeness(word, known), default=word)
        return best if likeness(word, best) >= _REPAIR_CUTOFF else word


def _letters(word: str) -> int:
    """A bit for each letter that is there."""
    return sum(1 << ord(letter) for letter in set(word))
