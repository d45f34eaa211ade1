"""Where the campagne stands: a picture and its figures in words, the dossiers as tables, the commission's bundle."""

import asyncio
from collections import Counter
from datetime import date
from typing import Any

from bot.circulaire.candidature import Etat
from bot.circulaire.convocation import ConvocationEtat
from bot.circulaire.dossier import missing_pieces
from bot.circulaire.notice import field_words
from bot.circulaire.parts import NoticeField
from bot.papers.picture import TableauFigures, draw_tableau
from bot.papers.sheets import Cell, Sheet, comma_separated, workbook
from handlers.bundle import BEFORE_THE_COMMISSION, BUNDLE
from handlers.commands import Called
from handlers.say import say
from handlers.seats import in_bureau
from handlers.turn import Desk, Turn, room
from handlers.words import letter_state
from storage import candidatures, convocations, letters
from storage.tables import Candidature

router = room("tableau", in_bureau)
_LISTED = tuple(etat for etat in Etat if etat != Etat.EFFACEE)
_OPEN = frozenset({Etat.BROUILLON, Etat.INCOMPLETE})


@router.message(Called("tableau"))
async def show(turn: Turn) -> None:
    """The picture, and its figures in words."""
    figures = await figures_of(turn)
    picture = await asyncio.to_thread(draw_tableau, turn.campagne, figures, at=turn.now)
    await turn.answer_photo(picture, "tableau.png", caption=say("tableau/picture", now=turn.now))
    await turn.answer(say("tableau/figures", figures=figures, campagne=turn.campagne))


async def figures_of(desk: Desk) -> TableauFigures:
    """What is counted: dossiers by state and by day, missing pieces, answers to convocations, letters."""
    every = await desk.work.run(candidatures.listed, desk.campagne.numero)
    states = Counter(one.etat for one in every)
    days = Counter(one.deposited_at.date() for one in every if one.deposited_at)
    missing: Counter[str] = Counter()
    for one in every:
        if one.etat in _OPEN:
            given = {piece.code for piece in await desk.work.run(candidatures.pieces, one.id)}
            missing.update(piece.short for piece in missing_pieces(desk.campagne, given))
    sent = [row for row in await desk.work.run(convocations.live, desk.campagne.numero) if row.published_at]
    answers = Counter(ConvocationEtat(row.etat).label for row in sent)
    states_of_letters = await desk.work.run(letters.counted)
    return TableauFigures(
        states=tuple((etat.label, states[etat]) for etat in _LISTED if states[etat]),
        deposits=tuple(sorted(days.items())),
        missing=tuple((piece.short, missing[piece.short]) for piece in desk.campagne.pieces if missing[piece.short]),
        convocations=tuple(answers.items()),
        letters=tuple((letter_state(state), number) for state, number in sorted(states_of_letters.items())),
    )


@router.message(Called("export"))
async def export(turn: Turn) -> None:
    """The dossiers as XLSX and as CSV: no avis is in them."""
    sheet = await _sheet(turn)
    book = await asyncio.to_thread(workbook, [sheet], at=turn.now)
    name = f"dossiers-{turn.now:%Y%m%d}"
    await turn.answer_document(book, f"{name}.xlsx", caption=say("tableau/export", total=len(sheet.rows)))
    await turn.answer_document(comma_separated(sheet), f"{name}.csv")
    turn.work.note("dossiers.exported", actor=turn.actor, number=len(sheet.rows))


async def _sheet(desk: Desk) -> Sheet:
    labels = (field.label for field in desk.campagne.notice_fields)
    columns = ("N°", "État", "Reçu le", *labels, "Entretien", "Lieu", "Commission", "Convocation", "Pièces manquantes")
    rows = [await _row(desk, one) for one in await desk.work.run(candidatures.listed, desk.campagne.numero)]
    return Sheet("Dossiers", columns, rows)


async def _row(desk: Desk, one: Candidature) -> tuple[Cell, ...]:
    held = await desk.work.run(convocations.in_force, one.id)
    given = {piece.code for piece in await desk.work.run(candidatures.pieces, one.id)}
    missing = ", ".join(piece.short for piece in missing_pieces(desk.campagne, given))
    answers = [_words(field, one.notice.get(field.code)) for field in desk.campagne.notice_fields]
    interview: tuple[Cell, ...] = (None, "", "", "")
    if held is not None and held.published_at:
        interview = (held.starts_at, held.room, held.commission, ConvocationEtat(held.etat).label)
    return (one.numero, Etat(one.etat).label, one.received_at, *answers, *interview, missing)


def _words(field: NoticeField, value: Any) -> Cell:
    """A number and a day stay what they are; a choice is its words."""
    if isinstance(value, int | date):
        return value
    return field_words(field, value) if value else ""


@router.message(Called("commission"))
async def bundle(turn: Turn) -> None:
    """The commission's ZIP is made after this answer has left: it may take minutes."""
    listed = await turn.work.run(candidatures.listed, turn.campagne.numero)
    every = [one for one in listed if one.etat in BEFORE_THE_COMMISSION]
    line = await turn.answer(say("tableau/bundling", total=len(every)))
    if every:
        key = f"{BUNDLE}:{turn.chat_id}:{turn.now.isoformat()}"
        turn.work.agenda.put(BUNDLE, key, turn.now, details={"chat": turn.chat_id, "line": line.message_id})
        turn.work.note("commission.bundled", actor=turn.actor, number=len(every))
