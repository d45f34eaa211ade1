"""The bureau's side of a relay: it answers in the thread or by command, notes, takes, closes, and sees who waits."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram.types import Message
from markupsafe import Markup

from bot.circulaire.reading import fold
from bot.circulaire.relais import RELAIS, RelaisEtat
from bot.errors import Refusal
from handlers.arguments import Role
from handlers.choices import Tapped
from handlers.commands import Called, may
from handlers.letters import LONGEST, Stored, check_length, to_chat
from handlers.pieces import hand_on, take_along
from handlers.say import say
from handlers.seats import answered, in_bureau
from handlers.steps import RESTING, first_name, pending, place
from handlers.turn import Desk, Turn, room
from storage import identities
from storage import relais as relays
from storage.bureau import Relais, RelaisLine
from storage.work import UnitOfWork

answers = room("relais.answers", in_bureau)  # what stands in the thread of a question, before any room takes it
router = room("relais", in_bureau)
_NAME = 4  # words of a ready answer's name, at most
_MOST = 20  # relays of a list
_IDLE = frozenset({"deposited", "over"})  # steps at which nothing is asked, not even a choice


# --- answering ---


async def an_answer_in_thread(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """Words or a file that answer the question of a relay, as a reply or in its thread; a command stays one."""
    target = answered(turn)
    row = await turn.work.run(relays.by_message, turn.campagne.numero, target) if target else None
    return {"row": row} if row else False


@answers.message(an_answer_in_thread)
async def reply_in_thread(turn: Turn, row: Relais, roles: Mapping[str, Role]) -> None:
    """The bureau answers in the thread of the question, with words or a file: whoever may « repondre » may do that."""
    if not await may(turn, "repondre", roles):
        return
    RELAIS.after(row.etat, "reply")  # refused before a file is fetched
    file = await take_along(turn, turn.message.document) if turn.message.document else None
    await _reply(turn, row, turn.words, file=file)


@router.message(Called("repondre"))
async def reply(turn: Turn, relais: int, texte: str) -> None:
    """« repondre 3 texte », or « repondre 3 modele accueil »."""
    row = await _numbered(turn, relais)
    word, _, name = texte.partition(" ")
    if fold(word) == "modele":
        modeles = await turn.work.run(relays.modeles, turn.campagne.numero)
        if fold(name) not in modeles and len(name.split()) <= _NAME:
            await turn.answer(say("relais/no_modele", name=name, modeles=modeles))
            return
        texte = modeles.get(fold(name), texte)
    await _reply(turn, row, texte)


async def _reply(turn: Turn, row: Relais, words: str, *, file: Stored | None = None) -> None:
    """Write to the person; the promise is kept."""
    check_length(words)
    row.etat = RELAIS.after(row.etat, "reply")
    turn.work.agenda.end(relays.late_key(row), "answered")
    await relays.write_lines(turn.work, row, "reply", turn.person.id, words, str(file["name"]) if file else "")
    settled = ((f"settled:{row.id}", "Ma question est réglée"),)
    choices = settled if await _is_asked_nothing(turn, row) else ()
    values: dict[str, Any] = {"candidature_id": row.candidature_id, "row": row, "file": file}
    passed = hand_on(turn.work, [row.candidat_id], text="relais/file", **values) if file else []
    sent = to_chat(turn.work, row.candidat_id, "relais/reply", choices=choices, words=words, **values)
    row.messages = [*row.messages, *passed, *([sent] if sent else [])]
    turn.work.note("relais.answered", actor=turn.actor, candidature_id=row.candidature_id, numero=row.numero)
    await turn.answer(say("relais/replied", row=row, file=file, asker=await relays.asker(turn.work, row)))


async def _is_asked_nothing(turn: Turn, row: Relais) -> bool:
    """Whether a number that the person types next can answer nothing else than the choice under the bureau's words."""
    here = await place(turn, row.candidat_id)
    return here.step in _IDLE and await _theirs(turn, row.candidat_id).get_state() is None


def _theirs(turn: Turn, person_id: int) -> FSMContext:
    """What the person's conversation remembers."""
    return FSMContext(turn.state.storage, replace(turn.state.key, chat_id=person_id, user_id=person_id))


# --- taking, noting, closing ---


@router.message(Called("note"))
async def note(turn: Turn, relais: int, texte: str) -> None:
    """A note that the person never sees."""
    row = await _numbered(turn, relais)
    check_length(texte)
    await relays.write_line(turn.work, row, "note", turn.person.id, texte)
    turn.work.note("relais.noted", actor=turn.actor, candidature_id=row.candidature_id, numero=row.numero)
    await turn.answer(say("relais/noted", row=row))


