"""The door step: who Greffier is, what it keeps, and the person's agreement before anything is kept."""

from typing import Any

from aiogram import F
from aiogram.filters import JOIN_TRANSITION, ChatMemberUpdatedFilter
from aiogram.types import Message, TelegramObject

from bot.circulaire.delais import is_open
from bot.circulaire.reading import fold, read_yes_no
from handlers.choices import Tapped, is_yes, offered_last
from handlers.commands import Called
from handlers.items import greets
from handlers.say import say
from handlers.steps import ask, first_name, place, private
from handlers.taking import Album
from handlers.turn import Turn, room
from storage import candidatures
from storage.tables import Candidat

router = room("welcome", private)
_ACCEPTS = frozenset({"accepte", "accepter", "accord", "refuse"})
_DENIES = frozenset({"non", "ne", "n", "pas", "plus", "jamais", "refuse"})
_WAVERS = frozenset({"mais", "si", "sauf", "avant", "apres", "quoi", "comment", "pourquoi", "quand", "demain"})
_OPENS = frozenset({"ouvrir une candidature", "nouvelle candidature"})


async def a_greeting(message: Message) -> bool:
    """« Bonjour », « Bonjour Greffier »."""
    return greets(message.text or "")


async def not_agreed(_: TelegramObject, turn: Turn) -> bool:
    """True for a person who has not agreed yet."""
    return await turn.work.run(candidatures.candidat, turn.person.id) is None


@router.my_chat_member(ChatMemberUpdatedFilter(JOIN_TRANSITION), private)
async def welcome(turn: Turn) -> None:
    """Greet whoever opens a conversation, and ask for their agreement."""
    here = await place(turn, turn.person.id)
    if here.candidat is None:
        await turn.beside("welcome").update_data(greeted=True)
        lead = say("welcome/hello", name=first_name(turn.person), campagne=turn.campagne, now=turn.now)
        await ask(turn, here, lead=lead)


async def says_to_start(_: Message, turn: Turn) -> bool:
    """« Oui », right after the choice of opening a candidature; or the choice's own words, where there is none."""
    if fold(turn.text) in _OPENS:
        return (await place(turn, turn.chat_id)).step == "start"
    return bool(read_yes_no(turn.text)) and "start:" in await offered_last(turn.chat_id, turn.work)


@router.callback_query(Tapped("start:oui"))
@router.message(says_to_start)
async def start_again(turn: Turn) -> None:
    """Open a new candidature after one that was withdrawn or erased."""
    here = await place(turn, turn.chat_id)
    if here.candidat is not None and here.step == "start" and is_open(turn.campagne, turn.now):
        here.candidature = await candidatures.open_draft(turn.work, turn.campagne, turn.chat_id)
    await ask(turn, here)


@router.message(a_greeting)
@router.message(Called("reprendre"))
async def greet(turn: Turn) -> None:
    """Greet, and go on where the person stood."""
    await turn.state.clear()
    here = await place(turn, turn.chat_id)
    memory = turn.beside("welcome")
    new = here.candidat is None and not (await memory.get_data()).get("greeted")
    await memory.update_data(greeted=True)
    text = "welcome/hello" if new else "welcome/back"
    lead = say(text, name=first_name(turn.person), here=here, campagne=turn.campagne, now=turn.now)
    await ask(turn, here, lead=lead)


async def says_whether_they_agree(_: Message, turn: Turn) -> bool | dict[str, bool | None]:
    """« J'accepte », « j'accepte pas »; « oui » too, right after the question: elsewhere it may answer another.

    Words that put a condition or a question before it are neither.
    """
    said = set(fold(turn.text).split())
    if said & _ACCEPTS and said & _WAVERS:
        return False
    denied = bool(said & _DENIES)
    if "accepte" in said or (said & _ACCEPTS and denied):
        return {"agreed": not denied}
    yes = True if "accord" in said else read_yes_no(turn.text)
    if yes is None:
        return False
    return {"agreed": yes if "consent:" in await offered_last(turn.chat_id, turn.work) else None}


@router.callback_query(Tapped("consent", agreed=is_yes))
@router.message(not_agreed, says_whether_they_agree)
async def consent(turn: Turn, *, agreed: bool | None) -> None:
    """Take the agreement, or its refusal; a « oui » that may answer something else is asked about."""
    here = await place(turn, turn.person.id)
    if here.candidat is not None:
        await ask(turn, here, lead=say("steps/stale"))
        return
    if agreed is False:
        await turn.answer(say("welcome/refused", campagne=turn.campagne))
        return
    if agreed is None or not is_open(turn.campagne, turn.now):
        await ask(turn, here)
        return
    person = turn.person
    here.candidat = Candidat(id=person.id, door="", display_name=person.first_name, agreed_at=turn.now)
    await turn.work.add(here.candidat)
    turn.work.note("consent.given", actor=turn.actor)
    here.candidature = await candidatures.open_draft(turn.work, turn.campagne, person.id)
    await ask(turn, here, lead=say("welcome/agreed", here=here, campagne=turn.campagne, now=turn.now))


@router.message(
    not_agreed,
    Called("etat", "pieces", "corriger", "retour", "supprimer", "deposer", "annuler", "retirer", "recepisse"),
)
async def command_before_consent(turn: Turn) -> None:
    """There is no dossier yet: say so, and ask for the agreement."""
    here = await place(turn, turn.chat_id)
    await ask(turn, here, lead=say("welcome/no_dossier"))


@router.message(not_agreed, F.document)
async def file_before_consent(turn: Turn, album: Album) -> None:
    """A file cannot be kept before the agreement: say so, once for files that came together, and ask for it."""
    several = bool(await album())
    here = await place(turn, turn.chat_id)
    name = turn.message.document and turn.message.document.file_name
    values: dict[str, Any] = {"here": here, "campagne": turn.campagne, "on_time": is_open(turn.campagne, turn.now)}
    lead = say("welcome/file_first", name=name, several=several, **values)
    await ask(turn, here, lead=lead)
