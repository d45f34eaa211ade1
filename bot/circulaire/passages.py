"""The text of a circular, cut where its anchors stand.

An anchor is a comment of the Markdown file. Without its anchors the file is, byte for byte, the circular that
was received, so that its SHA-256 can be checked by anyone who holds it.

    <!-- H | En-tête de la circulaire -->   a section without a heading of its own
    <!-- D1 -->                             a section; its heading follows
    <!-- D1.6 -->                           a passage, up to the next anchor
    <!-- D1.6.1 -->                         a passage inside the passage D1.6, which contains it
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_ANCHOR = re.compile(r"<!-- ([A-Z][A-Z0-9]*(?:\.[0-9]+)*)(?: \| ([^>]+?))? -->")
_ANCHOR_LINE = re.compile(r"^ *<!-- [^>]+ -->\n", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_BULLET = re.compile(r"^ *-(?: |$)", re.MULTILINE)
_MARK = re.compile(r"\*\*|</?sup>|^#+ ", re.MULTILINE)


@dataclass(frozen=True)
class Passage:
    """A paragraph of the circular that can be quoted.

    `text` is its own words without Markdown marks; `kind` is « leaf », or « group » when it contains others.
    """

    id: str
    section: str
    section_title: str
    text: str
    parent: str | None
    kind: str

    def contains(self, quote: str) -> bool:
        """Whether the paragraph says these words."""
        return _alike(quote) in _alike(self.text)


@dataclass(frozen=True)
class AnchoredText:
    """The whole circular: its words, its fingerprint, its passages by id in the order of the paper."""

    text: str
    sha256: str
    passages: Mapping[str, Passage]


def plain(text: str) -> str:
    """The words alone: no Markdown marks, one space between words."""
    return " ".join(_BULLET.sub("", _LINK.sub(r"\1", _MARK.sub("", text))).split())


def _alike(text: str) -> str:
    """The same words typed with another apostrophe are the same words."""
    return plain(text).replace("’", "'")


def read_text(anchored: str) -> AnchoredText:
    """Cut the anchored text of a circular into its passages."""
    text = _ANCHOR.sub("", _ANCHOR_LINE.sub("", anchored))
    return AnchoredText(text, hashlib.sha256(text.encode()).hexdigest(), MappingProxyType(_cut(anchored)))


def _cut(anchored: str) -> dict[str, Passage]:
    """Each passage with its section's title and, for a group, the words of the passages it contains."""
    anchors = list(_ANCHOR.finditer(anchored))
    ends = [anchor.start() for anchor in anchors[1:]] + [len(anchored)]
    own = {anchor[1]: plain(anchored[anchor.end() : end]) for anchor, end in zip(anchors, ends, strict=True)}
    titles = {anchor[1]: anchor[2] or own[anchor[1]].removesuffix(":").rstrip() for anchor in anchors}
    ids = [name for name in own if "." in name]
    return {name: _passage(name, ids, own, titles) for name in ids}


def _passage(name: str, ids: list[str], own: Mapping[str, str], titles: Mapping[str, str]) -> Passage:
    inside = [other for other in ids if other.startswith(f"{name}.")]
    section, above = name.split(".", maxsplit=1)[0], name.rpartition(".")[0]
    return Passage(
        id=name,
        section=section,
        section_title=titles.get(section, section),
        text=" ".join(own[part] for part in (name, *inside)),
        parent=above if above in ids else None,
        kind="group" if inside else "leaf",
    )
