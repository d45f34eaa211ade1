"""Candidatures, their pieces and their receipts: plain functions over a session, and the one way to change a state."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from markupsafe import escape
from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import CANDIDATURE, Etat
from bot.circulaire.delais import ERASURE_NOTICE, reminders
from bot.circulaire.dossier import PieceEtat
from storage import letters, outbox, relais
from storage.bureau import Avis, Convocation
from storage.tables import Agenda, Candidat, Candidature, Fsm, Journal, Media, Outbox, Peer, Piece, Receipt, table
from storage.work import UnitOfWork

FORGET_FILE = "forget_file"  # the duty that removes the bytes of an erased piece

_candidature, _piece, _receipt = table(Candidature), table(Piece), table(Receipt)


def candidat(session: Session, person_id: int) -> Candidat | None:
    """The person, when they agreed that something is kept."""
    return session.get(Candidat, person_id)


def current(session: Session, campagne: str, person_id: int) -> Candidature | None:
    """The person's candidature of the moment: the newest that was not erased."""
    query = select(Candidature).where(
        _candidature.c.campagne == campagne,
        _candidature.c.candidat_id == person_id,
        _candidature.c.etat != Etat.EFFACEE,
    )
    return session.scalars(query.order_by(_candidature.c.id.desc())).first()


def earlier(session: Session, one: Candidature) -> list[Candidature]:
    """Those that the person had before this one, withdrawn and not erased."""
    query = select(Candidature).where(
        _candidature.c.campagne == one.campagne,
        _candidature.c.candidat_id == one.candidat_id,
        _candidature.c.etat != Etat.EFFACEE,
        _candidature.c.id < one.id,
    )
    return list(session.scalars(query.order_by(_candidature.c.id)))


def by_numero(session: Session, campagne: str, numero: int) -> Candidature | None:
    """The candidature that people call « 12 »."""
    query = select(Candidature).where(_candidature.c.campagne == campagne, _candidature.c.numero == numero)
    return session.scalars(query).first()


def listed(session: Session, campagne: str, etat: str | None = None) -> list[Candidature]:
    """All candidatures, or those in one state, by number."""
    query = select(Candidature).where(_candidature.c.campagne == campagne)
    if etat is not None:
        query = query.where(_candidature.c.etat == etat)
    return list(session.scalars(query.order_by(_candidature.c.numero)))


def next_numero(session: Session, campagne: str) -> int:
    """The number after the greatest; two drawn at once are told apart by the database, and one is drawn again."""
    query = select(func.max(_candidature.c.numero)).where(_candidature.c.campagne == campagne)
    return (session.execute(query).scalar() or 0) + 1


def pieces(session: Session, candidature_id: int) -> list[Piece]:
    """The pieces in force, in the order they came."""
    query = select(Piece).where(_piece.c.candidature_id == candidature_id, _piece.c.replaced_at.is_(None))
    return list(session.scalars(query.order_by(_piece.c.id)))


def piece(session: Session, piece_id: int) -> Piece | None:
    """One piece, in force or not."""
    return session.get(Piece, piece_id)


def all_pieces(session: Session, candidature_id: int) -> list[Piece]:
    """Every piece that was ever given, replaced ones included."""
    query = select(Piece).where(_piece.c.candidature_id == candidature_id)
    return list(session.scalars(query.order_by(_piece.c.id)))


def refused_pieces(session: Session, candidature_id: int) -> Mapping[str, Piece]:
    """By code, the last piece that was refused and is not accepted again."""
    return {one.code: one for one in all_pieces(session, candidature_id) if "refused" in one.details}


def hash_is_used(session: Session, sha256: str, besides: int) -> bool:
    """Whether another candidature's piece has the same bytes, or a letter has still to carry them."""
    query = select(func.count()).select_from(_piece)
    query = query.where(_piece.c.sha256 == sha256, _piece.c.candidature_id != besides)
    return bool(session.execute(query).scalar_one()) or outbox.has_to_carry(session, sha256)


def receipts(session: Session, candidature_id: int) -> list[Receipt]:
    """The receipts of a candidature, in order."""
    query = select(Receipt).where(_receipt.c.candidature_id == candidature_id)
    return list(session.scalars(query.order_by(_receipt.c.rank)))


