"""The pieces: dropped in any order at any moment, recognised or asked about, never guessed, never lost."""

import asyncio
from datetime import datetime
from typing import Any

from aiogram import Bot, F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Document, Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.delais import is_on_time
from bot.circulaire.dossier import PieceEtat, declare_iprof, recognise_piece
from bot.circulaire.reading import fold, read_choice
from bot.errors import Refusal
from bot.papers.intake import inspect
from bot.papers.join import join_images
from bot.papers.paper import Paper, megabytes
from handlers.commands import Called
from handlers.receipts import renew
from handlers.say import say
from handlers.steps import PENDING, Place, ask, at, place, private
from storage.files import Files
from storage.tables import Piece
from storage.work import UnitOfWork

router = Router(name="dossier")
router.message.filter(private)
router.callback_query.filter(private)

# A draft may have expired before a piece sent on time is handled (the bot was down): the piece still counts.
_CHANGEABLE = frozenset({Etat.BROUILLON, Etat.EXPIREE, Etat.DEPOSEE, Etat.INCOMPLETE})


@router.message(F.document, at)
async def receive(
    message: Message,
    bot: Bot,
    here: Place,
    work: UnitOfWork,
    campagne: Campagne,
    files: Files,
    file_limit: int,
    bureau: tuple[int, ...],
    received_at: datetime,
    now: datetime,
    state: FSMContext,
) -> None:
    """Take a file: looked at by its content, kept by its hash, put where its name says or asked about."""
    document = message.document
    if document is None or here.candidature is None:
        return
    name = document.file_name or "fichier"
    if here.candidature.etat not in _CHANGEABLE or not is_on_time(campagne, received_at):
        raise Refusal(
            "dossier/too_late", source=campagne.sources["closes_at"].source, name=name, received_at=received_at
        )
    paper, data = await _look(bot, document, name, file_limit)
    piece = await _keep(work, files, here, paper, data, name, received_at)
    codes = recognise_piece(campagne, name) or recognise_piece(campagne, message.caption or "")
    await _place(here, work, piece, paper, codes, now, files)
    lead = say("dossier/received", piece=piece, paper=paper, campagne=campagne, here=here) if piece.code else ""
    if not (piece.code and await renew(message, here, work, files, bureau, received_at, lead=lead)):
        await ask(message, here, now, state, lead=lead)


async def _look(bot: Bot, document: Document, name: str, limit: int) -> tuple[Paper, bytes]:
    if document.file_size is not None and document.file_size > limit:
        raise Refusal(
            "dossier/refused_too_large", name=name, limit=megabytes(limit), size=megabytes(document.file_size)
        )
    stream = await bot.download(document)
    data = stream.read() if stream else b""
    return await asyncio.to_thread(inspect, data, name=name, limit=limit), data


async def _keep(
    work: UnitOfWork, files: Files, here: Place, paper: Paper, data: bytes, name: str, received_at: datetime
) -> Piece:
    """A new row for a file, its place in the dossier not told yet."""
    candidature = here.candidature
    assert candidature is not None  # noqa: S101 -- the caller has looked
    piece = Piece(
        id=work.take_id(),
        candidature_id=candidature.id,
        code=PENDING,
        etat=PieceEtat.SAINE,
        sha256=await asyncio.to_thread(files.put, data),
        name=name,
        mime=paper.mime,
        size=len(data),
        pages=paper.pages,
        received_at=received_at,
    )
    await work.add(piece)
    here.pieces.append(piece)
    actor = f"candidat:{here.person_id}"
    work.note(
        "piece.received",
        actor=actor,
        candidature_id=candidature.id,
        piece=piece.id,
        sha256=piece.sha256,
        size=piece.size,
    )
    return piece


async def _place(
    here: Place, work: UnitOfWork, piece: Piece, paper: Paper, codes: tuple[str, ...], now: datetime, files: Files
) -> None:
    """Put a piece where it belongs when that is sure; else leave it to be asked about."""
    if paper.kind.is_image:
        piece.details = {**piece.details, "images": [piece.sha256]}
        piece.pages = 1
    if len(codes) != 1:
        piece.details = {**piece.details, "maybe": list(codes)}
        return
    await _settle(here, work, piece, codes[0], now, files)


