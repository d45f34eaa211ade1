"""The IEN: which circonscription a person means, and the directory as a bureau keeps it in a table."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.circulaire.reading import fold

_COLUMNS: Mapping[str, tuple[str, ...]] = {  # how a title begins
    "circonscription": ("circonscription", "circo"),
    "name": ("nom", "ien", "inspect"),
    "first_name": ("prenom",),
    "email": ("courriel", "mail", "mel", "email", "e mail", "adresse mail", "adresse electronique", "adresse acad"),
    "matrix": ("tchap", "matrix", "identifiant"),
}
_NEEDED = ("circonscription", "name", "email")
_BEFORE_TITLES = 10  # lines that a title of the table, or « sep=; », may take
_ORDINAL = re.compile(r"(?<=\d) ?(?:ère|ere|er|re|ième|ieme|ème|eme|è|e)\b")  # « 5E » may be a circonscription E
_LEAD = re.compile(r"^(?:circonscription|circo|ien)?(?:de|du)?(?:paris)?")
_TAIL = re.compile(r"(?:arrondissements?|arrdt|arr|circonscription)$")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class IenEntry:
    """One line of the directory. `matrix` is empty for an IEN who is not on the messenger."""

    circonscription: str
    name: str
    email: str
    matrix: str = ""


def circonscription_key(words: str) -> str:
    """What two ways to write one circonscription have in common: « Paris 19A », « 19e A », « circonscription 19a »."""
    squeezed = fold(_ORDINAL.sub(" ", words)).replace(" ", "")
    return _TAIL.sub("", _LEAD.sub("", squeezed)) or squeezed


def read_directory(text: str) -> tuple[list[IenEntry], list[str]]:
    """The lines of a table in which « ; », « , » or tabs part the columns: whichever lets its titles be read."""
    lines = "\n".join(text.lstrip("\ufeff").splitlines())
    tables = [list(csv.reader(io.StringIO(lines), delimiter=mark)) for mark in (";", "\t", ",")]
    return read_rows(max(tables, key=lambda rows: len(_titles(rows)[1])))


def read_rows(rows: Rows) -> tuple[list[IenEntry], list[str]]:
    """The lines under the titles of a table, which may come after some others.

    Returns:
        The good lines, and what is wrong with the others, in French.
    """
    at, places = _titles(rows)
    missing = [_COLUMNS[column][0] for column in _NEEDED if column not in places]
    if missing:
        return [], [f"Il manque les colonnes : {', '.join(missing)} (première ligne du fichier)."]
    entries: list[IenEntry] = []
    faults: list[str] = []
    for number, row in enumerate(rows[at + 1 :], start=at + 2):
        if not any(cell.strip() for cell in row):
            continue
        entry, fault = _entry({column: row[at].strip() if at < len(row) else "" for column, at in places.items()})
        fault = fault or _fault(entry, entries)
        if fault:
            faults.append(f"Ligne {number} : {fault}.")
        else:
            entries.append(entry)
    return entries, faults


def _titles(rows: Rows) -> tuple[int, Mapping[str, int]]:
    """Which line of the first ones names most columns, and which is where."""
    found = [(number, _places(row)) for number, row in enumerate(rows[:_BEFORE_TITLES])]
    return max(found, key=lambda pair: len(pair[1]), default=(0, {}))


def _places(header: Sequence[str]) -> dict[str, int]:
    titles = [fold(title) for title in header]
    return {
        column: next(at for at, title in enumerate(titles) if title.startswith(words))
        for column, words in _COLUMNS.items()
        if any(title.startswith(words) for title in titles)
    }


def _entry(values: Mapping[str, str]) -> tuple[IenEntry, str]:
    """A line, and what is wrong with its address: « E. Roy <e.roy@ac-paris.fr> » holds one, two are one too many."""
    name = " ".join(filter(None, (values.get("first_name", ""), values["name"])))
    found = _ADDRESS.findall(values["email"])
    entry = IenEntry(values["circonscription"], name, "".join(found[:1]), values.get("matrix", ""))
    if len(found) == 1:
        return entry, ""
    if not values["email"]:
        return entry, "il manque le courriel"
    return entry, "il faut une seule adresse" if found else f"« {values['email']} » n’est pas une adresse de courriel"


def _fault(entry: IenEntry, before: Sequence[IenEntry]) -> str:
    if not entry.circonscription or not entry.name:
        return "il manque la circonscription ou le nom"
    key = circonscription_key(entry.circonscription)
    if any(circonscription_key(one.circonscription) == key for one in before):
        return f"la circonscription « {entry.circonscription} » est déjà plus haut"
    return ""
