"""Where a person stands, read from what they gave and never from memory alone; and the one way to ask again.

Every digression, refusal and restart ends with `ask`, so that nobody wonders what to do next.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject, User

from bot.circulaire.campagne import Campagne, NoticeField, Question
from bot.circulaire.candidature import Etat, asked_questions, next_question
from bot.circulaire.delais import is_on_time, is_open
from bot.circulaire.dossier import missing_pieces
from bot.circulaire.notice import field_words
from bot.circulaire.reading import read_yes_no
from handlers.choices import Choices, capital, offered_last, places_for
from handlers.say import say
from handlers.turn import Desk, Turn
from handlers.unanswered import follows_the_bureau
from storage import candidatures, identities, iens
from storage.tables import Candidat, Candidature, Piece

NOTICE = "notice"  # the piece that the conversation can write
RESTING = frozenset({"ien", "consent", "start", "over", "deposited"})  # steps that ask nothing that cannot wait
_PATIENCE = timedelta(hours=1)
PENDING = ""  # the code of a piece whose place is still to be told


class Aside(StatesGroup):
    """What may interrupt the way on: everything else is read from the dossier."""

    correcting = State()
    choosing = State()  # what to correct
    withdrawing = State()
    erasing = State()


@dataclass(frozen=True)
class Item:
    """Something that may be corrected: a question or a field of the notice, under the number people see."""

    number: int
    kind: str
    code: str
    label: str
    value: str


@dataclass
class Place:
    """One person's candidature as it stands."""

    campagne: Campagne
    person_id: int
    candidat: Candidat | None
    candidature: Candidature | None
    pieces: list[Piece] = field(default_factory=list)
    ien: bool = False  # who is in the directory, and has not asked to candidate
    acted_by: str = ""  # who acts on the person's behalf, where it is not the person

    @property
    def actor(self) -> str:
        """Who acts, as the journal says it."""
        return self.acted_by or f"candidat:{self.person_id}"

    @property
    def opened(self) -> Candidature:
        """The candidature, for whoever comes where there is one.

        Raises:
            LookupError: there is none.
        """
        if self.candidature is None:
            raise LookupError("no candidature is open")
        return self.candidature

    @property
    def pending(self) -> Piece | None:
        """The first file whose place in the dossier is still to be told."""
        return next((piece for piece in self.pieces if piece.code == PENDING), None)

    @property
    def given(self) -> set[str]:
        """Codes of the pieces received or declared."""
        return {piece.code for piece in self.pieces if piece.code != PENDING}

    @property
    def missing(self) -> tuple[Any, ...]:
        """Pieces of the campagne that are still to give, in the circular's order."""
        return missing_pieces(self.campagne, self.given)

    @property
    def question(self) -> Question | None:
        """The question that is still to answer."""
        return next_question(self.campagne, self.candidature.answers) if self.candidature else None

    @property
    def field(self) -> NoticeField | None:
        """The field of the notice that is still to fill in, unless the notice was given as a file."""
        if self.candidature is None or NOTICE in self.given:
            return None
        fields = self.campagne.notice_fields if self.asks_notice else ()
        return next((one for one in fields if one.code not in self.candidature.notice), None)

    @property
    def asks_notice(self) -> bool:
        """Whether the campagne has a notice that the conversation can fill in."""
        return bool(self.campagne.notice_fields) and any(piece.code == NOTICE for piece in self.campagne.pieces)

    @property
    def step(self) -> str:  # noqa: PLR0911 -- the steps, in order
        """The step: ien, consent, start, question, which, field, summary, pieces, deposit, deposited or over."""
        if self.candidat is None:
            return "ien" if self.ien else "consent"
        if self.candidature is None or self.candidature.etat == Etat.RETIREE:
            return "start"
        if self.candidature.etat in {Etat.DEPOSEE, Etat.INCOMPLETE} and self.pending:
            return "which"
        if self.candidature.etat != Etat.BROUILLON:
            return "deposited" if self.candidature.etat in {Etat.DEPOSEE, Etat.INCOMPLETE} else "over"
        if self.question:
            return "question"
        if self.pending:
            return "which"
        if self.field:
            return "field"
        if self.asks_notice and NOTICE not in self.given:
            return "summary"
        return "pieces" if self.missing else "deposit"

    @property
    def items(self) -> list[Item]:
        """Everything that was asked, numbered, with what was answered."""
        if self.candidature is None:
            return []
        answers, notice = self.candidature.answers, self.candidature.notice
        found = [
            ("question", q.code, q.text, dict(q.choices).get(answers.get(q.code, ""), ""))
            for q in asked_questions(self.campagne, answers)
        ]
        if self.asks_notice:
            found += [
                ("field", f.code, f.label, field_words(f, notice[f.code]) if f.code in notice else "")
                for f in self.campagne.notice_fields
            ]
        return [Item(number, *one) for number, one in enumerate(found, start=1)]