async def _settle(
    here: Place, work: UnitOfWork, piece: Piece, code: str, now: datetime, files: Files, *, replace: bool = False
) -> None:
    """Give a piece its place; one more photograph of a piece in photographs is asked about."""
    old = [one for one in here.pieces if one.code == code and one is not piece]
    both_images = "images" in piece.details and any("images" in one.details for one in old)
    if both_images and not replace:
        piece.details = {**piece.details, "after": code}
        return
    for one in old:
        one.replaced_at = now
        work.note("piece.replaced", actor=f"candidat:{here.person_id}", candidature_id=one.candidature_id, code=code)
    here.pieces = [one for one in here.pieces if one not in old]
    piece.code = code
    piece.details = {key: value for key, value in piece.details.items() if key not in {"maybe", "after"}}
    if "images" in piece.details:
        await _as_pdf(piece, files)
    work.note("piece.placed", actor=f"candidat:{here.person_id}", candidature_id=piece.candidature_id, code=code)


async def _as_pdf(piece: Piece, files: Files) -> None:
    """Photographs become one PDF, upright, without the place where they were taken."""
    images = [await asyncio.to_thread(files.get, sha256) for sha256 in piece.details["images"]]
    data = await asyncio.to_thread(join_images, images)
    piece.sha256 = await asyncio.to_thread(files.put, data)
    piece.mime, piece.size, piece.pages = "application/pdf", len(data), len(images)


async def _append(here: Place, work: UnitOfWork, page: Piece, code: str, now: datetime, files: Files) -> None:
    """Add a photograph behind those of a piece: a new piece of all the pages, so that what was frozen never changes."""
    first = next((one for one in here.pieces if one.code == code), None)
    before = first.details.get("images", []) if first else []
    page.details = {**page.details, "images": [*before, *page.details["images"]]}
    await _settle(here, work, page, code, now, files, replace=True)


@router.callback_query(F.data.startswith("w:"), at)
async def which_tapped(
    callback: CallbackQuery,
    here: Place,
    work: UnitOfWork,
    files: Files,
    bureau: tuple[int, ...],
    now: datetime,
    state: FSMContext,
) -> None:
    """Learn which piece a file is."""
    if not isinstance(callback.message, Message) or callback.data is None:
        return
    _, number, code = callback.data.split(":", 2)
    piece = here.pending
    if piece is None or str(piece.id) != number:
        await ask(callback.message, here, now, state, lead=say("steps/stale"))
        return
    await _told(callback.message, here, work, piece, code, now, state, files, bureau)


async def a_piece_is_named(message: Message, work: UnitOfWork, campagne: Campagne) -> bool | dict[str, Any]:
    """True when a file waits for its place and the words name one."""
    here = await place(work, campagne, message.chat.id)
    if here.step != "which" or not message.text or here.pending is None:
        return False
    maybe = here.pending.details.get("maybe") or [piece.code for piece in campagne.pieces]
    offered = [piece for piece in campagne.pieces if piece.code in maybe]
    labels = [(piece.code, piece.short) for piece in offered]
    words = [(piece.code, word) for piece in offered for word in (*piece.words, piece.label)]
    code = read_choice(message.text, labels, words)
    if code is None:
        named = {piece.code for piece in offered if any(fold(w) in fold(message.text) for w in piece.words)}
        code = named.pop() if len(named) == 1 else None
    return {"here": here, "code": code} if code else False


@router.message(a_piece_is_named)
async def which_typed(
    message: Message,
    here: Place,
    code: str,
    work: UnitOfWork,
    files: Files,
    bureau: tuple[int, ...],
    now: datetime,
    state: FSMContext,
) -> None:
    """The same, typed."""
    if here.pending is not None:
        await _told(message, here, work, here.pending, code, now, state, files, bureau)


