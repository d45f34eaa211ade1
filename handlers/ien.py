"""The IEN: their directory, which the bureau keeps; and what an IEN may ask in their own conversation."""

from datetime import datetime
from typing import Any

from aiogram import Bot, F, Router
from aiogram.types import Document, Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.ien import IenEntry, circonscription_key, read_directory
from bot.circulaire.reading import fold, read_choice
from handlers.commands import Called
from handlers.say import say
from handlers.seats import actor, in_bureau
from handlers.steps import private
from storage import candidatures, convocations, identities, iens
from storage.bureau import Ien
from storage.work import UnitOfWork

router = Router(name="ien")
own = Router(name="ien_own")
router.message.filter(in_bureau)
own.message.filter(private)
_MOST_BYTES = 1_000_000
_WAYS = (("tout", "tout"), ("courriel", "courriel"), ("resume", "résumé"))


@router.message(Called("ien"), F.document.as_("document"))
async def import_file(message: Message, document: Document, bot: Bot, work: UnitOfWork, campagne: Campagne) -> None:
    """« ien importer » on a CSV: the good lines are taken, what is wrong with the others is said."""
    if (document.file_size or 0) > _MOST_BYTES:
        await message.answer(say("ien/how"))
        return
    stream = await bot.download(document)
    data = stream.read() if stream else b""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    await _import(message, text, work, campagne)


@router.message(Called("ien"))
async def directory(message: Message, args: str, work: UnitOfWork, campagne: Campagne) -> None:
    """The directory, or those whose line holds some words; « ien importer » followed by lines imports them."""
    head, _, rest = args.partition("\n")
    if fold(head).startswith("importer"):
        await (_import(message, rest, work, campagne) if rest.strip() else message.answer(say("ien/how")))
        return
    every = await work.run(iens.listed, campagne.numero)
    said = fold(args)
    rows = [one for one in every if not said or said in fold(f"{one.circonscription} {one.name}")]
    await message.answer(say("ien/directory", rows=rows, total=len(every)))


async def _import(message: Message, text: str, work: UnitOfWork, campagne: Campagne) -> None:
    entries, faults = read_directory(text)
    added = 0
    for entry in entries:
        added += await _keep(entry, work, campagne)
    if entries:
        work.note("ien.imported", actor=actor(message), added=added, changed=len(entries) - added, refused=len(faults))
    await message.answer(say("ien/imported", added=added, changed=len(entries) - added, faults=faults[:20]))


async def _keep(entry: IenEntry, work: UnitOfWork, campagne: Campagne) -> int:
    """Add one line, or bring the one of the same circonscription up to date; returns how many were added."""
    key = circonscription_key(entry.circonscription)
    found = await work.run(iens.of_key, campagne.numero, key)
    row = found or Ien(id=work.take_id(), campagne=campagne.numero, key=key, circonscription="", name="", email="")
    row.circonscription, row.name, row.email = entry.circonscription, entry.name, entry.email
    if entry.matrix and entry.matrix != row.matrix:
        door = "matrix" if entry.matrix.startswith("@") else "console"
        row.matrix = entry.matrix
        row.peer_id = await identities.person(work, door, entry.matrix)
    if found is None:
        await work.add(row)
    return int(found is None)


async def an_ien(message: Message, work: UnitOfWork, campagne: Campagne) -> bool | dict[str, Any]:
    """Gives `ien`: whoever writes is in the directory."""
    found = await work.run(iens.of_person, campagne.numero, message.from_user.id if message.from_user else 0)
    return {"ien": found} if found else False


@own.message(Called("mes-candidats"), an_ien)
async def my_candidats(message: Message, ien: Ien, work: UnitOfWork, campagne: Campagne) -> None:
    """The candidatures of the IEN's circonscription, and of no other: number, name, state, creneau."""
    rows = []
    for one in await work.run(candidatures.listed, campagne.numero):
        mine = circonscription_key(str(one.notice.get("circonscription") or "")) == ien.key
        if mine and one.received_at is not None:
            rows.append((one, await work.run(convocations.in_force, one.id)))
    await message.answer(say("ien/mine", ien=ien, rows=rows))


@own.message(Called("copies"), an_ien)
async def choose_way(message: Message, args: str, ien: Ien, work: UnitOfWork) -> None:
    """« copies courriel », « copies résumé », « copies tout »."""
    way = read_choice(args, _WAYS) if args else None
    if way is None:
        await message.answer(say("ien/ways", ien=ien))
        return
    ien.prefers = way
    work.note("ien.preferred", actor=f"ien:{ien.id}", way=way)
    await message.answer(say("ien/way_kept", ien=ien))


@own.message(Called("mes-candidats", "copies"))
async def not_an_ien(message: Message, campagne: Campagne) -> None:
    """Somebody else asks: say so, and nothing more."""
    await message.answer(say("ien/not_known", campagne=campagne))


@own.message(F.text, an_ien)
async def otherwise(message: Message, ien: Ien, campagne: Campagne, now: datetime) -> None:
    """Whatever else an IEN writes: what they may ask here."""
    await message.answer(say("ien/hello", ien=ien, campagne=campagne, now=now))