def may_give(here: Place, received_at: datetime) -> bool:
    """Whether a piece received at this instant counts: before the closing, or within an extension that two gave."""
    if is_on_time(here.campagne, received_at):
        return True
    until = here.candidature.flags.get("extended_until") if here.candidature else None
    incomplete = here.candidature is not None and here.candidature.etat == Etat.INCOMPLETE
    return incomplete and until is not None and received_at < datetime.fromisoformat(until)


async def place(desk: Desk, person_id: int) -> Place:
    """Where a person stands."""
    known = await desk.work.run(candidatures.candidat, person_id)
    mine = await desk.work.run(candidatures.current, desk.campagne.numero, person_id) if known else None
    ien = None if known else await desk.work.run(iens.of_person, desk.campagne.numero, person_id)
    pieces = await desk.work.run(candidatures.pieces, mine.id) if mine else []
    if mine is not None:
        desk.work.kept["candidature_id"] = mine.id
    return Place(desk.campagne, person_id, known, mine, pieces, ien=ien is not None)


async def private(_: TelegramObject, turn: Turn) -> bool:
    """True in the conversation of one person."""
    return turn.message.chat.type == "private"


async def at(_: TelegramObject, turn: Turn) -> bool | dict[str, Any]:
    """Gives `here`, where the person stands; False for who has no dossier."""
    here = await place(turn, turn.person.id)
    return {"here": here} if here.candidature is not None else False


async def rests(turn: Turn, here: Place) -> bool:
    """Whether nothing is being asked of the person that cannot wait."""
    asked = here.step == "consent" and "consent:" in await offered_last(here.person_id, turn.work)
    return here.step in RESTING and not asked and await turn.state.get_state() not in _ASIDES


async def yes_or_no(_: Message, turn: Turn) -> bool | dict[str, bool]:
    """Gives `really`: whether the words say yes; False when they say neither, or may be said to the bureau."""
    yes = read_yes_no(turn.text)
    return False if yes is None or await follows_the_bureau(turn) else {"really": yes}


def first_name(person: User) -> str:
    """What to call a person: the first word of the name they show."""
    return person.first_name.split(" ")[0]


async def ask(turn: Turn, here: Place, *, lead: str = "", whole: bool = False) -> Message:
    """Ask what comes next, at whatever step the person stands; returns the message that does.

    Args:
        lead: words already rendered that come first, in the same message.
        whole: say what is kept, and why, even to who was told a moment ago.
    """
    words, choices = await pending(here, turn.now, turn.state)
    if here.step == "consent" and choices and await _told_lately(turn) and not whole:
        words = say("steps/consent_again")
    return await turn.answer("\n\n".join(part for part in (lead, words) if part), choices=choices)


