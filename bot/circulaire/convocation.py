"""The convocation: what it says, and the states it goes through from the planning to the entretien."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.circulaire.campagne import Campagne, Contact
from bot.circulaire.machine import Machine, Transition
from bot.clock import PARIS


@dataclass(frozen=True)
class ConvocationFacts:
    """What a convocation says. The hour, the room and the commission are the bureau's data, never invented.

    Args:
        starts_at: when the candidate is awaited (aware).
        ends_at: when the entretien ends (aware).
        room: « salle 204 »; with `address` where it is not the service's own.
        to_bring: labels, as said to the candidate: « votre pièce d’identité ».
        uid: the same for the whole life of a convocation, in every calendar.
        sequence: 0 for the first one sent, one more at each change.
    """

    campagne: str
    numero: int
    holder: str
    starts_at: datetime
    ends_at: datetime
    room: str
    address: str
    commission: str
    to_bring: tuple[str, ...]
    exposition_minutes: int
    total_minutes: int
    contact: Contact
    uid: str
    sequence: int = 0

    @property
    def place(self) -> str:
        """Where the candidate goes, in one line."""
        return ", ".join(filter(None, (self.room, self.address)))


def convocation_facts(
    campagne: Campagne,
    *,
    numero: int,
    holder: str,
    starts_at: datetime,
    room: str,
    address: str = "",
    commission: str = "",
    sequence: int = 0,
) -> ConvocationFacts:
    """What a candidate is told of their entretien: the bureau's creneau and room, the circular's durations and papers.

    Source: §C2.3, « Cet exposé, qui ne dépasse pas 8 minutes »; §C2.4, « L'entretien dure au total 30 minutes »;
    §C2.7, « muni de sa pièce d'identité et de sa convocation ».

    Args:
        starts_at: the beginning of the creneau (aware).
    """
    length = timedelta(minutes=campagne.entretien_minutes)
    return ConvocationFacts(
        campagne=campagne.numero,
        numero=numero,
        holder=holder,
        starts_at=starts_at.astimezone(PARIS),
        ends_at=(starts_at.astimezone(UTC) + length).astimezone(PARIS),
        room=room,
        address=address,
        commission=commission,
        to_bring=tuple(item.label for item in campagne.bring),
        exposition_minutes=campagne.expose_minutes,
        total_minutes=campagne.entretien_minutes,
        contact=campagne.convocation_contact,
        uid=convocation_uid(campagne, numero),
        sequence=sequence,
    )


def convocation_uid(campagne: Campagne, numero: int) -> str:
    """The name of a convocation in every calendar: never another one when its hour or its room changes."""
    return f"convocation-{numero}.{campagne.numero}@{campagne.service.mail_domain}"


class ConvocationEtat(StrEnum):
    """Where a convocation stands."""

    PREPAREE = "preparee"
    PUBLIEE = "publiee"
    ACQUITTEE = "acquittee"
    SILENCIEUSE = "silencieuse"
    RELANCEE = "relancee"
    REMPLACEE = "remplacee"
    ANNULEE = "annulee"

    @property
    def label(self) -> str:
        """The state as the bureau says it, after « convocation »."""
        return _LABELS[self]

    @property
    def in_force(self) -> bool:
        """Whether the candidate has been told to come and is still awaited."""
        return self in _IN_FORCE


_LABELS = {
    ConvocationEtat.PREPAREE: "préparée, pas encore envoyée",
    ConvocationEtat.PUBLIEE: "envoyée, sans réponse",
    ConvocationEtat.ACQUITTEE: "acceptée",
    ConvocationEtat.SILENCIEUSE: "restée sans réponse",
    ConvocationEtat.RELANCEE: "envoyée de nouveau",
    ConvocationEtat.REMPLACEE: "remplacée par une autre",
    ConvocationEtat.ANNULEE: "annulée",
}

C = ConvocationEtat  # the table below is read across
_IN_FORCE = (C.PUBLIEE, C.ACQUITTEE, C.SILENCIEUSE, C.RELANCEE)
_UNANSWERED = (C.PUBLIEE, C.SILENCIEUSE, C.RELANCEE)

# « Je n’ai rien reçu » from somebody who has acknowledged sends the same convocation again and changes no state.
CONVOCATION = Machine(
    (ConvocationEtat.PREPAREE,),
    (
        Transition("publish", "envoyer", (C.PREPAREE,), C.PUBLIEE, "convocation_on", "creneau_address_and_ien_given"),
        Transition("acknowledge", "accuser réception", _UNANSWERED, C.ACQUITTEE, "convocation_on", "said_by_candidate"),
        Transition(
            "fall_silent", "constater le silence", (C.PUBLIEE,), C.SILENCIEUSE, "alert_on", "evening_of_sending"
        ),
        Transition("remind", "envoyer de nouveau", _UNANSWERED, C.RELANCEE, "alert_on", "unanswered_or_asked"),
        Transition("replace", "remplacer", _IN_FORCE, C.REMPLACEE, "entretien_on", "creneau_free_and_all_told"),
        Transition("cancel", "annuler", (C.PREPAREE, *_IN_FORCE), C.ANNULEE, "entretien_on", "withdrawn_or_by_bureau"),
    ),
    refusal="convocation/transition_refused",
)
