"""The avis: sealed by one member, confirmed by another, released from its date on, opened by an explicit act.

Before the date nothing of it is shown to anybody, not even its value: no answer here repeats what was typed.
"""

import json
from datetime import datetime
from typing import Any

from aiogram import Router
from aiogram.types import Message

from bot.circulaire.avis import (
    AvisEtat,
    may_release,
    next_avis_state,
    possible_avis_events,
    split_reason,
    visible_from,
)
from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.planning import is_same_person
from bot.errors import Refusal
from handlers.commands import Call, Called
from handlers.confirmations import confirmed, request
from handlers.copies import copy_to_ien
from handlers.letters import to_conversation
from handlers.say import say
from handlers.sealed import facts_of, mail
from handlers.seats import door_of, in_bureau, numbered
from storage import avis as sealed_avis
from storage import candidatures
from storage.bureau import Avis, Confirmation
from storage.files import Files
from storage.tables import Candidature
from storage.work import UnitOfWork

router = Router(name="avis")
router.message.filter(in_bureau)
_JUDGED = frozenset({Etat.ENTENDUE, Etat.ABSENTE, Etat.AVIS_SCELLE, Etat.AVIS_TRANSMIS})


@router.message(Called("avis"))
async def enter(
    message: Message,
    quoi: str,
    valeur: str | None,
    texte: str | None,
    work: UnitOfWork,
    campagne: Campagne,
    files: Files,
    now: datetime,
) -> None:
    """« avis 12 favorable "texte" » seals; « avis 12 » says where it stands; « avis publier » asks for the release."""
    if not quoi.isdecimal() or (valeur is None and texte):
        await (_ask_release(message, work, campagne, now) if quoi == "publier" else message.answer(say("avis/how")))
        return
    one = await numbered(message, int(quoi[:9]), work, campagne)
    if one is None:
        return
    before = await work.run(sealed_avis.newest, one.id)
    if valeur is None:
        await _show_standing(message, one, before, work, campagne)
        return
    author = message.from_user
    wrong = _wrong(one, author.full_name if author else "", texte)
    if wrong or author is None or texte is None:
        await message.answer(say("avis/refused", one=one, why=wrong))
        return
    content = files.seal(json.dumps({"value": valeur, "text": texte}, ensure_ascii=False))
    if before is not None and "reopen" in possible_avis_events(AvisEtat(before.etat)):
        await _ask_correction(message, one, before, content, texte, work)
        return
    if before is not None and before.author_id != author.id:
        await message.answer(say("avis/refused", one=one, why="another_author"))
        return
    await _seal(one, before, content, author.id, work, campagne)
    words = say("avis/sealed", one=one)
    await request(message, work, "confirm_avis", words, four_eyes=True, candidature=one.id)


async def _show_standing(
    message: Message, one: Candidature, avis: Avis | None, work: UnitOfWork, campagne: Campagne
) -> None:
    """Where an avis stands; one that waits for a second member is asked about again, its author being the asker."""
    etat = AvisEtat(avis.etat) if avis else None
    judged = one.etat in _JUDGED
    words = say("avis/standing", one=one, avis=avis, etat_avis=etat, judged=judged, campagne=campagne)
    if avis is None or etat is not AvisEtat.SCELLE:
        await message.answer(words)
        return
    await request(message, work, "confirm_avis", words, four_eyes=True, asker=avis.author_id, candidature=one.id)


def _wrong(one: Candidature, author: str, text: str | None) -> str:
    """Why this member cannot seal this avis: not heard yet, no reasons given, or they know the candidate."""
    if one.etat not in _JUDGED:
        return "state"
    if not text:
        return "no_text"
    return "knows" if any(is_same_person(author, name) for name in one.flags.get("knows", ())) else ""


async def _seal(
    one: Candidature, before: Avis | None, content: str, author_id: int, work: UnitOfWork, campagne: Campagne
) -> None:
    """Keep the avis sealed; its author may change it until another member confirms."""
    if before is not None:
        before.etat = next_avis_state(AvisEtat(before.etat), "amend")
        before.sealed, before.sealed_at = content, work.now
        work.note("avis.amended", actor=f"bureau:{author_id}", candidature_id=one.id)
        return
    row = _new(one, 1, content, author_id, work, campagne)
    row.etat = next_avis_state(AvisEtat.BROUILLON, "seal")
    await work.add(row)
    candidatures.move(work, campagne, one, "seal_avis", actor=f"bureau:{author_id}")


def _new(one: Candidature, rank: int, content: str, author_id: int, work: UnitOfWork, campagne: Campagne) -> Avis:
    return Avis(
        id=work.take_id(),
        candidature_id=one.id,
        rank=rank,
        etat=AvisEtat.BROUILLON,
        sealed=content,
        author_id=author_id,
        sealed_at=work.now,
        visible_from=visible_from(campagne),
    )


@confirmed("confirm_avis")
async def confirm(
    message: Message, row: Confirmation, *, by: int, work: UnitOfWork, campagne: Campagne, **_: object
) -> None:
    """A second member confirms what the first has sealed."""
    one = await work.run(candidatures.existing, row.details["candidature"])
    avis = await work.run(sealed_avis.newest, row.details["candidature"])
    if avis is None or avis.etat != AvisEtat.SCELLE:
        await message.answer(say("confirmations/pointless"))
        return
    avis.etat = next_avis_state(AvisEtat(avis.etat), "confirm")
    avis.confirmed_by, avis.confirmed_at = by, work.now
    source = campagne.sources["avis_from"].source
    work.note("avis.confirmed", actor=f"bureau:{by}", candidature_id=one.id, source=source, asked_by=row.asker_id)
    await message.answer(say("avis/confirmed", one=one, campagne=campagne))


