"""What people asked, counted without their names, and what the bureau added where the circular is silent."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.bureau import Addendum
from storage.tables import AskedQuestion, table

_asked, _addendum = table(AskedQuestion), table(Addendum)
_PRIVATE = re.compile(r"\S+@\S+|\+?\d[\d .-]{6,}\d")  # an address, a telephone
_LONGEST = 200


def without_private(words: str) -> str:
    """The words of a question, short, without addresses and telephone numbers."""
    return _PRIVATE.sub("[…]", " ".join(words.split()))[:_LONGEST]


def counted(session: Session, since: datetime) -> Counter[tuple[str, str]]:
    """How often each (outcome, topic) came since an instant."""
    query = select(_asked.c.outcome, _asked.c.topic, func.count()).where(_asked.c.asked_at >= since)
    rows = session.execute(query.group_by(_asked.c.outcome, _asked.c.topic))
    return Counter({(outcome, topic): number for outcome, topic, number in rows})


def unanswered(session: Session, since: datetime, limit: int = 20) -> list[tuple[str, int]]:
    """Questions that the circular does not answer, the most frequent first."""
    query = (
        select(_asked.c.words, func.count().label("times"))
        .where(_asked.c.asked_at >= since, _asked.c.words != "")
        .group_by(_asked.c.words)
        .order_by(func.count().desc(), _asked.c.words)
        .limit(limit)
    )
    return [(words, times) for words, times in session.execute(query)]


def usefulness(session: Session, since: datetime) -> tuple[int, int]:
    """How many answers were said useful, and how many not."""
    query = select(_asked.c.useful, func.count()).where(_asked.c.asked_at >= since, _asked.c.useful.is_not(None))
    found = {bool(useful): number for useful, number in session.execute(query.group_by(_asked.c.useful))}
    return found.get(True, 0), found.get(False, 0)


def asked(session: Session, question_id: int) -> AskedQuestion | None:
    """One question."""
    return session.get(AskedQuestion, question_id)


def addenda(session: Session, campagne: str) -> Sequence[Addendum]:
    """The addenda in force, in order."""
    query = select(Addendum).where(_addendum.c.campagne == campagne, _addendum.c.revoked_at.is_(None))
    return list(session.scalars(query.order_by(_addendum.c.numero)))


def addendum(session: Session, campagne: str, numero: int) -> Addendum | None:
    """One addendum, in force or revoked."""
    query = select(Addendum).where(_addendum.c.campagne == campagne, _addendum.c.numero == numero)
    return session.scalars(query).first()


def next_numero(session: Session, campagne: str) -> int:
    """The number of the next addendum; two written at once are told apart by the database."""
    query = select(func.max(_addendum.c.numero)).where(_addendum.c.campagne == campagne)
    return (session.execute(query).scalar() or 0) + 1
