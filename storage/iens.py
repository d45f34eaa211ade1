"""The directory of the IEN."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.bureau import Ien
from storage.tables import table

_ien = table(Ien)


def listed(session: Session, campagne: str) -> list[Ien]:
    """All of them, by circonscription."""
    return list(session.scalars(select(Ien).where(_ien.c.campagne == campagne).order_by(_ien.c.circonscription)))


def of_key(session: Session, campagne: str, key: str) -> Ien | None:
    """The IEN of a circonscription, under its key."""
    return session.scalars(select(Ien).where(_ien.c.campagne == campagne, _ien.c.key == key)).first()


def of_person(session: Session, campagne: str, peer_id: int) -> Ien | None:
    """The IEN who is this person of a door."""
    return session.scalars(select(Ien).where(_ien.c.campagne == campagne, _ien.c.peer_id == peer_id)).first()


def by_id(session: Session, ien_id: int) -> Ien | None:
    """One IEN."""
    return session.get(Ien, ien_id)


def drop(session: Session, row: Ien) -> None:
    """Forget one."""
    session.delete(row)
