"""The commission's bundle: made by a duty, so that nobody waits for it in the conversation.

The line that announced it counts the dossiers that are done: each count is committed for itself, while the duty lasts.
"""

import asyncio
import io
from collections.abc import Callable
from functools import partial

from bot.circulaire.candidature import Etat
from bot.circulaire.notice import field_words
from bot.papers.bundle import commission_bundle
from bot.papers.merge import BundleEntry, BundlePiece
from bot.papers.paper import KINDS
from handlers.letters import revise, stored, to_chat
from handlers.turn import Aside, Desk
from storage import candidatures, convocations
from storage.files import Files
from storage.tables import Agenda, Candidature, Piece

BUNDLE = "bundle"
BEFORE_THE_COMMISSION = frozenset({Etat.RECEVABLE, Etat.CONVOQUEE, Etat.ENTENDUE, Etat.AVIS_SCELLE})
_NAME = "nom"  # the field of the notice that a dossier is titled with
_STEPS = 10  # times at most that the count is renewed


async def make(desk: Desk, duty: Agenda) -> int:
    """Make the ZIP and send it to the room that asked; returns how many dossiers it holds."""
    listed = await desk.work.run(candidatures.listed, desk.campagne.numero)
    every = [one for one in listed if one.etat in BEFORE_THE_COMMISSION]
    entries = [await _entry(desk, one) for one in every]
    into = io.BytesIO()
    progress = _counting(duty, desk.aside)
    await asyncio.to_thread(commission_bundle, desk.campagne, entries, into, at=desk.now, progress=progress)
    data = into.getvalue()
    sha256 = await asyncio.to_thread(desk.files.put, data)
    paper = stored(sha256, f"commission-{desk.campagne.numero}.zip", len(data), "application/zip")
    to_chat(desk.work, duty.details["chat"], "tableau/bundled", files=[paper], total=len(entries))
    return len(entries)


def _counting(duty: Agenda, aside: Aside) -> Callable[[int, int], None]:
    """Renews the line from the thread that makes the bundle."""
    loop = asyncio.get_running_loop()
    chat, line = duty.details["chat"], duty.details["line"]

    def count(done: int, total: int) -> None:
        if done * _STEPS // total > (done - 1) * _STEPS // total:
            telling = aside(lambda work: revise(work, chat, line, "tableau/bundling", done=done, total=total))
            asyncio.run_coroutine_threadsafe(telling, loop).result()

    return count


async def _entry(desk: Desk, one: Candidature) -> BundleEntry:
    given = {piece.code: piece for piece in await desk.work.run(candidatures.pieces, one.id)}
    row = await desk.work.run(convocations.in_force, one.id)
    return BundleEntry(
        numero=one.numero,
        holder=one.holder,
        facts=tuple(
            (field.label, field_words(field, one.notice[field.code]) if field.code in one.notice else "")
            for field in desk.campagne.notice_fields
            if field.code != _NAME
        ),
        pieces=tuple(
            _piece(given[piece.code], piece.label, desk.files) for piece in desk.campagne.pieces if piece.code in given
        ),
        starts_at=row.starts_at if row else None,
        ends_at=row.ends_at if row else None,
        room=row.room if row else "",
        commission=row.commission if row else "",
    )


def _piece(piece: Piece, label: str, files: Files) -> BundlePiece:
    read: Callable[[], bytes] | None = partial(files.get, piece.sha256) if piece.sha256 else None
    return BundlePiece(piece.code, label, KINDS.get(piece.mime), read)
