"""Finds what a question is about: words written in full, sentence vectors when installed, a calibrated doubt."""

from bot.retrieval.batch import batch
from bot.retrieval.check import Finding, check_bank, in_short
from bot.retrieval.index import Index, build_index

__all__ = ["Finding", "Index", "batch", "build_index", "check_bank", "in_short"]
