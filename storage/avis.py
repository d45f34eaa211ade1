"""The avis: sealed rows. Only `handlers/avis` opens them, and never before their date."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.bureau import Avis
from storage.tables import Candidature, table

_avis, _candidature = table(Avis), table(Candidature)


def newest(session: Session, candidature_id: int) -> Avis | None:
    """The avis in force of a candidature: the one of the highest rank."""
    query = select(Avis).where(_avis.c.candidature_id == candidature_id)
    return session.scalars(query.order_by(_avis.c.rank.desc())).first()


def newest_released(session: Session, candidature_id: int) -> Avis | None:
    """The avis that the candidate and the IEN were told last: it holds until a correction is released too."""
    query = select(Avis).where(_avis.c.candidature_id == candidature_id, _avis.c.released_at.is_not(None))
    return session.scalars(query.order_by(_avis.c.rank.desc())).first()


def by_id(session: Session, avis_id: int) -> Avis | None:
    """One avis."""
    return session.get(Avis, avis_id)


def in_state(session: Session, campagne: str, etat: str) -> list[tuple[Avis, Candidature]]:
    """The newest avis of each candidature that stands in a state, by number."""
    query = (
        select(Avis, Candidature)
        .join(Candidature, _candidature.c.id == _avis.c.candidature_id)
        .where(_candidature.c.campagne == campagne)
        .order_by(_candidature.c.numero, _avis.c.rank)
    )
    last = {one.id: (avis, one) for avis, one in session.execute(query)}
    return [(avis, one) for avis, one in last.values() if avis.etat == etat]