def counts(session: Session, campagne: str) -> Mapping[str, int]:
    """How many candidatures are in each state."""
    query = select(_candidature.c.etat, func.count()).where(_candidature.c.campagne == campagne)
    return {str(etat): int(number) for etat, number in session.execute(query.group_by(_candidature.c.etat))}


async def open_draft(work: UnitOfWork, campagne: Campagne, person_id: int) -> Candidature:
    """A new draft, with the duties that its time limit brings."""
    draft = Candidature(
        id=work.take_id(),
        campagne=campagne.numero,
        numero=await work.run(next_numero, campagne.numero),
        candidat_id=person_id,
        etat=Etat.BROUILLON,
        created_at=work.now,
        changed_at=work.now,
    )
    await work.add(draft)
    work.note("candidature.opened", actor=f"candidat:{person_id}", candidature_id=draft.id)
    for reminder in reminders(campagne):
        if reminder.due_at > work.now:
            key, details = _reminder_key(draft, reminder.code), {"code": reminder.code}
            work.agenda.put("reminder", key, reminder.due_at, candidature_id=draft.id, details=details)
    return draft


def end_reminders(work: UnitOfWork, campagne: Campagne, candidature: Candidature, outcome: str) -> None:
    """Nobody is reminded of a draft any more: `outcome` says why."""
    for reminder in reminders(campagne):
        work.agenda.end(_reminder_key(candidature, reminder.code), outcome)


def _reminder_key(candidature: Candidature, code: str) -> str:
    return f"reminder:{candidature.id}:{code}"


def move(
    work: UnitOfWork, campagne: Campagne, candidature: Candidature, event: str, *, actor: str, **details: Any
) -> None:
    """Change the state along the one table, and write its line of the journal.

    Raises:
        Refusal: the table has no such way from where the candidature stands.
    """
    before = Etat(candidature.etat)
    candidature.etat = CANDIDATURE.after(before, event)
    candidature.changed_at = work.now
    rule = next((t.rule for t in CANDIDATURE.table if t.event == event), "")
    source = campagne.sources[rule].source if rule in campagne.sources else None
    facts = {"from": before.value, "to": candidature.etat, **details}
    work.note(f"candidature.{event}", actor=actor, candidature_id=candidature.id, source=source, **facts)


def forget_candidat(session: Session, person_id: int) -> None:
    """Forget a person's agreement and name."""
    known = session.get(Candidat, person_id)
    if known is not None:
        session.delete(known)


def drafts(session: Session, campagne: str) -> list[Candidature]:
    """Candidatures that were not deposited."""
    return listed(session, campagne, Etat.BROUILLON)


def by_id(session: Session, candidature_id: int) -> Candidature | None:
    """One candidature."""
    return session.get(Candidature, candidature_id)


def existing(session: Session, candidature_id: int) -> Candidature:
    """The candidature that another row names: it stays, even when its person is forgotten."""
    return session.get_one(Candidature, candidature_id)


def later_reminders(session: Session, candidature_id: int, after: datetime, now: datetime) -> list[Agenda]:
    """Reminders of the same dossier that are due too and came after `after`: only the last one is worth sending."""
    agenda = table(Agenda)
    query = select(Agenda).where(
        agenda.c.candidature_id == candidature_id,
        agenda.c.kind == "reminder",
        agenda.c.done_at.is_(None),
        agenda.c.due_at > after,
        agenda.c.due_at <= now,
    )
    return list(session.scalars(query))


def plan_erasure(work: UnitOfWork, candidature: Candidature, at: datetime, *, mark: str = "") -> None:
    """The duties that erase a candidature at an instant, and tell of it before; `mark` sets a second plan apart."""
    for kind, due_at in (("erasure_notice", at - ERASURE_NOTICE), ("erasure", at)):
        work.agenda.put(kind, f"{kind}:{candidature.id}{mark}", due_at, candidature_id=candidature.id)


