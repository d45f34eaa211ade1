"""The bureau's room: the dossiers, one dossier and its pieces, its history, the letters, the calendar."""

import asyncio
import json
from datetime import datetime

from aiogram import F, Router
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.reading import fold
from bot.circulaire.stage import campagne_etat
from bot.papers.paper import KINDS
from bot.papers.reading_copy import OFFICE, reading_copy
from handlers.choices import keyboard, pressed
from handlers.commands import Called
from handlers.say import say
from handlers.seats import actor, in_bureau, numbered, place_of_one
from storage import candidatures, journal, letters
from storage.files import Files
from storage.outbox import Letter
from storage.tables import Candidature, Piece
from storage.work import UnitOfWork

router = Router(name="bureau")
_PAGE = 15  # dossiers a page
_LETTERS = 20  # the last ones of a dossier


router.message.filter(in_bureau)
router.callback_query.filter(in_bureau)


@router.message(Called("dossiers"))
async def list_dossiers(message: Message, args: str, work: UnitOfWork, campagne: Campagne) -> None:
    """The dossiers, all or those of a state, or whose name or number holds some words."""
    await _list(message, args, 1, work, campagne)


@router.callback_query(F.data.startswith("page:"))
async def turn_page(callback: CallbackQuery, work: UnitOfWork, campagne: Campagne) -> None:
    """Another page of the same list."""
    message, data = pressed(callback)
    _, page, args = data.split(":", 2)
    await _list(message, args, int(page), work, campagne)


