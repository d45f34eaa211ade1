"""Copies to the IEN: letters of their own, each with its own state, to the candidate's own IEN and nobody else."""

from collections import defaultdict
from collections.abc import Collection
from datetime import time
from typing import Any

from bot.circulaire.candidature import Etat
from bot.circulaire.ien import circonscription_key
from bot.clock import paris
from handlers.letters import to_bureau, to_chat, to_mailbox
from handlers.turn import Desk
from storage import candidatures, convocations, iens
from storage.bureau import Convocation, Ien
from storage.tables import Candidature

DIGEST = "ien_digest"
_COPIED = frozenset({Etat.DEPOSEE, Etat.INCOMPLETE, Etat.RECEVABLE, Etat.CONVOQUEE})  # whose IEN will have copies
_EVENING = time(18)


async def ien_of(desk: Desk, one: Candidature) -> Ien | None:
    """The IEN of a candidate's circonscription, as the candidate wrote it."""
    key = circonscription_key(one.circonscription)
    return await desk.work.run(iens.of_key, desk.campagne.numero, key) if one.circonscription else None


async def of_ien(desk: Desk, ien: Ien) -> list[tuple[Candidature, Convocation | None]]:
    """The candidatures of an IEN's circonscription and of no other, each with its creneau."""
    every = await desk.work.run(candidatures.listed, desk.campagne.numero)
    theirs = [one for one in every if circonscription_key(one.circonscription) == ien.key]
    return [(one, await desk.work.run(convocations.in_force, one.id)) for one in theirs]


async def without_ien(desk: Desk, fresh: Collection[str] = ()) -> dict[str, list[int]]:
    """The circonscriptions whose IEN is not in the directory, with the dossiers whose copies would not leave.

    Args:
        fresh: keys of circonscriptions whose IEN is added in this very update.
    """
    missing: dict[str, list[int]] = defaultdict(list)
    for one in await desk.work.run(candidatures.listed, desk.campagne.numero):
        known = circonscription_key(one.circonscription) in fresh
        if one.etat in _COPIED and not known and await ien_of(desk, one) is None:
            missing[one.circonscription].append(one.numero)
    return dict(sorted(missing.items()))


async def copy_to_ien(desk: Desk, one: Candidature, text: str, **values: Any) -> Ien | None:
    """Write the copy, by e-mail and in the chat as the IEN chose; where there is no IEN, the bureau is told."""
    ien = await ien_of(desk, one)
    if ien is None:
        to_bureau(desk, "ien/none", candidature_id=one.id, one=one)
        return None
    values = {"one": one, "ien": ien, **values}
    if ien.prefers == "resume":
        evening = paris(desk.now.date(), _EVENING.hour)
        due = max(desk.now, evening)
        key = f"{DIGEST}:{ien.id}:{due.date().isoformat()}"
        desk.work.agenda.put(DIGEST, key, due, details={"ien": ien.id, "day": due.date().isoformat()})
    else:
        to_mailbox(desk, ien.id, ien.email, text, candidature_id=one.id, **values)
        if ien.peer_id is not None and ien.prefers == "tout":
            _greet(desk, ien)
            to_chat(desk.work, ien.peer_id, text, candidature_id=one.id, campagne=desk.campagne, mail=False, **values)
    desk.work.note("copy.sent", actor="greffier", candidature_id=one.id, ien=ien.id, text=text, way=ien.prefers)
    return ien


def _greet(desk: Desk, ien: Ien) -> None:
    """Explain the first message."""
    if ien.greeted_at is None and ien.peer_id is not None:
        ien.greeted_at = desk.now
        to_chat(desk.work, ien.peer_id, "ien/hello", ien=ien, campagne=desk.campagne)
