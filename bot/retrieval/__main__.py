"""Learns the bank of a campagne and keeps what it learnt, beside a service that goes on working.

python -m bot.retrieval FOLDER [--semantic | --lexical] [--cache FOLDER]
"""

import argparse
from pathlib import Path

from bot.circulaire.campagne import load_campagne
from bot.circulaire.faq import load_bank
from bot.retrieval.index import build_index


def main() -> None:
    """Learn what is not kept yet."""
    parser = argparse.ArgumentParser(prog="python -m bot.retrieval", description="Prépare les réponses d’une campagne.")
    parser.add_argument("folder", type=Path, help="le dossier de la campagne")
    parser.add_argument("--semantic", dest="semantic", action="store_true", default=None, help="avec le modèle")
    parser.add_argument("--lexical", dest="semantic", action="store_false", help="sans le modèle")
    parser.add_argument("--cache", type=Path, help="où garder ce qui est appris")
    given = parser.parse_args()
    bank = load_bank(given.folder, load_campagne(given.folder))
    build_index(bank, semantic=given.semantic, cache=given.cache)


if __name__ == "__main__":
    main()
