"""The pictures that the bureau looks at: the day of the entretiens, and where the campagne stands.

Readable in black and white and on a telephone; every figure is also said in words beside the picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.circulaire.campagne import Campagne
from bot.circulaire.delais import day_words, hour_words, instant_words
from bot.circulaire.planning import Commission, Creneau, creneaux
from bot.clock import PARIS
from bot.papers.typeset import draw

Figures = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class TableauFigures:
    """What is counted: (label, number) pairs, and the deposits of each day."""

    states: Figures
    deposits: tuple[tuple[date, int], ...]
    missing: Figures
    convocations: Figures
    letters: Figures


@dataclass(frozen=True)
class _Day:
    """What the picture of a day is made of; `first` is the full hour at its top."""

    first: datetime
    rows: Sequence[tuple[int, Creneau]]
    names: Mapping[int, str]
    moved: frozenset[int]
    minutes: int

    def since(self, instant: datetime) -> int:
        """Minutes from the top of the picture."""
        return round((instant - self.first).total_seconds() / 60)


def draw_day(
    campagne: Campagne,
    commissions: Sequence[Commission],
    rows: Sequence[tuple[int, Creneau]],
    names: Mapping[int, str],
    moved: frozenset[int] = frozenset(),
) -> bytes:
    """The day of the entretiens as a picture (PNG): a column for each commission, the hours down the side.

    Args:
        commissions: in the order of the columns; one that is not there, but in `rows`, is shown behind them.
        rows: number and creneau of those who have one.
        names: by number.
        moved: numbers whose creneau has just changed, marked by a word and a thick border.
    """
    columns = [*commissions, *_forgotten(commissions, rows)]
    instants = [instant for one in columns for instant in (one.starts_at, one.ends_at)]
    instants += [instant for _, one in rows for instant in (one.starts_at, one.ends_at)]
    start = min(instants, default=campagne.avis_visible_from).astimezone(PARIS)
    day = _Day(start.replace(minute=0, second=0, microsecond=0), rows, names, moved, campagne.entretien_minutes)
    length = day.since(max(instants, default=start))
    drawn = [_column(day, commission) for commission in columns]
    return draw(
        "day",
        title=f"Entretiens du {day_words(campagne.entretien_on)}",
        subtitle=f"Circulaire {campagne.numero}",
        minutes=length,
        shortest=min(
            (one["long"] for column in drawn for one in column["entries"]), default=campagne.entretien_minutes
        ),
        hours=[f"{day.first.hour + rank} h" for rank in range(length // 60 + 1)],
        columns=drawn,
        empty="Aucune commission n’a encore d’heures.",
    )


def draw_tableau(campagne: Campagne, figures: TableauFigures, *, at: datetime) -> bytes:
    """Where the campagne stands as a picture (PNG): bars with their numbers.

    Args:
        at: the instant of the figures (aware).
    """
    deposits = tuple((f"{day.day}/{day.month:02}", number) for day, number in sorted(figures.deposits))
    groups = (
        ("Dossiers par état", "bars", figures.states),
        ("Dépôts par jour", "columns", deposits),
        ("Pièces manquantes", "bars", figures.missing),
        ("Convocations", "bars", figures.convocations),
        ("Messages", "bars", figures.letters),
    )
    return draw(
        "tableau",
        title=f"Campagne {campagne.numero}",
        subtitle=f"Au {instant_words(at)}",
        groups=[
            {"title": title, "shape": shape, "rows": [list(row) for row in rows], "total": sum(n for _, n in rows)}
            for title, shape, rows in groups
        ],
        empty="Rien à compter pour l’instant.",
    )


def _forgotten(commissions: Sequence[Commission], rows: Sequence[tuple[int, Creneau]]) -> list[Commission]:
    """The commissions of creneaux that are no longer among those of the day: nobody disappears from the picture."""
    known = {one.name for one in commissions}
    gone = sorted({creneau.commission for _, creneau in rows} - known)
    own = {name: [creneau for _, creneau in rows if creneau.commission == name] for name in gone}
    return [
        Commission(name, held[0].room, min(one.starts_at for one in held), max(one.ends_at for one in held))
        for name, held in own.items()
    ]


def _column(day: _Day, commission: Commission) -> dict[str, Any]:
    held = [(numero, creneau) for numero, creneau in day.rows if creneau.commission == commission.name]
    free = [
        one
        for one in creneaux(commission, day.minutes)
        if not any(creneau.meets(one.starts_at, one.ends_at) for _, creneau in held)
    ]
    return {
        "name": commission.name,
        "room": commission.room,
        "opens": day.since(commission.starts_at),
        "closes": day.since(commission.ends_at),
        "breaks": [
            {"at": day.since(start), "long": day.since(end) - day.since(start)} for start, end in commission.breaks
        ],
        "entries": [*(_entry(day, creneau, numero) for numero, creneau in held), *(_entry(day, one) for one in free)],
    }


def _entry(day: _Day, creneau: Creneau, numero: int | None = None) -> dict[str, Any]:
    """One box; without a number, a creneau that nobody has."""
    return {
        "at": day.since(creneau.starts_at),
        "long": day.since(creneau.ends_at) - day.since(creneau.starts_at),
        "hour": hour_words(creneau.starts_at),
        "numero": numero,
        "name": "" if numero is None else day.names.get(numero, ""),
        "moved": numero in day.moved,
    }
