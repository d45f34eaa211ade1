"""Where the campagne stands: a picture and its figures in words, the dossiers as tables, the commission's bundle."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from aiogram import Router
from aiogram.types import BufferedInputFile, Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.convocation import ConvocationEtat
from bot.circulaire.dossier import missing_pieces
from bot.papers.picture import TableauFigures, draw_tableau
from bot.papers.sheets import Sheet, comma_separated, workbook
from handlers.bundle import BUNDLE, HEARD
from handlers.commands import Called
from handlers.say import say
from handlers.seats import actor, in_bureau
from handlers.words import letter_state
from storage import candidatures, convocations, letters
from storage.tables import Candidature
from storage.work import UnitOfWork

router = Router(name="tableau")
router.message.filter(in_bureau)
_LISTED = tuple(etat for etat in Etat if etat != Etat.EFFACEE)
_OPEN = frozenset({Etat.BROUILLON, Etat.INCOMPLETE})


@router.message(Called("tableau"))
async def show(message: Message, work: UnitOfWork, campagne: Campagne, now: datetime) -> None:
    """The picture, and its figures in words."""
    figures = await figures_of(work, campagne, now)
    picture = await asyncio.to_thread(draw_tableau, campagne, figures, at=now)
    caption = say("tableau/picture", now=now)
    await message.answer_photo(BufferedInputFile(picture, filename="tableau.png"), caption=caption)
    await message.answer(say("tableau/figures", figures=figures, campagne=campagne))


async def figures_of(work: UnitOfWork, campagne: Campagne, now: datetime) -> TableauFigures:
    """What is counted: dossiers by state and by day, missing pieces, answers to convocations, letters."""
    every = await work.run(candidatures.listed, campagne.numero)
    states = Counter(one.etat for one in every)
    days = Counter(one.deposited_at.date() for one in every if one.deposited_at)
    missing: Counter[str] = Counter()
    for one in every:
        if one.etat in _OPEN:
            given = {piece.code for piece in await work.run(candidatures.pieces, one.id)}
            missing.update(piece.short for piece in missing_pieces(campagne, given))
    sent = [row for row in await work.run(convocations.live, campagne.numero) if row.published_at]
    answers = Counter(ConvocationEtat(row.etat).label for row in sent)
    states_of_letters = await work.run(letters.counted)
    del now
    return TableauFigures(
        states=tuple((etat.label, states[etat]) for etat in _LISTED if states[etat]),
        deposits=tuple(sorted(days.items())),
        missing=tuple((piece.short, missing[piece.short]) for piece in campagne.pieces if missing[piece.short]),
        convocations=tuple(answers.items()),
        letters=tuple((letter_state(state), number) for state, number in sorted(states_of_letters.items())),
    )


@router.message(Called("export"))
async def export(message: Message, work: UnitOfWork, campagne: Campagne, now: datetime) -> None:
    """The dossiers as XLSX and as CSV: no avis is in them."""
    sheet = await _sheet(work, campagne)
    book = await asyncio.to_thread(workbook, [sheet], at=now)
    name = f"dossiers-{now:%Y%m%d}"
    book_file = BufferedInputFile(book, filename=f"{name}.xlsx")
    caption = say("tableau/export", total=len(sheet.rows))
    await message.answer_document(book_file, caption=caption)
    lines_file = BufferedInputFile(comma_separated(sheet), filename=f"{name}.csv")
    await message.answer_document(lines_file)
    work.note("dossiers.exported", actor=actor(message), number=len(sheet.rows))


async def _sheet(work: UnitOfWork, campagne: Campagne) -> Sheet:
    fields = [(field.code, field.label) for field in campagne.notice_fields]
    columns = ("N°", "État", "Reçu le", *(label for _, label in fields), "Entretien", "Lieu", "Pièces manquantes")
    rows = [
        await _row(one, [code for code, _ in fields], work, campagne)
        for one in await work.run(candidatures.listed, campagne.numero)
    ]
    return Sheet("Dossiers", columns, rows)


async def _row(one: Candidature, codes: list[str], work: UnitOfWork, campagne: Campagne) -> tuple[Any, ...]:
    held = await work.run(convocations.in_force, one.id)
    given = {piece.code for piece in await work.run(candidatures.pieces, one.id)}
    notice: Mapping[str, Any] = one.notice
    missing = ", ".join(piece.short for piece in missing_pieces(campagne, given))
    etat = Etat(one.etat)
    answers = [_words(notice.get(code)) for code in codes]
    interview = (held.starts_at, held.room) if held is not None and held.published_at else (None, "")
    return (one.numero, etat.label, one.received_at, *answers, *interview, missing)


def _words(value: Any) -> Any:
    return value if isinstance(value, int | date) else str(value or "")


@router.message(Called("commission"))
async def bundle(message: Message, work: UnitOfWork, campagne: Campagne, now: datetime) -> None:
    """The commission's ZIP is made after this answer has left: it may take minutes."""
    every = [one for one in await work.run(candidatures.listed, campagne.numero) if one.etat in HEARD]
    line = await message.answer(say("tableau/bundling", total=len(every)))
    if every:
        key = f"{BUNDLE}:{message.chat.id}:{now.isoformat()}"
        work.agenda.put(BUNDLE, key, now, details={"chat": message.chat.id, "line": line.message_id})
        work.note("commission.bundled", actor=actor(message), number=len(every))
