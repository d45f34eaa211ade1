"""The IEN: their directory, which the bureau keeps; and what an IEN may ask in their own conversation."""

import asyncio
from typing import Any

from aiogram import F
from aiogram.types import Document, Message

from bot.circulaire.ien import IenEntry, circonscription_key, read_directory, read_rows
from bot.circulaire.reading import fold, read_choice
from bot.papers.sheets import read_workbook
from handlers.commands import Call, Called
from handlers.copies import of_ien, without_ien
from handlers.items import thanks
from handlers.say import say
from handlers.seats import in_bureau
from handlers.steps import place, private, tell
from handlers.turn import Desk, Turn, room
from storage import identities, iens
from storage.bureau import Ien

router = room("ien", in_bureau)
own = room("ien_own", private)
_MOST_BYTES = 1_000_000
_ZIP, _UTF16 = b"PK", (b"\xff\xfe", b"\xfe\xff")  # how a workbook begins, and what Excel calls « texte Unicode »
_WAYS = (("tout", "tout"), ("courriel", "courriel"), ("resume", "résumé"))


@router.message(Called("ien"), F.document.as_("document"))
async def import_file(turn: Turn, document: Document) -> None:
    """« ien importer » on a CSV: the good lines are taken, what is wrong with the others is said."""
    if (document.file_size or 0) > _MOST_BYTES:
        await turn.answer(say("ien/how"))
        return
    data = await turn.download(document)
    try:
        read = await asyncio.to_thread(_read, data)
    except ValueError:
        await turn.answer(say("ien/how"))
        return
    await _import(turn, *read)


def _read(data: bytes) -> tuple[list[IenEntry], list[str]]:
    """What a table says: a workbook, or lines in one of the ways in which a spreadsheet writes them."""
    if data.startswith(_ZIP):
        return read_rows(read_workbook(data))
    if data.startswith(_UTF16):
        return read_directory(data.decode("utf-16"))
    try:
        return read_directory(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return read_directory(data.decode("cp1252", errors="replace"))


@router.message(Called("ien"))
async def directory(turn: Turn, args: str) -> None:
    """The directory, or the lines that hold some words; « importer » and lines imports, « retirer » takes one out."""
    head, _, rest = args.partition("\n")
    word, _, named = head.partition(" ")
    if fold(head).startswith("importer"):
        await (_import(turn, *read_directory(rest)) if rest.strip() else turn.answer(say("ien/how")))
        return
    if fold(word) == "retirer":
        await _take_out(turn, named.strip())
        return
    every = await turn.work.run(iens.listed, turn.campagne.numero)
    said = fold(args)
    rows = [one for one in every if not said or said in fold(f"{one.circonscription} {one.name}")]
    missing = {} if said else await without_ien(turn)
    await turn.answer(say("ien/directory", rows=rows, total=len(every), searched=args.strip(), missing=missing))


async def _take_out(turn: Turn, named: str) -> None:
    """Take the IEN of a circonscription out of the directory."""
    row = await turn.work.run(iens.of_key, turn.campagne.numero, circonscription_key(named)) if named else None
    if row is not None:
        await turn.work.run(iens.drop, row)
        turn.work.note("ien.removed", actor=turn.actor, ien=row.id)
    await turn.answer(say("ien/removed", row=row, named=named))


async def _import(turn: Turn, entries: list[IenEntry], faults: list[str]) -> None:
    added = 0
    for entry in entries:
        added += await _keep(turn, entry)
    if entries:
        turn.work.note("ien.imported", actor=turn.actor, added=added, changed=len(entries) - added, refused=len(faults))
    missing = await without_ien(turn, {circonscription_key(one.circonscription) for one in entries}) if entries else {}
    values = {"added": added, "changed": len(entries) - added, "faults": faults, "missing": missing}
    await turn.answer(say("ien/imported", **values))


async def _keep(desk: Desk, entry: IenEntry) -> int:
    """Add one line, or bring the one of the same circonscription up to date; returns how many were added."""
    key = circonscription_key(entry.circonscription)
    found = await desk.work.run(iens.of_key, desk.campagne.numero, key)
    row = found or Ien(
        id=desk.work.take_id(), campagne=desk.campagne.numero, key=key, circonscription="", name="", email=""
    )
    row.circonscription, row.name, row.email = entry.circonscription, entry.name, entry.email
    if entry.matrix and entry.matrix != row.matrix:
        door = "matrix" if entry.matrix.startswith("@") else "console"
        row.matrix = entry.matrix
        row.peer_id = await identities.person(desk.work, door, entry.matrix)
    if found is None:
        await desk.work.add(row)
    return int(found is None)


async def an_ien(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """Gives `ien`: whoever writes is in the directory."""
    found = await turn.work.run(iens.of_person, turn.campagne.numero, turn.person.id)
    return {"ien": found} if found else False


@own.message(Called("mes-candidats"), an_ien)
async def my_candidats(turn: Turn, ien: Ien) -> None:
    """The candidatures of the IEN's circonscription, and of no other: number, name, state, creneau."""
    rows = [(one, held) for one, held in await of_ien(turn, ien) if one.received_at is not None]
    await turn.answer(say("ien/mine", ien=ien, rows=rows))


@own.message(Called("copies"), an_ien)
async def choose_way(turn: Turn, args: str, ien: Ien) -> None:
    """« copies courriel », « copies résumé », « copies tout »."""
    way = read_choice(args, _WAYS) if args else None
    if way is None:
        await turn.answer(say("ien/ways", ien=ien))
        return
    ien.prefers = way
    turn.work.note("ien.preferred", actor=f"ien:{ien.id}", way=way)
    await turn.answer(say("ien/way_kept", ien=ien))


@own.message(Called("mes-candidats", "copies"))
async def not_an_ien(turn: Turn) -> None:
    """Somebody else asks: say so, and nothing more."""
    await tell(turn, await place(turn, turn.chat_id), say("ien/not_known", campagne=turn.campagne))


async def of_the_role(_: Message, turn: Turn, called: Call | None = None) -> bool:
    """False for a thank you, and for what is asked of one's own data: anybody has an answer to that."""
    return not thanks(turn.text) and (called is None or called.name not in {"donnees", "effacer"})


@own.message(F.text, of_the_role, an_ien)
async def otherwise(turn: Turn, ien: Ien) -> None:
    """Whatever else an IEN writes: what they may ask here."""
    await turn.answer(say("ien/hello", ien=ien, campagne=turn.campagne, now=turn.now))
