"""Judges the answers to a set of questions, by the rules that the sets were written with.

Right: the first passage cited is right for some intent, every intent is covered, at most three passages and at most
one needless, every value is in the answer, every passage is quoted word for word. A question without an answer is
right when it is refused. Wrong: it answered, and it was not right. Assisted: right, or refused with the right choices.
"""

import json
import re
import statistics
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Line = Mapping[str, Any]

_FIGURE = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:https?://|www\.)[^\s»)\"]+|\d+")
_SECTION = re.compile(r"\b[A-Z]\d?(?:\.\d+){0,2}\b")


def read(path: Path) -> list[Line]:
    """The lines of a set."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def plain(text: str) -> str:
    """The text without case, accents and doubled spaces."""
    flat = unicodedata.normalize("NFKD", text.lower().replace("’", "'").replace("\u00a0", " "))
    return " ".join("".join(letter for letter in flat if not unicodedata.combining(letter)).split())


def judge(asked: Line, given: Line, texts: Mapping[str, str]) -> dict[str, bool]:
    """What one answer is worth."""
    refused = bool(given["refused"]) or not given["passage_ids"]
    invented = not refused and _invented(given["answer"], texts)
    if asked["gold"] is None:
        right = refused or set(given["passage_ids"]) <= set(asked["also_ok"])
        return {"right": right, "wrong": not right, "assisted": right, "invented": invented}
    right = not refused and _right(asked, given, texts) and not invented
    helped = refused and _covers(asked["gold"], given["suggested"][:3])
    return {"right": right, "wrong": not refused and not right, "assisted": right or helped, "invented": invented}


def _right(asked: Line, given: Line, texts: Mapping[str, str]) -> bool:
    cited, answer = given["passage_ids"], plain(given["answer"])
    wanted = {name for intent in asked["gold"] for name in intent}
    return (
        cited[0] in wanted
        and _covers(asked["gold"], cited)
        and len(cited) <= 3
        and sum(name not in wanted for name in cited) <= 1
        and all(plain(value) in answer for value in asked["values"])
        and all(plain(texts[name]).rstrip(" ,;.:") in answer for name in cited)
    )


def _covers(gold: Sequence[Sequence[str]], names: Sequence[str]) -> bool:
    return all(any(name in intent for name in names) for intent in gold)


def _invented(answer: str, texts: Mapping[str, str]) -> bool:
    known = plain(" ".join(texts.values()))
    return any(figure not in known for figure in _FIGURE.findall(plain(_SECTION.sub(" ", answer))))


def figures(asked: Sequence[Line], given: Sequence[Line], texts: Mapping[str, str]) -> dict[str, float]:
    """The table of a set: shares between 0 and 1, milliseconds."""
    judged = [judge(question, answer, texts) for question, answer in zip(asked, given, strict=True)]
    spent = sorted(answer["ms"] for answer in given)

    def share(key: str, chosen: Sequence[bool]) -> float:
        kept = [mark[key] for mark, wanted in zip(judged, chosen, strict=True) if wanted]
        return round(sum(kept) / len(kept), 4) if kept else 1.0

    everything = [True] * len(judged)
    return {
        "right": share("right", everything),
        "wrong": share("wrong", everything),
        "assisted": share("assisted", everything),
        "silent": share("right", [question["gold"] is None for question in asked]),
        "traps": share("right", [bool(question["trap"]) for question in asked]),
        "doubles": share("right", [question["gold"] is not None and len(question["gold"]) > 1 for question in asked]),
        "invented": sum(mark["invented"] for mark in judged),
        "p50_ms": round(statistics.median(spent), 1),
        "p95_ms": round(spent[min(len(spent) - 1, int(0.95 * len(spent)))], 1),
    }