async def _told(
    message: Message,
    here: Place,
    work: UnitOfWork,
    piece: Piece,
    code: str,
    now: datetime,
    state: FSMContext,
    files: Files,
    bureau: tuple[int, ...],
) -> None:
    if code == "-":
        piece.replaced_at = now
        here.pieces.remove(piece)
        work.note("piece.dropped", actor=f"candidat:{here.person_id}", candidature_id=piece.candidature_id)
        await ask(message, here, now, state, lead=say("dossier/dropped", name=piece.name))
        return
    if code.startswith("+"):
        await _append(here, work, piece, code[1:], now, files)
    else:
        asked_already = piece.details.get("after") == code
        await _settle(here, work, piece, code, now, files, replace=asked_already)
    placed = piece.code != PENDING
    lead = say("dossier/placed", piece=piece, campagne=here.campagne) if placed else ""
    if not (placed and await renew(message, here, work, files, bureau, piece.received_at, lead=lead)):
        await ask(message, here, now, state, lead=lead)


@router.callback_query(F.data.startswith("iprof:"), at)
async def iprof_tapped(
    callback: CallbackQuery, here: Place, work: UnitOfWork, now: datetime, received_at: datetime, state: FSMContext
) -> None:
    """A piece is declared as given through I-Prof."""
    if isinstance(callback.message, Message) and callback.data:
        await _declare(callback.message, here, work, callback.data.removeprefix("iprof:"), now, received_at, state)


async def an_iprof_declaration(message: Message, work: UnitOfWork, campagne: Campagne) -> bool | dict[str, Any]:
    """« CV sur iprof », « la lettre est déposée via I-Prof »; a question is not a declaration."""
    said = fold(message.text or "")
    if ("iprof" not in said.replace(" ", "")) or "?" in (message.text or ""):
        return False
    here = await place(work, campagne, message.chat.id)
    named = [piece.code for piece in campagne.pieces if any(fold(word) in said for word in piece.words)]
    return {"here": here, "code": named[0]} if here.step == "pieces" and len(named) == 1 else False


@router.message(an_iprof_declaration)
async def iprof_typed(
    message: Message, here: Place, code: str, work: UnitOfWork, now: datetime, received_at: datetime, state: FSMContext
) -> None:
    """The same, typed."""
    await _declare(message, here, work, code, now, received_at, state)


async def _declare(
    message: Message, here: Place, work: UnitOfWork, code: str, now: datetime, received_at: datetime, state: FSMContext
) -> None:
    candidature = here.candidature
    if candidature is None or code not in {piece.code for piece in here.missing}:
        await ask(message, here, now, state, lead=say("steps/stale"))
        return
    if not is_on_time(here.campagne, received_at):
        source = here.campagne.sources["closes_at"].source
        raise Refusal("dossier/too_late", source=source, name="", received_at=received_at)
    wanted = declare_iprof(here.campagne, code)
    piece = Piece(
        id=work.take_id(),
        candidature_id=candidature.id,
        code=code,
        etat=PieceEtat.DECLAREE_IPROF,
        received_at=received_at,
    )
    await work.add(piece)
    here.pieces.append(piece)
    work.note("piece.declared", actor=f"candidat:{here.person_id}", candidature_id=candidature.id, code=code)
    await ask(message, here, now, state, lead=say("dossier/declared", wanted=wanted))


@router.message(Called("pieces"), at)
async def list_pieces(message: Message, here: Place, campagne: Campagne, now: datetime, state: FSMContext) -> None:
    """The pieces given, and those that are missing."""
    await ask(message, here, now, state, lead=say("dossier/pieces", here=here, campagne=campagne))


@router.message(Called("supprimer"), at)
async def remove(
    message: Message, here: Place, args: str, campagne: Campagne, work: UnitOfWork, now: datetime, state: FSMContext
) -> None:
    """Take a piece away before the deposit."""
    labels = [(p.code, p.short) for p in campagne.pieces if p.code in here.given]
    words = [(p.code, word) for p in campagne.pieces if p.code in here.given for word in (*p.words, p.label)]
    code = read_choice(args, labels, words) if args else None
    if here.candidature is None or here.candidature.etat != Etat.BROUILLON or code is None:
        await message.answer(say("dossier/remove_what", here=here, campagne=campagne, labels=labels))
        return
    for piece in [one for one in here.pieces if one.code == code]:
        piece.replaced_at = now
        here.pieces.remove(piece)
    work.note("piece.removed", actor=f"candidat:{here.person_id}", candidature_id=here.candidature.id, code=code)
    await ask(message, here, now, state, lead=say("dossier/removed", wanted=campagne.piece(code)))
