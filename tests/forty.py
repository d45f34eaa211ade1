"""The forty candidates of the whole call, their IEN and their commissions: the same on the console and on servers."""

from collections.abc import Sequence
from dataclasses import dataclass

FORENAMES = ("Camille", "Paul", "Inès", "Hugo", "Léa", "Noé", "Zoé", "Karim")
NAMES = ("Martin", "Durand", "Benali", "Leroy", "Nguyen")
TOTAL = len(FORENAMES) * len(NAMES)
CIRCONSCRIPTIONS = ("Paris 19A", "Paris 20B", "Paris 5", "Paris 12-13")
IEN = ("ien19a@ac-paris.fr", "ien20b@ac-paris.fr", "ien5@ac-paris.fr", "ien1213@ac-paris.fr")
SECRET = "Zinzolin"  # a word of every avis that is nowhere else
COMMISSIONS = (
    "!commissions Commission A : salle 12 ; 8h-12h30, 13h30-19h ; membres Mme Petit, M. Blanc",
    "!commissions Commission B : salle 14 ; 8h-12h30, 13h30-19h ; membres Mme Faure, M. Roux",
)


@dataclass(frozen=True)
class Candidate:
    """One of the forty."""

    rank: int

    @property
    def who(self) -> str:
        """Their conversation."""
        return f"candidat{self.rank:02}"

    @property
    def name(self) -> str:
        """Their first name and name, as in their notice."""
        return f"{FORENAMES[self.rank % len(FORENAMES)]} {NAMES[self.rank // len(FORENAMES)]}"

    @property
    def mail(self) -> str:
        """Their academic address."""
        return f"{self.who}.{self.who}@ac-paris.fr"

    @property
    def circonscription(self) -> str:
        """Where they teach."""
        return CIRCONSCRIPTIONS[self.rank % len(CIRCONSCRIPTIONS)]

    @property
    def ien(self) -> str:
        """The address of the inspector who has the copies."""
        return IEN[self.rank % len(IEN)]


FORTY = [Candidate(rank) for rank in range(TOTAL)]
SILENT_AT_FIRST = FORTY[25:]  # at the net of the 24th
SILENT_TO_THE_END = FORTY[30:]  # at the alert of the 25th
ABSENT = (FORTY[7], FORTY[33])


def directory(first_on_the_messenger: str) -> str:
    """The table of the IEN as the bureau imports it; the first one is on the messenger too."""
    peers = (first_on_the_messenger, "", "", "")
    rows = zip(CIRCONSCRIPTIONS, IEN, peers, strict=True)
    lines = [f"{circonscription};Mme {circonscription[6:]};{mail};{peer}" for circonscription, mail, peer in rows]
    return "\n".join(["circonscription;nom;courriel;tchap", *lines])


def ranks_named(texts: Sequence[str]) -> list[int]:
    """Whose names are in each of these texts."""
    return sorted(one.rank for text in texts for one in FORTY if one.name in text)
