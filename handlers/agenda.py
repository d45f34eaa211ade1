"""The room that the clock enters: what must be said or done at an instant, by state and never by habit."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.convocation import ConvocationEtat, next_convocation_state
from bot.circulaire.delais import DRAFT_KEPT, is_on_time, remaining
from bot.circulaire.ien import circonscription_key
from bot.circulaire.relais import RelaisEtat, kept_until
from handlers import bundle, summons
from handlers.copies import DIGEST
from handlers.letters import PAPER, to_bureau, to_candidat, to_chat, to_mailbox
from handlers.seats import door_of
from handlers.steps import place
from storage import candidatures, convocations, identities, iens, relais
from storage.files import Files
from storage.tables import Agenda
from storage.work import UnitOfWork

CLOSING = "closing"
_NOTICE = timedelta(days=15)
_LATE = timedelta(days=1)
_ERASABLE = frozenset({Etat.EXPIREE, Etat.CLOSE})
_COPIED = frozenset({Etat.CONVOQUEE, Etat.ENTENDUE, Etat.ABSENTE, Etat.AVIS_SCELLE, Etat.AVIS_TRANSMIS})

Perform = Callable[..., Awaitable[str]]


async def perform(work: UnitOfWork, duty: Agenda, **given: Any) -> str:
    """Perform one duty; returns its outcome: « done », or why it has become pointless."""
    outcome = await _KINDS[duty.kind](work, duty, **given)
    if outcome != "done":
        work.note("duty.dropped", actor="greffier", candidature_id=duty.candidature_id, kind=duty.kind, why=outcome)
    return outcome


async def _remind(work: UnitOfWork, duty: Agenda, campagne: Campagne, **_: Any) -> str:
    """Remind an unfinished dossier: what is missing, how long is left; late reminders are sent once, if still true."""
    candidature = await work.run(candidatures.by_id, duty.candidature_id or 0)
    if candidature is None or candidature.etat != Etat.BROUILLON:
        return "no longer a draft"
    if not is_on_time(campagne, work.now):
        return "after the closing"
    here = await place(work, campagne, candidature.candidat_id)
    if await work.run(candidatures.later_reminders, candidature.id, duty.due_at, work.now):
        return "a later reminder is due too"
    values: dict[str, Any] = {
        "here": here,
        "campagne": campagne,
        "now": work.now,
        "left": remaining(campagne, work.now),
    }
    to_chat(work, candidature.candidat_id, "agenda/reminder", candidature_id=candidature.id, **values)
    work.note("reminder.sent", actor="greffier", candidature_id=candidature.id, code=duty.details.get("code"))
    return "done"


async def _close(work: UnitOfWork, duty: Agenda, campagne: Campagne, bureau: tuple[int, ...], **_: Any) -> str:
    """The closing: drafts expire, each person is told the circular's sentence, the bureau has the figures."""
    del duty
    if is_on_time(campagne, work.now):
        return "the closing is later now"
    drafts = await work.run(candidatures.drafts, campagne.numero)
    for draft in drafts:
        candidatures.move(work, campagne, draft, "expire", actor="greffier")
        if await door_of(work, draft) != PAPER:  # the bureau holds that one, and may still be entering it
            values: dict[str, Any] = {"candidature": draft, "campagne": campagne}
            to_chat(work, draft.candidat_id, "agenda/expired", candidature_id=draft.id, **values)
        end = campagne.closes_at + DRAFT_KEPT
        for kind, due_at in (("erasure_notice", end - _NOTICE), ("erasure", end)):
            work.agenda.put(kind, f"{kind}:{draft.id}", due_at, candidature_id=draft.id)
    counts = dict(await work.run(candidatures.counts, campagne.numero))
    counts[Etat.BROUILLON] = 0
    counts[Etat.EXPIREE] = counts.get(Etat.EXPIREE, 0) + len(drafts)
    figures = [(Etat(etat).label, number) for etat, number in sorted(counts.items()) if number]
    to_bureau(work, bureau, "agenda/closed_bureau", campagne=campagne, figures=figures)
    work.note("campagne.closed", actor="greffier", source=campagne.sources["closes_at"].source, number=len(drafts))
    return "done"


