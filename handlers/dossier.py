"""The pieces: dropped in any order at any moment, recognised or asked about, never guessed, never lost."""

from datetime import datetime
from typing import Any

from aiogram import Bot, F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.dossier import PieceEtat, declare_iprof, recognise_piece
from bot.circulaire.reading import fold, read_choice
from bot.errors import Refusal
from handlers.commands import Called
from handlers.pieces import append_page, keep, look, put_in_place, settle
from handlers.receipts import renew
from handlers.say import say
from handlers.steps import PENDING, Place, ask, at, may_give, place, private
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
    if here.candidature.etat not in _CHANGEABLE or not may_give(here, received_at):
        raise Refusal(
            "dossier/too_late", source=campagne.sources["closes_at"].source, name=name, received_at=received_at
        )
    paper, data = await look(bot, document, name, file_limit)
    piece = await keep(work, files, here, paper, data, name, received_at)
    codes = recognise_piece(campagne, name) or recognise_piece(campagne, message.caption or "")
    await put_in_place(here, work, piece, paper, codes, now, files)
    lead = say("dossier/received", piece=piece, paper=paper, campagne=campagne, here=here) if piece.code else ""
    if not (piece.code and await renew(message, here, work, files, bureau, received_at, lead=lead)):
        await ask(message, here, now, state, lead=lead)


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
        work.note("piece.dropped", actor=here.actor, candidature_id=piece.candidature_id)
        await ask(message, here, now, state, lead=say("dossier/dropped", name=piece.name))
        return
    if code.startswith("+"):
        await append_page(here, work, piece, code[1:], now, files)
    else:
        asked_already = piece.details.get("after") == code
        await settle(here, work, piece, code, now, files, replace=asked_already)
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
    if not may_give(here, received_at):
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
    work.note("piece.declared", actor=here.actor, candidature_id=candidature.id, code=code)
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
    work.note("piece.removed", actor=here.actor, candidature_id=here.candidature.id, code=code)
    await ask(message, here, now, state, lead=say("dossier/removed", wanted=campagne.piece(code)))
