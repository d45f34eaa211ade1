"""The answers measured: on the sets of questions of this campagne, and on another service's questions.

    python tests/bench/faq/bench.py [--lexical] [--known]

dev has been seen by those who wrote the bank; unseen_a was written before the bank, unseen_b and unseen_c after it,
none was used to write it: `--known` leaves them alone, to be run while the bank is being worked on.
The CNIL's questions guard against tuning to one circular: the same code, nothing changed.
"""

import argparse
import json
import resource
import sys
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))

from bot.circulaire.campagne import load_campagne  # noqa: E402 -- after the path
from bot.circulaire.faq import Bank, Topic, load_bank  # noqa: E402 -- after the path
from bot.circulaire.passages import Passage  # noqa: E402 -- after the path
from bot.retrieval import batch, build_index  # noqa: E402 -- after the path
from tests.bench.faq.measure import figures, read  # noqa: E402 -- after the path

CAMPAGNE = ROOT / "bot" / "circulaire" / "campagnes" / "17AN0076"
SETS = ROOT / "tests" / "faq"


def circular(*, semantic: bool, sets: str = "*") -> dict[str, dict[str, float]]:
    """The figures of each set of this campagne whose name matches."""
    campagne = load_campagne(CAMPAGNE)
    index = build_index(load_bank(CAMPAGNE, campagne), semantic=semantic)
    texts = {name: passage.text for name, passage in campagne.passages.items()}
    tables = {}
    for path in sorted(SETS.glob(f"{sets}.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()
        tables[path.stem] = figures(read(path), list(batch(index, lines, date(2017, 4, 10))), texts)
    return tables


def external(*, semantic: bool) -> dict[str, float]:
    """How often the right entry of another service's questions is first, or among three."""
    data = json.loads((Path(__file__).parent / "cnil.json").read_text(encoding="utf-8"))
    passages = {doc["id"]: Passage(doc["id"], "cnil", "CNIL", doc["text"], None, "leaf") for doc in data["docs"]}
    topics = [Topic(doc["id"], "answer", doc["title"], (doc["id"],), (doc["title"],)) for doc in data["docs"]]
    index = build_index(Bank(tuple(topics), passages), semantic=semantic)
    found = [
        (asked["gold"], [topic.id for topic, _ in index.rank(asked["question"])[:3]]) for asked in data["questions"]
    ]
    return {
        "top1": round(sum(gold == first[0] for gold, first in found) / len(found), 4),
        "top3": round(sum(gold in first for gold, first in found) / len(found), 4),
    }


def below(tables: dict[str, dict[str, float]], floors: dict[str, dict[str, float]]) -> list[str]:
    """The figures that have fallen: below the floor, or above it for what should be rare."""
    return [
        f"{name} {key} {tables[name][key]} ({floor})"
        for name, wanted in floors.items()
        for key, floor in wanted.items()
        if (tables[name][key] > floor if key == "wrong" else tables[name][key] < floor)
    ]


def floors(name: str) -> dict[str, dict[str, float]]:
    """The figures below which nothing may fall, « lexical » or « semantic »."""
    read_floors: dict[str, dict[str, dict[str, float]]] = json.loads(
        (Path(__file__).parent / "floors.json").read_text(encoding="utf-8")
    )
    return read_floors[name]


def main() -> int:
    """Print the tables; 1 when a figure has fallen below its floor."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lexical", action="store_true", help="without the sentence vectors")
    parser.add_argument("--known", action="store_true", help="only the set that those who write the bank may look at")
    given = parser.parse_args()
    lexical = given.lexical
    started = time.perf_counter()
    tables = circular(semantic=not lexical, sets="dev" if given.known else "*")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    tables["cnil"] = external(semantic=not lexical)
    for name, table in tables.items():
        print(f"{name:10s}", "  ".join(f"{key} {value}" for key, value in table.items()))
    print(f"memory {memory:.0f} MiB (peak of the whole process)  {time.perf_counter() - started:.0f} s")
    fallen = below(tables, floors("lexical" if lexical else "semantic"))
    print("fallen: " + "; ".join(fallen) if fallen else "no figure has fallen")
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
