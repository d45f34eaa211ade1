"""The pieces: dropped in any order at any moment, recognised or asked about, never guessed, never lost."""

import re
from typing import Any

from aiogram import F
from aiogram.types import Message

from bot.circulaire.candidature import Etat
from bot.circulaire.dossier import PieceEtat, declare_iprof
from bot.circulaire.reading import fold, fold_declared, read_choice
from bot.errors import Refusal
from handlers.choices import Tapped, places_for
from handlers.commands import Called
from handlers.pieces import add, append_page, no_more_pages, settle
from handlers.receipts import renew
from handlers.say import say
from handlers.steps import PENDING, Place, ask, at, may_give, place, private, tell
from handlers.taking import Album, Taken, take, take_all
from handlers.turn import Turn, room
from storage.tables import Piece

passing = room("dossier.passing", private)  # what is said of a file that is there, before the circular's answers
router = room("dossier", private)

# What people say of a file besides the choices that they are shown.
_DROPPING = ("aucune", "aucune des quatre", "rien", "ne le garde pas", "ne le gardez pas", "ne garde pas", "efface")
_ADDING = ("ajouter", "ajoute", "ajoutez", "à la suite", "page suivante", "la suite", "suite", "page 2")
_REPLACING = ("remplacer", "remplace", "remplacez", "la remplacer")
_WRONG_FILE = re.compile(
    r"\b(?:remplace[rz]?|change[rz]?) (?:mon|ma|mes|le|la|l|les|un|une|de)\b|\btrompee? (?:de|d)\b"
    r"|\bpas (?:le bon|la bonne)\b|\b(?:mauvaise?|autre version) "
)
_UNSURE = re.compile(r"\b(?:pas|plus|jamais|si|comment|pourquoi)\b")
_A_FILE = re.compile(r"\b(?:fichier|document|scan|photo|piece)\b")
# What is neither words nor a file, on the networks that carry it.
_NO_WORDS = frozenset({"sticker", "location", "venue", "contact", "poll", "dice", "story", "game", "checklist"})


@router.message(F.document, at)
async def receive(turn: Turn, here: Place, album: Album) -> None:
    """Take a file, and those that came together with it: one answer for all."""
    others = await album()
    if others:
        taken = await take_all(turn, [(turn.message, turn.received_at), *others], here)
        lead = say("dossier/received_all", taken=taken, here=here, campagne=turn.campagne)
    else:
        taken = [await take(turn, turn.message, here, turn.received_at, words=turn.words)]
        lead = _received(here, taken[0], aside=await turn.state.get_state() is not None)
    placed = [one.piece for one in taken if one.piece and one.piece.code != PENDING]
    latest = max((piece.received_at for piece in placed), default=turn.received_at)
    if not (placed and await renew(turn, here, latest, lead=lead)):
        await ask(turn, here, lead=lead)


def _received(here: Place, taken: Taken, *, aside: bool) -> str:
    """What is said of a file at once; nothing when the question about it follows."""
    piece, campagne = taken.piece, here.campagne
    if piece is None:
        return say("dossier/same", name=taken.name, twin=taken.twin, campagne=campagne)
    if piece.code != PENDING:
        return say("dossier/received", piece=piece, paper=taken.paper, campagne=campagne, replaced=taken.replaced)
    asked_now = here.step == "which" and here.pending is piece and not aside
    return "" if asked_now else say("dossier/queued", name=piece.name)


