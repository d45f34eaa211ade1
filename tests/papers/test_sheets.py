"""Tables for the bureau's spreadsheet."""

import csv
import io
import os
import shutil
import subprocess
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import PARIS
from bot.papers.sheets import Sheet, comma_separated, workbook

AT = datetime(2017, 4, 26, 8, 0, tzinfo=PARIS)
NAMES = ('=cmd|"/c calc"!A1', "+33612345678", "-2+3", "@SUM(A1)", "\t=1", " =1+1", "Zoë «Ö»")
DOSSIERS = Sheet(
    "Dossiers",
    ("N°", "Nom", "Déposé le", "Jour", "Complet", "Note", "Vide"),
    [
        (12, "Claire Martin", datetime(2017, 4, 21, 21, 59, 59, tzinfo=PARIS), date(2017, 4, 26), True, 1.5, None),
        *((rank, name, AT, AT.date(), False, -2, None) for rank, name in enumerate(NAMES)),
    ],
)
WRONG = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def test_a_workbook_has_its_sheets_in_order() -> None:
    book = opened(workbook([DOSSIERS, Sheet("Planning", ("Heure",), [])], at=AT))

    assert book.sheetnames == ["Dossiers", "Planning"]
    assert [cell.value for cell in book["Dossiers"][1]] == list(DOSSIERS.columns)


def test_dates_are_dates_in_a_french_format_on_the_clock_of_paris() -> None:
    row = opened(workbook([DOSSIERS], at=AT))["Dossiers"][2]

    assert [(cell.value, cell.is_date, cell.number_format) for cell in row[2:4]] == [
        (datetime(2017, 4, 21, 21, 59, 59), True, "dd/mm/yyyy hh:mm"),  # noqa: DTZ001 -- XLSX knows no zone
        (datetime(2017, 4, 26), True, "dd/mm/yyyy"),  # noqa: DTZ001 -- XLSX knows no zone
    ]
    assert [cell.value for cell in (row[0], *row[4:])] == [12, "oui", 1.5, None]


def test_what_a_person_typed_is_never_a_formula() -> None:
    cells = [row[1] for row in opened(workbook([DOSSIERS], at=AT))["Dossiers"].iter_rows(min_row=3)]

    assert [(cell.value, cell.data_type) for cell in cells] == [(name, "s") for name in NAMES]
    assert [bool(cell.quotePrefix) for cell in cells] == [True] * 6 + [False]


def test_the_head_stays_in_sight_with_its_filters_and_columns_fit() -> None:
    page = opened(workbook([DOSSIERS], at=AT))["Dossiers"]

    assert (page.freeze_panes, page.auto_filter.ref) == ("A2", "A1:G9")
    assert (page.column_dimensions["A"].width, page.column_dimensions["B"].width) == (8, 19)
    assert [cell.font.bold for cell in page[1]] == [True] * 7


@given(typed=WRONG)
def test_any_text_makes_a_workbook_that_opens(typed: str) -> None:
    page = opened(workbook([Sheet("S", ("Nom",), [(typed,)])], at=AT))["S"]

    assert page["A2"].data_type == ("n" if page["A2"].value is None else "s")


def test_the_same_tables_make_the_same_bytes() -> None:
    assert workbook([DOSSIERS], at=AT) == workbook([DOSSIERS], at=AT)
    assert opened(workbook([DOSSIERS], at=AT)).properties.modified == datetime(2017, 4, 26, 6)  # noqa: DTZ001 -- UTC


def test_a_csv_opens_in_a_french_spreadsheet() -> None:
    data = comma_separated(DOSSIERS)

    assert data.startswith(b"\xef\xbb\xbfN\xc2\xb0;Nom;")
    assert data.decode("utf-8-sig").split("\r\n")[1] == "12;Claire Martin;2017-04-21 21:59;2017-04-26;oui;1,5;"


def test_a_csv_holds_nothing_that_a_spreadsheet_obeys() -> None:
    rows = list(csv.reader(io.StringIO(comma_separated(DOSSIERS).decode("utf-8-sig"), newline=""), delimiter=";"))

    assert [row[1] for row in rows[2:]] == [f"'{name}" for name in NAMES[:-1]] + [NAMES[-1]]
    assert [row[5] for row in rows[2:]] == ["-2"] * len(NAMES)


@given(typed=WRONG)
def test_no_text_of_a_csv_begins_like_a_formula(typed: str) -> None:
    written = comma_separated(Sheet("S", ("Nom",), [(f"={typed}",), (typed,)])).decode("utf-8-sig")

    rows = list(csv.reader(io.StringIO(written, newline=""), delimiter=";"))
    assert rows[1] == [f"'={typed}"]


@pytest.mark.service
def test_libreoffice_reads_the_same_text_where_it_is_there(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not on this machine; openpyxl reads the same file in the other tests")
    (tmp_path / "t.xlsx").write_bytes(workbook([DOSSIERS], at=AT))

    command = [office, "--headless", "--convert-to", "csv", "--outdir", str(tmp_path), str(tmp_path / "t.xlsx")]
    subprocess.run(command, check=True, timeout=120, env={**os.environ, "HOME": str(tmp_path)})

    rows = list(csv.reader((tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()))
    assert [row[1] for row in rows[2:]] == list(NAMES)
