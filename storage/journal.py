"""The journal: append-only, each line sealing the one before, so that a change, a gap or a swap is located."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from storage.statements import Plain
from storage.tables import Journal, table

_journal = table(Journal)
_insert = Plain(_journal.insert().values({name: bindparam(name) for name in _journal.c.keys()}))  # noqa: SIM118 -- a column collection, not a dict
_last = Plain(select(_journal.c.seq, _journal.c.hash).order_by(_journal.c.seq.desc()).limit(1))

FIRST = "0" * 64  # what the first line seals


@dataclass(frozen=True)
class Line:
    """One act, not yet sealed. `actor` is « candidat:12 », « bureau:7 », « greffier »; details hold no words."""

    at: datetime
    actor: str
    act: str
    candidature_id: int | None = None
    source: str | None = None
    details: Mapping[str, Any] | None = None


def seal(seq: int, line: Line, previous: str) -> str:
    """The SHA-256 of a line and of the seal before it."""
    words = [seq, line.at.astimezone(UTC).isoformat(), line.actor, line.act, line.candidature_id, line.source]
    body = json.dumps([*words, line.details or {}, previous], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


def append(connection: Connection, lines: Sequence[Line], instant: Any) -> None:
    """Add lines at the end of the chain, inside the transaction of what they tell.

    Args:
        instant: turns an aware instant into what the driver wants.
    """
    last = _last.first(connection)
    seq, previous = (last[0], last[1]) if last else (0, FIRST)
    rows = []
    for line in lines:
        seq += 1
        sealed = seal(seq, line, previous)
        rows.append(
            {
                "seq": seq,
                "at": instant(line.at),
                "actor": line.actor,
                "act": line.act,
                "candidature_id": line.candidature_id,
                "source": line.source,
                "details": json.dumps(line.details or {}, ensure_ascii=False, sort_keys=True),
                "previous": previous,
                "hash": sealed,
            }
        )
        previous = sealed
    _insert(connection, rows)


def lines(session: Session, candidature_id: int | None = None) -> list[Journal]:
    """The lines of one candidature, or all, in order."""
    query = select(Journal).order_by(_journal.c.seq)
    if candidature_id is not None:
        query = query.where(_journal.c.candidature_id == candidature_id)
    return list(session.scalars(query))


def first_broken(rows: Iterable[Journal]) -> int | None:
    """The place of the first line that was altered, removed or moved; None when the chain holds."""
    previous = FIRST
    for place, row in enumerate(rows, start=1):
        line = Line(row.at, row.actor, row.act, row.candidature_id, row.source, json.loads(row.details))
        if row.seq != place or row.previous != previous or row.hash != seal(place, line, previous):
            return place
        previous = row.hash
    return None
