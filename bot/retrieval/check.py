"""What is wrong with a bank, said to the bureau that keeps it."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from bot.circulaire.faq.bank import Bank
from bot.retrieval.index import Index
from bot.retrieval.words import fold


@dataclass(frozen=True)
class Finding:
    """One thing to look at. `kind` is « passage », « variante » or « doublon »; `sentence` says it in French."""

    kind: str
    topic: str
    sentence: str


def check_bank(bank: Bank, index: Index) -> list[Finding]:
    """Passages that no topic leads to, questions of which another passage wins, questions written twice."""
    return [*_unreached(bank), *_twice(bank), *_lost(bank, index)]


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
        winner = bank.topics[int(np.argmax(scores))]
        if winner.kind != topic.kind or winner.passages[:1] != topic.passages[:1]:
            findings.append(Finding("variante", topic.id, f"« {variant} » ({topic.id}) mène à {winner.id}."))
    return findings
