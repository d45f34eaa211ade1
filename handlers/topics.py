"""The help of the bureau: what it does, by topic, and then each command."""

from collections.abc import Sequence

from bot.circulaire.likeness import likest
from bot.circulaire.reading import fold
from handlers.arguments import Command
from handlers.say import say

TOPICS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "dossiers",
        (
            "dossiers",
            "dossier",
            "pieces-de",
            "piece",
            "recevable",
            "irrecevable",
            "reexaminer",
            "prolonger",
            "deposer-pour",
            "renseigner",
            "verser",
        ),
    ),
    (
        "entretiens",
        (
            "commissions",
            "contrainte",
            "planning",
            "creneau",
            "permuter",
            "convoquer",
            "commission",
            "entendu",
            "absent",
        ),
    ),
    ("avis", ("avis", "copie", "ien")),
    ("échanges", ("relais", "repondre", "note", "prendre", "fermer", "modeles", "diffuser")),
    ("suivi", ("a-faire", "tableau", "campagne", "lettres", "journal", "export", "simuler", "archiver", "demo")),
    ("questions", ("questions", "complement", "complements", "revoquer")),
)  # what the bureau does, and its commands: forty in a row would not be read on a phone

_ALIKE = 70  # of 100: a typo worth a « vouliez-vous dire »


def help_of_bureau(asked: str, mine: Sequence[Command]) -> str:
    """The topics with the names of their commands; for one topic or command, what each does and how it is written.

    Args:
        asked: folded; where it names nothing, that is said, with what it is like.
    """
    by_name = {command.name: command for command in mine}
    topics = [(topic, [by_name[name] for name in names if name in by_name]) for topic, names in TOPICS]
    called = {fold(name): [command] for name, command in by_name.items()} | {
        fold(topic): all_ for topic, all_ in topics
    }
    if called.get(asked):
        return say("commands/aide_sujet", commands=called[asked])
    near = likest(asked, called, _ALIKE) if asked else []
    shown = [(topic, found) for topic, found in topics if found]
    return say("commands/aide_bureau", topics=shown, asked=asked, near=near[0] if near else "")
