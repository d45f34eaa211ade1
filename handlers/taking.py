"""Taking a file that a candidate sends, by itself or among those that came together."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aiogram.types import Message

from bot.circulaire.candidature import Etat
from bot.circulaire.dossier import recognise_piece
from bot.errors import Refusal
from bot.papers.paper import Paper, shown_name
from handlers.pieces import append_page, keep, look, put_in_place
from handlers.say import say
from handlers.steps import PENDING, Place, may_give
from handlers.turn import Desk, Turn
from storage.tables import Piece

# The files that came together with one, each with the instant that counts for it.
Album = Callable[[], Awaitable[list[tuple[Message, datetime]]]]

# A draft may have expired before a piece sent on time is handled (the bot was down): the piece still counts.
_CHANGEABLE = frozenset({Etat.BROUILLON, Etat.EXPIREE, Etat.DEPOSEE, Etat.INCOMPLETE})


@dataclass(frozen=True)
class Taken:
    """A file that was looked at: the piece it became, or the one that it is already (`twin`), or why it was refused.

    `page` counts from 1 where it is one of several pages sent together, 0 elsewhere.
    """

    name: str
    paper: Paper | None = None
    piece: Piece | None = None
    replaced: Piece | None = None
    twin: Piece | None = None
    refused: str = ""
    page: int = 0


async def take_all(turn: Turn, came: Sequence[tuple[Message, datetime]], here: Place) -> list[Taken]:
    """Take files that came together; one that is refused costs the others nothing."""
    captions = [message.caption for message, _ in came if message.caption]
    album = came[0][0].media_group_id is not None  # Telegram shows the words under an album once
    taken: list[Taken] = []
    for message, instant in came:
        words = message.caption or (captions[0] if album and len(captions) == 1 else "")
        try:
            one = await take(turn, message, here, instant, words=words)
        except Refusal as refusal:
            taken.append(_refused(turn, message, here, refusal))
        else:
            taken.append(await _joined(turn, one, taken, here))
    return taken


def _refused(desk: Desk, message: Message, here: Place, refusal: Refusal) -> Taken:
    desk.work.note("act.refused", actor=here.actor, candidature_id=here.opened.id, text=refusal.text)
    name = shown_name((message.document and message.document.file_name) or "fichier")
    values = {"campagne": here.campagne, "now": desk.now, "one_of_many": True, **refusal.values}
    return Taken(name, refused=say(refusal.text, **values))


async def _joined(desk: Desk, one: Taken, earlier: list[Taken], here: Place) -> Taken:
    """A photograph sent together with others of the same piece is its next page: nothing to ask."""
    page = one.piece
    code = page.details.get("after") if page else None
    held = [number for number, other in enumerate(earlier) if other.piece in here.pieces and _code(other) == code]
    if page is None or code is None or not held:
        return one
    earlier[held[0]] = replace(earlier[held[0]], page=earlier[held[0]].page or 1)
    await append_page(desk, here, page, code)
    return replace(one, page=len(page.details["images"]))


def _code(taken: Taken) -> str | None:
    return taken.piece.code if taken.piece else None


async def take(turn: Turn, message: Message, here: Place, received_at: datetime, *, words: str) -> Taken:
    """Take a file: looked at by its content, kept by its hash, put where its name says or left to be asked about.

    Args:
        words: what was written under it.

    Raises:
        Refusal: it cannot be a piece, or came too late to be one.
    """
    document, candidature, campagne = message.document, here.opened, here.campagne
    assert document is not None  # noqa: S101 -- the caller has looked
    name = shown_name(document.file_name or "fichier")
    if candidature.etat not in _CHANGEABLE or not may_give(here, received_at):
        source = campagne.sources["closes_at"].source
        withdrawn = candidature.etat == Etat.RETIREE
        raise Refusal("dossier/too_late", source=source, name=name, received_at=received_at, withdrawn=withdrawn)
    paper, data = await look(turn, document, name)
    codes = recognise_piece(campagne, name) or recognise_piece(campagne, words)
    twin = _given_before(here, paper.sha256, codes)
    if twin is not None and (twin.code != PENDING or len(codes) != 1):
        return Taken(name, paper, twin=twin)
    piece = twin or await keep(turn, here, paper, data, name, received_at)
    piece.name = name  # the same file again, under a name that says what it is
    before = tuple(here.pieces)
    await put_in_place(turn, here, piece, paper, codes)
    return Taken(name, paper, piece, next((one for one in before if one.replaced_at is not None), None))


def _given_before(here: Place, sha256: str, codes: tuple[str, ...]) -> Piece | None:
    """The piece that is this very file, unless the file's name now says another place: it may serve twice."""
    same = (piece for piece in here.pieces if sha256 in {piece.sha256, *piece.details.get("images", ())})
    return next((piece for piece in same if not codes or piece.code in codes or piece.code == PENDING), None)
