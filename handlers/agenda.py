"""The room that the clock enters: what must be said or done at an instant, by state and never by habit."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from bot.circulaire.candidature import Etat
from bot.circulaire.convocation import CONVOCATION, ConvocationEtat
from bot.circulaire.delais import DRAFT_KEPT, ERASURE_NOTICE, is_on_time, remaining
from bot.circulaire.relais import RelaisEtat, kept_until
from handlers import bundle, summons
from handlers.copies import DIGEST, of_ien
from handlers.letters import about_relais, is_on_paper, to_bureau, to_candidat, to_chat, to_mailbox
from handlers.steps import place
from handlers.turn import Desk
from storage import candidatures, convocations, identities, iens, relais
from storage.tables import Agenda

CLOSING = "closing"
_LATE = timedelta(days=1)
_ERASABLE = frozenset({Etat.EXPIREE, Etat.CLOSE})
_COPIED = frozenset({Etat.CONVOQUEE, Etat.ENTENDUE, Etat.ABSENTE, Etat.AVIS_SCELLE, Etat.AVIS_TRANSMIS})

Perform = Callable[[Desk, Agenda], Awaitable[str]]


async def perform(desk: Desk, duty: Agenda) -> str:
    """Perform one duty; returns its outcome: « done », or why it has become pointless."""
    outcome = await _KINDS[duty.kind](desk, duty)
    if outcome != "done":
        desk.work.note(
            "duty.dropped", actor="greffier", candidature_id=duty.candidature_id, kind=duty.kind, why=outcome
        )
    return outcome


async def _remind(desk: Desk, duty: Agenda) -> str:
    """Remind an unfinished dossier: what is missing, how long is left; late reminders are sent once, if still true."""
    candidature = await desk.work.run(candidatures.by_id, duty.candidature_id or 0)
    if candidature is None or candidature.etat != Etat.BROUILLON:
        return "no longer a draft"
    if not is_on_time(desk.campagne, desk.now):
        return "after the closing"
    here = await place(desk, candidature.candidat_id)
    if await desk.work.run(candidatures.later_reminders, candidature.id, duty.due_at, desk.now):
        return "a later reminder is due too"
    values: dict[str, Any] = {
        "here": here,
        "campagne": desk.campagne,
        "now": desk.now,
        "left": remaining(desk.campagne, desk.now),
    }
    to_chat(desk.work, candidature.candidat_id, "agenda/reminder", candidature_id=candidature.id, **values)
    desk.work.note("reminder.sent", actor="greffier", candidature_id=candidature.id, code=duty.details.get("code"))
    return "done"


async def _close(desk: Desk, _: Agenda) -> str:
    """The closing: drafts expire, each person is told the circular's sentence, the bureau has the figures."""
    if is_on_time(desk.campagne, desk.now):
        return "the closing is later now"
    drafts = await desk.work.run(candidatures.drafts, desk.campagne.numero)
    for draft in drafts:
        candidatures.move(desk.work, desk.campagne, draft, "expire", actor="greffier")
        if not await is_on_paper(desk, draft):  # the bureau holds that one, and may still be entering it
            values: dict[str, Any] = {"candidature": draft, "campagne": desk.campagne}
            to_chat(desk.work, draft.candidat_id, "agenda/expired", candidature_id=draft.id, **values)
        candidatures.plan_erasure(desk.work, draft, desk.campagne.closes_at + DRAFT_KEPT)
    summons.plan_net(desk)
    counts = dict(await desk.work.run(candidatures.counts, desk.campagne.numero))
    counts[Etat.BROUILLON] = 0
    counts[Etat.EXPIREE] = counts.get(Etat.EXPIREE, 0) + len(drafts)
    figures = [(Etat(etat).label, number) for etat, number in sorted(counts.items()) if number]
    to_bureau(desk, "agenda/closed_bureau", campagne=desk.campagne, figures=figures)
    desk.work.note(
        "campagne.closed", actor="greffier", source=desk.campagne.sources["closes_at"].source, number=len(drafts)
    )
    return "done"


async def _announce_erasure(desk: Desk, duty: Agenda) -> str:
    """Two weeks before a dossier is erased, say so: in the chat, or by mail to who has none."""
    candidature = await desk.work.run(candidatures.by_id, duty.candidature_id or 0)
    if candidature is None or candidature.etat not in _ERASABLE:
        return "no longer to be erased"
    erased_at = max(duty.due_at, desk.now) + ERASURE_NOTICE
    if desk.now >= duty.due_at + _LATE:  # said late, done late: nobody loses the days that were promised
        promised = duty.key.replace("erasure_notice", "erasure", 1)
        desk.work.agenda.end(promised, "postponed")
        key = f"{promised}:{erased_at.date().isoformat()}"
        desk.work.agenda.put("erasure", key, erased_at, candidature_id=candidature.id)
    await to_candidat(desk, candidature, "agenda/erasure_notice", erased_on=erased_at.date())
    return "done"


async def _erase(desk: Desk, duty: Agenda) -> str:
    """What the time promised for keeping has passed is erased: a month after the closing for a draft."""
    candidature = await desk.work.run(candidatures.by_id, duty.candidature_id or 0)
    if candidature is None or candidature.etat not in _ERASABLE:
        return "no longer to be erased"
    await candidatures.erase(desk.work, desk.campagne, candidature, actor="greffier")
    return "done"


