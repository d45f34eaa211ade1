"""Answers a file of questions, for a measure."""

import json
import time
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from datetime import time as hour
from typing import Any

from bot.circulaire.faq.reply import Reply, render_plain
from bot.clock import PARIS
from bot.retrieval.index import Index


def batch(index: Index, lines: Iterable[str], day: date) -> Iterator[dict[str, Any]]:
    """One answer for each JSON line with an `id` and a `question`, at noon of this day in Paris; `ms` is measured."""
    now = datetime.combine(day, hour(12), PARIS)
    for line in lines:
        if not line.strip():
            continue
        asked = json.loads(line)
        start = time.perf_counter()
        reply = index.ask(asked["question"], now=now)
        yield as_line(asked["id"], reply, index.bank.numero, (time.perf_counter() - start) * 1000)


def as_line(name: str, reply: Reply, numero: str, milliseconds: float) -> dict[str, Any]:
    """A reply as one line of a measure: the line of the day apart, since its number is not in the circular."""
    return {
        "id": name,
        "passage_ids": list(reply.cited),
        "refused": reply.outcome != "answer",
        "outcome": reply.outcome,
        "answer": render_plain(reply.undated(), numero),
        "today": " ".join(part.today for part in reply.parts if part.today),
        "suggested": [choice.passage for choice in reply.choices],
        "topics": list(reply.topics),
        "confidence": reply.confidence,
        "ms": round(milliseconds, 3),
    }
