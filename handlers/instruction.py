"""The bureau instructs: a piece refused, dossiers declared recevable or not, a delay given, a paper dossier entered."""

from datetime import date, datetime, timedelta
from typing import Any

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import CANDIDATURE, Etat
from bot.circulaire.delais import is_on_time
from bot.circulaire.dossier import PIECE, recognise_piece
from bot.circulaire.notice import field_words, read_field
from bot.circulaire.reading import fold, read_choice
from bot.clock import paris
from bot.errors import Refusal
from handlers.commands import Called
from handlers.confirmations import confirmed, request
from handlers.declarations import REASONS, REJECTIONS
from handlers.letters import is_on_paper, to_candidat
from handlers.receipts import post
from handlers.say import say
from handlers.seats import in_bureau, numbered, place_of_one, several, together
from handlers.steps import PENDING
from handlers.summons import cancel
from handlers.turn import Turn, room
from storage import candidatures
from storage.bureau import Confirmation
from storage.tables import Candidature, Piece

router = room("instruction", in_bureau)


@router.message(Called("piece"))
async def judge_piece(turn: Turn, numero: int, piece: str, acte: str, raison: str) -> None:
    """Refuse a piece, or take back that it was refused; the person is told."""
    one = await numbered(turn, numero)
    code = _code_of(turn.campagne, piece)
    given = await turn.work.run(candidatures.pieces, one.id)
    found = next((p for p in given if p.code == code), None)
    refused = (await turn.work.run(candidatures.refused_pieces, one.id)).get(code or "")
    if acte == "refuser" and found is not None:
        await _refuse(turn, one, found, raison)
    elif acte == "retablir" and refused is not None and found is None and one.etat == Etat.INCOMPLETE:
        await _restore(turn, one, refused)
    else:
        names = [turn.campagne.piece(p.code).short for p in given if p.code != PENDING]
        named = turn.campagne.piece(code) if code else None
        facts = {"named": named, "found": found, "refused": refused, "names": names, "reasons": dict(REASONS)}
        await turn.answer(say("instruction/which_piece", one=one, typed=piece, acte=acte, **facts))


def _code_of(campagne: Campagne, words: str) -> str | None:
    """The piece that the bureau names: by its label, its code, or a word of its files."""
    labels = [(p.code, fold(p.short).partition(" ")[2] or p.short) for p in campagne.pieces]  # without its article
    known = [(p.code, word) for p in campagne.pieces for word in (*p.words, p.label, p.code)]
    recognised = recognise_piece(campagne, words)
    return read_choice(words, labels, known) or (recognised[0] if len(recognised) == 1 else None)


async def _refuse(turn: Turn, one: Candidature, found: Piece, raison: str) -> None:
    """The piece leaves the dossier, which is to be completed; the person is told what, why, until when."""
    code = found.code
    if one.etat == Etat.DEPOSEE:
        candidatures.move(turn.work, turn.campagne, one, "ask_completion", actor=turn.actor, code=code, reason=raison)
    elif one.etat != Etat.INCOMPLETE:
        raise Refusal("instruction/too_late_for_piece", source=turn.campagne.sources["dossier"].source, one=one)
    if found.sha256:
        found.etat = PIECE.after(found.etat, "refuse")
    found.replaced_at = turn.now
    found.details = {**found.details, "refused": raison}
    turn.work.note("piece.refused", actor=turn.actor, candidature_id=one.id, code=code, reason=raison)
    values: dict[str, Any] = {
        "piece": turn.campagne.piece(code),
        "reason": dict(REASONS)[raison],
        "on_time": is_on_time(turn.campagne, turn.now),
    }
    await to_candidat(turn, one, "instruction/piece_refused", now=turn.now, **values)
    values["on_paper"] = await is_on_paper(turn, one)
    await turn.answer(say("instruction/piece_refused_bureau", one=one, now=turn.now, campagne=turn.campagne, **values))


