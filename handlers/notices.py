"""The notice de renseignements that the conversation writes: a piece like any other, written again when corrected."""

import asyncio
from datetime import datetime

from bot.circulaire.dossier import PieceEtat
from bot.papers.typeset import typeset_notice
from handlers.steps import NOTICE, Place
from storage.files import Files
from storage.tables import Piece
from storage.work import UnitOfWork


async def withdraw_notice(here: Place, work: UnitOfWork, now: datetime) -> None:
    """A notice that was accepted and is corrected is to be accepted again."""
    for piece in here.pieces:
        if piece.code == NOTICE and piece.details.get("typeset"):
            piece.replaced_at = now
            work.note(
                "piece.removed", actor=f"candidat:{here.person_id}", candidature_id=piece.candidature_id, code=NOTICE
            )
    here.pieces = [piece for piece in here.pieces if piece.replaced_at is None]


async def write_notice(here: Place, work: UnitOfWork, files: Files, now: datetime) -> Piece:
    """The notice as a PDF, a piece like any other."""
    candidature = here.opened
    data = await asyncio.to_thread(typeset_notice, here.campagne, candidature.notice, at=now)
    piece = Piece(
        id=work.take_id(),
        candidature_id=candidature.id,
        code=NOTICE,
        etat=PieceEtat.SAINE,
        sha256=await asyncio.to_thread(files.put, data),
        name=f"notice-{candidature.numero}.pdf",
        mime="application/pdf",
        size=len(data),
        received_at=now,
        details={"typeset": True},
    )
    await work.add(piece)
    here.pieces.append(piece)
    facts = {"code": NOTICE, "sha256": piece.sha256}
    work.note("piece.written", actor=f"candidat:{here.person_id}", candidature_id=candidature.id, **facts)
    return piece
