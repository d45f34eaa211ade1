"""What each door does of the Bot API (`quality.toml`), as the table that the README shows.

python -m bot.channels.quality      prints it
"""

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOORS = ("matrix", "telegram", "console")
BEGIN, END = "<!-- quality -->", "<!-- /quality -->"
_STATES = ("done", "refused", "meaningless")


@dataclass(frozen=True)
class Line:
    """One method, kind of update, or kind of message that a person sends.

    Args:
        states: for each door, « done », « refused » or « meaningless ».
        note: what differs from Telegram, or why it is not done.
    """

    name: str
    states: dict[str, str]
    note: str = ""

    @property
    def done(self) -> bool:
        """Whether some door does it."""
        return "done" in self.states.values()


def lines(kind: str) -> list[Line]:
    """Every line of a kind, « methods », « updates » or « sent », in the order of the file."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    spoken = [_spoken(name, dict(row)) for name, row in table[kind].items()]
    return [*spoken, *_unspoken(table, kind)]


def _spoken(name: str, row: dict[str, str]) -> Line:
    note = row.pop("note", "")
    return Line(name, row, note)


def _unspoken(table: dict[str, Any], kind: str) -> Iterator[Line]:
    for state in _STATES[1:]:
        for group in table[state]:
            for name in group.get(kind, []):
                yield Line(name, dict.fromkeys(DOORS, state), group["why"])


def shown() -> str:
    """The table of the README: what some door does, the rest counted."""
    rows = [f"| | {' | '.join(DOORS)} | |", "|---|---|---|---|---|"]
    for kind, called in (("methods", "methods"), ("updates", "updates"), ("sent", "kinds of what people send")):
        rows += [*_rows(lines(kind)), *_counted(lines(kind), called)]
    return "\n".join(rows)


def _rows(of_kind: list[Line]) -> Iterator[str]:
    """Lines that say the same share a row."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for line in of_kind:
        if line.done:
            alike.setdefault((*(line.states[door] for door in DOORS), line.note), []).append(line.name)
    for said, names in alike.items():
        yield f"| {', '.join(f'`{name}`' for name in names)} | {' | '.join(said)} |"


def _counted(of_kind: list[Line], called: str) -> Iterator[str]:
    rest = [line for line in of_kind if not line.done]
    if not rest:
        return
    refused = sum("refused" in line.states.values() for line in rest)
    said = f"{len(rest)} of {len(of_kind)} {called}: {refused} refused by name, {len(rest) - refused} Telegram's own"
    yield f"| {said} | – | – | – | why: `bot/channels/quality.toml` |"


if __name__ == "__main__":
    sys.stdout.write(f"{shown()}\n")
