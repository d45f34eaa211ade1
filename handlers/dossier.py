"""The pieces: dropped in any order at any moment, recognised or asked about, never guessed, never lost."""

from datetime import datetime
from typing import Any

from aiogram import Bot, F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.dossier import PieceEtat, declare_iprof
from bot.circulaire.reading import fold, read_choice
from bot.errors import Refusal
from handlers.choices import places_for, pressed
from handlers.commands import Called
from handlers.pieces import append_page, settle
from handlers.receipts import renew
from handlers.say import say
from handlers.steps import PENDING, Place, ask, at, may_give, place, private
from handlers.taking import Album, Taken, take, take_all
from storage.files import Files
from storage.tables import Piece
from storage.work import UnitOfWork

router = Router(name="dossier")
router.message.filter(private)
router.callback_query.filter(private)

# What people say of a file besides the choices that they are shown.
_DROPPING = ("aucune", "aucune des quatre", "rien", "ne le garde pas", "ne le gardez pas", "ne garde pas", "efface")
_ADDING = ("ajouter", "ajoute", "ajoutez", "à la suite", "page suivante", "la suite", "suite", "page 2")
_REPLACING = ("remplacer", "remplace", "remplacez", "la remplacer")
# What is neither words nor a file, on the networks that carry it.
_NO_WORDS = frozenset({"sticker", "location", "venue", "contact", "poll", "dice", "story", "game", "checklist"})


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
    album: Album,
) -> None:
    """Take a file, and those that came together with it: one answer for all."""
    if message.document is None or here.candidature is None:
        return
    others = await album()
    if others:
        taken = await take_all([(message, received_at), *others], bot, here, work, files, file_limit)
        lead = say("dossier/received_all", taken=taken, here=here, campagne=campagne)
    else:
        words = message.caption or ""
        taken = [await take(message, bot, here, work, files, file_limit, received_at, words=words)]
        lead = _received(here, taken[0], aside=await state.get_state() is not None)
    placed = [one.piece for one in taken if one.piece and one.piece.code != PENDING]
    latest = max((piece.received_at for piece in placed), default=received_at)
    if not (placed and await renew(message, here, work, files, bureau, latest, lead=lead)):
        await ask(message, here, now, state, lead=lead)


def _received(here: Place, taken: Taken, *, aside: bool) -> str:
    """What is said of a file at once; nothing when the question about it follows."""
    piece, campagne = taken.piece, here.campagne
    if piece is None:
        return say("dossier/same", name=taken.name, twin=taken.twin, campagne=campagne)
    if piece.code != PENDING:
        return say("dossier/received", piece=piece, paper=taken.paper, campagne=campagne, replaced=taken.replaced)
    asked_now = here.step == "which" and here.pending is piece and not aside
    return "" if asked_now else say("dossier/queued", name=piece.name)


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
    message, data = pressed(callback)
    _, number, code = data.split(":", 2)
    piece = here.pending
    if piece is None or str(piece.id) != number:
        await ask(message, here, now, state, lead=say("steps/stale"))
        return
    await _told(message, here, work, piece, code, now, state, files, bureau)


async def a_piece_is_named(message: Message, work: UnitOfWork, campagne: Campagne) -> bool | dict[str, Any]:
    """True when a file waits for its place and the words name one."""
    here = await place(work, campagne, message.chat.id)
    if here.step != "which" or not message.text or here.pending is None:
        return False
    code = _place_named(here, here.pending, message.text)
    return {"here": here, "code": code} if code else False


def _place_named(here: Place, waiting: Piece, said: str) -> str | None:
    """Where the words put a file; to name a piece that is there already says neither « add » nor « replace »."""
    after = waiting.details.get("after")
    maybe = waiting.details.get("maybe")
    offered = [p for p in here.campagne.pieces if p.code != after and (not maybe or p.code in maybe)]
    words = [("-", way) for way in _DROPPING]
    words += [(f"+{after}", way) for way in _ADDING] + [(str(after), way) for way in _REPLACING]
    words += [(piece.code, word) for piece in offered for word in (*piece.words, piece.short, piece.label)]
    code = read_choice(said, places_for(here.campagne, waiting), words)
    if code is None:
        named = {piece.code for piece in offered if any(fold(word) in fold(said) for word in piece.words)}
        code = named.pop() if len(named) == 1 else None
    return code


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
    before = tuple(here.pieces)
    if code.startswith("+"):
        await append_page(here, work, piece, code[1:], now, files)
        before = ()  # its pages are still there
    else:
        asked_already = piece.details.get("after") == code
        await settle(here, work, piece, code, now, files, replace=asked_already)
    placed = piece.code != PENDING
    replaced = next((one for one in before if one.replaced_at is not None), None)
    lead = say("dossier/placed", piece=piece, campagne=here.campagne, replaced=replaced) if placed else ""
    if not (placed and await renew(message, here, work, files, bureau, piece.received_at, lead=lead)):
        await ask(message, here, now, state, lead=lead)


