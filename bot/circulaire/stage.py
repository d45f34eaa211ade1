"""Where a campagne stands: read from its calendar and from the states of its candidatures, kept nowhere else."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from bot.circulaire.avis import may_release
from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.delais import is_on_time
from bot.circulaire.machine import Machine, Transition


class CampagneEtat(StrEnum):
    """Where a campagne stands."""

    OUVERTE = "ouverte"
    CLOSE = "close"
    CONVOCATIONS_PUBLIEES = "convocations_publiees"
    AVIS_OUVERTS = "avis_ouverts"
    ARCHIVEE = "archivee"

    @property
    def label(self) -> str:
        """The state as the bureau reads it, after « campagne »."""
        return _LABELS[self]


_LABELS = {
    CampagneEtat.OUVERTE: "ouverte aux candidatures",
    CampagneEtat.CLOSE: "close, convocations à publier",
    CampagneEtat.CONVOCATIONS_PUBLIEES: "convocations publiées",
    CampagneEtat.AVIS_OUVERTS: "avis transmis",
    CampagneEtat.ARCHIVEE: "archivée",
}

C, E = CampagneEtat, Etat  # the tables below are read across

CAMPAGNE = Machine(
    (C.OUVERTE,),
    (
        Transition("close", "clore", (C.OUVERTE,), C.CLOSE, "closes_at", "after_closing"),
        Transition(
            "convoke",
            "publier les convocations",
            (C.CLOSE,),
            C.CONVOCATIONS_PUBLIEES,
            "convocation_on",
            "one_is_published",
        ),
        Transition(
            "release",
            "transmettre les avis",
            (C.CONVOCATIONS_PUBLIEES,),
            C.AVIS_OUVERTS,
            "avis_from",
            "on_date_by_two_persons",
        ),
        Transition("archive", "archiver", (C.CLOSE, C.AVIS_OUVERTS), C.ARCHIVEE, "", "nothing_waits_by_two_persons"),
    ),
)
_CONVOKED = frozenset({E.CONVOQUEE, E.ENTENDUE, E.ABSENTE, E.AVIS_SCELLE})
_ARCHIVED = frozenset({E.CLOSE, E.EFFACEE})


def campagne_etat(campagne: Campagne, now: datetime, etats: Iterable[Etat]) -> CampagneEtat:
    """Where the campagne stands.

    Source: §D1.5, « pour le vendredi 21 avril 2017 au plus tard ».

    Args:
        now: an aware instant.
        etats: the state of each candidature.
    """
    if is_on_time(campagne, now):
        return C.OUVERTE
    seen = set(etats)
    if seen and seen <= _ARCHIVED and may_release(campagne, now):
        return C.ARCHIVEE
    if seen & {E.AVIS_TRANSMIS, E.CLOSE}:
        return C.AVIS_OUVERTS
    return C.CONVOCATIONS_PUBLIEES if seen & _CONVOKED else C.CLOSE