async def _told_lately(turn: Turn) -> bool:
    """Whether what is kept, and why, was said within the hour; if it was not, it is being said now."""
    memory = turn.beside("welcome")
    until = (await memory.get_data()).get("told_until")
    if until and turn.now < until:
        return True
    await memory.update_data(told_until=turn.now + _PATIENCE)
    return False


async def tell(turn: Turn, here: Place, words: str) -> None:
    """Say something on the way; what is asked of the person and cannot wait is asked again under it."""
    if await rests(turn, here):
        await turn.answer(words)
    else:
        await ask(turn, here, lead=words)


async def pending(here: Place, now: datetime, state: FSMContext) -> tuple[str, Choices]:
    """What is asked of a person now, and its choices: what `ask` says, for another conversation than this one."""
    aside = await state.get_state()
    step = _ASIDES.get(aside or "", here.step)
    return _asked(here, step, now, await state.get_data())


def _asked(here: Place, step: str, now: datetime, data: dict[str, Any]) -> tuple[str, Choices]:
    """The words of a step and its choices."""
    if step == "correcting":
        return _item(here, data["kind"], data["code"], correcting=True)
    if step == "question" and here.question:
        return _item(here, "question", here.question.code)
    if step == "field" and here.field:
        return _item(here, "field", here.field.code)
    on_time = may_give(here, now) if here.candidature else is_open(here.campagne, now)
    telegram = identities.is_telegrams(here.person_id)
    words = say(f"steps/{step}", here=here, campagne=here.campagne, now=now, on_time=on_time, telegram=telegram)
    return words, _choices(here, step, on_time=on_time)


def _item(here: Place, kind: str, code: str, *, correcting: bool = False) -> tuple[str, Choices]:
    item = next(one for one in here.items if (one.kind, one.code) == (kind, code))
    if kind == "question":
        question = here.campagne.question(code)
        total = sum(one.kind == "question" for one in here.items)
        words = say(
            "steps/question", question=question, item=item, total=total, campagne=here.campagne, correcting=correcting
        )
        return words, [(f"q:{code}:{choice}", label) for choice, label in question.choices]
    asked = here.campagne.notice_field(code)
    words = say("steps/field", field=asked, item=item, campagne=here.campagne, correcting=correcting)
    choices = asked.choices if asked.kind == "choice" else ()
    return words, [(f"f:{code}:{choice}", label) for choice, label in choices]


def _choices(here: Place, step: str, *, on_time: bool) -> Choices:
    """The choices of a step; what is offered while one may give is not offered afterwards."""
    if step == "which" and here.pending:
        places = places_for(here.campagne, here.pending)
        return [(f"w:{here.pending.id}:{code}", words) for code, words in places]
    offered = _CHOICES.get(step, ()) if on_time or step not in _IN_TIME else ()
    if step == "pieces" and on_time:
        declared = (piece for piece in here.missing if piece.via_iprof)
        offered = tuple((f"iprof:{piece.code}", f"{capital(piece.short)} : par I-Prof") for piece in declared)
    return offered


_ASIDES: dict[str, str] = {
    str(aside.state): name
    for aside, name in (
        (Aside.correcting, "correcting"),
        (Aside.choosing, "choosing"),
        (Aside.withdrawing, "withdrawing"),
        (Aside.erasing, "erasing"),
    )
}
_CHOICES: dict[str, Choices] = {
    "consent": (("consent:oui", "J’accepte"), ("consent:non", "Je n’accepte pas")),
    "start": (("start:oui", "Ouvrir une candidature"),),
    "summary": (("summary:oui", "C’est exact"), ("summary:non", "Je veux corriger")),
    "deposit": (("deposit:oui", "Je dépose ma candidature"), ("deposit:non", "Pas encore")),
    "withdrawing": (("withdraw:oui", "Oui, je retire ma candidature"), ("withdraw:non", "Non, je la garde")),
    "erasing": (("erase:oui", "Oui, tout effacer"), ("erase:non", "Non, garder")),
}
_IN_TIME = frozenset({"consent", "start", "deposit"})
