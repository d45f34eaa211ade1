"""Who sits in the bureau, and the dossiers that its commands name."""

from collections.abc import Sequence

from aiogram.types import TelegramObject

from bot.errors import Refusal
from handlers.steps import Place
from handlers.turn import Desk, Turn
from storage import candidatures, identities
from storage.tables import Candidature


async def in_bureau(_: TelegramObject, turn: Turn) -> bool:
    """True in a room of the bureau."""
    return turn.in_bureau


async def member(desk: Desk, account_id: int) -> tuple[str, str]:
    """The account that acts, and the person it is of as the settings name them; empty where they do not."""
    name, _ = await identities.names(desk.work, account_id)
    account = name or str(account_id)
    return account, desk.members.get(account, "")


async def are_one(desk: Desk, account_id: int, other_id: int) -> bool | None:
    """Whether two accounts are of one person, who never counts for two; None on two networks, until it is told."""
    if account_id == other_id:
        return True
    (_, person), (_, other) = await member(desk, account_id), await member(desk, other_id)
    if person and other:
        return person == other
    return False if identities.is_telegrams(account_id) == identities.is_telegrams(other_id) else None


def answered(turn: Turn) -> int | None:
    """The message that words or a file answer: what they reply to, else the root of their thread; a command, none."""
    message = turn.message
    if not (message.text or message.document) or turn.words.lstrip().startswith(("/", "!")):
        return None
    return message.reply_to_message.message_id if message.reply_to_message else message.message_thread_id


async def numbered(desk: Desk, numero: int) -> Candidature:
    """The dossier of a number.

    Raises:
        Refusal: there is none.
    """
    found = await desk.work.run(candidatures.by_numero, desk.campagne.numero, numero)
    if found is None:
        raise Refusal("bureau/no_dossier", numero=numero)
    return found


async def several(desk: Desk, numeros: Sequence[int]) -> list[tuple[int, Candidature | None]]:
    """The dossiers of several numbers, in the order given; None where there is none."""
    return [(numero, await desk.work.run(candidatures.by_numero, desk.campagne.numero, numero)) for numero in numeros]


def together(rows: Sequence[tuple[int, Candidature | None, str]]) -> list[tuple[list[int], Candidature | None, str]]:
    """The rows of a report, those that say the same as one: their numbers, one of them, and why nothing was done."""
    found: dict[tuple[str, str], tuple[list[int], Candidature | None, str]] = {}
    for numero, one, why in rows:
        numbers, _, _ = found.setdefault((why, one.etat if one else ""), ([], one, why))
        numbers.append(numero)
    return list(found.values())


async def place_of_one(desk: Desk, one: Candidature, *, acted_by: str = "") -> Place:
    """Where the person of a dossier stands."""
    person = await desk.work.run(candidatures.candidat, one.candidat_id)
    pieces = await desk.work.run(candidatures.pieces, one.id)
    return Place(desk.campagne, one.candidat_id, person, one, pieces, acted_by=acted_by)
