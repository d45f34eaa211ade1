"""What the commission gets: every dossier, the planning, the list of the dossiers, the sheet to sign, in one ZIP."""

import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import BinaryIO

from bot.circulaire.campagne import Campagne
from bot.circulaire.delais import day_words, hour_words
from bot.papers.archive import add_entry
from bot.papers.merge import BundleEntry, merge_dossier
from bot.papers.sheets import Cell, Sheet, workbook
from bot.papers.typeset import typeset

Progress = Callable[[int, int], None]

_UNPLANNED = "Sans créneau"


def commission_bundle(
    campagne: Campagne,
    entries: Sequence[BundleEntry],
    into: BinaryIO,
    *,
    at: datetime,
    progress: Progress = lambda _done, _total: None,
) -> None:
    """Write the commission's ZIP, one dossier at a time; no name of a file says a person's.

    Args:
        into: a file open for writing: a whole call weighs gigabytes, one dossier is in memory at a time.
        at: the instant that everything in it bears (aware); the same entries make the same bytes.
        progress: told how many dossiers of how many are done.
    """
    ordered = sorted(entries, key=_rank)
    with zipfile.ZipFile(into, "w") as archive:
        add_entry(archive, "planning.xlsx", workbook([planning_sheet(ordered)], at=at), at=at)
        add_entry(archive, "dossiers.xlsx", workbook([dossiers_sheet(campagne, ordered)], at=at), at=at)
        add_entry(archive, "emargement.pdf", typeset_sign_in(campagne, ordered, at=at), at=at)
        for done, entry in enumerate(ordered, 1):
            merged = merge_dossier(campagne, entry, at=at)
            for name, data in ((entry.file_name, merged.pdf), *merged.beside):
                add_entry(archive, name, data, at=at)
            progress(done, len(ordered))


def planning_sheet(entries: Sequence[BundleEntry]) -> Sheet:
    """Who is heard when, where and by whom, in the order of the day."""
    rows = [
        (entry.starts_at, entry.ends_at, entry.room, entry.commission, entry.numero, entry.holder)
        for entry in sorted(entries, key=_rank)
    ]
    return Sheet("Planning", ("Début", "Fin", "Lieu", "Commission", "N°", "Nom"), rows)


def dossiers_sheet(campagne: Campagne, entries: Sequence[BundleEntry]) -> Sheet:
    """Each dossier with its facts and how each of its pieces was given."""
    labels = tuple(dict.fromkeys(label for entry in entries for label, _ in entry.facts))
    columns = ("N°", "Nom", *labels, *(piece.short for piece in campagne.pieces))
    return Sheet("Dossiers", columns, [_dossier_row(campagne, entry, labels) for entry in entries])


def typeset_sign_in(campagne: Campagne, entries: Sequence[BundleEntry], *, at: datetime) -> bytes:
    """The sheet that candidates sign when they come, one table for each commission and room.

    Args:
        at: the instant that the PDF bears (aware).
    """
    groups = groupby(sorted(entries, key=_group_rank), key=_group_title)
    return typeset(
        "sign_in",
        campagne,
        at,
        title="Feuille d’émargement",
        footer=f"Circulaire {campagne.numero} – feuille d’émargement",
        opening=f"Entretiens du {day_words(campagne.entretien_on)}. {campagne.title}, "
        f"année scolaire {campagne.school_year} (circulaire {campagne.numero}).",
        groups=[{"title": title, "rows": [_sign_in_row(entry) for entry in group]} for title, group in groups],
    )


def _sign_in_row(entry: BundleEntry) -> list[str]:
    return [hour_words(entry.starts_at) if entry.starts_at else "", str(entry.numero), entry.holder]


def _dossier_row(campagne: Campagne, entry: BundleEntry, labels: Sequence[str]) -> list[Cell]:
    facts = dict(entry.facts)
    given = {piece.code: "déposée" if piece.read else "via I-Prof" for piece in entry.pieces}
    pieces = [given.get(piece.code, "manquante") for piece in campagne.pieces]
    return [entry.numero, entry.holder, *(facts.get(label) for label in labels), *pieces]


def _rank(entry: BundleEntry) -> tuple[bool, float, str, int]:
    """In the order of the day; those without a creneau last."""
    starts = entry.starts_at.timestamp() if entry.starts_at else 0.0
    return (entry.starts_at is None, starts, entry.commission, entry.numero)


def _group_title(entry: BundleEntry) -> str:
    if entry.starts_at is None:
        return _UNPLANNED
    return ", ".join(filter(None, (entry.commission, entry.room))) or day_words(entry.starts_at)


def _group_rank(entry: BundleEntry) -> tuple[bool, str, tuple[bool, float, str, int]]:
    return (entry.starts_at is None, _group_title(entry), _rank(entry))
