"""The bureau instructs: a piece refused, dossiers declared recevable or not, a delay given, a paper dossier entered."""

from datetime import date, datetime, timedelta
from typing import Any

from aiogram import Router
from aiogram.types import Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.delais import is_on_time
from bot.circulaire.dossier import PieceEtat, next_piece_state, recognise_piece
from bot.circulaire.notice import field_words, read_field
from bot.circulaire.reading import fold, read_choice
from bot.clock import paris
from bot.errors import Refusal
from handlers.commands import Called
from handlers.confirmations import confirmed, request
from handlers.declarations import REASONS, REJECTIONS
from handlers.letters import to_candidat
from handlers.say import say
from handlers.seats import actor, door_of, in_bureau, numbered, place_of_one, several
from storage import candidatures
from storage.bureau import Confirmation
from storage.tables import Candidature
from storage.work import UnitOfWork

router = Router(name="instruction")
router.message.filter(in_bureau)
router.callback_query.filter(in_bureau)


@router.message(Called("piece"))
async def refuse_piece(
    message: Message, numero: int, piece: str, raison: str, work: UnitOfWork, campagne: Campagne, now: datetime
) -> None:
    """Refuse a piece: it leaves the dossier, which is to be completed; the person is told what, why, until when."""
    one = await numbered(message, numero, work, campagne)
    if one is None:
        return
    labels = [(p.code, fold(p.short).partition(" ")[2] or p.short) for p in campagne.pieces]  # without its article
    words = [(p.code, word) for p in campagne.pieces for word in (*p.words, p.label, p.code)]
    recognised = recognise_piece(campagne, piece)
    code = read_choice(piece, labels, words) or (recognised[0] if len(recognised) == 1 else None)
    given = await work.run(candidatures.pieces, one.id)
    found = next((p for p in given if p.code == code), None)
    if found is None:
        names = [campagne.piece(p.code).short for p in given if p.code]
        await message.answer(say("instruction/which_piece", one=one, typed=piece, names=names))
        return
    if one.etat == Etat.DEPOSEE:
        candidatures.move(work, campagne, one, "ask_completion", actor=actor(message), code=code, reason=raison)
    elif one.etat != Etat.INCOMPLETE:
        raise Refusal("instruction/too_late_for_piece", source=campagne.sources["dossier"].source, one=one)
    if found.sha256:
        found.etat = next_piece_state(PieceEtat(found.etat), "refuse")
    found.replaced_at = now
    found.details = {**found.details, "refused": raison}
    work.note("piece.refused", actor=actor(message), candidature_id=one.id, code=code, reason=raison)
    values: dict[str, Any] = {
        "piece": campagne.piece(found.code),
        "reason": dict(REASONS)[raison],
        "on_time": is_on_time(campagne, now),
    }
    to_candidat(work, one, await door_of(work, one), "instruction/piece_refused", campagne=campagne, now=now, **values)
    await message.answer(say("instruction/piece_refused_bureau", one=one, now=now, campagne=campagne, **values))


@router.message(Called("recevable"))
async def accept(message: Message, numeros: list[int], work: UnitOfWork, campagne: Campagne, now: datetime) -> None:
    """Declare dossiers recevable, with a line of report each."""
    rows = []
    for numero, one in await several(numeros, work, campagne):
        why = _why_not_accepted(one, campagne, now)
        if one is not None and not why:
            candidatures.move(work, campagne, one, "accept", actor=actor(message))
            door = await door_of(work, one)
            to_candidat(work, one, door, "instruction/accepted", campagne=campagne)
        rows.append((numero, one, why))
    await message.answer(say("instruction/report", rows=rows, done="déclaré recevable", campagne=campagne))


def _why_not_accepted(one: Candidature | None, campagne: Campagne, now: datetime) -> str:
    """The code of what keeps a dossier from being declared recevable; empty when nothing does."""
    if one is None:
        return "unknown"
    if is_on_time(campagne, now):
        return "before_closing"
    return "" if one.etat == Etat.DEPOSEE else "state"


