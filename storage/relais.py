"""Relays: conversations handed to the bureau, what was said in them, and its ready answers."""

import json

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.circulaire.relais import RelaisEtat
from storage.bureau import Relais, RelaisLine
from storage.tables import Fact, table

_relais, _line = table(Relais), table(RelaisLine)


def by_numero(session: Session, campagne: str, numero: int) -> Relais | None:
    """The relay that people call « 3 »."""
    return session.scalars(select(Relais).where(_relais.c.campagne == campagne, _relais.c.numero == numero)).first()


def by_id(session: Session, relais_id: int) -> Relais | None:
    """One relay."""
    return session.get(Relais, relais_id)


def next_numero(session: Session, campagne: str) -> int:
    """The number after the greatest."""
    query = select(func.max(_relais.c.numero)).where(_relais.c.campagne == campagne)
    return (session.execute(query).scalar() or 0) + 1


def open_ones(session: Session, campagne: str) -> list[Relais]:
    """Those that are not closed, the soonest promised first."""
    query = select(Relais).where(_relais.c.campagne == campagne, _relais.c.etat != RelaisEtat.FERME)
    return list(session.scalars(query.order_by(_relais.c.promised_by, _relais.c.numero)))


def open_of(session: Session, campagne: str, person_id: int) -> Relais | None:
    """The open relay of a person."""
    query = select(Relais).where(
        _relais.c.campagne == campagne, _relais.c.candidat_id == person_id, _relais.c.etat != RelaisEtat.FERME
    )
    return session.scalars(query.order_by(_relais.c.id.desc())).first()


def lines(session: Session, relais_id: int) -> list[RelaisLine]:
    """What was said, in order."""
    return list(session.scalars(select(RelaisLine).where(_line.c.relais_id == relais_id).order_by(_line.c.id)))


def lines_of_person(session: Session, person_id: int) -> list[RelaisLine]:
    """Everything that was said in the relays of one person."""
    query = select(RelaisLine).join(Relais, _relais.c.id == _line.c.relais_id).where(_relais.c.candidat_id == person_id)
    return list(session.scalars(query))


def models(session: Session, campagne: str) -> dict[str, str]:
    """The ready answers by name."""
    row = session.get(Fact, f"modeles.{campagne}")
    return dict(json.loads(row.value)) if row else {}


def keep_model(session: Session, campagne: str, name: str, text: str) -> None:
    """Add a ready answer, or change it."""
    key = f"modeles.{campagne}"
    row = session.get(Fact, key)
    value = json.dumps({**models(session, campagne), name: text}, ensure_ascii=False)
    if row is None:
        session.add(Fact(key=key, value=value))
    else:
        row.value = value
