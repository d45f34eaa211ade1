"""The door step: who Greffier is, what it keeps, and the person's agreement before anything is kept."""

from datetime import datetime

from aiogram import F, Router
from aiogram.filters import JOIN_TRANSITION, ChatMemberUpdatedFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, TelegramObject, User

from bot.circulaire.campagne import Campagne
from bot.circulaire.delais import is_open
from bot.circulaire.reading import fold, read_yes_no
from handlers.choices import offered_last, pressed
from handlers.commands import Called
from handlers.say import say
from handlers.steps import ask, beside, first_name, place, private
from handlers.taking import Album
from storage import candidatures
from storage.tables import Candidat
from storage.work import UnitOfWork

router = Router(name="welcome")

GREETINGS = frozenset(
    {"bonjour", "bonsoir", "salut", "coucou", "hello", "start", "debut", "commencer", "bjr", "bsr", "slt", "cc", "hey"}
)
_MOST_WORDS = 4  # a longer line that begins with a greeting says something else too


async def a_greeting(message: Message) -> bool:
    """« Bonjour », « Bonjour Greffier »."""
    words = fold(message.text or "").split()
    return bool(words) and words[0] in GREETINGS and len(words) <= _MOST_WORDS


async def not_agreed(event: TelegramObject, work: UnitOfWork, event_from_user: User | None = None) -> bool:
    """True for a person who has not agreed yet."""
    del event
    return event_from_user is not None and await work.run(candidatures.candidat, event_from_user.id) is None


router.message.filter(private)
router.callback_query.filter(private)


@router.my_chat_member(ChatMemberUpdatedFilter(JOIN_TRANSITION), private)
async def welcome(
    event: ChatMemberUpdated, work: UnitOfWork, campagne: Campagne, now: datetime, state: FSMContext
) -> None:
    """Greet whoever opens a conversation, and ask for their agreement."""
    here = await place(work, campagne, event.from_user.id)
    if here.candidat is None:
        await beside(state, "welcome").update_data(greeted=True)
        lead = say("welcome/hello", name=first_name(event.from_user), campagne=campagne, now=now)
        await ask(event, here, now, state, lead=lead)


@router.message(a_greeting)
@router.message(Called("reprendre"))
async def greet(message: Message, work: UnitOfWork, campagne: Campagne, now: datetime, state: FSMContext) -> None:
    """Greet, and go on where the person stood."""
    await state.clear()
    here = await place(work, campagne, message.chat.id)
    memory = beside(state, "welcome")
    new = here.candidat is None and not (await memory.get_data()).get("greeted")
    await memory.update_data(greeted=True)
    text = "welcome/hello" if new else "welcome/back"
    lead = say(text, name=first_name(message.from_user), here=here, campagne=campagne, now=now)
    await ask(message, here, now, state, lead=lead)


@router.callback_query(F.data.startswith("consent:"))
async def consent_tapped(
    callback: CallbackQuery, work: UnitOfWork, campagne: Campagne, now: datetime, state: FSMContext
) -> None:
    """Take the agreement, or its refusal."""
    message, data = pressed(callback)
    agreed = data == "consent:oui"
    await _consent(message, callback.from_user, work, campagne, now, state, agreed=agreed)


async def says_whether_they_agree(message: Message, work: UnitOfWork) -> bool | dict[str, bool | None]:
    """« J'accepte », « je n'accepte pas »; « oui » too, right after the question: elsewhere it may answer another."""
    text = message.text or ""
    said, yes = fold(text), read_yes_no(text)
    if "accepte" in said:
        return {"agreed": not said.startswith(("non", "je n ", "je ne ", "pas "))}
    if yes is None and "d accord" in said:
        yes = not said.startswith(("non", "je n ", "je ne ", "pas "))
    if yes is None:
        return False
    return {"agreed": yes if "consent:" in await offered_last(message.chat.id, work) else None}


@router.message(not_agreed, says_whether_they_agree)
async def consent_typed(
    message: Message, work: UnitOfWork, campagne: Campagne, now: datetime, state: FSMContext, *, agreed: bool | None
) -> None:
    """Take the agreement as people type it; a « oui » that may answer something else is asked about."""
    if agreed is None:
        await ask(message, await place(work, campagne, message.chat.id), now, state)
    elif message.from_user:
        await _consent(message, message.from_user, work, campagne, now, state, agreed=agreed)


@router.message(
    not_agreed,
    Called("etat", "pieces", "corriger", "retour", "supprimer", "deposer", "annuler", "retirer", "recepisse"),
)
async def command_before_consent(
    message: Message, work: UnitOfWork, campagne: Campagne, now: datetime, state: FSMContext
) -> None:
    """There is no dossier yet: say so, and ask for the agreement."""
    here = await place(work, campagne, message.chat.id)
    await ask(message, here, now, state, lead=say("welcome/no_dossier"))


@router.message(not_agreed, F.document)
async def file_before_consent(
    message: Message, work: UnitOfWork, campagne: Campagne, now: datetime, state: FSMContext, album: Album
) -> None:
    """A file cannot be kept before the agreement: say so, once for files that came together, and ask for it."""
    several = bool(await album())
    here = await place(work, campagne, message.chat.id)
    name = message.document and message.document.file_name
    lead = say("welcome/file_first", name=name, several=several, on_time=is_open(campagne, now))
    await ask(message, here, now, state, lead=lead)


async def _consent(
    message: Message,
    person: User,
    work: UnitOfWork,
    campagne: Campagne,
    now: datetime,
    state: FSMContext,
    *,
    agreed: bool,
) -> None:
    here = await place(work, campagne, person.id)
    if here.candidat is not None:
        await ask(message, here, now, state, lead=say("steps/stale"))
        return
    if not agreed:
        await message.answer(say("welcome/refused", campagne=campagne))
        return
    if not is_open(campagne, now):
        await ask(message, here, now, state)
        return
    here.candidat = Candidat(id=person.id, door="", display_name=person.first_name, agreed_at=now)
    await work.add(here.candidat)
    work.note("consent.given", actor=f"candidat:{person.id}")
    here.candidature = await candidatures.open_draft(work, campagne, person.id)
    await ask(message, here, now, state, lead=say("welcome/agreed", here=here, campagne=campagne, now=now))


@router.callback_query(F.data == "start:oui")
async def start_again(
    callback: CallbackQuery, work: UnitOfWork, campagne: Campagne, now: datetime, state: FSMContext
) -> None:
    """Open a new candidature after one that was withdrawn or erased."""
    message, _ = pressed(callback)
    await _start(message, work, campagne, now, state)


async def says_yes_to_start(message: Message, work: UnitOfWork) -> bool:
    """« Oui », right after the choice of opening a candidature."""
    return bool(read_yes_no(message.text or "")) and "start:" in await offered_last(message.chat.id, work)


@router.message(says_yes_to_start)
async def start_typed(message: Message, work: UnitOfWork, campagne: Campagne, now: datetime, state: FSMContext) -> None:
    """The same, typed."""
    await _start(message, work, campagne, now, state)


async def _start(message: Message, work: UnitOfWork, campagne: Campagne, now: datetime, state: FSMContext) -> None:
    here = await place(work, campagne, message.chat.id)
    if here.candidat is not None and here.step == "start" and is_open(campagne, now):
        here.candidature = await candidatures.open_draft(work, campagne, message.chat.id)
    await ask(message, here, now, state)
