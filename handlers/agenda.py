"""The room that the clock enters: what must be said or done at an instant."""

from typing import Any

from storage.tables import Agenda
from storage.work import UnitOfWork


async def perform(work: UnitOfWork, duty: Agenda, **given: Any) -> str:
    """Perform one duty; returns its outcome for the journal, « done » or why it has become pointless."""
    del work, given
    return f"unknown kind {duty.kind}"
