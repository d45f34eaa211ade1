"""The bureau's room: the dossiers, one dossier and its pieces, its history, the letters, the calendar."""

import asyncio
import json
import re
from datetime import datetime, timedelta

from aiogram import F

from bot.circulaire.candidature import Etat
from bot.circulaire.convocation import ConvocationEtat
from bot.circulaire.reading import fold
from bot.circulaire.stage import campagne_etat
from bot.papers.paper import KINDS
from bot.papers.reading_copy import OFFICE, reading_copy
from handlers.choices import Tapped
from handlers.commands import Called
from handlers.copies import ien_of
from handlers.declarations import REASONS
from handlers.say import say
from handlers.seats import in_bureau, member, numbered, place_of_one
from handlers.turn import Turn, room
from handlers.words import is_informative
from storage import candidatures, convocations, identities, journal, letters
from storage.bureau import Convocation
from storage.outbox import Letter
from storage.tables import Candidature, Outbox, Piece

router = room("bureau", in_bureau)
_PAGE = 15  # dossiers a page
_PAGED = re.compile(r"\bpage (\d{1,3})$", re.IGNORECASE)
_LETTERS = 20  # the last ones of a dossier
_LINES = 25  # the last ones of the journal
_DELAYED = frozenset({Etat.INCOMPLETE, Etat.IRRECEVABLE})  # of whom a delay that was given says something
_TO_BE_HEARD = frozenset({Etat.RECEVABLE, Etat.CONVOQUEE})


