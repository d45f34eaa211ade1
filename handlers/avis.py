"""The avis: sealed by one member, confirmed by another, released from its date on, opened by an explicit act.

Before the date nothing of it is shown to anybody, not even its value: no answer here repeats what was typed.
"""

import json
from typing import Any

from aiogram.types import Message

from bot.circulaire.avis import AVIS, AvisEtat, may_release, split_reason, visible_from
from bot.circulaire.candidature import Etat
from bot.circulaire.planning import is_same_person
from bot.errors import Refusal
from handlers.commands import Call, Called
from handlers.confirmations import confirmed, request
from handlers.copies import copy_to_ien
from handlers.letters import to_conversation
from handlers.say import say
from handlers.sealed import facts_of, mail
from handlers.seats import are_one, in_bureau, numbered
from handlers.turn import Desk, Turn, room
from storage import avis as sealed_avis
from storage import candidatures
from storage.bureau import Avis, Confirmation
from storage.tables import Candidature

router = room("avis", in_bureau)
_JUDGED = frozenset({Etat.ENTENDUE, Etat.ABSENTE, Etat.AVIS_SCELLE, Etat.AVIS_TRANSMIS})


@router.message(Called("avis"))
async def enter(turn: Turn, quoi: str, valeur: str | None, texte: str | None) -> None:
    """« avis 12 favorable "texte" » seals; « avis 12 » says where it stands; « avis publier » asks for the release."""
    if not quoi.isdecimal() or (valeur is None and texte):
        await (_ask_release(turn) if quoi == "publier" else turn.answer(say("avis/how")))
        return
    one = await numbered(turn, int(quoi[:9]))
    before = await turn.work.run(sealed_avis.newest, one.id)
    if valeur is None:
        await _show_standing(turn, one, before)
        return
    wrong = _wrong(one, turn.person.full_name, texte)
    if wrong or texte is None:
        await turn.answer(say("avis/refused", one=one, why=wrong))
        return
    content = turn.files.seal(json.dumps({"value": valeur, "text": texte}, ensure_ascii=False))
    if before is not None and "reopen" in AVIS.events(before.etat):
        await _ask_correction(turn, one, before, content, texte)
        return
    if before is not None and not await are_one(turn, before.author_id, turn.person.id):
        await turn.answer(say("avis/refused", one=one, why="another_author"))
        return
    await _seal(turn, one, before, content)
    words = say("avis/sealed", one=one)
    await request(turn, "confirm_avis", words, four_eyes=True, candidature=one.id)


async def _show_standing(turn: Turn, one: Candidature, avis: Avis | None) -> None:
    """Where an avis stands; one that waits for a second member is asked about again, its author being the asker."""
    etat = AvisEtat(avis.etat) if avis else None
    judged = one.etat in _JUDGED
    words = say("avis/standing", one=one, avis=avis, etat_avis=etat, judged=judged, campagne=turn.campagne)
    if avis is None or etat is not AvisEtat.SCELLE:
        await turn.answer(words)
        return
    await request(turn, "confirm_avis", words, four_eyes=True, asker=avis.author_id, candidature=one.id)


def _wrong(one: Candidature, author: str, text: str | None) -> str:
    """Why this member cannot seal this avis: not heard yet, no reasons given, or they know the candidate."""
    if one.etat not in _JUDGED:
        return "state"
    if not text:
        return "no_text"
    return "knows" if any(is_same_person(author, name) for name in one.flags.get("knows", ())) else ""


async def _seal(turn: Turn, one: Candidature, before: Avis | None, content: str) -> None:
    """Keep the avis sealed; its author may change it until another member confirms."""
    if before is not None:
        before.etat = AVIS.after(before.etat, "amend")
        before.sealed, before.sealed_at = content, turn.now
        turn.work.note("avis.amended", actor=turn.actor, candidature_id=one.id)
        return
    row = _new(turn, one, 1, content, turn.person.id)
    row.etat = AVIS.after(AvisEtat.BROUILLON, "seal")
    await turn.work.add(row)
    candidatures.move(turn.work, turn.campagne, one, "seal_avis", actor=turn.actor)


def _new(desk: Desk, one: Candidature, rank: int, content: str, author_id: int) -> Avis:
    return Avis(
        id=desk.work.take_id(),
        candidature_id=one.id,
        rank=rank,
        etat=AvisEtat.BROUILLON,
        sealed=content,
        author_id=author_id,
        sealed_at=desk.now,
        visible_from=visible_from(desk.campagne),
    )


@confirmed("confirm_avis", "avis")
async def confirm(turn: Turn, row: Confirmation) -> None:
    """A second member confirms what the first has sealed."""
    one = await turn.work.run(candidatures.existing, row.details["candidature"])
    avis = await turn.work.run(sealed_avis.newest, row.details["candidature"])
    if avis is None or avis.etat != AvisEtat.SCELLE:
        await turn.answer(say("confirmations/pointless"))
        return
    avis.etat = AVIS.after(avis.etat, "confirm")
    avis.confirmed_by, avis.confirmed_at = turn.person.id, turn.now
    source = turn.campagne.sources["avis_from"].source
    turn.work.note("avis.confirmed", actor=turn.actor, candidature_id=one.id, source=source, asked_by=row.asker_id)
    await turn.answer(say("avis/confirmed", one=one, campagne=turn.campagne))


