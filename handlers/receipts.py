"""The receipt of a deposit: its words, their code, the PDF, and what the bureau is told."""

import asyncio
from datetime import datetime

from bot.circulaire.candidature import Etat
from bot.circulaire.dossier import PIECE, PieceEtat
from bot.circulaire.receipt import ReceiptFacts, ReceiptPiece, receipt_code, receipt_text
from bot.papers.typeset import typeset_receipt
from handlers.letters import stored, to_bureau, to_candidat
from handlers.say import say
from handlers.steps import Place
from handlers.turn import Desk, Turn
from storage import candidatures
from storage.tables import Receipt


async def issue(turn: Turn, here: Place, received_at: datetime, *, lead: str = "") -> None:
    """Certify the dossier as it stands and say so: receipt as text and as PDF, the bureau told."""
    receipt, facts, pdf = await certify(turn, here, received_at)
    words = say("receipts/receipt", here=here, facts=facts, receipt=receipt, campagne=here.campagne)
    await turn.answer("\n\n".join(part for part in (lead, words) if part))
    await send(turn, receipt, pdf)
    _tell(turn, here, facts)


async def certify(desk: Desk, here: Place, received_at: datetime) -> tuple[Receipt, ReceiptFacts, bytes]:
    """Freeze the pieces of a dossier and write its receipt."""
    candidature = here.opened
    if not candidature.holder and here.candidat is not None:  # the notice came as a file
        candidature.notice = {**candidature.notice, "nom": here.candidat.display_name}
    for piece in here.pieces:
        if piece.etat in {PieceEtat.RECUE, PieceEtat.SAINE}:
            piece.etat = PIECE.after(piece.etat, "freeze")
    rank = len(await desk.work.run(candidatures.receipts, candidature.id)) + 1
    facts = _facts(here, rank, received_at)
    text = receipt_text(facts)
    pdf = await asyncio.to_thread(typeset_receipt, here.campagne, facts)
    receipt = Receipt(
        id=desk.work.take_id(),
        candidature_id=candidature.id,
        rank=rank,
        issued_at=desk.now,
        text=text,
        code=receipt_code(text),
        sha256=await asyncio.to_thread(desk.files.put, pdf),
    )
    await desk.work.add(receipt)
    desk.work.note(
        "receipt.issued",
        actor="greffier",
        candidature_id=candidature.id,
        source=here.campagne.sources["dossier"].source,
        rank=rank,
        code=receipt.code,
    )
    return receipt, facts, pdf


async def send(turn: Turn, receipt: Receipt, pdf: bytes) -> None:
    """The receipt's PDF."""
    await turn.answer_document(pdf, f"recepisse-{receipt.rank}.pdf", caption=say("receipts/pdf", receipt=receipt))


async def post(desk: Desk, here: Place, received_at: datetime) -> Receipt:
    """Certify the dossier of somebody who is not speaking: the receipt leaves as the bureau's other letters do."""
    receipt, facts, pdf = await certify(desk, here, received_at)
    paper = stored(receipt.sha256, f"recepisse-{receipt.rank}.pdf", len(pdf))
    await to_candidat(desk, here.opened, "instruction/receipt", files=[paper], facts=facts, receipt=receipt, here=here)
    return receipt


async def renew(turn: Turn, here: Place, received_at: datetime, *, lead: str = "") -> bool:
    """A piece changed after the deposit: a new receipt; False when nothing was deposited yet."""
    candidature = here.opened
    if candidature.etat not in {Etat.DEPOSEE, Etat.INCOMPLETE} or here.missing:
        return False
    event = "replace" if candidature.etat == Etat.DEPOSEE else "complete"
    candidatures.move(turn.work, here.campagne, candidature, event, actor=here.actor)
    await issue(turn, here, received_at, lead=lead)
    return True


def _tell(desk: Desk, here: Place, facts: ReceiptFacts) -> None:
    """Tell the bureau's rooms of a deposit."""
    to_bureau(desk, "receipts/deposit_bureau", candidature_id=here.opened.id, here=here, facts=facts)


def _facts(here: Place, rank: int, received_at: datetime) -> ReceiptFacts:
    candidature, campagne = here.opened, here.campagne
    given = {piece.code: piece for piece in here.pieces}
    holder = candidature.holder or (here.candidat.display_name if here.candidat else "")
    return ReceiptFacts(
        campagne=campagne.numero,
        circulaire_sha256=campagne.sha256,
        numero=candidature.numero,
        rank=rank,
        holder=str(holder),
        service=f"{campagne.service.name}, {campagne.service.bureau}, {campagne.service.street_address}",
        received_at=received_at,
        pieces=tuple(
            ReceiptPiece(piece.code, piece.label, given[piece.code].size, given[piece.code].sha256)
            for piece in campagne.pieces
            if piece.code in given
        ),
        missing=tuple(piece.label for piece in here.missing),
    )
