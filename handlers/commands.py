"""The commands, declared once: what they are called, who may, what they do. The help is made from this."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from aiogram import Router
from aiogram.filters import Filter
from aiogram.fsm.context import FSMContext
from aiogram.types import Message
from rapidfuzz import process

from bot.circulaire.campagne import Campagne
from bot.circulaire.reading import fold, read_command
from handlers.say import say
from handlers.steps import RESTING, ask, place
from storage.work import UnitOfWork

router = Router(name="commands")

Who = Literal["candidat", "bureau"]
_BARE_IN_BUREAU = 12  # words: in the bureau's room a line that begins with a command's name is that command
_ALIKE = 70  # of 100: a typo worth a « vouliez-vous dire »


@dataclass(frozen=True)
class Command:
    """A command. `same` are other ways to say it, whole; `bare` says that the name alone, without sign, is enough."""

    name: str
    who: tuple[Who, ...]
    sentence: str
    usage: str = ""
    same: tuple[str, ...] = ()
    bare: bool = True


COMMANDS: tuple[Command, ...] = (
    Command("aide", ("candidat", "bureau"), "ce que je sais faire", same=("help", "menu", "commandes")),
    Command("contact", ("candidat", "bureau"), "à qui vous adresser"),
    Command("etat", ("candidat",), "où en est votre dossier", same=("où en est mon dossier", "statut", "mon dossier")),
    Command("pieces", ("candidat",), "vos pièces, et celles qui manquent", same=("mes pièces",)),
    Command("corriger", ("candidat",), "changer une réponse", usage="numéro ou mot", same=("modifier",)),
    Command("retour", ("candidat",), "revenir à la question précédente", same=("précédent", "question précédente")),
    Command("supprimer", ("candidat",), "enlever une pièce avant le dépôt", usage="pièce"),
    Command("deposer", ("candidat",), "déposer votre candidature", same=("je dépose ma candidature", "je dépose")),
    Command("annuler", ("candidat",), "arrêter ici ; tout ce que vous avez donné est gardé", same=("stop", "pause")),
    Command("reprendre", ("candidat",), "reprendre où vous en étiez", same=("continuer", "recommencer")),
    Command("retirer", ("candidat",), "retirer votre candidature", same=("retirer ma candidature",)),
    Command("recepisse", ("candidat",), "recevoir à nouveau votre récépissé", same=("mon récépissé",)),
    Command("donnees", ("candidat",), "ce que je garde sur vous", same=("mes données",)),
    Command("effacer", ("candidat",), "effacer vos données", same=("effacer mes données",)),
    Command("preuve", ("candidat",), "le passage cité, dans son contexte, et l’empreinte de la circulaire"),
    Command("dossiers", ("bureau",), "la liste des dossiers", usage="[état] [recherche]"),
    Command("dossier", ("bureau",), "un dossier et son histoire", usage="numéro"),
    Command("pieces-de", ("bureau",), "les pièces d’un dossier, en fichiers", usage="numéro"),
    Command("journal", ("bureau",), "qui a fait quoi sur un dossier", usage="numéro"),
    Command("lettres", ("bureau",), "l’état des messages qui partent", usage="[relancer]"),
    Command("campagne", ("bureau",), "le calendrier de la campagne"),
    Command("questions", ("bureau",), "ce que l’on demande à la circulaire", usage="[jours]"),
    Command("complement", ("bureau",), "ajouter une réponse du bureau", usage="question ? réponse"),
    Command("complements", ("bureau",), "les compléments en vigueur"),
    Command("revoquer", ("bureau",), "retirer un complément", usage="numéro"),
    Command("demo", ("bureau",), "changer la date de la démonstration", usage="avancer 2017-04-22"),
)


def named(name: str) -> Command | None:
    """The command of this name."""
    return next((command for command in COMMANDS if command.name == name), None)


def allowed(who: Who, *, demo: bool = False) -> list[Command]:
    """The commands that somebody may give."""
    return [command for command in COMMANDS if who in command.who and (demo or command.name != "demo")]


def place_of(message: Message, bureau: Iterable[int]) -> Who:
    """Whoever speaks in the bureau's room is of the bureau."""
    return "bureau" if message.chat.id in bureau else "candidat"


def read(text: str, who: Who) -> tuple[str, str] | None:
    """The command that a line is, and the rest of the line: `/x`, `!x`, ` /x` and `x` are the same."""
    said = fold(text)
    whole = next((c.name for c in COMMANDS if who in c.who and said in {fold(word) for word in c.same}), None)
    if whole is not None:
        return whole, ""
    known = {command.name for command in COMMANDS}
    words = {word: command.name for command in COMMANDS for word in command.same if " " not in word}
    bare = _BARE_IN_BUREAU if who == "bureau" else 3
    found = read_command(text, {*known, *words}, bare_words=bare)
    if found is None:
        return None
    signed = text.lstrip().startswith(("/", "!"))
    name = words.get(found.name, found.name)
    if who == "bureau" and name == "pieces":
        name = "pieces-de"  # what the bureau means by « pieces 12 »
    command = named(name)
    if command is not None and who not in command.who and not signed:
        return None  # a word of somebody else's command is only a word
    return name, found.args


class Called(Filter):
    """True for a message that is one of these commands, said where it may be; gives `args`, the rest of the line."""

    def __init__(self, *names: str) -> None:
        self._names = names

    async def __call__(self, message: Message, bureau: tuple[int, ...] = ()) -> bool | dict[str, Any]:
        """Read the message."""
        if not message.text:
            return False
        who = place_of(message, bureau)
        found = read(message.text, who)
        command = named(found[0]) if found else None
        if found is None or command is None or found[0] not in self._names or who not in command.who:
            return False
        return {"args": found[1]}


@router.message(Called("aide"))
async def help_(
    message: Message,
    bureau: tuple[int, ...],
    work: UnitOfWork,
    campagne: Campagne,
    now: datetime,
    state: FSMContext,
    *,
    demo: bool,
) -> None:
    """Say what may be asked, from the declarations, and then the pending question again."""
    who = place_of(message, bureau)
    words = say("commands/aide", who=who, commands=allowed(who, demo=demo))
    await message.answer(words)
    if who == "candidat":
        here = await place(work, campagne, message.chat.id)
        if here.step not in RESTING:
            await ask(message, here, now, state)


async def a_signed_unknown(
    message: Message, bureau: tuple[int, ...] = (), *, demo: bool = False
) -> bool | dict[str, Any]:
    """A line that begins with a sign and is no command of this place."""
    text = (message.text or "").lstrip()
    if not text.startswith(("/", "!")) or len(text.split()[0]) == 1:
        return False
    who = place_of(message, bureau)
    found = read(text, who)
    name = found[0] if found else text.split()[0].lstrip("/!")
    return False if any(name == command.name for command in allowed(who, demo=demo)) else {"name": name}


@router.message(a_signed_unknown)
async def unknown(message: Message, name: str, bureau: tuple[int, ...], work: UnitOfWork, *, demo: bool) -> None:
    """Say that a command is not for this place, or does not exist and what may have been meant."""
    who = place_of(message, bureau)
    known = [command.name for command in allowed(who, demo=demo)]
    if named(name) is not None:
        actor = message.from_user.id if message.from_user else 0
        work.note("command.refused", actor=f"{who}:{actor}", command=name)
        await message.answer(say("commands/not_here", name=name, who=who))
        return
    near = process.extract(name, known, limit=3, score_cutoff=_ALIKE)
    await message.answer(say("commands/unknown", name=name[:40], near=[found[0] for found in near]))
