"""The avis of the commission: its three values, its states, and the instant before which nobody may read it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bot.circulaire.campagne import Campagne
from bot.circulaire.delais import day_words
from bot.circulaire.machine import Machine, Transition
from bot.circulaire.reading import read_choice, unquoted
from bot.errors import Refusal


class AvisValue(StrEnum):
    """What the commission thinks of a candidature."""

    FAVORABLE = "favorable"
    RESERVE = "reserve"
    DEFAVORABLE = "defavorable"

    @property
    def label(self) -> str:
        """The value as it is written after « avis »."""
        return _VALUES[self]


_VALUES = {
    AvisValue.FAVORABLE: "favorable",
    AvisValue.RESERVE: "réservé",
    AvisValue.DEFAVORABLE: "défavorable",
}
_WAYS = (
    ("favorable", "avis favorable"),
    ("reserve", "avis réservé"),
    ("reserve", "réserves"),
    ("reserve", "réservée"),
    ("reserve", "avec réserves"),
    ("reserve", "avec réserve"),
    ("reserve", "sous réserve"),
    ("defavorable", "avis défavorable"),
)
_MARK = "motif :"
_REASON = re.compile(r"\bmotif\s*:", re.IGNORECASE)


@dataclass(frozen=True)
class AvisFacts:
    """What a candidate and their inspector are told of the commission's avis.

    Args:
        version: 1 for the first one, one more each time it is corrected.
        heard_on: the instant of the entretien (aware); None for a candidate who did not come.
        released_at: the instant at which it left (aware).
    """

    campagne: str
    numero: int
    version: int
    holder: str
    value: AvisValue
    text: str
    heard_on: datetime | None
    released_at: datetime


def read_avis(text: str) -> AvisValue | None:
    """The value that a member of the commission means: « favorable », « défavorable », « réservé », « fav ».

    Returns:
        None when the words say no value, or hesitate: « favorable mais… » is asked again.
    """
    code = read_choice(text, tuple((value.value, value.label) for value in AvisValue), _WAYS)
    return None if code is None else AvisValue(code)


def split_reason(text: str) -> tuple[str, str]:
    """The words of an avis, and the reason of its correction after « motif : »; empty where none is given."""
    words, _, reason = _REASON.sub(_MARK, text, count=1).partition(_MARK)
    return unquoted(words), reason.strip()


def visible_from(campagne: Campagne) -> datetime:
    """The first instant at which an avis may reach anybody but its author.

    Source: §D2.1, « L'avis de la commission sera transmis à compter du vendredi 28 avril 2017 ».
    """
    return campagne.avis_visible_from


def may_release(campagne: Campagne, now: datetime) -> bool:
    """Whether the day of the avis has come; two persons are needed besides.

    Source: §D2.1, « à compter du vendredi 28 avril 2017 ».
    """
    return now.astimezone(UTC) >= visible_from(campagne).astimezone(UTC)


def require_release(campagne: Campagne, now: datetime) -> None:
    """Refuse to let an avis leave before its day.

    Source: §D2.1, « à compter du vendredi 28 avril 2017 ».

    Raises:
        Refusal: the day has not come.
    """
    if not may_release(campagne, now):
        source = campagne.sources["avis_from"].source
        raise Refusal("avis/too_early", source=source, day=day_words(campagne.avis_from))


class AvisEtat(StrEnum):
    """Where an avis stands."""

    BROUILLON = "brouillon"
    SCELLE = "scelle"
    CONFIRME = "confirme"
    PUBLIE = "publie"
    LU = "lu"

    @property
    def label(self) -> str:
        """The state as the bureau says it, after « avis »."""
        return _LABELS[self]

    @property
    def is_public(self) -> bool:
        """Whether the candidate and the inspector have been told."""
        return self in {AvisEtat.PUBLIE, AvisEtat.LU}


_LABELS = {
    AvisEtat.BROUILLON: "en cours de rédaction",
    AvisEtat.SCELLE: "scellé, à confirmer par une autre personne",
    AvisEtat.CONFIRME: "confirmé, pas encore transmis",
    AvisEtat.PUBLIE: "transmis, pas encore ouvert",
    AvisEtat.LU: "transmis et ouvert",
}

A = AvisEtat  # the table below is read across

# An avis that is reopened is a new version of the same paper: it is sealed, confirmed and released again.
AVIS = Machine(
    (AvisEtat.BROUILLON,),
    (
        Transition("seal", "sceller", (A.BROUILLON,), A.SCELLE, "avis_from", "heard_or_absent_and_no_conflict"),
        Transition("amend", "modifier avant confirmation", (A.SCELLE,), A.SCELLE, "avis_from", "by_its_author"),
        Transition("confirm", "confirmer", (A.SCELLE,), A.CONFIRME, "avis_from", "by_another_person"),
        Transition("release", "transmettre", (A.CONFIRME,), A.PUBLIE, "avis_from", "on_date_by_two_persons"),
        Transition("open", "prendre connaissance", (A.PUBLIE,), A.LU, "avis_from", "asked_by_candidate"),
        Transition(
            "reopen", "rouvrir", (A.CONFIRME, A.PUBLIE, A.LU), A.BROUILLON, "avis_from", "two_persons_with_reason"
        ),
    ),
    refusal="avis/transition_refused",
)
