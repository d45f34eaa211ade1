"""Copies to the IEN: letters of their own, each with its own state, to the candidate's own IEN and nobody else."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from bot.circulaire.campagne import Campagne
from bot.circulaire.ien import circonscription_key
from bot.clock import paris
from handlers.letters import to_bureau, to_chat, to_mailbox
from storage import iens
from storage.bureau import Ien
from storage.tables import Candidature
from storage.work import UnitOfWork

DIGEST = "ien_digest"
_EVENING = time(18)


async def ien_of(work: UnitOfWork, campagne: Campagne, one: Candidature) -> Ien | None:
    """The IEN of a candidate's circonscription, as the candidate wrote it."""
    written = str(one.notice.get("circonscription") or "")
    return await work.run(iens.of_key, campagne.numero, circonscription_key(written)) if written else None


async def copy_to_ien(
    work: UnitOfWork, campagne: Campagne, one: Candidature, text: str, bureau: Sequence[int], **values: Any
) -> Ien | None:
    """Write the copy, by e-mail and in the chat as the IEN chose; where there is no IEN, the bureau is told."""
    ien = await ien_of(work, campagne, one)
    if ien is None:
        to_bureau(work, bureau, "ien/none", candidature_id=one.id, one=one)
        return None
    values = {"one": one, "ien": ien, **values}
    if ien.prefers == "resume":
        evening = paris(work.now.date(), _EVENING.hour)
        due = max(work.now, evening)
        key = f"{DIGEST}:{ien.id}:{due.date().isoformat()}"
        work.agenda.put(DIGEST, key, due, details={"ien": ien.id, "day": due.date().isoformat()})
    else:
        to_mailbox(work, ien.id, ien.email, text, campagne=campagne, candidature_id=one.id, **values)
        if ien.peer_id is not None and ien.prefers == "tout":
            _greet(work, campagne, ien)
            to_chat(work, ien.peer_id, text, candidature_id=one.id, campagne=campagne, mail=False, **values)
    work.note("copy.sent", actor="greffier", candidature_id=one.id, ien=ien.id, text=text, way=ien.prefers)
    return ien


def _greet(work: UnitOfWork, campagne: Campagne, ien: Ien) -> None:
    """Explain the first message."""
    if ien.greeted_at is None and ien.peer_id is not None:
        ien.greeted_at = work.now
        to_chat(work, ien.peer_id, "ien/hello", ien=ien, campagne=campagne)
