"""Reads the values of a campagne's TOML, each with its paragraph and its words, and lists every fault at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeVar

T = TypeVar("T")

_KINDS: Final[Mapping[type, tuple[str, Any]]] = {
    str: ("un texte", ""),
    int: ("un nombre entier", 0),
    bool: ("true ou false", False),
    date: ("un jour (2017-04-21)", date.min),
    datetime: ("un jour et une heure (2017-04-21T23:59:59)", datetime.min),  # noqa: DTZ901 -- stands for a missing value, never used
    list: ("une liste", ()),
    dict: ("un tableau de réponses", {}),
}


@dataclass(frozen=True)
class Citation:
    """Where a value stands: the passage's id, its words, and what the service chose where they are silent."""

    source: str
    quote: str
    note: str = ""


class CitedTable:
    """One table of the TOML. What is missing or wrong is added to `faults`, in French, and replaced by an empty value.

    Args:
        name: how the person who writes the file finds the table.
    """

    def __init__(
        self, table: Mapping[str, Any], name: str, faults: list[str], asked: set[tuple[int, str]] | None = None
    ) -> None:
        self._table = table
        self._name = name
        self._faults = faults
        self._asked = set() if asked is None else asked

    def get(self, key: str, kind: type[T]) -> T:
        """A value that must be there and be of this kind."""
        self._ask(key)
        if key not in self._table:
            self._faults.append(f"campagne.toml, {self._name} : la clé « {key} » manque.")
            return self._empty(kind)
        found = self._table[key]
        if type(found) is not kind:
            self._faults.append(f"campagne.toml, {self._name} : « {key} » doit être {_KINDS[kind][0]}.")
            return self._empty(kind)
        return found

    def optional(self, key: str, kind: type[T]) -> T:
        """A value that may be absent: then empty."""
        self._ask(key)
        return self.get(key, kind) if self.has(key) else self._empty(kind)

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts that may be absent."""
        found = self.optional(key, list)
        return tuple(str(word) for word in found)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """A list of [code, label] pairs that may be absent."""
        found: Sequence[Any] = self.optional(key, list)
        if any(not isinstance(pair, list) or len(pair) != 2 for pair in found):  # noqa: PLR2004 -- a pair
            self._faults.append(f"campagne.toml, {self._name} : « {key} » doit contenir des couples [code, libellé].")
            return ()
        return tuple((str(code), str(label)) for code, label in found)

    def answers(self, key: str) -> Mapping[str, tuple[str, ...]]:
        """The answers that make a rule speak, by question; may be absent."""
        found: Mapping[str, Any] = self.optional(key, dict)
        if any(not isinstance(codes, list) for codes in found.values()):
            self._faults.append(f"campagne.toml, {self._name} : « {key} » doit donner une liste pour chaque question.")
            return {}
        return {question: tuple(map(str, codes)) for question, codes in found.items()}

    def citation(self) -> Citation:
        """The paragraph and the words that carry this table's value."""
        return Citation(self.get("source", str), self.get("quote", str), self.optional("note", str))

    def table(self, key: str) -> "CitedTable":
        """A table inside this one; its own name is « [table.key] »."""
        self._ask(key)
        found = self._table.get(key)
        name = f"[{self._name.strip('[]')}.{key}]" if self._name else f"[{key}]"
        if not isinstance(found, Mapping):
            self._faults.append(f"campagne.toml : le tableau {name} manque.")
            return CitedTable({}, name, [])
        return CitedTable(found, name, self._faults, self._asked)

    def optional_table(self, key: str) -> "CitedTable | None":
        """A table inside this one that may be absent."""
        return self.table(key) if self.has(key) else None

    def has(self, key: str) -> bool:
        """Whether a value that may be absent is there."""
        return key in self._table

    def refuse(self, key: str, why: str) -> None:
        """Add what a reader found wrong with a value: « opens » doit être une heure."""
        self._faults.append(f"campagne.toml, {self._name} : « {key} » {why}.")

    def tables(self, key: str) -> tuple["CitedTable", ...]:
        """The tables of a list, in the order of the file; there is at least one."""
        self._ask(key)
        found = self._table.get(key)
        if not isinstance(found, list) or not found or not all(isinstance(item, Mapping) for item in found):
            self._faults.append(f"campagne.toml : il faut au moins un tableau [[{key}]].")
            return ()
        return tuple(
            CitedTable(item, f"[[{key}]] n° {rank}", self._faults, self._asked)
            for rank, item in enumerate(found, start=1)
        )

    def unread(self) -> tuple[str, ...]:
        """What nobody asked for, in this table and those inside it: keys that are misspelt, for instance."""
        return tuple(_unread(self._table, self._name, self._asked))

    def _ask(self, key: str) -> None:
        self._asked.add((id(self._table), key))

    def _empty(self, kind: type[T]) -> T:
        empty: T = _KINDS[kind][1]
        return empty


def _unread(table: Mapping[str, Any], name: str, asked: set[tuple[int, str]]) -> Iterator[str]:
    opened = {table_id for table_id, _ in asked}
    for key, value in table.items():
        inside = value if isinstance(value, list) else [value]
        if (id(table), key) not in asked:
            yield f"{name} « {key} »".strip()
        for rank, item in enumerate(inside, start=1):
            if isinstance(item, Mapping) and id(item) in opened:
                label = f"[[{key}]] n° {rank}" if isinstance(value, list) else f"[{key}]"
                yield from _unread(item, f"{name} {label}".strip(), asked)


class PlainValues:
    """Reads values that have a table of their own, and remembers where each stands in `sources`."""

    def __init__(self, values: CitedTable) -> None:
        self._values = values
        self._tables: dict[str, CitedTable] = {}
        self.sources: dict[str, Citation] = {}

    def value(self, table: str, key: str, kind: type[T]) -> T:
        """The value of `[table.key]`."""
        return self.cite(table, key).get("value", kind)

    def cite(self, table: str, key: str) -> CitedTable:
        """Remember where `[table.key]` stands; the table itself."""
        if table not in self._tables:
            self._tables[table] = self._values.table(table)
        cited = self._tables[table].table(key)
        self.sources[key] = cited.citation()
        return cited
