"""The relais: a question that a person of the bureau answers, and until when they promise to."""

from datetime import datetime
from enum import StrEnum

from bot.circulaire.campagne import Campagne
from bot.circulaire.delais import DRAFT_KEPT
from bot.circulaire.machine import Machine, Transition
from bot.circulaire.office_hours import OfficeHours
from bot.circulaire.reading import fold

# What says that a question is settled, without the polite words around it.
_SETTLED = frozenset(
    {
        *("c est regle", "tout est regle", "c est resolu", "ma question est reglee", "ma question est resolue"),
        *("question reglee", "question resolue", "j ai ma reponse", "j ai la reponse", "j ai eu ma reponse"),
    }
)
_SETTLED_WITH_THANKS = frozenset({"c est bon", "c est tout", "c est parfait", "c est clair", "c est note"})
_POLITE = frozenset(
    {"merci", "beaucoup", "bien", "bonjour", "ok", "oui", "super", "parfait", "a", "vous", "pour", "moi", "alors"}
)


def promised_by(opened_at: datetime, hours: OfficeHours) -> datetime:
    """Until when a person is promised an answer.

    While somebody is at the service, so many of its own hours later; else by noon of its next day.

    Args:
        opened_at: the instant of the question (aware).
    """
    return hours.after(opened_at, hours.promised) if hours.is_open(opened_at) else hours.next_noon(opened_at)


def kept_until(campagne: Campagne, asked_at: datetime) -> datetime:
    """Until when the words of who never agreed to anything are kept: as long as a draft.

    Args:
        asked_at: the instant of their latest question (aware); after the closing the time runs from there.
    """
    return max(campagne.closes_at, asked_at) + DRAFT_KEPT


def says_settled(text: str, *, in_reply: bool) -> bool:
    """Whether a person says that their question to the bureau is settled, and nothing else.

    Args:
        in_reply: the words answer the bureau; elsewhere « c'est bon » may mean something else, unless it thanks.
    """
    said = fold(text).split()
    core = " ".join(word for word in said if word not in _POLITE)
    if "?" in text:
        return False
    return core in _SETTLED or (core in _SETTLED_WITH_THANKS and (in_reply or "merci" in said))


class RelaisEtat(StrEnum):
    """Where a relais stands."""

    OUVERT = "ouvert"
    REPONDU = "repondu"
    FERME = "ferme"

    @property
    def label(self) -> str:
        """The state as the bureau says it, after « relais »."""
        return _LABELS[self]


_LABELS = {
    RelaisEtat.OUVERT: "en attente de réponse",
    RelaisEtat.REPONDU: "répondu",
    RelaisEtat.FERME: "fermé",
}

R = RelaisEtat  # the table below is read across

# A relais is no rule of the circular's: only its first contact is (rule `information_contact`).
RELAIS = Machine(
    (RelaisEtat.OUVERT,),
    (
        Transition("reply", "répondre", (R.OUVERT, R.REPONDU), R.REPONDU, "information_contact", "by_bureau"),
        Transition(
            "ask_again", "demander encore", (R.OUVERT, R.REPONDU, R.FERME), R.OUVERT, "information_contact", "by_asker"
        ),
        Transition("close", "fermer", (R.OUVERT, R.REPONDU), R.FERME, "", "by_bureau_or_asker"),
    ),
    refusal="relais/transition_refused",
)
