"""What must happen at an instant: rows with `due_at`, never timers; what was missed while down is still due."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.tables import Agenda, table

_agenda = table(Agenda)


def due(session: Session, now: datetime, *, limit: int = 100) -> list[Agenda]:
    """Duties whose instant has come, the oldest first."""
    query = select(Agenda).where(_agenda.c.done_at.is_(None), _agenda.c.due_at <= now)
    return list(session.scalars(query.order_by(_agenda.c.due_at, _agenda.c.id).limit(limit)))


def still_due(session: Session, duty_id: int) -> bool:
    """Whether a duty read a moment ago is still to be done: another one may have ended it."""
    return session.execute(select(_agenda.c.done_at).where(_agenda.c.id == duty_id)).scalar() is None


def next_instant(session: Session) -> datetime | None:
    """The instant of the next duty, None when there is none."""
    return session.execute(select(func.min(_agenda.c.due_at)).where(_agenda.c.done_at.is_(None))).scalar()


def coming(session: Session, candidature_id: int) -> list[Agenda]:
    """What is still to happen to one candidature, in order."""
    query = select(Agenda).where(_agenda.c.candidature_id == candidature_id, _agenda.c.done_at.is_(None))
    return list(session.scalars(query.order_by(_agenda.c.due_at)))
