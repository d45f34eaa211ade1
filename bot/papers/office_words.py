"""The words of an ODT or DOCX, wherever they stand: body, heads and feet of pages, boxes, notes."""

import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from bot.papers.paper import PaperKind

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"


@dataclass(frozen=True)
class _Form:
    """Where a format keeps its words.

    Args:
        parts: the files of the ZIP that hold words.
        words: the elements whose text is words; none where all the text of a paragraph is.
        skipped: remarks, what was struck out, numbers, what older programs read in the place of a box.
    """

    parts: re.Pattern[str]
    paragraphs: frozenset[str]
    words: frozenset[str]
    gaps: frozenset[str]
    skipped: frozenset[str]


_FORMS = {
    PaperKind.DOCX: _Form(
        re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|diagrams/data\d*)\.xml"),
        frozenset({f"{_WORD}p", f"{_DRAWING}p"}),
        frozenset({f"{_WORD}t", f"{_DRAWING}t"}),
        frozenset({f"{_WORD}tab", f"{_WORD}br", f"{_WORD}cr"}),
        frozenset({"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}),
    ),
    PaperKind.ODT: _Form(
        re.compile(r"(?:content|styles)\.xml"),
        frozenset({f"{_TEXT}p", f"{_TEXT}h"}),
        frozenset(),
        frozenset({f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"}),
        frozenset(
            {
                "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}annotation",
                f"{_TEXT}tracked-changes",
                f"{_TEXT}note-citation",
                f"{_TEXT}page-number",
                f"{_TEXT}page-count",
                f"{_SVG}title",
                f"{_SVG}desc",
            }
        ),
    ),
}


def paragraphs(archive: zipfile.ZipFile, kind: PaperKind) -> list[str]:
    """Every paragraph that has words; one that stands in another, as a box does, comes before it.

    Raises:
        ET.ParseError: a part is no XML.
    """
    form = _FORMS[kind]
    found: list[str] = []
    for name in filter(form.parts.fullmatch, archive.namelist()):
        _read(ET.fromstring(archive.read(name)), form, found)  # noqa: S314 -- nothing to expand: `office` let no DOCTYPE in
    return [words for words in (" ".join(one.split()) for one in found) if words]


def _read(node: ET.Element, form: _Form, found: list[str]) -> str:
    """The words of an element; those of a paragraph are added to `found` instead."""
    if node.tag in form.skipped:
        return ""
    if node.tag in form.gaps:
        return " "
    words = node.text or "" if not form.words or node.tag in form.words else ""
    for child in node:
        words += _read(child, form, found) + (child.tail or "" if not form.words else "")
    if node.tag not in form.paragraphs:
        return words
    found.append(words)
    return ""


def absent(tree: Any, words: Iterable[str]) -> list[str]:
    """Those of the paragraphs that pandoc's tree does not hold, each once."""
    notes: list[str] = []
    held = _bare("".join(_told(tree, notes)) + "".join(notes))
    return list(dict.fromkeys(one for one in words if _bare(one) not in held))


def _told(node: Any, notes: list[str]) -> Iterator[str]:
    """The words of pandoc's tree in their order; a note would cut its sentence in two, and stands apart."""
    if isinstance(node, list):
        for one in node:
            yield from _told(one, notes)
    elif isinstance(node, dict):
        kind, content = node.get("t"), node.get("c", list(node.values()))
        if kind == "Str":
            yield content
        elif kind in {"Code", "CodeBlock", "Math"}:
            yield content[1]
        elif kind == "Note":
            notes.append("".join(_told(content, notes)))
        elif kind != "Image":
            yield from _told(content, notes)


def _bare(words: str) -> str:
    """Letters and digits alone: how a gap or a quotation mark is written differs from one program to the next."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", words) if sign.isalnum())
