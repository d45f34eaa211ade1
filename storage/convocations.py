"""Commissions, convocations and their creneaux."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.bureau import Commission, Convocation
from storage.tables import table

_convocation, _commission = table(Convocation), table(Commission)


def in_force(session: Session, candidature_id: int) -> Convocation | None:
    """The convocation of a candidature that holds a creneau, prepared or sent."""
    query = select(Convocation).where(_convocation.c.candidature_id == candidature_id, _convocation.c.live == 1)
    return session.scalars(query).first()


def by_id(session: Session, convocation_id: int) -> Convocation | None:
    """One convocation."""
    return session.get(Convocation, convocation_id)


def existing(session: Session, convocation_id: int) -> Convocation:
    """The convocation that a choice names: one that was sent is never dropped."""
    return session.get_one(Convocation, convocation_id)


def live(session: Session, campagne: str) -> list[Convocation]:
    """Every convocation that holds a creneau, by hour and commission."""
    query = select(Convocation).where(_convocation.c.campagne == campagne, _convocation.c.live == 1)
    return list(session.scalars(query.order_by(_convocation.c.starts_at, _convocation.c.commission)))


def history(session: Session, candidature_id: int) -> list[Convocation]:
    """Every convocation that a candidature ever had, in order."""
    query = select(Convocation).where(_convocation.c.candidature_id == candidature_id)
    return list(session.scalars(query.order_by(_convocation.c.id)))


def commissions(session: Session, campagne: str) -> list[Commission]:
    """The commissions, by name."""
    return list(
        session.scalars(select(Commission).where(_commission.c.campagne == campagne).order_by(_commission.c.name))
    )


def drop(session: Session, row: Convocation) -> None:
    """Forget a creneau that nobody was told of."""
    session.delete(row)