async def _ask_correction(
    message: Message, one: Candidature, before: Avis, content: str, text: str, work: UnitOfWork
) -> None:
    """A confirmed or released avis changes by two persons only, with the reason of the change."""
    _, reason = split_reason(text)
    if not reason:
        await message.answer(say("avis/refused", one=one, why="no_reason"))
        return
    details: dict[str, Any] = {"candidature": one.id, "sealed": content, "reason": reason, "rank": before.rank}
    await request(message, work, "correct_avis", say("avis/correction", one=one), four_eyes=True, **details)


@confirmed("correct_avis")
async def correct(
    message: Message, row: Confirmation, *, by: int, work: UnitOfWork, campagne: Campagne, **_: object
) -> None:
    """A new version of the avis; it is released like the first one, and both are told then."""
    one = await work.run(candidatures.existing, row.details["candidature"])
    before = await work.run(sealed_avis.newest, row.details["candidature"])
    if before is None or before.rank != row.details["rank"]:  # another correction came first, and stays
        await message.answer(say("confirmations/pointless"))
        return
    fresh = _new(one, before.rank + 1, row.details["sealed"], row.asker_id, work, campagne)
    fresh.etat, fresh.reason = AvisEtat.CONFIRME, row.details["reason"]
    fresh.confirmed_by, fresh.confirmed_at = by, work.now
    await work.add(fresh)
    if one.etat == Etat.AVIS_TRANSMIS:
        candidatures.move(work, campagne, one, "reopen_avis", actor=f"bureau:{by}", asked_by=row.asker_id)
    await message.answer(say("avis/corrected", one=one, rank=fresh.rank))


async def _ask_release(message: Message, work: UnitOfWork, campagne: Campagne, now: datetime) -> None:
    """Show who would be told, and ask a second member; before the date, say the date."""
    if not may_release(campagne, now):
        source = campagne.sources["avis_from"].source
        raise Refusal("avis/too_early", source=source, visible_from=visible_from(campagne))
    ready = await work.run(sealed_avis.in_state, campagne.numero, AvisEtat.CONFIRME)
    waiting = await work.run(sealed_avis.in_state, campagne.numero, AvisEtat.SCELLE)
    if not ready:
        await message.answer(say("avis/nothing_ready", waiting=waiting))
        return
    words = say("avis/release_preview", ready=ready, waiting=waiting)
    await request(message, work, "release", words, four_eyes=True, avis=[avis.id for avis, _ in ready])


@confirmed("release")
async def release(
    message: Message,
    row: Confirmation,
    *,
    by: int,
    work: UnitOfWork,
    campagne: Campagne,
    files: Files,
    bureau: tuple[int, ...],
    **_: object,
) -> None:
    """Release every confirmed avis of the preview in one commit: candidate and IEN together."""
    if not may_release(campagne, work.now):
        raise Refusal("avis/too_early", visible_from=visible_from(campagne))
    ready = await work.run(sealed_avis.in_state, campagne.numero, AvisEtat.CONFIRME)
    shown = [(avis, one) for avis, one in ready if avis.id in row.details["avis"]]
    for avis, one in shown:
        earlier = await work.run(sealed_avis.newest_released, one.id)
        avis.etat = next_avis_state(AvisEtat(avis.etat), "release")
        avis.released_at = work.now
        candidatures.move(work, campagne, one, "release_avis", actor=f"bureau:{by}", asked_by=row.asker_id)
        facts = await facts_of(work, campagne, files, one, avis)
        button = ((f"avis:{avis.id}:ouvrir", "Ouvrir l’avis"),)
        door = await door_of(work, one)
        to_conversation(work, one, door, "avis/available", campagne=campagne, choices=button, earlier=earlier)
        await mail(work, campagne, files, one, facts)
        await copy_to_ien(work, campagne, one, "ien/avis", bureau, facts=facts)
    await message.answer(say("avis/released", total=len(shown)))


async def a_copy_of_a_released_avis(
    _: Message, work: UnitOfWork, campagne: Campagne, called: Call | None = None
) -> bool | dict[str, Any]:
    """« copie 12 », once the avis of that dossier has left."""
    if called is None or called.name != "copie" or called.fault is not None or not called.may:
        return False
    one = await work.run(candidatures.by_numero, campagne.numero, called.values["numero"])
    avis = await work.run(sealed_avis.newest_released, one.id) if one else None
    return {"one": one, "avis": avis} if avis is not None else False


@router.message(a_copy_of_a_released_avis)
async def copy_again(
    message: Message,
    one: Candidature,
    avis: Avis,
    work: UnitOfWork,
    campagne: Campagne,
    files: Files,
    bureau: tuple[int, ...],
) -> None:
    """Send the copy of an avis to the IEN of the moment."""
    ien = await copy_to_ien(
        work, campagne, one, "ien/avis", bureau, facts=await facts_of(work, campagne, files, one, avis)
    )
    if ien is not None:
        await message.answer(say("convoking/copied", one=one, ien=ien))
