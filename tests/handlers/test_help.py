"""The help: short enough for a phone, complete when it is asked for more."""

from collections import Counter

import pytest

from bot.channels.console import BUREAU
from handlers.declarations import COMMANDS
from handlers.topics import TOPICS
from tests.handlers.conftest import Talk

LONGEST = 2000  # characters of a message


def test_each_command_of_the_bureau_has_one_topic() -> None:
    ours = [one.name for one in COMMANDS if "bureau" in one.who and one.name not in {"aide", "contact"}]

    assert Counter(name for _, names in TOPICS for name in names) == Counter(ours)


async def test_the_bureau_reads_its_topics_first(talk: Talk) -> None:
    await talk.says(BUREAU, "!aide")

    assert talk.heard(BUREAU).splitlines()[:4] == [
        "Ce qui vous attend : !a-faire",
        "Ce que vous pouvez m’écrire",
        (
            "Dossiers : !dossiers, !dossier, !pieces-de, !piece, !recevable, !irrecevable, !reexaminer, !prolonger, "
            "!deposer-pour, !renseigner, !verser"
        ),
        (
            "Entretiens : !commissions, !contrainte, !planning, !creneau, !permuter, !convoquer, !commission, "
            "!entendu, !absent"
        ),
    ]


@pytest.mark.parametrize("asked", ["échanges", "echanges", "!repondre", "planning", "!pièces-de"])
async def test_a_topic_or_a_command_is_explained(talk: Talk, asked: str) -> None:
    await talk.says(BUREAU, f"!aide {asked}")

    first = {
        "!repondre": "!repondre relais texte — répondre à une personne",
        "!pièces-de": "!pieces-de numéro — les pièces d’un dossier, en fichiers",
        "planning": "!planning — proposer les créneaux du jour des entretiens, avec une image",
    }.get(asked, "!relais [relais] — les conversations qui attendent une personne")
    assert talk.heard(BUREAU).splitlines()[0] == first


@pytest.mark.parametrize("topic", [topic for topic, _ in TOPICS])
async def test_no_help_is_longer_than_a_message(talk: Talk, topic: str) -> None:
    await talk.says(BUREAU, f"!aide {topic}")

    assert len(talk.heard(BUREAU)) < LONGEST


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("zzz", "Je n’ai pas d’aide sur « zzz »."),
        ("planing", "Je n’ai pas d’aide sur « planing ». Vouliez-vous dire !aide planning ?"),
    ],
)
async def test_help_on_nothing_known_says_so_before_the_whole(talk: Talk, asked: str, said: str) -> None:
    await talk.says(BUREAU, f"!aide {asked}")

    assert talk.heard(BUREAU).startswith(f"{said}\nCe qui vous attend : !a-faire\nCe que vous pouvez m’écrire\n")
