"""How a line is found to be a command, by whom it may be given, and what is said when it is not understood."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiogram import Router
from aiogram.filters import Filter
from aiogram.types import Message, TelegramObject

from bot.circulaire.likeness import likest
from bot.circulaire.reading import fold, fold_declared, read_bare_yes_no, read_command
from handlers.arguments import Command, Fault, Role, Who, read_argument, read_arguments
from handlers.declarations import COMMANDS
from handlers.say import say
from handlers.steps import ask, place, rests, tell
from handlers.topics import help_of_bureau
from handlers.turn import Handler, Turn
from storage import identities, iens

router = Router(name="commands")

_BARE_IN_BUREAU = 12  # words: in the bureau's room a line that begins with a command's name is that command
_FEW = 3  # words: as many may be an argument; more are said to a colleague
_MOST_IN_ACT = 8  # words: « corriger mon numéro de téléphone », « parler à Madame Binaux »
_ACTS = re.compile(
    r"(?:corriger|modifier|rectifier|changer|supprime[rz]?|enleve[rz]?|retire[rz]?|effacez|parler (?:a|au|avec)) "
)
_POLITE = re.compile(  # what people put around a command; « puis-je » asks something
    r"^(?:(?:bonjour|bonsoir|salut|slt|bjr|coucou|euh|heu)(?: (?:greffier|madame|monsieur))?[\s,.!]+(?=\S)"
    r"|(?:je (?:veux|voudrais|souhaite|souhaiterais)|j['’ ]aimerais|(?:r?envoyez|donnez)[ -]moi|re(?:ce)?voir) )+"
    r"|(?:[\s,.!]+(?:svp|stp|s['’ ]il (?:vous|te) pla[iî]t|merci))+[\s.!]*$",
    re.IGNORECASE,
)
_ALIKE = 70  # of 100: a typo worth a « vouliez-vous dire »
_MOST_NEAR = 3  # of them in one
_PATIENCE = timedelta(minutes=15)  # how long the answer to a missing argument is waited for


@dataclass(frozen=True)
class Call:
    """A line that is a command, or tries to be: `command` is None for an unknown one, `fault` the wrong argument.

    `dropped`: it waited for an argument, and is let go instead.
    """

    name: str
    command: Command | None
    args: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    fault: Fault | None = None
    may: bool = True
    dropped: bool = False


def named(name: str, who: Who | None = None) -> Command | None:
    """The command of this name, for this place when one is given."""
    found = [command for command in COMMANDS if command.name == name]
    return next((command for command in found if who in command.who), found[0] if found and who is None else None)


def allowed(who: Who, role: Role = Role.ADMINISTRATEUR, *, demo: bool = False) -> list[Command]:
    """The commands that somebody may give."""
    return [c for c in COMMANDS if who in c.who and c.role <= role and (demo or c.name != "demo")]


def place_of(turn: Turn) -> Who:
    """Whoever speaks in the bureau's room is of the bureau."""
    return "bureau" if turn.in_bureau else "candidat"


def read(text: str, who: Who) -> tuple[str, str] | None:
    """The command that a line is, and the rest of the line: `/x`, `!x`, ` /x` and `x` are the same."""
    text = _POLITE.sub("", text.strip()) if who == "candidat" else text
    said = fold(text)
    mine = [command for command in COMMANDS if _is_for(command, who)]
    whole = next((c.name for c in mine if said in {fold_declared(word) for word in c.same}), None)
    if whole is not None:
        return whole, ""
    known = {command.name for command in COMMANDS}
    words = {word: command.name for command in mine for word in command.same if " " not in word}
    second = text.split()[1:2]
    bare = len(text.split()) if second and second[0].isdecimal() else _BARE_IN_BUREAU
    few = _MOST_IN_ACT if _ACTS.match(said) and "?" not in text else _FEW
    found = read_command(text, {*known, *words}, bare_words=bare if who == "bureau" else few)
    if found is None:
        return None
    signed = text.lstrip().startswith(("/", "!"))
    name = words.get(found.name, found.name)
    if who == "bureau" and name == "pieces":
        name = "pieces-de"  # what the bureau means by « pieces 12 »
    if named(name) is not None and not any(name == command.name for command in mine) and not signed:
        return None  # a word of somebody else's command is only a word
    return name, found.args


def _is_for(command: Command, who: Who) -> bool:
    return who in command.who or (who == "candidat" and "ien" in command.who)


