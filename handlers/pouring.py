"""A dossier that came by e-mail or by post, entered by the bureau into the same path."""

from datetime import date, time
from typing import Any

from aiogram import F
from aiogram.types import Document, Message

from bot.circulaire.candidature import Etat
from bot.circulaire.delais import is_on_time
from bot.circulaire.dossier import recognise_piece
from bot.circulaire.reading import fold, read_choice
from bot.clock import paris
from bot.errors import Refusal
from handlers.commands import Called
from handlers.confirmations import confirmed, request
from handlers.letters import PAPER, to_candidat
from handlers.pieces import keep, look, put_in_place, settle
from handlers.receipts import post
from handlers.say import say
from handlers.seats import in_bureau, numbered, place_of_one
from handlers.steps import PENDING, Place, may_give
from handlers.turn import Desk, Turn, room
from storage import candidatures, identities
from storage.bureau import Confirmation
from storage.tables import Candidat, Piece

router = room("pouring", in_bureau)
_STOPS = frozenset({"annuler", "arreter", "stop", "fini", "termine", "c est fini"})
_POURABLE = frozenset({Etat.BROUILLON, Etat.EXPIREE, Etat.INCOMPLETE})


@router.message(Called("deposer-pour"))
async def open_for(turn: Turn, nom: str, courriel: str, jour: date, heure: time, circonscription: str) -> None:
    """Open a dossier in somebody's name; the files dropped next in this room go to it."""
    received_at = paris(jour, heure.hour, heure.minute)
    if "@" not in courriel or received_at > turn.now:
        await turn.answer(say("instruction/deposer_pour_how", courriel=courriel, received_at=received_at, now=turn.now))
        return
    name = f"{turn.campagne.numero}-{turn.work.take_id()}"
    person_id = await identities.person(turn.work, PAPER, name, display_name=nom)
    await turn.work.add(Candidat(id=person_id, door=PAPER, display_name=nom, agreed_at=received_at))
    draft = await candidatures.open_draft(turn.work, turn.campagne, person_id)
    draft.received_at = received_at
    draft.notice = {"nom": nom, "courriel": courriel, "circonscription": circonscription}
    candidatures.end_reminders(turn.work, turn.campagne, draft, "a paper dossier")
    turn.work.note(
        "candidature.entered", actor=turn.actor, candidature_id=draft.id, received_at=received_at.isoformat()
    )
    await turn.beside("pour").set_data({"numero": draft.numero})
    here = await place_of_one(turn, draft)
    await turn.answer(say("instruction/pouring", one=draft, here=here, received_at=received_at))


@router.message(Called("verser"))
async def pour_into(turn: Turn, numero: int) -> None:
    """The files dropped next in this room go to this dossier."""
    one = await numbered(turn, numero)
    here = await place_of_one(turn, one)
    if not _is_pourable(here):
        await turn.answer(say("instruction/not_pourable", one=one))
        return
    _check_delay(turn, here)
    await turn.beside("pour").set_data({"numero": numero})
    await turn.answer(say("instruction/pouring", one=one, here=here, received_at=one.received_at))


def _is_pourable(here: Place) -> bool:
    """Whether files may still go to a dossier from the bureau's room: it came on paper and is not decided."""
    on_paper = here.candidat is not None and here.candidat.door == PAPER
    return on_paper and here.opened.etat in _POURABLE


def _check_delay(desk: Desk, here: Place) -> None:
    """Refuse to complete after the closing what two persons have given no delay for.

    Raises:
        Refusal: the closing has passed, and so has any delay that was given.
    """
    one = here.opened
    if one.etat == Etat.INCOMPLETE and not may_give(here, desk.now):
        source = here.campagne.sources["closes_at"].source
        raise Refusal("instruction/needs_delay", source=source, one=one)


