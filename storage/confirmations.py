"""Acts that wait for somebody's « oui »."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.bureau import Confirmation
from storage.tables import table

_confirmation = table(Confirmation)


def by_id(session: Session, confirmation_id: int) -> Confirmation | None:
    """One confirmation."""
    return session.get(Confirmation, confirmation_id)


def unsettled(session: Session, chat_id: int, since: datetime) -> list[Confirmation]:
    """What nobody has answered in a room, the newest first, without what expired before an instant."""
    query = select(Confirmation).where(
        _confirmation.c.chat_id == chat_id, _confirmation.c.settled_at.is_(None), _confirmation.c.expires_at > since
    )
    return list(session.scalars(query.order_by(_confirmation.c.id.desc())))
