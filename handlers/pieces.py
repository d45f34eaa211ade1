"""What is done with a file: looked at by its content, kept by its hash, put in its place, asked about or handed on."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from aiogram.types import Document, Message

from bot.circulaire.candidature import Etat
from bot.circulaire.dossier import PieceEtat, recognise_piece
from bot.errors import Refusal
from bot.papers.intake import inspect
from bot.papers.join import join_images
from bot.papers.paper import Paper, megabytes, shown_name
from handlers.letters import Stored, stored
from handlers.say import say
from handlers.steps import PENDING, Place, may_give
from handlers.turn import Desk, Turn
from storage.files import Files
from storage.outbox import Letter
from storage.tables import Piece
from storage.work import UnitOfWork

_TAKES_PIECES = frozenset({Etat.BROUILLON, Etat.DEPOSEE, Etat.INCOMPLETE})


async def look(turn: Turn, document: Document, name: str) -> tuple[Paper, bytes]:
    """Fetch a file and look at its content.

    Raises:
        Refusal: it cannot be a piece.
    """
    if document.file_size is not None and document.file_size > turn.file_limit:
        raise Refusal(
            "dossier/refused_too_large", name=name, limit=megabytes(turn.file_limit), size=megabytes(document.file_size)
        )
    data = await turn.download(document)
    return await asyncio.to_thread(inspect, data, name=name, limit=turn.file_limit), data


def is_for_dossier(here: Place, document: Document, words: str, received_at: datetime) -> bool:
    """Whether the name of a file, or the words beside it, are those of one piece, and the dossier still takes it."""
    codes = recognise_piece(here.campagne, document.file_name or "") or recognise_piece(here.campagne, words)
    takes = here.candidature is not None and here.candidature.etat in _TAKES_PIECES
    return len(codes) == 1 and takes and may_give(here, received_at)


async def names_no_piece(_: Message, turn: Turn, args: str) -> bool:
    """False for a command on one piece: « retirer le CV » is not about the candidature."""
    return len(recognise_piece(turn.campagne, args)) != 1


async def take_along(turn: Turn, document: Document) -> Stored:
    """A file to hand on to somebody: fetched, looked at like a piece, kept for the letters that carry it.

    Raises:
        Refusal: it is too large, damaged, or of a kind that cannot be looked at.
    """
    name = shown_name(document.file_name or "fichier")
    paper, data = await look(turn, document, name)
    return stored(await asyncio.to_thread(turn.files.put, data), name, len(data), paper.mime)


def hand_on(
    work: UnitOfWork, chats: Iterable[int], file: Stored, text: str, *, candidature_id: int | None, **values: object
) -> list[int]:
    """A letter with a file and its caption to each conversation; returns the messages' ids."""
    payload = {"document": file, "caption": say(text, file=file, **values), "parse_mode": "HTML"}
    sent = [work.outbox.put(Letter(chat, "sendDocument", payload, text, candidature_id)) for chat in chats]
    return [message for message in sent if message is not None]


async def keep(desk: Desk, here: Place, paper: Paper, data: bytes, name: str, received_at: datetime) -> Piece:
    """A new row for a file, its place in the dossier not told yet."""
    piece = await add(
        desk,
        here,
        code=PENDING,
        etat=PieceEtat.SAINE,
        sha256=await asyncio.to_thread(desk.files.put, data),
        name=name,
        mime=paper.mime,
        size=len(data),
        pages=paper.pages,
        received_at=received_at,
    )
    facts: dict[str, Any] = {"piece": piece.id, "sha256": piece.sha256, "size": piece.size}
    desk.work.note("piece.received", actor=here.actor, candidature_id=piece.candidature_id, **facts)
    return piece


async def add(desk: Desk, here: Place, **facts: Any) -> Piece:
    """A new piece of a dossier, received, written or declared."""
    piece = Piece(id=desk.work.take_id(), candidature_id=here.opened.id, **facts)
    await desk.work.add(piece)
    here.pieces.append(piece)
    return piece


async def put_in_place(desk: Desk, here: Place, piece: Piece, paper: Paper, codes: tuple[str, ...]) -> None:
    """Put a piece where it belongs when that is sure; else leave it to be asked about."""
    if paper.kind.is_image:
        piece.details = {**piece.details, "images": [piece.sha256]}
        piece.pages = 1
    if len(codes) != 1:
        piece.details = {**piece.details, "maybe": list(codes), "blank": paper.blank}
        return
    await settle(desk, here, piece, codes[0])


async def settle(desk: Desk, here: Place, piece: Piece, code: str, *, replace: bool = False) -> None:
    """Give a piece its place; one more photograph of a piece in photographs is asked about."""
    old = [one for one in here.pieces if one.code == code and one is not piece]
    both_images = "images" in piece.details and any("images" in one.details for one in old)
    if both_images and not replace:
        piece.details = {**piece.details, "after": code}
        return
    for one in old:
        one.replaced_at = desk.now
        desk.work.note("piece.replaced", actor=here.actor, candidature_id=one.candidature_id, code=code)
    here.pieces = [one for one in here.pieces if one not in old]
    piece.code = code
    piece.details = {key: value for key, value in piece.details.items() if key not in {"maybe", "after"}}
    if "images" in piece.details:
        await _as_pdf(piece, desk.files)
    else:
        no_more_pages(here, code)
    desk.work.note("piece.placed", actor=here.actor, candidature_id=piece.candidature_id, code=code)


def no_more_pages(here: Place, code: str) -> None:
    """A photograph that might be a page of a piece may be any piece again, once that one is not in photographs."""
    for waiting in here.pieces:
        if waiting.details.get("after") == code:
            waiting.details = {key: value for key, value in waiting.details.items() if key != "after"}


async def _as_pdf(piece: Piece, files: Files) -> None:
    """Photographs become one PDF, upright, without the place where they were taken."""
    images = [await asyncio.to_thread(files.get, sha256) for sha256 in piece.details["images"]]
    data = await asyncio.to_thread(join_images, images)
    piece.sha256 = await asyncio.to_thread(files.put, data)
    piece.mime, piece.size, piece.pages = "application/pdf", len(data), len(images)


async def append_page(desk: Desk, here: Place, page: Piece, code: str) -> None:
    """Add a photograph behind those of a piece: a new piece of all the pages, so that what was frozen never changes."""
    first = next((one for one in here.pieces if one.code == code), None)
    before = first.details.get("images", []) if first else []
    page.details = {**page.details, "images": [*before, *page.details["images"]]}
    await settle(desk, here, page, code, replace=True)
