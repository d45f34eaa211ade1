"""An ODT or DOCX as pages to read, made by pandoc and typst: `python -m bot.papers.office_pages`.

A process of its own, under limits: nothing that a stranger's file does to these programs touches the service. In: a
line of JSON, then the file. Out: a PDF. No disk is written to and nothing is fetched.
"""

import base64
import io
import json
import re
import resource
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from importlib.resources import files
from typing import Any

from bot.papers.join import jpeg, upright
from bot.papers.office_words import absent, paragraphs
from bot.papers.paper import MIB, PaperKind, Unfit
from bot.papers.typeset import TEMPLATES, typeset_parts

_SECONDS = 20  # of processor, for this process and for pandoc; a CV takes a tenth of one
_MEMORY = 256 * MIB  # that each of them writes to
_HEAP = "-M96m"  # of it, what pandoc may ask for before it gives up by itself
_PANDOC = str(files("pypandoc") / "files" / "pandoc")
_MEDIA = re.compile(r"(?:word/media|Pictures)/.")
_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
    '<image width="{width}" height="{height}" href="data:image/jpeg;base64,{jpeg}"/></svg>'
)


def main() -> None:
    """Read, make, write."""
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    head, _, data = sys.stdin.buffer.read().partition(b"\n")
    sys.stdout.buffer.write(_pages(data, **json.loads(head)))


def _pages(data: bytes, kind: str, at: str, **paper: Any) -> bytes:
    document = _pandoc(data, f"--from={kind}", "--to=json")
    tree = json.loads(document)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        pictures = dict(_pictures(archive, tree))
        hidden = sum(bool(_MEDIA.match(name)) for name in archive.namelist()) - len(pictures)
        lost = absent(tree, paragraphs(archive, PaperKind(kind)))
    template = f"--template={TEMPLATES / 'office.pandoc'}"
    body = _pandoc(document, "--from=json", "--to=typst-smart", "--shift-heading-level-by=1", template)
    parts = {f"{rank}.svg": picture for rank, picture in enumerate(pictures.values())}
    return typeset_parts(
        "office",
        datetime.fromisoformat(at),
        {"body.typ": body.decode(), **parts},
        pictures=dict(zip(pictures, parts, strict=True)),
        hidden=hidden,
        absent=lost,
        **paper,
    )


def _pandoc(given: bytes, *how: str) -> bytes:
    command = [_PANDOC, "--sandbox", *how, "+RTS", _HEAP, "-RTS"]
    return subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True).stdout


def _pictures(archive: zipfile.ZipFile, tree: Any) -> Iterator[tuple[str, str]]:
    """Each picture that can be shown, under the name that the text has for it; an SVG, since typst is handed words."""
    names = set(archive.namelist())
    for target in dict.fromkeys(_targets(tree)):
        name = target if target in names else f"word/{target}"
        if name in names:
            with suppress(Unfit):
                picture = upright(archive.read(name))
                coded = base64.b64encode(jpeg(picture)).decode()
                yield target, _PICTURE.format(width=picture.width, height=picture.height, jpeg=coded)


def _targets(node: Any) -> Iterator[str]:
    """The pictures that pandoc's tree shows."""
    if isinstance(node, dict):
        if node.get("t") == "Image":
            yield node["c"][2][0]
        else:
            yield from _targets(list(node.values()))
    elif isinstance(node, list):
        for one in node:
            yield from _targets(one)


if __name__ == "__main__":
    main()
