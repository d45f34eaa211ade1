"""What is wrong with a bank, said to the bureau that keeps it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.circulaire.faq.bank import Bank
from bot.retrieval.index import Index
from bot.retrieval.words import fold

_MOST_TAKEN: Final = 5


@dataclass(frozen=True)
class Finding:
    """One thing to look at, said in French by `sentence`.

    `kind` is « passage », « variante » or « doublon »; `winner` is the topic to which a variant leads.
    """

    kind: str
    topic: str
    sentence: str
    winner: str = ""


def check_bank(bank: Bank, index: Index) -> list[Finding]:
    """Passages that no topic leads to, questions of which another passage wins, questions written twice."""
    return [*_unreached(bank), *_twice(bank), *_lost(bank, index)]


def in_short(findings: Sequence[Finding]) -> list[str]:
    """The findings in few lines: each passage, each question written twice, the topics most often taken for others."""
    alone = [finding.sentence for finding in findings if finding.kind != "variante"]
    taken = Counter((finding.topic, finding.winner) for finding in findings if finding.kind == "variante")
    often = [
        f"{times} questions du sujet {topic}, sans elles-mêmes, mèneraient à {winner}."
        for (topic, winner), times in taken.most_common(_MOST_TAKEN)
        if times > 1
    ]
    lost = (
        f"{taken.total()} questions de la banque n’ont pas de voisine qui leur ressemble : sans elles, on répondrait "
        "autre chose. Les sujets où cela arrive le plus demandent d’autres tournures."
        if taken
        else ""
    )
    return [*alone, *([lost] if lost else []), *often]


def _unreached(bank: Bank) -> list[Finding]:
    reached = {name for topic in bank.topics if topic.variants for name in topic.passages}
    return [
        Finding("passage", name, f"Le passage {name} n'a aucune question dans la banque.")
        for name in bank.passages
        if name not in reached
    ]


def _twice(bank: Bank) -> list[Finding]:
    said = Counter(" ".join(fold(variant).split()) for topic in bank.topics for variant in topic.variants)
    return [
        Finding("doublon", topic.id, f"« {variant} » est écrit {said[key]} fois (sujet {topic.id}).")
        for topic in bank.topics
        for variant in topic.variants
        if said[key := " ".join(fold(variant).split())] > 1
    ]


def _lost(bank: Bank, index: Index) -> list[Finding]:
    """Each question is judged by the others alone, as if nobody had written it."""
    findings = []
    for (topic, variant), scores in zip(index.model.questions(), index.model.left_out_questions(), strict=True):
        winner = bank.topics[scores.index(max(scores))]
        if winner.kind != topic.kind or winner.passages[:1] != topic.passages[:1]:
            findings.append(Finding("variante", topic.id, f"« {variant} » ({topic.id}) mène à {winner.id}.", winner.id))
    return findings
