"""Tables that the bureau opens in its spreadsheet: dates are dates; what a person typed is text, never a formula."""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from bot.clock import PARIS
from bot.papers.archive import add_entry

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as BookCell
    from openpyxl.worksheet.worksheet import Worksheet

Cell = str | int | float | bool | date | datetime | None

XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_MIME = "text/csv; charset=utf-8"
_CORE = "docProps/core.xml"
_DAY, _INSTANT = "dd/mm/yyyy", "dd/mm/yyyy hh:mm"
_NARROWEST, _WIDEST = 8, 60  # signs
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # signs that the format cannot hold
_OBEYED = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is a formula to some spreadsheet


@dataclass(frozen=True)
class Sheet:
    """One table: its title (31 signs at most), the heads of its columns, its rows."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]


def workbook(sheets: Sequence[Sheet], *, at: datetime) -> bytes:
    """An XLSX of several tables, each with a head that stays in sight and filters; the same for the same tables.

    Args:
        at: the instant that the file bears (aware).
    """
    from openpyxl import Workbook
    from openpyxl.xml.functions import tostring

    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _fill(book.create_sheet(sheet.title), sheet)
    written = io.BytesIO()
    book.save(written)
    book.properties.created = book.properties.modified = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return _dated(written, tostring(book.properties.to_tree()), at)


def read_workbook(data: bytes, *, most: int = 2000) -> list[list[str]]:
    """The first table of an XLSX, as words.

    Args:
        most: lines that are read.

    Raises:
        ValueError: it is not one.
    """
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(max_row=most, values_only=True)
        return [["" if cell is None else str(cell) for cell in row] for row in rows]
    except Exception as fault:  # the library lets each kind of damage show as it falls
        raise ValueError("not a workbook") from fault


def comma_separated(sheet: Sheet) -> bytes:
    """A table as a CSV that French spreadsheets open by a double click: UTF-8 with its mark, semicolons."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(map(_harmless, sheet.columns))
    writer.writerows([_harmless(_plain(value)) for value in row] for row in sheet.rows)
    return written.getvalue().encode("utf-8-sig")


def _fill(page: "Worksheet", sheet: Sheet) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    for line, row in enumerate([sheet.columns, *sheet.rows], 1):
        for place, value in enumerate(row, 1):
            _write(page.cell(line, place), value)
    for head in page[1]:
        head.font = Font(bold=True)
    page.freeze_panes = "A2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{len(sheet.rows) + 1}"
    for place in range(len(sheet.columns)):
        words = [sheet.columns[place], *(_plain(row[place]) for row in sheet.rows)]
        page.column_dimensions[get_column_letter(place + 1)].width = _width(words)


def _write(cell: "BookCell", value: Cell) -> None:
    """A value as what it is; text is marked as text, also for whoever edits the cell later."""
    from openpyxl.styles import Alignment

    if isinstance(value, datetime):
        cell.value, cell.number_format = value.astimezone(PARIS).replace(tzinfo=None), _INSTANT
    elif isinstance(value, date):
        cell.value, cell.number_format = value, _DAY
    elif isinstance(value, str | bool):
        words = _NO_TEXT.sub("", _plain(value))
        cell.value, cell.data_type = words or None, "s" if words else "n"
        cell.quotePrefix = words.lstrip(" ").startswith(_OBEYED)
        cell.alignment = Alignment(vertical="top", wrap_text=len(words) > _WIDEST or "\n" in words)
    else:
        cell.value = value


def _plain(value: Cell) -> str:
    """A value in words: « oui », « 2017-04-26 10:30 », nothing."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, datetime):
        return value.astimezone(PARIS).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, float):
        return str(value).replace(".", ",")
    return "" if value is None else str(value)


def _harmless(words: str) -> str:
    """An apostrophe stands before what a spreadsheet would obey; a number stays a number."""
    number = re.fullmatch(r"-?\d+(,\d+)?", words)
    return f"'{words}" if words.lstrip(" ").startswith(_OBEYED) and not number else words


def _width(words: Sequence[str]) -> int:
    longest = max(len(line) for text in words for line in text.split("\n"))
    return min(max(longest + 2, _NARROWEST), _WIDEST)


def _dated(written: io.BytesIO, core: bytes, at: datetime) -> bytes:
    """The same file under a date that is given: the library puts the present one into it."""
    dated = io.BytesIO()
    with zipfile.ZipFile(written) as made, zipfile.ZipFile(dated, "w") as archive:
        for name in made.namelist():
            add_entry(archive, name, core if name == _CORE else made.read(name), at=at)
    return dated.getvalue()