async def _announce_erasure(work: UnitOfWork, duty: Agenda, campagne: Campagne, **_: Any) -> str:
    """Two weeks before a dossier is erased, say so: in the chat, or by mail to who has none."""
    candidature = await work.run(candidatures.by_id, duty.candidature_id or 0)
    if candidature is None or candidature.etat not in _ERASABLE:
        return "no longer to be erased"
    erased_at = max(duty.due_at, work.now) + _NOTICE
    if work.now >= duty.due_at + _LATE:  # said late, done late: nobody loses the days that were promised
        promised = duty.key.replace("erasure_notice", "erasure", 1)
        work.agenda.end(promised, "postponed")
        key = f"{promised}:{erased_at.date().isoformat()}"
        work.agenda.put("erasure", key, erased_at, candidature_id=candidature.id)
    door = await door_of(work, candidature)
    to_candidat(work, candidature, door, "agenda/erasure_notice", campagne=campagne, erased_on=erased_at.date())
    return "done"


async def _erase(work: UnitOfWork, duty: Agenda, campagne: Campagne, **_: Any) -> str:
    """What the time promised for keeping has passed is erased: a month after the closing for a draft."""
    candidature = await work.run(candidatures.by_id, duty.candidature_id or 0)
    if candidature is None or candidature.etat not in _ERASABLE:
        return "no longer to be erased"
    await candidatures.erase(work, campagne, candidature, actor="greffier")
    return "done"


async def _forget_file(work: UnitOfWork, duty: Agenda, files: Files, **_: Any) -> str:
    """Remove the bytes of an erased piece, unless somebody else gave the same."""
    sha256 = str(duty.details["sha256"])
    if await work.run(candidatures.hash_is_used, sha256, duty.candidature_id or 0):
        return "the same bytes are in another dossier"
    files.remove(sha256)
    return "done"


async def _remind_entretien(
    work: UnitOfWork, duty: Agenda, campagne: Campagne, files: Files, bureau: tuple[int, ...], **_: Any
) -> str:
    """The day before, say once more when and where, and what to bring."""
    row = await work.run(convocations.by_id, duty.details["convocation"])
    one = await work.run(candidatures.by_id, duty.candidature_id or 0)
    if row is None or one is None or row.live is None or one.etat != Etat.CONVOQUEE:
        return "no longer convoked"
    if work.now >= row.starts_at:
        return "the entretien has begun"
    del files, bureau
    values: dict[str, Any] = {"row": row, "facts": summons.facts_of(campagne, one, row), "now": work.now}
    to_candidat(work, one, await door_of(work, one), "agenda/entretien", campagne=campagne, mail=False, **values)
    return "done"


async def _net(
    work: UnitOfWork, duty: Agenda, campagne: Campagne, files: Files, bureau: tuple[int, ...], **_: Any
) -> str:
    """On the evening of the convocations, send again to whoever has not answered."""
    again = 0
    if work.now.date() < campagne.convocation_on:
        return "the convocations are later now"
    for row in await work.run(convocations.live, campagne.numero):
        if row.etat != ConvocationEtat.PUBLIEE or row.published_at is None or row.published_at >= duty.due_at:
            continue
        one = await work.run(candidatures.by_id, row.candidature_id)
        if one is None or one.etat != Etat.CONVOQUEE or work.now >= row.starts_at:
            continue
        silent = next_convocation_state(ConvocationEtat(row.etat), "fall_silent")
        row.etat = next_convocation_state(silent, "remind")
        work.note("convocation.sent_again", actor="greffier", candidature_id=one.id, convocation=row.id)
        await summons.send(work, campagne, files, bureau, one, row, "convocation/again")
        again += 1
    if again:
        to_bureau(work, bureau, "agenda/net_bureau", again=again)
    return "done" if again else "everybody has answered"