@router.callback_query(Tapped("page", page=int, args=str))
@router.message(Called("dossiers"))
async def list_dossiers(turn: Turn, args: str, page: int = 1) -> None:
    """The dossiers, all or those of a state, or whose name or number holds some words; « page 2 » turns to it."""
    if turned := _PAGED.search(args):
        args, page = args[: turned.start()].strip(), int(turned[1])
    every = await turn.work.run(candidatures.listed, turn.campagne.numero)
    wanted, search = _state_and_search(args)
    found = [one for one in every if (wanted is None or one.etat == wanted) and _fits(one, search)]
    pages = max(1, -(-len(found) // _PAGE))
    page = max(1, min(page, pages))
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    rows = [(one, await place_of_one(turn, one), await _told(turn, one)) for one in shown]
    counts = await turn.work.run(candidatures.counts, turn.campagne.numero)
    figures = [(Etat(etat).label, number) for etat, number in sorted(counts.items())]
    asked = {"page": page, "pages": pages, "wanted": wanted, "search": search}
    words = say("bureau/dossiers", rows=rows, total=len(found), figures=figures, campagne=turn.campagne, **asked)
    more = ((f"page:{page + 1}:{args[:30]}", "Page suivante"),) if page < pages else ()
    await turn.answer(words, choices=more)


async def _told(turn: Turn, one: Candidature) -> tuple[Convocation, str] | None:
    """The creneau of somebody who is to be heard, and what became of the convocation."""
    row = await turn.work.run(convocations.in_force, one.id) if one.etat in _TO_BE_HEARD else None
    return (row, ConvocationEtat(row.etat).label) if row is not None else None


def _state_and_search(args: str) -> tuple[Etat | None, str]:
    """« déposés martin »: a state, or its first word, of one or several, and what is looked for besides."""
    said = fold(args)
    for etat in Etat:
        for name in sorted({fold(etat.value), fold(etat.label), fold(etat.label).split()[0]}, key=len, reverse=True):
            dossier = name.removesuffix("e")  # « déposé », of a dossier
            for form in (name, f"{name}s", dossier, f"{dossier}s"):
                if said == form or said.startswith(f"{form} "):
                    return etat, said.removeprefix(form).strip()
    return None, said


def _fits(one: Candidature, said: str) -> bool:
    return not said or said == str(one.numero) or said in fold(f"{one.holder} {one.circonscription}")


@router.message(Called("dossier"))
async def show_dossier(turn: Turn, numero: int) -> None:
    """One dossier: answers, pieces, receipts, and how to have the files."""
    found = await numbered(turn, numero)
    here = await place_of_one(turn, found)
    receipts = await turn.work.run(candidatures.receipts, found.id)
    extended = found.flags.get("extended_until") if found.etat in _DELAYED else None
    until = datetime.fromisoformat(extended) - timedelta(seconds=1) if extended else None
    refused = await turn.work.run(candidatures.refused_pieces, found.id)
    reasons = {code: dict(REASONS)[piece.details["refused"]] for code, piece in refused.items()}
    facts = {"held": await _told(turn, found), "ien": await ien_of(turn, found), "until": until, "refused": reasons}
    words = say("bureau/dossier", here=here, one=found, receipts=receipts, campagne=turn.campagne, **facts)
    given = any(piece.sha256 for piece in here.pieces)
    buttons = ((f"files:{found.numero}", "Voir les pièces"), (f"history:{found.numero}", "Voir l’histoire"))
    await turn.answer(words, choices=buttons if given else ())
    turn.work.note("dossier.read", actor=turn.actor, candidature_id=found.id)


@router.callback_query(Tapped("files", numero=int))
@router.message(Called("pieces-de"))
async def send_pieces(turn: Turn, numero: int) -> None:
    """The pieces of a dossier, as files in the room."""
    found = await numbered(turn, numero)
    here = await place_of_one(turn, found)
    given = [piece for piece in here.pieces if piece.sha256 and piece.code]
    if not given:
        await turn.answer(say("bureau/no_pieces", one=found))
    for piece in given:
        data = await asyncio.to_thread(turn.files.get, str(piece.sha256))
        suffix = piece.name.rpartition(".")[2] if "." in piece.name and piece.mime != "application/pdf" else "pdf"
        name = f"dossier-{found.numero}-{piece.code}.{suffix}"
        caption = say("bureau/piece", one=found, piece=piece, campagne=turn.campagne)
        await turn.answer_document(data, name, caption=caption)
        await _send_copy(turn, found, piece, data, name)
    turn.work.note("pieces.read", actor=turn.actor, candidature_id=found.id)


async def _send_copy(turn: Turn, found: Candidature, piece: Piece, data: bytes, name: str) -> None:
    """The pages to read of a word processor's file."""
    kind = KINDS.get(piece.mime)
    if kind not in OFFICE:
        return
    label = turn.campagne.piece(piece.code).label
    copy = await asyncio.to_thread(reading_copy, turn.campagne, found.numero, label, data, kind, name, at=turn.now)
    if copy is not None:
        caption = say("bureau/reading_copy", one=found, label=label)
        await turn.answer_document(copy, f"dossier-{found.numero}-{piece.code}-lecture.pdf", caption=caption)


@router.callback_query(Tapped("history", numero=int))
@router.message(Called("journal"))
async def show_journal(turn: Turn, numero: int) -> None:
    """Who did what on a dossier."""
    found = await numbered(turn, numero)
    lines = await turn.work.run(journal.lines, found.id)
    rows = [(line, json.loads(line.details), await _member(turn, line.actor)) for line in lines[-_LINES:]]
    await turn.answer(say("bureau/journal", one=found, rows=rows, total=len(lines)))


async def _member(turn: Turn, actor: str) -> str:
    """What a member of the bureau who acted is called; empty for whoever is not of the bureau."""
    kind, _, number = actor.partition(":")
    if kind != "bureau" or not number:
        return ""
    account, person = await member(turn, int(number))
    return person or await turn.work.run(identities.display_name, int(number)) or account


@router.message(Called("lettres"))
async def show_letters(turn: Turn, acte: str | None, numero: int | None) -> None:
    """The letters that wait or failed, or those of one dossier; « relancer » sends the failed ones again, or one."""
    if numero is not None and not acte:
        found = await numbered(turn, numero)
        every = await turn.work.run(letters.of_candidature, found.id)
        rows = [row for row in every if row.state != "sent" or not is_informative(row.kind)]
        talk = len(every) - len(rows)
        await turn.answer(say("bureau/lettres_dossier", one=found, rows=rows[-_LETTERS:], total=len(rows), talk=talk))
        return
    revived = await _revive(turn, numero) if acte else 0
    if revived:
        await turn.answer(say("bureau/lettres_revived", revived=revived))
        return
    counts = await turn.work.run(letters.counted)
    delivered, read = await turn.work.run(letters.told)
    troubled = await turn.work.run(letters.troubled)
    facts = {"counts": counts, "delivered": delivered, "read": read, "troubled": troubled, "numero": numero}
    await turn.answer(say("bureau/lettres", **facts, nothing=acte is not None and numero is None, now=turn.now))


async def _revive(turn: Turn, number: int | None) -> int:
    """Write the letters that never left anew; each old one stays, marked as replaced.

    One that may have arrived is written anew only when it is named: the person would read it twice.
    """
    rows = await turn.work.run(letters.abandoned) if number is None else await turn.work.run(letters.in_doubt, number)
    for row in rows:
        row.state = "replaced"
        payload = json.loads(row.payload)
        if row.door == "email":
            payload["to"] = await _address_now(turn, row) or payload["to"]
        letter = Letter(row.chat_id, row.method, payload, row.kind, row.candidature_id, door=row.door)
        turn.work.outbox.put(letter)
    if rows:
        turn.work.note("letters.revived", actor=turn.actor, number=len(rows))
    return len(rows)


async def _address_now(turn: Turn, row: Outbox) -> list[str]:
    """Where an e-mail about a dossier goes today: an address may have been corrected since it was written."""
    one = await turn.work.run(candidatures.by_id, row.candidature_id) if row.candidature_id else None
    ien = await ien_of(turn, one) if one is not None and row.kind.startswith("ien/") else None
    address = ien.email if ien is not None else one.address if one is not None else ""
    return [address] if address else []


@router.message(Called("contact"))
async def contact(turn: Turn) -> None:
    """Whom the circular names."""
    await turn.answer(say("faq/contact", campagne=turn.campagne))


@router.message(Called("campagne"))
async def calendar(turn: Turn) -> None:
    """Where the campagne stands, its calendar, and how each date is kept."""
    every = await turn.work.run(candidatures.listed, turn.campagne.numero)
    etat = campagne_etat(turn.campagne, turn.now, [Etat(one.etat) for one in every])
    left = [one.numero for one in every if one.etat == Etat.RECEVABLE]
    await turn.answer(say("bureau/campagne", campagne=turn.campagne, etat=etat, left=left, now=turn.now))


@router.message(F.text)
async def otherwise(turn: Turn) -> None:
    """People of the bureau may talk to each other: the bot stays silent unless it is spoken to."""
    if fold(turn.text).startswith("greffier"):
        await turn.answer(say("bureau/spoken_to"))
