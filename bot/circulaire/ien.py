"""The IEN: which circonscription a person means, and the directory as a bureau keeps it in a table."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.circulaire.reading import fold

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "circonscription": ("circonscription", "circo"),
    "name": ("nom", "ien", "nom et prenom", "nom prenom"),
    "email": ("courriel", "mail", "email", "e mail", "adresse"),
    "matrix": ("tchap", "matrix", "identifiant tchap"),
}
_LEAD = re.compile(r"^(?:circonscription|circo|ien)?(?:de|du)?(?:paris)?")
_RANK = re.compile(r"(?<=\d)(?:er|e|eme)(?= [a-z]\b)")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True)
class IenEntry:
    """One line of the directory. `matrix` is empty for an IEN who is not on the messenger."""

    circonscription: str
    name: str
    email: str
    matrix: str = ""


def circonscription_key(words: str) -> str:
    """What two ways to write one circonscription have in common: « Paris 19A », « 19e A », « circonscription 19a »."""
    squeezed = _RANK.sub("", fold(words)).replace(" ", "")
    return _LEAD.sub("", squeezed) or squeezed


def read_directory(text: str) -> tuple[list[IenEntry], list[str]]:
    """The lines of a table (CSV with « ; », « , » or tabs, the columns named in its first line).

    Returns:
        The good lines, and what is wrong with the others, in French.
    """
    lines = text.lstrip("\ufeff").splitlines()
    sign = next((mark for mark in (";", "\t", ",") if lines and mark in lines[0]), ";")
    rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=sign))
    places = _places(rows[0]) if rows else {}
    missing = [names[0] for column, names in _COLUMNS.items() if column != "matrix" and column not in places]
    if missing:
        return [], [f"Il manque les colonnes : {', '.join(missing)} (première ligne du fichier)."]
    entries: list[IenEntry] = []
    faults: list[str] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        values = {column: row[at].strip() if at < len(row) else "" for column, at in places.items()}
        entry = IenEntry(**values)
        fault = _fault(entry, entries)
        if fault:
            faults.append(f"Ligne {number} : {fault}.")
        else:
            entries.append(entry)
    return entries, faults


def _places(header: list[str]) -> dict[str, int]:
    titles = [fold(title) for title in header]
    return {
        column: next(at for at, title in enumerate(titles) if title in names)
        for column, names in _COLUMNS.items()
        if any(title in names for title in titles)
    }


def _fault(entry: IenEntry, before: list[IenEntry]) -> str:
    if not entry.circonscription or not entry.name:
        return "il manque la circonscription ou le nom"
    if not _ADDRESS.fullmatch(entry.email):
        return "le courriel n’est pas une adresse"
    key = circonscription_key(entry.circonscription)
    if any(circonscription_key(one.circonscription) == key for one in before):
        return "cette circonscription est déjà plus haut"
    return ""