async def _alert(work: UnitOfWork, duty: Agenda, campagne: Campagne, bureau: tuple[int, ...], **_: Any) -> str:
    """On the morning after, the bureau has the list of who is silent, and each of them the circular's contact."""
    del duty
    if work.now.date() < campagne.alert_on:
        return "the day of the alert is later now"
    silent = []
    for row in await work.run(convocations.live, campagne.numero):
        one = await work.run(candidatures.by_id, row.candidature_id)
        waits = row.published_at is not None and row.etat != ConvocationEtat.ACQUITTEE and work.now < row.starts_at
        if one is None or one.etat != Etat.CONVOQUEE or not waits:
            continue
        silent.append((one, row))
        values: dict[str, Any] = {"row": row, "facts": summons.facts_of(campagne, one, row)}
        to_candidat(work, one, await door_of(work, one), "agenda/alert", campagne=campagne, mail=True, **values)
    if silent:
        to_bureau(work, bureau, "agenda/alert_bureau", silent=silent)
    return "done" if silent else "everybody has answered"


async def _digest(work: UnitOfWork, duty: Agenda, campagne: Campagne, **_: Any) -> str:
    """The copies of the day in one message, for an IEN who chose it."""
    ien = await work.run(iens.by_id, duty.details["ien"])
    if ien is None:
        return "no longer in the directory"
    rows: list[tuple[Any, Any]] = []
    for one in await work.run(candidatures.listed, campagne.numero):
        is_theirs = circonscription_key(str(one.notice.get("circonscription") or "")) == ien.key
        held = await work.run(convocations.in_force, one.id) if is_theirs else None
        rows += [(one, held)] if is_theirs and one.etat in _COPIED else []
    to_mailbox(work, ien.id, ien.email, "agenda/digest", campagne=campagne, ien=ien, rows=rows, now=work.now)
    return "done"


async def _relais_late(work: UnitOfWork, duty: Agenda, bureau: tuple[int, ...], **_: Any) -> str:
    """The promised instant has come and the person still waits: the bureau is reminded, once."""
    row = await work.run(relais.by_id, duty.details["relais"])
    if row is None or row.etat != RelaisEtat.OUVERT or row.promised_by > duty.due_at:
        return "answered"
    taker = await work.run(identities.display_name, row.assigned_to) if row.assigned_to else ""
    values: dict[str, Any] = {"row": row, "asker": await relais.asker(work, row), "taker": taker}
    sent = to_bureau(work, bureau, "relais/late_bureau", candidature_id=row.candidature_id, **values)
    row.messages = [*row.messages, *sent]
    return "done"


async def _erase_relais(work: UnitOfWork, duty: Agenda, campagne: Campagne, **_: Any) -> str:
    """What somebody who never agreed said to the bureau is forgotten when the time of a draft has passed."""
    row = await work.run(relais.by_id, duty.details["relais"])
    if row is None or await work.run(candidatures.candidat, row.candidat_id) is not None:
        return "agreed since"
    said = await work.run(relais.lines_of_person, row.candidat_id)
    asked = [line.at for line in said if line.kind.startswith("question")]
    if not asked:
        return "erased already"
    if kept_until(campagne, max(asked)) > work.now:
        return "asked again since"
    await candidatures.forget_relais(work, row.candidat_id, actor="greffier")
    return "done"


async def _bundle(
    work: UnitOfWork, duty: Agenda, campagne: Campagne, files: Files, aside: bundle.Aside, **_: Any
) -> str:
    """Make the commission's bundle and send it to the room that asked."""
    await bundle.make(work, duty, campagne, files, aside)
    return "done"


_KINDS: dict[str, Perform] = {
    "reminder": _remind,
    CLOSING: _close,
    "erasure_notice": _announce_erasure,
    "erasure": _erase,
    candidatures.FORGET_FILE: _forget_file,
    summons.REMINDER: _remind_entretien,
    summons.NET: _net,
    summons.ALERT: _alert,
    DIGEST: _digest,
    relais.LATE: _relais_late,
    relais.ERASURE: _erase_relais,
    bundle.BUNDLE: _bundle,
}