async def _restore(turn: Turn, one: Candidature, refused: Piece) -> None:
    """The piece is accepted as it was given; where nothing else misses, the dossier is deposited as before.

    What the person gave meanwhile in the place of another piece is certified by a new receipt.
    """
    code, source = refused.code, turn.campagne.sources["dossier"].source
    if refused.sha256:
        refused.etat = PIECE.after(refused.etat, "restore")
    refused.replaced_at = None
    refused.details = {key: value for key, value in refused.details.items() if key != "refused"}
    turn.work.note("piece.restored", actor=turn.actor, candidature_id=one.id, source=source, code=code)
    here = await place_of_one(turn, one, acted_by=turn.actor)
    here.pieces.append(refused)
    if not here.missing:
        candidatures.move(turn.work, turn.campagne, one, "restore", actor=turn.actor, code=code)
    values: dict[str, Any] = {"piece": turn.campagne.piece(code), "here": here}
    await to_candidat(turn, one, "instruction/piece_restored", **values)
    certified = (await turn.work.run(candidatures.receipts, one.id))[-1]
    fresh = [piece for piece in here.pieces if piece.code != PENDING and piece.id > certified.id]
    if fresh and not here.missing:
        await post(turn, here, max(piece.received_at for piece in fresh))
    await turn.answer(say("instruction/piece_restored_bureau", one=one, **values))


@router.message(Called("recevable"))
async def accept(turn: Turn, numeros: list[int]) -> None:
    """Declare dossiers recevable, with a line of report each."""
    rows = []
    for numero, one in await several(turn, numeros):
        why = _why_not_accepted(one, turn.campagne, turn.now)
        if one is not None and not why:
            candidatures.move(turn.work, turn.campagne, one, "accept", actor=turn.actor)
            await to_candidat(turn, one, "instruction/accepted")
        rows.append((numero, one, why))
    await turn.answer(say("instruction/report", rows=together(rows), done="recevable", campagne=turn.campagne))


def _why_not_accepted(one: Candidature | None, campagne: Campagne, now: datetime) -> str:
    """The code of what keeps a dossier from being declared recevable; empty when nothing does."""
    if one is None:
        return "unknown"
    if is_on_time(campagne, now):
        return "before_closing"
    return "" if one.etat == Etat.DEPOSEE else "state"


@router.message(Called("irrecevable"))
async def ask_rejection(turn: Turn, numero: int, raison: str | None, motif: str) -> None:
    """Show what the person would be told, and ask for a « oui »."""
    one = await numbered(turn, numero)
    if is_on_time(turn.campagne, turn.now):
        await turn.answer(
            say("instruction/report", rows=[([numero], one, "before_closing")], done="", campagne=turn.campagne)
        )
        return
    if "reject" not in CANDIDATURE.events(one.etat):
        await turn.answer(say("instruction/report", rows=[([numero], one, "state")], done="", campagne=turn.campagne))
        return
    raison = raison or "autre"
    reason = dict(REJECTIONS)[raison]
    shown = say("instruction/rejected", one=one, reason=reason, motif=motif, campagne=turn.campagne, mail=False)
    words = say("instruction/rejection_preview", one=one, shown=shown)
    await request(turn, "reject", words, candidature=one.id, reason=raison, motif=motif)


async def _as_asked(turn: Turn, row: Confirmation) -> Candidature | None:
    """The dossier that a decision is about; None, once that is said, if it has changed since the decision was asked."""
    one = await turn.work.run(candidatures.existing, row.details["candidature"])
    if one.changed_at > row.asked_at:
        await turn.answer(say("confirmations/pointless"))
        return None
    return one


@confirmed("reject", "irrecevable")
async def reject(turn: Turn, row: Confirmation) -> None:
    """Declare a dossier irrecevable and tell the person, in the chat and on their mailbox."""
    one = await _as_asked(turn, row)
    if one is None:
        return
    reason, motif = dict(REJECTIONS)[row.details["reason"]], row.details["motif"]
    candidatures.move(turn.work, turn.campagne, one, "reject", actor=turn.actor, reason=row.details["reason"])
    one.flags = {**one.flags, "rejected": {"reason": row.details["reason"], "motif": motif}}
    await to_candidat(turn, one, "instruction/rejected", mail=True, reason=reason, motif=motif)
    rows = [([one.numero], one, "")]
    await turn.answer(say("instruction/report", rows=rows, done="irrecevable", campagne=turn.campagne))


