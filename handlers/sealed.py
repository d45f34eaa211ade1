"""The only place that opens a sealed avis, and never before it was released on its day."""

import asyncio
import json
from typing import Any

from bot.circulaire.avis import AvisFacts, AvisValue, may_release, split_reason, visible_from
from bot.errors import Refusal
from bot.papers.avis import typeset_avis
from handlers.letters import stored, to_mailbox
from handlers.turn import Desk
from storage import candidatures, convocations
from storage.bureau import Avis
from storage.tables import Candidature


async def facts_of(desk: Desk, one: Candidature, avis: Avis) -> AvisFacts:
    """What a released avis says.

    Raises:
        Refusal: it has not been released.
    """
    if avis.released_at is None or not may_release(desk.campagne, avis.released_at):
        raise Refusal("avis/too_early", visible_from=visible_from(desk.campagne))
    content = json.loads(desk.files.unseal(avis.sealed))
    row = await desk.work.run(convocations.in_force, one.id)
    states = await desk.work.run(candidatures.was_heard, one.id)
    return AvisFacts(
        campagne=desk.campagne.numero,
        numero=one.numero,
        version=avis.rank,
        holder=one.holder,
        value=AvisValue(content["value"]),
        text=split_reason(content["text"])[0] if avis.rank > 1 else content["text"],
        heard_on=row.starts_at if row is not None and states else None,
        released_at=avis.released_at,
    )


async def mail(desk: Desk, one: Candidature, facts: AvisFacts) -> None:
    """The avis on the academic mailbox, where there is one, as the circular says.

    Source: §D2.1, « par courriel sur la messagerie académique ».
    """
    if not one.address:
        return
    pdf = await asyncio.to_thread(typeset_avis, desk.campagne, facts)
    paper = stored(await asyncio.to_thread(desk.files.put, pdf), f"avis-{facts.version}.pdf", len(pdf))
    values: dict[str, Any] = {"one": one, "facts": facts}
    to_mailbox(desk, one.candidat_id, one.address, "avis/mailed", candidature_id=one.id, files=[paper], **values)
