"""The answers: what the bank of a campagne holds, and how an answer is put together without adding a fact."""

from bot.circulaire.faq.bank import Bank, Topic, load_bank
from bot.circulaire.faq.proof import Proof, proof
from bot.circulaire.faq.reply import Addendum, Choice, FollowUp, Part, Quoted, Reply, render_plain

__all__ = [
    "Addendum",
    "Bank",
    "Choice",
    "FollowUp",
    "Part",
    "Proof",
    "Quoted",
    "Reply",
    "Topic",
    "load_bank",
    "proof",
    "render_plain",
]