@router.message(Called("prendre"))
async def take(turn: Turn, relais: int) -> None:
    """Somebody takes care of it."""
    await _take(turn, await _numbered(turn, relais))


async def _take(turn: Turn, row: Relais) -> None:
    if row.etat == RelaisEtat.FERME:
        await turn.answer(say("relais/closed_already", row=row))
        return
    person = turn.person
    other = row.assigned_to not in {None, person.id}
    before = await turn.work.run(identities.display_name, row.assigned_to) if row.assigned_to and other else ""
    row.assigned_to = person.id
    turn.work.note("relais.taken", actor=turn.actor, candidature_id=row.candidature_id, numero=row.numero)
    await turn.answer(say("relais/taken", row=row, name=first_name(person), before=before))


@router.message(Called("fermer"))
async def close(turn: Turn, relais: int) -> None:
    """It is over."""
    await _close(turn, await _numbered(turn, relais))


async def _close(turn: Turn, row: Relais) -> None:
    """Tell the person that the bot takes over again, and ask what was pending."""
    if row.etat == RelaisEtat.FERME:
        await turn.answer(say("relais/closed_already", row=row))
        return
    unanswered = row.etat == RelaisEtat.OUVERT
    relays.close(turn.work, row, actor=turn.actor)
    await _take_over(turn, row, unanswered=unanswered)
    await turn.answer(say("relais/closed", row=row, unanswered=unanswered))


async def _take_over(turn: Turn, row: Relais, *, unanswered: bool) -> None:
    """In the person's conversation: it is over, and the pending step again where something is asked."""
    here = await place(turn, row.candidat_id)
    rests = here.step in RESTING
    asked, choices = ("", ()) if rests else await pending(here, turn.now, _theirs(turn, here.person_id))
    values: dict[str, Any] = {"row": row, "unanswered": unanswered, "campagne": turn.campagne, "asked": Markup(asked)}  # noqa: S704 -- rendered and escaped by `say`
    to_chat(turn.work, here.person_id, "relais/over", candidature_id=row.candidature_id, choices=choices, **values)


@router.callback_query(Tapped("rel", number=int, what=str))
async def tapped(turn: Turn, number: int, what: str, roles: Mapping[str, Role]) -> None:
    """Take it, or close it, tapped under the question."""
    row = await turn.work.run(relays.by_id, number)
    name, act = ("prendre", _take) if what == "take" else ("fermer", _close)
    if row is not None and await may(turn, name, roles):
        await act(turn, row)


# --- seeing ---


@router.message(Called("relais"))
async def show(turn: Turn, relais: int | None) -> None:
    """The open ones, who waits longest first; or one, whole."""
    if relais is not None:
        await _show_whole(turn, await _numbered(turn, relais))
        return
    rows = await turn.work.run(relays.open_ones, turn.campagne.numero)
    shown = [(row, await relays.asker(turn.work, row), await _taker(turn.work, row)) for row in rows[:_MOST]]
    await turn.answer(say("relais/open", rows=shown, total=len(rows), now=turn.now))


async def _show_whole(turn: Turn, row: Relais) -> None:
    """What was said, in as many messages as it takes."""
    lines = await turn.work.run(relays.lines, row.id)
    authors = {
        line.author_id: await turn.work.run(identities.display_name, line.author_id)
        for line in lines
        if not line.kind.startswith("question")
    }
    asker, taker = await relays.asker(turn.work, row), await _taker(turn.work, row)
    values: dict[str, Any] = {"row": row, "asker": asker, "taker": taker, "now": turn.now}
    for number, part in enumerate(_parts(lines)):
        words = say(
            "relais/whole", lines=part, authors=authors, first=number == 0, etat_relais=RelaisEtat(row.etat), **values
        )
        await turn.answer(words)


def _parts(lines: list[RelaisLine]) -> Iterator[list[RelaisLine]]:
    """The lines, as many together as one message holds."""
    part: list[RelaisLine] = []
    for line in lines:
        if part and sum(len(one.text) + 60 for one in (*part, line)) > LONGEST:  # their day and author besides
            yield part
            part = []
        part.append(line)
    yield part


async def _taker(work: UnitOfWork, row: Relais) -> str:
    """What the member who takes care of it is called; empty when nobody does."""
    return await work.run(identities.display_name, row.assigned_to) if row.assigned_to else ""


async def _numbered(desk: Desk, numero: int) -> Relais:
    row = await desk.work.run(relays.by_numero, desk.campagne.numero, numero)
    if row is None:
        raise Refusal("relais/unknown", numero=numero)
    return row
