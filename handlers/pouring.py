"""A dossier that came by e-mail or by post, entered by the bureau into the same path."""

from datetime import date, datetime, time
from typing import Any

from aiogram import Bot, F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import Document, Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.delais import is_on_time, reminders
from bot.circulaire.dossier import recognise_piece
from bot.circulaire.reading import read_choice
from bot.clock import paris
from bot.errors import Refusal
from handlers.commands import Called
from handlers.confirmations import confirmed, request
from handlers.letters import PAPER, stored, to_candidat
from handlers.pieces import keep, look, put_in_place, settle
from handlers.receipts import certify
from handlers.say import say
from handlers.seats import actor, in_bureau, numbered, place_of_one
from handlers.steps import PENDING, Place, beside, may_give
from storage import candidatures, identities
from storage.bureau import Confirmation
from storage.files import Files
from storage.tables import Candidat, Piece
from storage.work import UnitOfWork

router = Router(name="pouring")
router.message.filter(in_bureau)
_POURABLE = frozenset({Etat.BROUILLON, Etat.EXPIREE, Etat.INCOMPLETE})


@router.message(Called("deposer-pour"))
async def open_for(
    message: Message,
    nom: str,
    courriel: str,
    jour: date,
    heure: time,
    circonscription: str,
    work: UnitOfWork,
    campagne: Campagne,
    now: datetime,
    state: FSMContext,
) -> None:
    """Open a dossier in somebody's name; the files dropped next in this room go to it."""
    received_at = paris(jour, heure.hour, heure.minute)
    if "@" not in courriel or received_at > now:
        await message.answer(say("instruction/deposer_pour_how", courriel=courriel, received_at=received_at, now=now))
        return
    person_id = await identities.person(work, PAPER, f"{campagne.numero}-{work.take_id()}", display_name=nom)
    await work.add(Candidat(id=person_id, door=PAPER, display_name=nom, agreed_at=received_at))
    draft = await candidatures.open_draft(work, campagne, person_id)
    draft.received_at = received_at
    draft.notice = {"nom": nom, "courriel": courriel, "circonscription": circonscription}
    for reminder in reminders(campagne):
        work.agenda.end(f"reminder:{draft.id}:{reminder.code}", "a paper dossier")
    work.note("candidature.entered", actor=actor(message), candidature_id=draft.id, received_at=received_at.isoformat())
    await beside(state, "pour").set_data({"numero": draft.numero})
    here = await place_of_one(work, campagne, draft)
    await message.answer(say("instruction/pouring", one=draft, here=here, received_at=received_at))


@router.message(Called("verser"))
async def pour_into(message: Message, numero: int, work: UnitOfWork, campagne: Campagne, state: FSMContext) -> None:
    """The files dropped next in this room go to this dossier."""
    one = await numbered(message, numero, work, campagne)
    if one is None:
        return
    here = await place_of_one(work, campagne, one)
    if not _is_pourable(here):
        await message.answer(say("instruction/not_pourable", one=one))
        return
    _check_delay(here, work)
    await beside(state, "pour").set_data({"numero": numero})
    await message.answer(say("instruction/pouring", one=one, here=here, received_at=one.received_at))


def _is_pourable(here: Place) -> bool:
    """Whether files may still go to a dossier from the bureau's room: it came on paper and is not decided."""
    on_paper = here.candidat is not None and here.candidat.door == PAPER
    return on_paper and here.candidature is not None and here.candidature.etat in _POURABLE


def _check_delay(here: Place, work: UnitOfWork) -> None:
    """Refuse to complete after the closing what two persons have given no delay for.

    Raises:
        Refusal: the closing has passed, and so has any delay that was given.
    """
    one = here.candidature
    if one is not None and one.etat == Etat.INCOMPLETE and not may_give(here, work.now):
        source = here.campagne.sources["closes_at"].source
        raise Refusal("instruction/needs_delay", source=source, one=one)


async def pouring(message: Message, work: UnitOfWork, campagne: Campagne, state: FSMContext) -> bool | dict[str, Any]:
    """Gives `here`, the dossier that was named last in this room."""
    waiting = await beside(state, "pour").get_data()
    one = await work.run(candidatures.by_numero, campagne.numero, waiting["numero"]) if waiting else None
    return {"here": await place_of_one(work, campagne, one, acted_by=actor(message))} if one else False


