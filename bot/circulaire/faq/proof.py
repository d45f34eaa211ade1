"""Where a quotation stands in the circular, so that anyone who holds the paper can check it offline."""

from dataclasses import dataclass

from bot.circulaire.campagne import Campagne
from bot.circulaire.faq.reply import Quoted
from bot.circulaire.passages import Passage


@dataclass(frozen=True)
class Proof:
    """A passage between its neighbours. `sha256` is the circular's, file as received."""

    numero: str
    passage: Quoted
    before: Quoted | None
    after: Quoted | None
    sha256: str


def proof(campagne: Campagne, passage_id: str) -> Proof:
    """The passage in its context and the fingerprint of the circular.

    Raises:
        KeyError: the circular has no such passage.
    """
    passage = campagne.passages[passage_id]
    line = [other for other in campagne.passages.values() if other.parent == passage.parent]
    place = line.index(passage)
    return Proof(
        numero=campagne.numero,
        passage=_quoted(passage),
        before=_quoted(line[place - 1]) if place else None,
        after=_quoted(line[place + 1]) if place + 1 < len(line) else None,
        sha256=campagne.sha256,
    )


def _quoted(passage: Passage) -> Quoted:
    return Quoted(passage.id, passage.section_title, passage.text)