async def _ask_correction(turn: Turn, one: Candidature, before: Avis, content: str, text: str) -> None:
    """A confirmed or released avis changes by two persons only, with the reason of the change."""
    _, reason = split_reason(text)
    if not reason:
        await turn.answer(say("avis/refused", one=one, why="no_reason"))
        return
    details: dict[str, Any] = {"candidature": one.id, "sealed": content, "reason": reason, "rank": before.rank}
    await request(turn, "correct_avis", say("avis/correction", one=one), four_eyes=True, **details)


@confirmed("correct_avis", "avis")
async def correct(turn: Turn, row: Confirmation) -> None:
    """A new version of the avis; it is released like the first one, and both are told then."""
    one = await turn.work.run(candidatures.existing, row.details["candidature"])
    before = await turn.work.run(sealed_avis.newest, row.details["candidature"])
    if before is None or before.rank != row.details["rank"]:  # another correction came first, and stays
        await turn.answer(say("confirmations/pointless"))
        return
    fresh = _new(turn, one, before.rank + 1, row.details["sealed"], row.asker_id)
    fresh.etat, fresh.reason = AvisEtat.CONFIRME, row.details["reason"]
    fresh.confirmed_by, fresh.confirmed_at = turn.person.id, turn.now
    await turn.work.add(fresh)
    if one.etat == Etat.AVIS_TRANSMIS:
        candidatures.move(turn.work, turn.campagne, one, "reopen_avis", actor=turn.actor, asked_by=row.asker_id)
    await turn.answer(say("avis/corrected", one=one, rank=fresh.rank))


async def _ask_release(turn: Turn) -> None:
    """Show who would be told, and ask a second member; before the date, say the date."""
    if not may_release(turn.campagne, turn.now):
        source = turn.campagne.sources["avis_from"].source
        raise Refusal("avis/too_early", source=source, visible_from=visible_from(turn.campagne))
    ready = await turn.work.run(sealed_avis.in_state, turn.campagne.numero, AvisEtat.CONFIRME)
    waiting = await turn.work.run(sealed_avis.in_state, turn.campagne.numero, AvisEtat.SCELLE)
    if not ready:
        await turn.answer(say("avis/nothing_ready", waiting=waiting))
        return
    words = say("avis/release_preview", ready=ready, waiting=waiting)
    await request(turn, "release", words, four_eyes=True, avis=[avis.id for avis, _ in ready])


@confirmed("release", "avis")
async def release(turn: Turn, row: Confirmation) -> None:
    """Release every confirmed avis of the preview in one commit: candidate and IEN together."""
    if not may_release(turn.campagne, turn.now):
        raise Refusal("avis/too_early", visible_from=visible_from(turn.campagne))
    ready = await turn.work.run(sealed_avis.in_state, turn.campagne.numero, AvisEtat.CONFIRME)
    shown = [(avis, one) for avis, one in ready if avis.id in row.details["avis"]]
    if not shown:  # another « oui » released them all
        await turn.answer(say("confirmations/pointless"))
        return
    for avis, one in shown:
        earlier = await turn.work.run(sealed_avis.newest_released, one.id)
        avis.etat = AVIS.after(avis.etat, "release")
        avis.released_at = turn.now
        candidatures.move(turn.work, turn.campagne, one, "release_avis", actor=turn.actor, asked_by=row.asker_id)
        facts = await facts_of(turn, one, avis)
        button = ((f"avis:{avis.id}:ouvrir", "Ouvrir l’avis"),)
        await to_conversation(turn, one, "avis/available", choices=button, earlier=earlier)
        await mail(turn, one, facts)
        await copy_to_ien(turn, one, "ien/avis", facts=facts)
    await turn.answer(say("avis/released", total=len(shown)))


async def a_copy_of_a_released_avis(_: Message, turn: Turn, called: Call | None = None) -> bool | dict[str, Any]:
    """« copie 12 », once the avis of that dossier has left."""
    if called is None or called.name != "copie" or called.fault is not None or not called.may:
        return False
    one = await turn.work.run(candidatures.by_numero, turn.campagne.numero, called.values["numero"])
    avis = await turn.work.run(sealed_avis.newest_released, one.id) if one else None
    return {"one": one, "avis": avis} if avis is not None else False


@router.message(a_copy_of_a_released_avis)
async def copy_again(turn: Turn, one: Candidature, avis: Avis) -> None:
    """Send the copy of an avis to the IEN of the moment."""
    ien = await copy_to_ien(turn, one, "ien/avis", facts=await facts_of(turn, one, avis))
    if ien is not None:
        await turn.answer(say("convoking/copied", one=one, ien=ien))