@router.message(F.document.as_("document"), pouring)
async def pour(
    message: Message,
    document: Document,
    here: Place,
    bot: Bot,
    work: UnitOfWork,
    campagne: Campagne,
    files: Files,
    file_limit: int,
    now: datetime,
    state: FSMContext,
) -> None:
    """Take a file for the dossier named before; its name or its caption says which piece it is."""
    if not _is_pourable(here):  # deposited or decided meanwhile: what was frozen is not touched
        await beside(state, "pour").clear()
        await message.answer(say("instruction/not_pourable", one=here.candidature))
        return
    _check_delay(here, work)
    name = document.file_name or "fichier"
    paper, data = await look(bot, document, name, file_limit)
    piece = await keep(work, files, here, paper, data, name, now)
    codes = recognise_piece(campagne, message.caption or "") or recognise_piece(campagne, name)
    await put_in_place(here, work, piece, paper, codes, now, files)
    await _say_where(message, here, work, campagne)


async def a_piece_to_name(
    message: Message, work: UnitOfWork, campagne: Campagne, state: FSMContext
) -> bool | dict[str, Any]:
    """Words that name a piece, while a file poured into a dossier waits for its place."""
    found = await pouring(message, work, campagne, state)
    here: Place | None = found["here"] if isinstance(found, dict) else None
    if here is None or here.pending is None or not _is_pourable(here):
        return False
    labels = [(piece.code, piece.short) for piece in campagne.pieces]
    words = [(piece.code, word) for piece in campagne.pieces for word in (*piece.words, piece.label)]
    code = read_choice(message.text or "", labels, words)
    return {"here": here, "piece": here.pending, "code": code} if code else False


@router.message(a_piece_to_name)
async def name_piece(
    message: Message,
    here: Place,
    piece: Piece,
    code: str,
    work: UnitOfWork,
    campagne: Campagne,
    now: datetime,
    files: Files,
) -> None:
    """Put the file that waits where it belongs."""
    await settle(here, work, piece, code, now, files, replace=True)
    await _say_where(message, here, work, campagne)


async def _say_where(message: Message, here: Place, work: UnitOfWork, campagne: Campagne) -> None:
    """What is there, what is missing; and when nothing is, ask whether the dossier is deposited."""
    one = here.opened
    words = say("instruction/poured", one=one, here=here, campagne=campagne)
    if here.pending or here.missing:
        await message.answer(words)
        return
    await request(message, work, "deposit_for", words, candidature=one.id)


@confirmed("deposit_for")
async def deposit_for(
    message: Message,
    row: Confirmation,
    *,
    by: int,
    work: UnitOfWork,
    campagne: Campagne,
    files: Files,
    state: FSMContext,
    **_: object,
) -> None:
    """Deposit the dossier at the instant at which it was received; the receipt leaves for the mailbox."""
    one = await work.run(candidatures.existing, row.details["candidature"])
    assert one.received_at is not None  # noqa: S101 -- a dossier entered by the bureau says when it came
    here = await place_of_one(work, campagne, one, acted_by=f"bureau:{by}")
    _check_delay(here, work)
    if here.missing or any(piece.code == PENDING for piece in here.pieces):
        raise Refusal("depot/incomplete", source=campagne.sources["dossier"].source, here=here)
    if one.etat != Etat.INCOMPLETE and not is_on_time(campagne, one.received_at):
        candidatures.move(work, campagne, one, "receive_late", actor=here.actor)
        to_candidat(work, one, PAPER, "instruction/late", campagne=campagne, received_at=one.received_at)
        await message.answer(say("instruction/late_bureau", one=one, received_at=one.received_at))
        return
    candidatures.move(work, campagne, one, "complete" if one.etat == Etat.INCOMPLETE else "deposit", actor=here.actor)
    one.deposited_at = work.now
    await beside(state, "pour").clear()  # a later file of this room is not a piece of what was frozen
    receipt, facts, pdf = await certify(here, work, files, one.received_at)
    paper = stored(receipt.sha256, f"recepisse-{receipt.rank}.pdf", len(pdf))
    to_candidat(
        work,
        one,
        PAPER,
        "instruction/receipt",
        campagne=campagne,
        files=[paper],
        facts=facts,
        receipt=receipt,
        here=here,
    )
    await message.answer(say("instruction/deposited_for", one=one, receipt=receipt))