async def erase(work: UnitOfWork, campagne: Campagne, candidature: Candidature, *, actor: str) -> None:
    """Erase what a candidature holds; a line of the journal stays, with the fingerprints of its pieces.

    The bytes go when the commit is sure (a duty of the agenda), unless somebody else gave the same.
    """
    given = await work.run(all_pieces, candidature.id)
    hashes = sorted({one.sha256 for one in given if one.sha256})
    called = [candidature.holder, candidature.address]
    for one in given:
        one.etat, one.name, one.details, one.replaced_at = PieceEtat.EFFACEE, "", {}, one.replaced_at or work.now
    move(work, campagne, candidature, "erase", actor=actor, sha256=hashes)
    candidature.answers, candidature.notice, candidature.flags = {}, {}, {}
    for avis in await work.run(_avis_of, candidature.id):
        avis.sealed, avis.reason = "", ""
    papers = await _forget_papers(work, candidature.id)
    for letter in await work.run(_lists_naming, called):
        letter.payload = "{}"
    await forget_person(work, candidature.candidat_id, candidature.id, [*hashes, *papers])


async def _forget_papers(work: UnitOfWork, candidature_id: int) -> list[str]:
    """Blank what the receipts certify and what was wished of a creneau; returns the SHA-256 of these papers."""
    issued, convoked = await work.run(receipts, candidature_id), await work.run(_convocations_of, candidature_id)
    for receipt in issued:
        receipt.text = ""
    for convocation in convoked:
        convocation.wish = {}
    return [one.sha256 for one in issued] + [one.sha256 for one in convoked if one.sha256]


async def forget_person(
    work: UnitOfWork, person_id: int, candidature_id: int | None = None, hashes: Iterable[str] = ()
) -> None:
    """Forget who a person is, what they said to the bureau and what they were told; also of one who never agreed.

    Args:
        hashes: SHA-256 of what they gave besides the files of their relays.
    """
    await work.run(forget_candidat, person_id)
    await work.run(_forget_files, person_id)
    passed = await relais.forget(work, person_id)
    await work.run(_forget_name, person_id)
    await work.run(_forget_talk, person_id)
    await work.run(letters.forget_words, candidature_id or 0, person_id)
    for sha256 in sorted({*hashes, *passed}):
        key = f"{FORGET_FILE}:{candidature_id or person_id}:{sha256}:{work.now.isoformat()}"
        work.agenda.put(FORGET_FILE, key, work.now, candidature_id=candidature_id, details={"sha256": sha256})


async def forget_relais(work: UnitOfWork, person_id: int, *, actor: str) -> None:
    """Forget what somebody who never agreed said to the bureau; a line of the journal says that it was done."""
    await forget_person(work, person_id)
    work.note("relais.erased", actor=actor)


def was_heard(session: Session, candidature_id: int) -> bool:
    """Whether the last that the journal says is that the person was heard, not that they did not come."""
    journal = table(Journal)
    acts = ("candidature.hear", "candidature.mark_absent")
    query = select(journal.c.act).where(journal.c.candidature_id == candidature_id, journal.c.act.in_(acts))
    return session.execute(query.order_by(journal.c.seq.desc()).limit(1)).scalar() == acts[0]


def _avis_of(session: Session, candidature_id: int) -> list[Avis]:
    return list(session.scalars(select(Avis).where(table(Avis).c.candidature_id == candidature_id)))


def _convocations_of(session: Session, candidature_id: int) -> list[Convocation]:
    return list(session.scalars(select(Convocation).where(table(Convocation).c.candidature_id == candidature_id)))


def _lists_naming(session: Session, called: Iterable[str]) -> list[Outbox]:
    """Letters that have left, are about no single dossier, and hold one of these words: lists of the bureau."""
    forms = {form for words in called if words for form in (words, str(escape(words)))}
    holds = [table(Outbox).c.payload.contains(form, autoescape=True) for form in sorted(forms)]
    about_nobody = (table(Outbox).c.state == "sent", table(Outbox).c.candidature_id.is_(None))
    return list(session.scalars(select(Outbox).where(*about_nobody, or_(*holds)))) if holds else []


def _forget_files(session: Session, person_id: int) -> None:
    """Forget what the files that a person announced were called, and the keys that open them."""
    session.execute(delete(Media).where(table(Media).c.peer_id == person_id))


def _forget_talk(session: Session, person_id: int) -> None:
    """Forget what was being said in the conversation of a person."""
    session.execute(delete(Fsm).where(table(Fsm).c.key.contains(f":{person_id}:{person_id}:")))


def _forget_name(session: Session, person_id: int) -> None:
    """Forget what a person called themselves."""
    peer = session.get(Peer, person_id)
    if peer is not None:
        peer.display_name = ""
