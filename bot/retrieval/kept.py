"""What a bank has taught, in a file of SQLite: each message reads the little that it needs, so it weighs nothing."""

import sqlite3
import weakref
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp
from os import getpid
from pathlib import Path
from typing import Final

from bot.retrieval.grams import blocks, weighed
from bot.retrieval.packed import pack, weighed_sum

STEEPNESS: Final = 1.5  # of the kernel: how fast a sentence that is less alike counts less
_TABLES: Final = """
CREATE TABLE gram (gram TEXT PRIMARY KEY, rarity REAL, rows BLOB, weights BLOB) WITHOUT ROWID;
CREATE TABLE pull (row INTEGER PRIMARY KEY, topics BLOB);
CREATE TABLE learnt (name TEXT PRIMARY KEY, numbers BLOB) WITHOUT ROWID;
"""
_IN_MEMORY: Final = 512  # kilobytes of the file


@dataclass(frozen=True)
class Gram:
    """A gram of the bank: what it is worth, the rows that have it, and how much it weighs in each."""

    gram: str
    rarity: float
    rows: "array[int]" = field(default_factory=lambda: array("I"))
    weights: "array[float]" = field(default_factory=lambda: array("f"))


class Kept:
    """What was learnt, read from its file or, without one, filled in memory.

    Raises:
        sqlite3.Error: there is no such file, or it is not whole.
    """

    def __init__(self, place: Path | None = None) -> None:
        where = f"{place.absolute().as_uri()}?mode=ro&immutable=1" if place else ":memory:"
        self._file = sqlite3.connect(where, uri=True, check_same_thread=False)
        weakref.finalize(self, self._file.close)
        self._file.execute(f"PRAGMA cache_size = -{_IN_MEMORY}")
        if place is None:
            self._file.executescript(_TABLES)
        self._size = self._file.execute("SELECT count(*) FROM pull").fetchone()[0]

    def similar(self, words: Sequence[str], stems: Sequence[str]) -> list[float]:
        """The cosine of a message with every row, 0 to 1, by its words and letters."""
        scores = [0.0] * self._size
        for counts in blocks(words, stems):
            known = [(count, *found) for gram, count in counts.items() if (found := self._gram(gram))]
            weights = weighed([count for count, *_ in known], [rarity for _, rarity, *_ in known])
            for weight, (_, _, rows, others) in zip(weights, known, strict=True):
                for row, other in zip(memoryview(rows).cast("I"), memoryview(others).cast("f"), strict=True):
                    scores[row] += weight * other
        return scores

    def pulled(self, similarity: Sequence[float], topics: int) -> list[float]:
        """How much the rows, each as it is alike to a message, pull it to each of so many topics."""
        counted = (exp(STEEPNESS * (alike - 1)) for alike in similarity)
        pulls = (pull for (pull,) in self._file.execute("SELECT topics FROM pull ORDER BY row"))
        return weighed_sum(counted, pulls, topics)

    def numbers(self, name: str) -> Sequence[float]:
        """What was kept under a name; nothing when nothing was."""
        found = self._file.execute("SELECT numbers FROM learnt WHERE name = ?", (name,)).fetchone()
        return memoryview(found[0]).cast("f") if found else ()

    def fill(
        self, grams: Iterable[Gram], pulls: Sequence[Sequence[float]], learnt: Mapping[str, Sequence[float]]
    ) -> None:
        """Fill what is in memory: the grams, what each row does to each topic, and other numbers by their names."""
        of_grams = ((one.gram, one.rarity, one.rows, one.weights) for one in grams)
        by_name = ((name, array("f", numbers)) for name, numbers in learnt.items())
        with self._file:
            self._file.executemany("INSERT INTO gram VALUES (?, ?, ?, ?)", of_grams)
            self._file.executemany("INSERT INTO pull VALUES (?, ?)", enumerate(map(pack, pulls)))
            self._file.executemany("INSERT INTO learnt VALUES (?, ?)", by_name)
        self._size = len(pulls)

    def write(self, place: Path) -> None:
        """Write it down, whole or not at all.

        Raises:
            OSError, sqlite3.Error: nothing can be written there.
        """
        beside = place.with_suffix(f".{getpid()}.tmp")
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        self._file.execute("VACUUM INTO ?", (str(beside),))
        beside.replace(place)

    def _gram(self, gram: str) -> tuple[float, bytes, bytes] | None:
        found: tuple[float, bytes, bytes] | None = self._file.execute(
            "SELECT rarity, rows, weights FROM gram WHERE gram = ?", (gram,)
        ).fetchone()
        return found