async def pouring(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """Gives `here`, the dossier that was named last in this room."""
    waiting = await turn.beside("pour").get_data()
    one = await turn.work.run(candidatures.by_numero, turn.campagne.numero, waiting["numero"]) if waiting else None
    return {"here": await place_of_one(turn, one, acted_by=turn.actor)} if one else False


@router.message(F.document.as_("document"), pouring)
async def pour(turn: Turn, document: Document, here: Place) -> None:
    """Take a file for the dossier named before; its name or its caption says which piece it is."""
    if not _is_pourable(here):  # deposited or decided meanwhile: what was frozen is not touched
        await turn.beside("pour").clear()
        await turn.answer(say("instruction/not_pourable", one=here.opened))
        return
    _check_delay(turn, here)
    name = document.file_name or "fichier"
    paper, data = await look(turn, document, name)
    piece = await keep(turn, here, paper, data, name, turn.now)
    codes = recognise_piece(turn.campagne, turn.words) or recognise_piece(turn.campagne, name)
    await put_in_place(turn, here, piece, paper, codes)
    await _say_where(turn, here)


async def stops(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """Words that end the pouring, while a dossier is named."""
    return fold(turn.text) in _STOPS and await pouring(_, turn)


@router.message(stops)
async def stop_pouring(turn: Turn, here: Place) -> None:
    """The files dropped next in this room go to no dossier."""
    await turn.beside("pour").clear()
    await turn.answer(say("instruction/poured_no_more", one=here.opened))


async def a_piece_to_name(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """Words that name a piece, while a file poured into a dossier waits for its place."""
    found = await pouring(_, turn)
    here: Place | None = found["here"] if isinstance(found, dict) else None
    if here is None or here.pending is None or not _is_pourable(here):
        return False
    labels = [(piece.code, piece.short) for piece in turn.campagne.pieces]
    words = [(piece.code, word) for piece in turn.campagne.pieces for word in (*piece.words, piece.label)]
    code = read_choice(turn.text, labels, words)
    return {"here": here, "piece": here.pending, "code": code} if code else False


@router.message(a_piece_to_name)
async def name_piece(turn: Turn, here: Place, piece: Piece, code: str) -> None:
    """Put the file that waits where it belongs."""
    await settle(turn, here, piece, code, replace=True)
    await _say_where(turn, here)


async def _say_where(turn: Turn, here: Place) -> None:
    """What is there, what is missing; and when nothing is, ask whether the dossier is deposited."""
    one = here.opened
    words = say("instruction/poured", one=one, here=here, campagne=turn.campagne)
    if here.pending or here.missing:
        await turn.answer(words)
        return
    await request(turn, "deposit_for", words, candidature=one.id)


@confirmed("deposit_for", "verser")
async def deposit_for(turn: Turn, row: Confirmation) -> None:
    """Deposit the dossier at the instant at which it was received; the receipt leaves for the mailbox."""
    one = await turn.work.run(candidatures.existing, row.details["candidature"])
    assert one.received_at is not None  # noqa: S101 -- a dossier entered by the bureau says when it came
    here = await place_of_one(turn, one, acted_by=turn.actor)
    _check_delay(turn, here)
    if here.missing or any(piece.code == PENDING for piece in here.pieces):
        raise Refusal("depot/incomplete", source=turn.campagne.sources["dossier"].source, here=here)
    if one.etat != Etat.INCOMPLETE and not is_on_time(turn.campagne, one.received_at):
        candidatures.move(turn.work, turn.campagne, one, "receive_late", actor=here.actor)
        await to_candidat(turn, one, "instruction/late", received_at=one.received_at)
        await turn.answer(say("instruction/late_bureau", one=one, received_at=one.received_at))
        return
    candidatures.move(
        turn.work, turn.campagne, one, "complete" if one.etat == Etat.INCOMPLETE else "deposit", actor=here.actor
    )
    one.deposited_at = turn.now
    await turn.beside("pour").clear()  # a later file of this room is not a piece of what was frozen
    receipt = await post(turn, here, one.received_at)
    await turn.answer(say("instruction/deposited_for", one=one, receipt=receipt))