@router.callback_query(F.data.startswith("iprof:"), at)
async def iprof_tapped(
    callback: CallbackQuery, here: Place, work: UnitOfWork, now: datetime, received_at: datetime, state: FSMContext
) -> None:
    """A piece is declared as given through I-Prof."""
    message, data = pressed(callback)
    await _declare(message, here, work, [data.removeprefix("iprof:")], now, received_at, state)


async def an_iprof_declaration(message: Message, work: UnitOfWork, campagne: Campagne) -> bool | dict[str, Any]:
    """« CV sur iprof », « la lettre et le CV sont sur I-Prof »; a question is not a declaration."""
    said = fold(message.text or "")
    if ("iprof" not in said.replace(" ", "")) or "?" in (message.text or ""):
        return False
    here = await place(work, campagne, message.chat.id)
    named = [piece.code for piece in campagne.pieces if any(fold(word) in said for word in piece.words)]
    return {"here": here, "codes": named} if here.step == "pieces" and named else False


@router.message(an_iprof_declaration)
async def iprof_typed(
    message: Message,
    here: Place,
    codes: list[str],
    work: UnitOfWork,
    now: datetime,
    received_at: datetime,
    state: FSMContext,
) -> None:
    """The same, typed, for one piece or for several."""
    await _declare(message, here, work, codes, now, received_at, state)


async def _declare(
    message: Message,
    here: Place,
    work: UnitOfWork,
    codes: list[str],
    now: datetime,
    received_at: datetime,
    state: FSMContext,
) -> None:
    candidature = here.opened
    wanted = [piece for piece in here.missing if piece.code in codes]
    if not wanted:
        await ask(message, here, now, state, lead=say("steps/stale"))
        return
    if not may_give(here, received_at):
        source = here.campagne.sources["closes_at"].source
        raise Refusal("dossier/too_late", source=source, name="", received_at=received_at)
    for one in wanted:
        declare_iprof(here.campagne, one.code)
        piece = Piece(
            id=work.take_id(),
            candidature_id=candidature.id,
            code=one.code,
            etat=PieceEtat.DECLAREE_IPROF,
            received_at=received_at,
        )
        await work.add(piece)
        here.pieces.append(piece)
        work.note("piece.declared", actor=here.actor, candidature_id=candidature.id, code=one.code)
    await ask(message, here, now, state, lead=say("dossier/declared", wanted=wanted))


@router.message(Called("pieces"), at)
async def list_pieces(message: Message, here: Place, campagne: Campagne, now: datetime, state: FSMContext) -> None:
    """The pieces given, and those that are missing."""
    listed_anyway = here.step == "deposit"
    lead = "" if listed_anyway else say("dossier/pieces", here=here, campagne=campagne)
    await ask(message, here, now, state, lead=lead)


@router.message(Called("supprimer", "retirer", "effacer"), at)
async def remove(
    message: Message, here: Place, args: str, campagne: Campagne, work: UnitOfWork, now: datetime, state: FSMContext
) -> None:
    """Take a piece away before the deposit."""
    labels = [(p.code, p.short) for p in campagne.pieces if p.code in here.given]
    words = [(p.code, word) for p in campagne.pieces if p.code in here.given for word in (*p.words, p.label)]
    code = read_choice(args, labels, words) if args else None
    if here.candidature is None or here.candidature.etat != Etat.BROUILLON or code is None:
        await ask(message, here, now, state, lead=say("dossier/remove_what", here=here, labels=labels))
        return
    for piece in [one for one in here.pieces if one.code == code]:
        piece.replaced_at = now
        here.pieces.remove(piece)
    work.note("piece.removed", actor=here.actor, candidature_id=here.candidature.id, code=code)
    await ask(message, here, now, state, lead=say("dossier/removed", wanted=campagne.piece(code)))


@router.message(F.document)
async def no_dossier(
    message: Message, work: UnitOfWork, campagne: Campagne, now: datetime, state: FSMContext, album: Album
) -> None:
    """A file of somebody who has no dossier in this campagne: say so, and ask whether to open one."""
    several = bool(await album())
    here = await place(work, campagne, message.chat.id)
    name = message.document and message.document.file_name
    await ask(message, here, now, state, lead=say("dossier/no_dossier", name=name, several=several))


@router.message(F.content_type.in_(_NO_WORDS))
async def no_words(message: Message, work: UnitOfWork, campagne: Campagne, now: datetime, state: FSMContext) -> None:
    """A sticker, a place or a card to call says nothing that a dossier can hold: say what is read, and ask again."""
    here = await place(work, campagne, message.chat.id)
    await ask(message, here, now, state, lead=say("dossier/unread"))
