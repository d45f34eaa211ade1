"""What a convoked person asks of the day: when, where, with what; and what to do when they cannot come."""

import re

from bot.circulaire.convocation import CONVOCATION
from handlers.say import say
from handlers.steps import Place, private
from handlers.summons import choices_of, convoked, facts_of
from handlers.turn import SAID, Turn, room
from storage.bureau import Convocation

router = room("convoked", private)

_THE_DAY = re.compile(
    r"\bentretien\b.* (?:quand|heure|ou|salle|lieu)\b|\b(?:quand|heure|ou|salle|lieu)\b.*\bentretien\b"
    r"|^(?:c est )?(?:a )?(?:quelle (?:heure|salle|adresse)|ou)(?: (?:c est|deja|exactement|la salle|je passe))*$"
    r"|\bje passe (?:a quelle heure|quand|ou)\b|\bou (?:est|se trouve) la salle\b"
    r"|^(?:(?:ok|bien) )*(?:vu|recu)(?: merci)?$"  # the day again, with what confirms it
    r"|^(?:c est|l entretien est|mon entretien est) bien (?:demain|aujourd hui|ce matin|cet apres midi|mercredi|a )"
    r"|\b(?:quoi|que dois je|qu est ce que je dois|qu est ce qu il faut|que faut il) (?:apporter|amener|prendre)$"
)
_HINDERED = re.compile(
    r"\b(?:peux|pourrai|pourrais) (?:pas|plus) (?:venir|y aller|y etre|etre la|me deplacer)\b|\bje serai absente?\b"
    r"|\bj ai (?:un |une )?(?:rdv|rendez vous|empechement|imprevu|accident)\b"
    r"|\b(?:malade|empechee?|indisponible|en retard)\b|\bpas (?:dispo\w*|libre)\b|\btrouve pas (?:la|le|l)\b"
)


@router.message(SAID.regexp(_THE_DAY, mode="search"), convoked)
async def the_day(turn: Turn, here: Place, row: Convocation) -> None:
    """The circular does not say at what hour or where; the convocation does."""
    waits = "acknowledge" in CONVOCATION.events(row.etat)
    words = say("convocation/day", facts=facts_of(turn.campagne, here.opened, row), waits=waits)
    await turn.answer(words, choices=choices_of(row) if waits else ())


@router.message(SAID.regexp(_HINDERED, mode="search"), convoked)
async def hindered(turn: Turn, row: Convocation) -> None:
    """Another creneau, or the withdrawal; and whom to call."""
    words = say("convocation/hindered", row=row, campagne=turn.campagne)
    await turn.answer(words, choices=choices_of(row)[1:])