@router.message(Called("irrecevable"))
async def ask_rejection(
    message: Message, numero: int, raison: str | None, motif: str, work: UnitOfWork, campagne: Campagne, now: datetime
) -> None:
    """Show what the person would be told, and ask for a « oui »."""
    one = await numbered(message, numero, work, campagne)
    if one is None:
        return
    if is_on_time(campagne, now):
        await message.answer(
            say("instruction/report", rows=[(numero, one, "before_closing")], done="", campagne=campagne)
        )
        return
    if one.etat not in {Etat.DEPOSEE, Etat.INCOMPLETE}:
        await message.answer(say("instruction/report", rows=[(numero, one, "state")], done="", campagne=campagne))
        return
    raison = raison or "autre"
    reason = dict(REJECTIONS)[raison]
    shown = say("instruction/rejected", one=one, reason=reason, motif=motif, campagne=campagne, mail=False)
    words = say("instruction/rejection_preview", one=one, shown=shown)
    await request(message, work, "reject", words, candidature=one.id, reason=raison, motif=motif)


@confirmed("reject")
async def reject(
    message: Message, row: Confirmation, *, by: int, work: UnitOfWork, campagne: Campagne, **_: object
) -> None:
    """Declare a dossier irrecevable and tell the person, in the chat and on their mailbox."""
    one = await work.run(candidatures.existing, row.details["candidature"])
    reason, motif = dict(REJECTIONS)[row.details["reason"]], row.details["motif"]
    candidatures.move(work, campagne, one, "reject", actor=f"bureau:{by}", reason=row.details["reason"])
    one.flags = {**one.flags, "rejected": {"reason": row.details["reason"], "motif": motif}}
    door = await door_of(work, one)
    to_candidat(work, one, door, "instruction/rejected", campagne=campagne, mail=True, reason=reason, motif=motif)
    rows = [(one.numero, one, "")]
    await message.answer(say("instruction/report", rows=rows, done="déclaré irrecevable", campagne=campagne))


@router.message(Called("prolonger"))
async def ask_extension(
    message: Message, numero: int, jour: date, motif: str, work: UnitOfWork, campagne: Campagne, now: datetime
) -> None:
    """Ask a second person to let one dossier be completed after the closing."""
    one = await numbered(message, numero, work, campagne)
    if one is None:
        return
    until = paris(jour, 23, 59, 59)
    if one.etat != Etat.INCOMPLETE or until <= now:
        await message.answer(say("instruction/no_extension", one=one, until=until, now=now))
        return
    words = say("instruction/extension_preview", one=one, until=until, motif=motif)
    await request(
        message, work, "extend", words, four_eyes=True, candidature=one.id, until=until.isoformat(), motif=motif
    )


@confirmed("extend")
async def extend(
    message: Message, row: Confirmation, *, by: int, work: UnitOfWork, campagne: Campagne, **_: object
) -> None:
    """Let the dossier be completed until that day, and tell the person."""
    one = await work.run(candidatures.existing, row.details["candidature"])
    until = datetime.fromisoformat(row.details["until"])
    if one.etat != Etat.INCOMPLETE or until <= work.now:
        await message.answer(say("instruction/no_extension", one=one, until=until, now=work.now))
        return
    one.flags = {**one.flags, "extended_until": (until + timedelta(seconds=1)).isoformat()}
    work.note(
        "extension.granted",
        actor=f"bureau:{by}",
        candidature_id=one.id,
        asked_by=row.asker_id,
        until=until.isoformat(),
        source=campagne.sources["closes_at"].source,
    )
    here = await place_of_one(work, campagne, one)
    door = await door_of(work, one)
    to_candidat(work, one, door, "instruction/extended", campagne=campagne, mail=True, until=until, here=here)
    await message.answer(say("instruction/extended_bureau", one=one, until=until))


@router.message(Called("renseigner"))
async def fill(message: Message, numero: int, champ: str, valeur: str, work: UnitOfWork, campagne: Campagne) -> None:
    """Write an answer of the notice that came as a file: the mailbox, the circonscription."""
    one = await numbered(message, numero, work, campagne)
    if one is None:
        return
    fields = [(field.code, field.label) for field in campagne.notice_fields]
    code = read_choice(champ, fields)
    if code is None:
        await message.answer(say("instruction/which_field", typed=champ, fields=fields))
        return
    field = campagne.notice_field(code)
    one.notice = {**one.notice, code: read_field(field, valeur)}
    work.note("notice.filled", actor=actor(message), candidature_id=one.id, code=code)
    await message.answer(say("instruction/filled", one=one, field=field, value=field_words(field, one.notice[code])))