async def _forget_file(desk: Desk, duty: Agenda) -> str:
    """Remove the bytes of an erased piece, unless somebody else gave the same."""
    sha256 = str(duty.details["sha256"])
    if await desk.work.run(candidatures.hash_is_used, sha256, duty.candidature_id or 0):
        return "the same bytes are in another dossier"
    desk.files.remove(sha256)
    return "done"


async def _remind_entretien(desk: Desk, duty: Agenda) -> str:
    """The day before, say once more when and where, and what to bring."""
    row = await desk.work.run(convocations.by_id, duty.details["convocation"])
    one = await desk.work.run(candidatures.by_id, duty.candidature_id or 0)
    if row is None or one is None or row.live is None or one.etat != Etat.CONVOQUEE:
        return "no longer convoked"
    if desk.now >= row.starts_at:
        return "the entretien has begun"
    values: dict[str, Any] = {"row": row, "facts": summons.facts_of(desk.campagne, one, row), "now": desk.now}
    await to_candidat(desk, one, "agenda/entretien", mail=False, **values)
    return "done"


async def _net(desk: Desk, duty: Agenda) -> str:
    """On the evening of the convocations, send again to whoever has not answered."""
    again = 0
    if desk.now.date() < desk.campagne.convocation_on:
        return "the convocations are later now"
    for row in await desk.work.run(convocations.live, desk.campagne.numero):
        if row.etat != ConvocationEtat.PUBLIEE or row.published_at is None or row.published_at >= duty.due_at:
            continue
        one = await desk.work.run(candidatures.by_id, row.candidature_id)
        if one is None or one.etat != Etat.CONVOQUEE or desk.now >= row.starts_at:
            continue
        silent = CONVOCATION.after(row.etat, "fall_silent")
        row.etat = CONVOCATION.after(silent, "remind")
        desk.work.note("convocation.sent_again", actor="greffier", candidature_id=one.id, convocation=row.id)
        await summons.send(desk, one, row, "convocation/again")
        again += 1
    if again:
        to_bureau(desk, "agenda/net_bureau", again=again, campagne=desk.campagne)
    return "done" if again else "everybody has answered"


async def _alert(desk: Desk, duty: Agenda) -> str:
    """On the morning after, the bureau has the list of who is silent, and each of them the circular's contact.

    It has the list of who is recevable and was sent nothing, too.
    """
    if desk.now.date() < desk.campagne.alert_on:
        return "the day of the alert is later now"
    silent = []
    for row in await desk.work.run(convocations.live, desk.campagne.numero):
        one = await desk.work.run(candidatures.by_id, row.candidature_id)
        told = row.published_at is not None and row.published_at < duty.due_at
        waits = told and row.etat != ConvocationEtat.ACQUITTEE and desk.now < row.starts_at
        if one is None or one.etat != Etat.CONVOQUEE or not waits:
            continue
        silent.append((one, row))
        values: dict[str, Any] = {"row": row, "facts": summons.facts_of(desk.campagne, one, row)}
        await to_candidat(desk, one, "agenda/alert", mail=True, **values)
    left = await desk.work.run(candidatures.listed, desk.campagne.numero, Etat.RECEVABLE)
    if silent or left:
        to_bureau(desk, "agenda/alert_bureau", silent=silent, left=left, campagne=desk.campagne)
    return "done" if silent or left else "everybody has answered"


async def _digest(desk: Desk, duty: Agenda) -> str:
    """The copies of the day in one message, for an IEN who chose it."""
    ien = await desk.work.run(iens.by_id, duty.details["ien"])
    if ien is None:
        return "no longer in the directory"
    rows = [(one, held) for one, held in await of_ien(desk, ien) if one.etat in _COPIED]
    to_mailbox(desk, ien.id, ien.email, "agenda/digest", ien=ien, rows=rows, now=desk.now)
    return "done"


async def _relais_late(desk: Desk, duty: Agenda) -> str:
    """The promised instant has come and the person still waits: the bureau is reminded, once."""
    row = await desk.work.run(relais.by_id, duty.details["relais"])
    if row is None or row.etat != RelaisEtat.OUVERT or row.promised_by > duty.due_at:
        return "answered"
    taker = await desk.work.run(identities.display_name, row.assigned_to) if row.assigned_to else ""
    await about_relais(desk, row, "relais/late_bureau", taker=taker)
    return "done"


async def _erase_relais(desk: Desk, duty: Agenda) -> str:
    """What somebody who never agreed said to the bureau is forgotten when the time of a draft has passed."""
    row = await desk.work.run(relais.by_id, duty.details["relais"])
    if row is None or await desk.work.run(candidatures.candidat, row.candidat_id) is not None:
        return "agreed since"
    said = await desk.work.run(relais.lines_of_person, row.candidat_id)
    asked = [line.at for line in said if line.kind.startswith("question")]
    if not asked:
        return "erased already"
    if kept_until(desk.campagne, max(asked)) > desk.now:
        return "asked again since"
    await candidatures.forget_relais(desk.work, row.candidat_id, actor="greffier")
    return "done"


async def _bundle(desk: Desk, duty: Agenda) -> str:
    """Make the commission's bundle and send it to the room that asked."""
    await bundle.make(desk, duty)
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