async def _list(message: Message, args: str, page: int, work: UnitOfWork, campagne: Campagne) -> None:
    every = await work.run(candidatures.listed, campagne.numero)
    wanted, search = _state_and_search(args)
    found = [one for one in every if (wanted is None or one.etat == wanted) and _fits(one, search)]
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    rows = [(one, await place_of_one(work, campagne, one)) for one in shown]
    pages = max(1, -(-len(found) // _PAGE))
    counts = await work.run(candidatures.counts, campagne.numero)
    figures = [(Etat(etat).label, number) for etat, number in sorted(counts.items())]
    words = say(
        "bureau/dossiers", rows=rows, total=len(found), page=page, pages=pages, figures=figures, campagne=campagne
    )
    more = keyboard(((f"page:{page + 1}:{args[:30]}", "Page suivante"),)) if page < pages else None
    await message.answer(words, reply_markup=more)


def _state_and_search(args: str) -> tuple[Etat | None, str]:
    """« déposée martin »: a state, or its first word, and what is looked for besides."""
    said = fold(args)
    for etat in Etat:
        for name in sorted({fold(etat.value), fold(etat.label), fold(etat.label).split()[0]}, key=len, reverse=True):
            for form in (name, f"{name}s"):
                if said == form or said.startswith(f"{form} "):
                    return etat, said.removeprefix(form).strip()
    return None, said


def _fits(one: Candidature, said: str) -> bool:
    notice = " ".join(str(value) for value in (one.notice.get("nom", ""), one.notice.get("circonscription", "")))
    return not said or said == str(one.numero) or said in fold(notice)


@router.message(Called("dossier"))
async def show_dossier(message: Message, numero: int, work: UnitOfWork, campagne: Campagne) -> None:
    """One dossier: answers, pieces, receipts, and how to have the files."""
    found = await numbered(message, numero, work, campagne)
    if found is None:
        return
    here = await place_of_one(work, campagne, found)
    receipts = await work.run(candidatures.receipts, found.id)
    words = say("bureau/dossier", here=here, one=found, receipts=receipts, campagne=campagne)
    given = any(piece.sha256 for piece in here.pieces)
    buttons = keyboard(((f"files:{found.numero}", "Voir les pièces"), (f"history:{found.numero}", "Voir l’histoire")))
    await message.answer(words, reply_markup=buttons if given else None)
    work.note("dossier.read", actor=actor(message), candidature_id=found.id)


@router.message(Called("pieces-de"))
async def send_pieces(message: Message, numero: int, work: UnitOfWork, campagne: Campagne, files: Files) -> None:
    """The pieces of a dossier, as files in the room."""
    found = await numbered(message, numero, work, campagne)
    if found is not None:
        await _send_pieces(message, found, work, campagne, files)


@router.callback_query(F.data.startswith("files:"))
async def pieces_tapped(callback: CallbackQuery, work: UnitOfWork, campagne: Campagne, files: Files) -> None:
    """The same, tapped."""
    message, data = pressed(callback)
    found = await numbered(message, int(data.removeprefix("files:")), work, campagne)
    if found is not None:
        await _send_pieces(message, found, work, campagne, files)


async def _send_pieces(
    message: Message, found: Candidature, work: UnitOfWork, campagne: Campagne, files: Files
) -> None:
    here = await place_of_one(work, campagne, found)
    given = [piece for piece in here.pieces if piece.sha256 and piece.code]
    if not given:
        await message.answer(say("bureau/no_pieces", one=found))
    for piece in given:
        data = await asyncio.to_thread(files.get, str(piece.sha256))
        suffix = piece.name.rpartition(".")[2] if "." in piece.name and piece.mime != "application/pdf" else "pdf"
        name = f"dossier-{found.numero}-{piece.code}.{suffix}"
        caption = say("bureau/piece", one=found, piece=piece, campagne=campagne)
        await message.answer_document(BufferedInputFile(data, filename=name), caption=caption)
        await _send_copy(message, found, piece, data, name, work, campagne)
    work.note("pieces.read", actor=actor(message), candidature_id=found.id)


async def _send_copy(
    message: Message, found: Candidature, piece: Piece, data: bytes, name: str, work: UnitOfWork, campagne: Campagne
) -> None:
    """The pages to read of a word processor's file."""
    kind = KINDS.get(piece.mime)
    if kind not in OFFICE:
        return
    label = campagne.piece(piece.code).label
    copy = await asyncio.to_thread(reading_copy, campagne, found.numero, label, data, kind, name, at=work.now)
    if copy is not None:
        paper = BufferedInputFile(copy, filename=f"dossier-{found.numero}-{piece.code}-lecture.pdf")
        await message.answer_document(paper, caption=say("bureau/reading_copy", one=found, label=label))


@router.message(Called("journal"))
async def show_journal(message: Message, numero: int, work: UnitOfWork, campagne: Campagne) -> None:
    """Who did what on a dossier."""
    found = await numbered(message, numero, work, campagne)
    if found is not None:
        await _history(message, found, work)


@router.callback_query(F.data.startswith("history:"))
async def history_tapped(callback: CallbackQuery, work: UnitOfWork, campagne: Campagne) -> None:
    """The same, tapped."""
    message, data = pressed(callback)
    found = await numbered(message, int(data.removeprefix("history:")), work, campagne)
    if found is not None:
        await _history(message, found, work)


async def _history(message: Message, found: Candidature, work: UnitOfWork) -> None:
    lines = await work.run(journal.lines, found.id)
    rows = [(line, json.loads(line.details)) for line in lines[-25:]]
    await message.answer(say("bureau/journal", one=found, rows=rows, total=len(lines)))


@router.message(Called("lettres"))
async def show_letters(
    message: Message, acte: str | None, numero: int | None, work: UnitOfWork, campagne: Campagne, now: datetime
) -> None:
    """The letters that wait or failed, or those of one dossier; « relancer » sends the failed ones again, or one."""
    if numero is not None and not acte:
        found = await numbered(message, numero, work, campagne)
        if found is not None:
            rows = await work.run(letters.of_candidature, found.id)
            await message.answer(say("bureau/lettres_dossier", one=found, rows=rows[-_LETTERS:], total=len(rows)))
        return
    revived = await _revive(work, message, numero) if acte else 0
    counts = await work.run(letters.counted)
    delivered, read = await work.run(letters.told)
    troubled = await work.run(letters.troubled)
    facts = {"counts": counts, "delivered": delivered, "read": read, "troubled": troubled, "numero": numero}
    await message.answer(say("bureau/lettres", **facts, revived=revived, now=now))


async def _revive(work: UnitOfWork, message: Message, number: int | None) -> int:
    """Write the letters that never left anew; each old one stays, marked as replaced.

    One that may have arrived is written anew only when it is named: the person would read it twice.
    """
    rows = await work.run(letters.abandoned) if number is None else await work.run(letters.in_doubt, number)
    for row in rows:
        row.state = "replaced"
        letter = Letter(row.chat_id, row.method, json.loads(row.payload), row.kind, row.candidature_id, door=row.door)
        work.outbox.put(letter)
    if rows:
        work.note("letters.revived", actor=actor(message), number=len(rows))
    return len(rows)


@router.message(Called("contact"))
async def contact(message: Message, campagne: Campagne) -> None:
    """Whom the circular names."""
    await message.answer(say("faq/contact", campagne=campagne))


@router.message(Called("campagne"))
async def calendar(message: Message, work: UnitOfWork, campagne: Campagne, now: datetime) -> None:
    """Where the campagne stands, its calendar, and how each date is kept."""
    etats = [Etat(one.etat) for one in await work.run(candidatures.listed, campagne.numero)]
    etat = campagne_etat(campagne, now, etats)
    await message.answer(say("bureau/campagne", campagne=campagne, etat=etat, now=now))


@router.message(in_bureau, F.text)
async def otherwise(message: Message) -> None:
    """People of the bureau may talk to each other: the bot stays silent unless it is spoken to."""
    if fold(message.text or "").startswith("greffier"):
        await message.answer(say("bureau/spoken_to"))
