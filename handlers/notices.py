"""The notice de renseignements that the conversation writes: a piece like any other, written again when corrected."""

import asyncio

from bot.circulaire.dossier import PieceEtat
from bot.papers.typeset import typeset_notice
from handlers.pieces import add
from handlers.steps import NOTICE, Place
from handlers.turn import Desk
from storage.tables import Piece


async def withdraw_notice(desk: Desk, here: Place) -> None:
    """A notice that was accepted and is corrected is to be accepted again."""
    for piece in here.pieces:
        if piece.code == NOTICE and piece.details.get("typeset"):
            piece.replaced_at = desk.now
            desk.work.note("piece.removed", actor=here.actor, candidature_id=piece.candidature_id, code=NOTICE)
    here.pieces = [piece for piece in here.pieces if piece.replaced_at is None]


async def write_notice(desk: Desk, here: Place) -> Piece:
    """The notice as a PDF, a piece like any other."""
    candidature = here.opened
    data = await asyncio.to_thread(typeset_notice, here.campagne, candidature.notice, at=desk.now)
    piece = await add(
        desk,
        here,
        code=NOTICE,
        etat=PieceEtat.SAINE,
        sha256=await asyncio.to_thread(desk.files.put, data),
        name=f"notice-{candidature.numero}.pdf",
        mime="application/pdf",
        size=len(data),
        received_at=desk.now,
        details={"typeset": True},
    )
    facts = {"code": NOTICE, "sha256": piece.sha256}
    desk.work.note("piece.written", actor=here.actor, candidature_id=candidature.id, **facts)
    return piece