async def a_file_is_wrong(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """« Je me suis trompée de CV », « remplacer la lettre », of what was given as a file."""
    said = fold(turn.text)
    if not _WRONG_FILE.search(said):
        return False
    here = await place(turn, turn.chat_id)
    files = {one.code for one in here.pieces if one.sha256 and one.code != PENDING}
    given = [piece for piece in turn.campagne.pieces if piece.code in files]
    named = [piece for piece in given if any(f" {fold_declared(word)} " in f" {said} " for word in piece.words)]
    if len(named) != 1 and not (given and _A_FILE.search(said)):
        return False
    return {"here": here, "piece": named[0] if len(named) == 1 else None}


@passing.message(a_file_is_wrong)
async def how_to_replace(turn: Turn, here: Place, piece: Any) -> None:
    """A new file takes the place of the old one; nothing is taken away before it is there."""
    draft = here.opened.etat == Etat.BROUILLON
    words = say("dossier/how_to_replace", piece=piece, draft=draft, may_give=may_give(here, turn.received_at))
    await tell(turn, here, words)


async def an_iprof_declaration(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """« CV sur iprof », « la lettre et le CV sont sur I-Prof »: said at any step, neither denied nor asked."""
    said = fold(turn.text)
    if "iprof" not in said.replace(" ", "") or "?" in turn.text or _UNSURE.search(said):
        return False
    here = await place(turn, turn.chat_id)
    named = [piece.code for piece in turn.campagne.pieces if any(fold(word) in said for word in piece.words)]
    draft = here.candidature is not None and here.candidature.etat == Etat.BROUILLON
    return {"here": here, "codes": named} if draft and named else False


@router.callback_query(Tapped("iprof", codes=lambda code: [code]), at)
@router.message(an_iprof_declaration)
async def declare(turn: Turn, here: Place, codes: list[str]) -> None:
    """Pieces are declared as given through I-Prof."""
    wanted = [piece for piece in here.missing if piece.code in codes]
    if not wanted:
        await ask(turn, here, lead=say("steps/stale"))
        return
    if not may_give(here, turn.received_at):
        source = here.campagne.sources["closes_at"].source
        raise Refusal("dossier/too_late", source=source, name="", received_at=turn.received_at)
    for one in wanted:
        declare_iprof(here.campagne, one.code)
        await add(turn, here, code=one.code, etat=PieceEtat.DECLAREE_IPROF, received_at=turn.received_at)
        turn.work.note("piece.declared", actor=here.actor, candidature_id=here.opened.id, code=one.code)
    await ask(turn, here, lead=say("dossier/declared", wanted=wanted))


async def a_piece_is_named(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """True when a file waits for its place and the words name one."""
    here = await place(turn, turn.chat_id)
    if here.step != "which" or not turn.text or here.pending is None:
        return False
    code = _place_named(here, here.pending, turn.text)
    return {"here": here, "waiting": here.pending.id, "code": code} if code else False


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


@router.callback_query(Tapped("w", waiting=int, code=str), at)
@router.message(a_piece_is_named)
async def which(turn: Turn, here: Place, waiting: int, code: str) -> None:
    """Learn which piece a file is."""
    piece = here.pending
    if piece is None or piece.id != waiting:
        await ask(turn, here, lead=say("steps/stale"))
        return
    if code == "-":
        piece.replaced_at = turn.now
        here.pieces.remove(piece)
        turn.work.note("piece.dropped", actor=here.actor, candidature_id=piece.candidature_id)
        await ask(turn, here, lead=say("dossier/dropped", name=piece.name))
        return
    before = tuple(here.pieces)
    if code.startswith("+"):
        await append_page(turn, here, piece, code[1:])
        before = ()  # its pages are still there
    else:
        asked_already = piece.details.get("after") == code
        await settle(turn, here, piece, code, replace=asked_already)
    placed = piece.code != PENDING
    replaced = next((one for one in before if one.replaced_at is not None), None)
    lead = say("dossier/placed", piece=piece, campagne=here.campagne, replaced=replaced) if placed else ""
    if not (placed and await renew(turn, here, piece.received_at, lead=lead)):
        await ask(turn, here, lead=lead)


@router.message(Called("pieces"), at)
async def list_pieces(turn: Turn, here: Place) -> None:
    """The pieces given, and those that are missing."""
    listed_anyway = here.step == "deposit"
    lead = "" if listed_anyway else say("dossier/pieces", here=here, campagne=turn.campagne)
    await ask(turn, here, lead=lead)


@router.message(Called("supprimer", "retirer", "effacer"), at)
async def remove(turn: Turn, here: Place, args: str) -> None:
    """Take a piece away before the deposit."""
    labels = [(p.code, p.short) for p in turn.campagne.pieces if p.code in here.given]
    words = [(p.code, word) for p in turn.campagne.pieces if p.code in here.given for word in (*p.words, p.label)]
    code = read_choice(args, labels, words) if args else None
    if here.opened.etat != Etat.BROUILLON or code is None:
        await ask(turn, here, lead=say("dossier/remove_what", here=here, labels=labels))
        return
    for piece in [one for one in here.pieces if one.code == code]:
        piece.replaced_at = turn.now
        here.pieces.remove(piece)
    no_more_pages(here, code)
    turn.work.note("piece.removed", actor=here.actor, candidature_id=here.opened.id, code=code)
    await ask(turn, here, lead=say("dossier/removed", wanted=turn.campagne.piece(code)))


@router.message(F.document)
async def no_dossier(turn: Turn, album: Album) -> None:
    """A file of somebody who has no dossier in this campagne: say so, and ask whether to open one."""
    several = bool(await album())
    here = await place(turn, turn.chat_id)
    name = turn.message.document and turn.message.document.file_name
    await ask(turn, here, lead=say("dossier/no_dossier", name=name, several=several))


@router.message(F.content_type.in_(_NO_WORDS))
async def no_words(turn: Turn) -> None:
    """A sticker, a place or a card to call says nothing that a dossier can hold: say what is read, and ask again."""
    here = await place(turn, turn.chat_id)
    await ask(turn, here, lead=say("dossier/unread"))