@router.message(Called("reexaminer"))
async def ask_reexamination(turn: Turn, numero: int, motif: str) -> None:
    """Show what the person would be told of a decision that is taken back, and ask for a « oui »."""
    one = await numbered(turn, numero)
    if "reexamine" not in CANDIDATURE.events(one.etat):
        await turn.answer(say("instruction/report", rows=[([numero], one, "state")], done="", campagne=turn.campagne))
        return
    here = await place_of_one(turn, one)
    shown = say("instruction/reexamined", one=one, was=Etat(one.etat), motif=motif, here=here, campagne=turn.campagne)
    words = say("instruction/rejection_preview", one=one, shown=shown)
    await request(turn, "reexamine", words, candidature=one.id, motif=motif)


@confirmed("reexamine", "reexaminer")
async def reexamine(turn: Turn, row: Confirmation) -> None:
    """Take back that a dossier was recevable or not: its creneau is free again, and the person is told."""
    one = await _as_asked(turn, row)
    if one is None:
        return
    was, here = Etat(one.etat), await place_of_one(turn, one)
    if was == Etat.RECEVABLE:
        await cancel(turn, one, actor=turn.actor)
    event = "reexamine_incomplete" if here.missing else "reexamine"
    candidatures.move(turn.work, turn.campagne, one, event, actor=turn.actor)
    one.flags = {key: value for key, value in one.flags.items() if key != "rejected"}
    motif = row.details["motif"]
    await to_candidat(turn, one, "instruction/reexamined", mail=True, was=was, motif=motif, here=here)
    await turn.answer(say("instruction/reexamined_bureau", one=one, was=was, here=here))


@router.message(Called("prolonger"))
async def ask_extension(turn: Turn, numero: int, jour: date, motif: str) -> None:
    """Ask a second person to let one dossier be completed after the closing."""
    one = await numbered(turn, numero)
    until = paris(jour, 23, 59, 59)
    if one.etat != Etat.INCOMPLETE or until <= turn.now:
        await turn.answer(say("instruction/no_extension", one=one, until=until, now=turn.now))
        return
    words = say("instruction/extension_preview", one=one, until=until, motif=motif)
    await request(turn, "extend", words, four_eyes=True, candidature=one.id, until=until.isoformat(), motif=motif)


@confirmed("extend", "prolonger")
async def extend(turn: Turn, row: Confirmation) -> None:
    """Let the dossier be completed until that day, and tell the person."""
    one = await turn.work.run(candidatures.existing, row.details["candidature"])
    until = datetime.fromisoformat(row.details["until"])
    if one.etat != Etat.INCOMPLETE or until <= turn.now:
        await turn.answer(say("instruction/no_extension", one=one, until=until, now=turn.now))
        return
    one.flags = {**one.flags, "extended_until": (until + timedelta(seconds=1)).isoformat()}
    turn.work.note(
        "extension.granted",
        actor=turn.actor,
        candidature_id=one.id,
        asked_by=row.asker_id,
        until=until.isoformat(),
        source=turn.campagne.sources["closes_at"].source,
    )
    here = await place_of_one(turn, one)
    await to_candidat(turn, one, "instruction/extended", mail=True, until=until, here=here)
    await turn.answer(say("instruction/extended_bureau", one=one, until=until))


@router.message(Called("renseigner"))
async def fill(turn: Turn, numero: int, champ: str, valeur: str) -> None:
    """Write an answer of the notice that came as a file: the mailbox, the circonscription."""
    one = await numbered(turn, numero)
    fields = [(field.code, field.label) for field in turn.campagne.notice_fields]
    code = read_choice(champ, fields)
    if code is None:
        await turn.answer(say("instruction/which_field", typed=champ, fields=fields))
        return
    field = turn.campagne.notice_field(code)
    one.notice = {**one.notice, code: read_field(field, valeur)}
    turn.work.note("notice.filled", actor=turn.actor, candidature_id=one.id, code=code)
    await turn.answer(say("instruction/filled", one=one, field=field, value=field_words(field, one.notice[code])))