async def give_called(handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
    """Reads each message once: handlers find the `called` command, its values, or what is wrong with it."""
    turn: Turn = data["turn"]
    text = turn.words if turn.in_bureau else turn.text  # in the bureau a command may come with its file
    called = await _read(turn, text, data["roles"], demo=data["demo"]) if text else None
    return await handler(event, {**data, "called": called})


async def _read(turn: Turn, text: str, roles: Mapping[str, Role], *, demo: bool) -> Call | None:
    who = place_of(turn)
    found = read(text, who)
    if who == "bureau":
        waiting = await _waited(turn, text, another=found is not None)
        if isinstance(waiting, Call):
            return waiting
        found = read(waiting, who) if waiting else found
    if found is None:
        head = text.lstrip().split(maxsplit=1)
        if head and head[0].startswith(("/", "!")) and fold(head[0]):
            return Call(head[0].lstrip("/!"), None)
        return None
    name, args = found
    command = next((c for c in COMMANDS if c.name == name and _is_for(c, who)), None)
    if command is None or (name == "demo" and not demo):
        return Call(name, None)
    values, fault = read_arguments(command.params, args, turn.now.year)
    may = who != "bureau" or command.role <= await role_of(turn, roles)
    return Call(name, command, args, values, fault, may)


async def role_of(turn: Turn, roles: Mapping[str, Role]) -> Role:
    """What a member of the bureau may do: the role that the settings give, else that of a gestionnaire.

    Where the settings name nobody, whoever is in the bureau's room may everything.
    """
    if not roles:
        return Role.ADMINISTRATEUR
    name, _ = await identities.names(turn.work, turn.person.id)
    return roles.get(name or str(turn.person.id), Role.GESTIONNAIRE)


async def may(turn: Turn, command: str, roles: Mapping[str, Role]) -> bool:
    """Whether whoever answers or taps might have given the command instead; says no otherwise."""
    asked = named(command, "bureau")
    if asked is None or await role_of(turn, roles) >= asked.role:
        return True
    turn.work.note("command.refused", actor=turn.actor, command=command)
    await turn.answer(say("commands/not_you", name=command, who="bureau"))
    return False


async def _waited(turn: Turn, text: str, *, another: bool) -> str | Call | None:
    """The command that waits for an argument, with these words for it; named as wrong where they cannot be it.

    Another command, « annuler » or a quarter of an hour end the wait; people who talk to each other do not.
    """
    memory = turn.beside("command")
    waiting = await memory.get_data()
    if not waiting:
        return None
    late = datetime.fromisoformat(waiting["until"]) < turn.now
    command = named(waiting["name"], "bureau")
    param = next((p for p in command.params if p.name == waiting["param"]), None) if command else None
    if param is None or another or late:
        await memory.clear()
        return None
    if read_bare_yes_no(text) is False:
        await memory.clear()
        return Call(waiting["name"], command, dropped=True)
    if read_argument(param, text.strip(), turn.now.year) is not None:
        await memory.clear()
        return f"!{waiting['name']} {waiting['before']} {text.strip()}"
    fault = Fault(param, text.strip(), waiting["before"])
    return Call(waiting["name"], command, fault=fault) if len(text.split()) <= _FEW else None


class Called(Filter):
    """True for one of these commands, said where and by whom it may be, its arguments understood.

    Gives `args`, the rest of the line, and each argument under its name.
    """

    def __init__(self, *names: str) -> None:
        self._names = names

    async def __call__(self, message: Message, called: Call | None = None) -> bool | dict[str, Any]:  # noqa: ARG002 -- aiogram's signature
        """Look at what was read."""
        if called is None or called.command is None or called.name not in self._names:
            return False
        return False if called.dropped or not called.may or called.fault else {"args": called.args, **called.values}


@router.message(Called("aide"))
async def help_(turn: Turn, args: str, *, demo: bool, roles: Mapping[str, Role]) -> None:
    """Say what may be asked, from the declarations, and then the pending question again."""
    who = place_of(turn)
    if who == "candidat" and await turn.work.run(iens.of_person, turn.campagne.numero, turn.person.id) is not None:
        who = "ien"
    role = await role_of(turn, roles) if who == "bureau" else Role.ADMINISTRATEUR
    mine = allowed(who, role, demo=demo)
    if who == "bureau":
        await turn.answer(help_of_bureau(fold(args), mine))
        return
    await turn.answer(say("commands/aide", commands=mine, files=who == "candidat"))
    if who == "candidat":
        here = await place(turn, turn.chat_id)
        if not await rests(turn, here):
            await ask(turn, here)


async def a_faulty_call(_: Message, called: Call | None = None) -> bool:
    """A command that cannot be carried out as it was given."""
    return called is not None and (
        called.command is None or not called.may or called.fault is not None or called.dropped
    )


@router.message(a_faulty_call)
async def faulty(turn: Turn, called: Call, *, demo: bool) -> None:
    """Say that a command is not for this place or person, does not exist, or what it still needs."""
    who = place_of(turn)
    known = named(called.name) if demo or called.name != "demo" else None
    if called.dropped:
        await turn.answer(say("confirmations/refused"))
    elif called.command is None and known is None:
        near = likest(called.name, [command.name for command in allowed(who, demo=demo)], _ALIKE)[:_MOST_NEAR]
        await _tell(turn, who, say("commands/unknown", name=called.name[:40], near=near))
    elif called.command is None or not called.may:
        turn.work.note("command.refused", actor=turn.actor, command=called.name)
        text = "commands/not_here" if called.command is None else "commands/not_you"
        await _tell(turn, who, say(text, name=called.name, who=who))
    elif called.fault is not None:
        await _ask_argument(turn, called.name, called.fault)


async def _tell(turn: Turn, who: Who, words: str) -> None:
    """Say it; to somebody of whom something is asked, with the pending question."""
    if who == "candidat":
        await tell(turn, await place(turn, turn.chat_id), words)
    else:
        await turn.answer(words)


async def _ask_argument(turn: Turn, name: str, fault: Fault) -> None:
    """Name the argument that misses or is wrong, and wait for it alone."""
    until = (turn.now + _PATIENCE).isoformat()
    waiting = {"name": name, "before": fault.before, "param": fault.param.name, "until": until}
    await turn.beside("command").set_data(waiting)
    words = [word for _, word in fault.param.choices]
    await turn.answer(say("commands/argument", name=name, param=fault.param, typed=fault.typed[:60], words=words))
