"""A conversation as a Markdown page: played on the console door, it comes back with what was really said.

    Le 10 avril 2017 à 9 h 30.

    candidat > bonjour
    candidat < Bonjour Camille.
      1. Oui
      2. Non
    candidat > (1)                 taps the first choice of the latest keyboard
    candidat > (« Question 1 ») (2)        taps the second choice of the latest message that has these words
    candidat > (modifie « oui ») non       changes the latest message that they typed with these words
    candidat > [cv.pdf]            drops a file of the folder `fichiers` beside the page
    candidat > [cv.pdf] Mon CV     drops the file, shown under another name
    candidat > [cv.pdf de 24 Mo]   drops a file of this size, of zeros, made for the occasion
    candidat > [cv.pdf] + [b.pdf]  drops several files at once
    candidat > (texte de 3001 signes)      types as many, made for the occasion
    bureau > [ien.csv] « !ien importer »   drops the file with this caption
    bureau > (« Relais n° 1 ») Oui         answers the latest message that has these words
    bureau > (fil « Relais n° 1 ») Oui     the same, in its thread
    bureau > (fil « Relais n° 1 ») [plan.pdf]   the same, with a file
    candidat > (entre)             opens the conversation
    candidat > (en clair) oui      types words that come unencrypted
    bureau < …                     what the bureau's room receives
    courriel < …                   an e-mail that leaves

« Porte : Matrix. » names the door at which the page is played, where it is not the console: what only that door does
can be seen nowhere else. There a conversation may also be opened « (entre sans chiffrement) », or « (entre depuis
ailleurs.example) ».

Every other line is prose. A page is right when playing it changes nothing: it is a test, a documentation and a
demonstration at once.
"""

import re
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.app import App, open_app
from bot.channels.console import BUREAU, ConsoleDoor, ConsoleMailbox, Said
from bot.circulaire.delais import read_day_words
from bot.clock import FrozenClock, paris
from bot.errors import ConfigurationError
from bot.rehearsal import rehearser
from bot.settings import Settings

_DAY = re.compile(
    r"^Le (?P<day>(?:\w+ )?\d+(?:er)? \w+ \d{4})"
    r"(?: à (?P<hour>\d+) h(?: (?P<minute>\d+))?(?: min)?(?: (?P<second>\d+) s)?)?\.$"
)
_SPOKEN = re.compile(r"^(?P<who>[a-zà-ÿ][\w-]*) > (?P<what>.+)$")
_HEARD = re.compile(r"^[a-zà-ÿ][\w-]* < ")
_FILE = re.compile(r"^\[(?P<file>[^\]]+)\](?: (?P<shown>.+))?$")
_FILES = re.compile(r"^\[[^\]]+\](?: \+ \[[^\]]+\])+$")
_SIZED = re.compile(r"^(?P<name>.+) de (?P<size>\d+) Mo$")
_CAPTION = re.compile(r"^« (?P<words>.+) »$")
_ANSWER = re.compile(r"^\((?P<thread>fil )?« (?P<words>[^»]+) »\) (?P<what>.+)$", re.DOTALL)
_EDIT = re.compile(r"^\(modifie « (?P<words>[^»]+) »\) (?P<what>.+)$", re.DOTALL)
_ENTRY = re.compile(r"^\(entre(?:(?P<plain> sans chiffrement)| depuis (?P<server>[\w.-]+))?\)$")
_CLEAR = re.compile(r"^\(en clair\) (?P<words>.+)$", re.DOTALL)
_LONG = re.compile(r"\(texte de (?P<length>\d+) signes\)")
_DOOR = re.compile(r"^Porte : (?P<name>\w+)\.$", re.MULTILINE)
_TAP = re.compile(r"^\((?P<number>\d+)\)$")

StagedDoor = Callable[[Any, FrozenClock, Callable[[Said], None]], Any]  # as `ConsoleDoor`: a door, and people at it


async def play(
    page: str, settings: Settings, *, files: Path, doors: Mapping[str, StagedDoor] = MappingProxyType({})
) -> str:
    """Play a page from its beginning on an empty database; returns it with what was really said.

    Args:
        files: the folder of the files that people drop.
        doors: those at which pages are played beside the console.

    Raises:
        ConfigurationError: the page names a door that is not here.
        ValueError: it names a message that nobody has heard.
    """
    named = _DOOR.search(page)
    name = named["name"].casefold() if named else ConsoleDoor.name
    if name != ConsoleDoor.name and name not in doors:
        raise ConfigurationError([f"cette page se joue à la porte {name}, par pytest tests/conversations"])
    with tempfile.TemporaryDirectory() as folder:
        player = _Player(files, Path(folder), doors.get(name, ConsoleDoor))
        quiet = settings.model_copy(update={"data_dir": Path(folder), "database_url": ""})
        made = [(name, player.open_door), ("email", player.open_mailbox)]
        async with open_app(quiet, made, clock=player.clock, bureau={name: BUREAU}, durable=False) as app:
            app.given["rehearse"] = rehearser(app)
            return "\n".join([line async for line in player.lines(page, app)]) + "\n"


class _Player:
    def __init__(self, files: Path, made: Path, door: StagedDoor) -> None:
        self.clock = FrozenClock(paris(date(2017, 4, 10), 9))
        self._files = files
        self._made = made
        self._make = door
        self._heard: list[Said] = []
        self._shown: list[Said] = []
        self._keyboards: dict[str, Said] = {}
        self._typed: dict[tuple[str, str], str] = {}  # the events of what was typed, by who and words

    def open_door(self, mailbox: object) -> Any:
        """The door of the app that plays."""
        self._door = self._make(mailbox, self.clock, self._heard.append)
        return self._door

    def open_mailbox(self, mailbox: object) -> ConsoleMailbox:
        """Where e-mails are shown: `courriel < …`."""
        return ConsoleMailbox(mailbox, self.clock, self._heard.append)  # type: ignore[arg-type] # the app's own mailbox

    async def lines(self, page: str, app: App) -> AsyncIterator[str]:
        """The page's lines, those heard replaced by what was really said."""
        heard_before = False
        for line in page.rstrip("\n").split("\n"):
            if _HEARD.match(line) or (heard_before and line.startswith("  ")):
                heard_before = True
                continue
            heard_before = False
            yield line
            if await self._act(line):
                await app.settled()
                for said in self._take():
                    yield said

    async def _act(self, line: str) -> bool:
        """Do what a line says; False for prose."""
        day = _DAY.match(line)
        if day:
            self.clock.set(_instant(day))
            return True
        spoken = _SPOKEN.match(line)
        if spoken:
            what = _LONG.sub(lambda long: "a" * int(long["length"]), spoken["what"])
            await self._speak(spoken["who"], what.replace("\\n", "\n"))
        return spoken is not None

    async def _speak(self, who: str, what: str) -> None:
        file, tap, edit = _FILE.match(what), _TAP.match(what), _EDIT.match(what)
        entry, clear = _ENTRY.match(what), _CLEAR.match(what)
        if entry:
            await self._door.enter(who, **{name: given for name, given in entry.groupdict().items() if given})
        elif clear:
            await self._door.say(who, clear["words"], clear=True)
        elif edit:
            await self._door.edit(who, self._typed[who, edit["words"]], edit["what"])
        elif _FILES.match(what):
            for one in what.split(" + "):
                await self._door.drop(who, self._files / one.strip("[]"))
        elif file:
            await self._drop(who, file)
        elif tap:
            keyboard = self._keyboards[BUREAU if who.startswith(BUREAU) else who]
            await self._door.choose(who, keyboard.event, int(tap["number"]) - 1)
        else:
            await self._say(who, what)

    async def _drop(self, who: str, file: re.Match[str], **where: Any) -> None:
        """Drop a file, with a caption or under another name where one is given."""
        caption = _CAPTION.match(file["shown"] or "")
        path = self._path(file["file"])
        if caption:
            await self._door.drop(who, path, caption=caption["words"], **where)
        else:
            await self._door.drop(who, path, shown_as=file["shown"] or "", **where)

    def _path(self, name: str) -> Path:
        """A file of the folder, or one made of the size that its name says: a hole, which takes no room on the disk."""
        sized = _SIZED.match(name)
        if sized is None:
            return self._files / name
        path = self._made / sized["name"]
        with path.open("wb") as made:
            made.truncate(int(sized["size"]) * 1_000_000)
        return path

    async def _say(self, who: str, what: str) -> None:
        """Type words or drop a file, by themselves or as the answer to an earlier message."""
        answer = _ANSWER.match(what)
        if answer is None:
            self._typed[who, what] = await self._door.say(who, what)
            return
        room = BUREAU if who.startswith(BUREAU) else who
        said = [one.event for one in self._shown if one.room == room and answer["words"] in one.text]
        if not said:
            raise ValueError(f"{room} has heard no message with these words: {answer['words']}")
        event = said[-1]
        where: dict[str, Any] = {"thread": event} if answer["thread"] else {"reply_to": event}
        tap, file = _TAP.match(answer["what"]), _FILE.match(answer["what"])
        if tap:
            await self._door.choose(who, event, int(tap["number"]) - 1)
        elif file:
            await self._drop(who, file, **where)
        else:
            await self._door.say(who, answer["what"], **where)

    def _take(self) -> Iterator[str]:
        """What was said since, each listener's lines together, in the order of who heard first."""
        for said in self._heard:
            if said.choices:
                self._keyboards[said.room] = said
        rooms = list(dict.fromkeys(said.room for said in self._heard))
        for room in rooms:
            for said in self._heard:
                if said.room == room:
                    yield from shown(said)
        self._shown += self._heard
        self._heard.clear()


def shown(said: Said) -> Iterator[str]:
    """What was said, as lines of a page."""
    changed = "(modifié) " if said.method.startswith("editMessage") else ""
    lines = [line for line in f"{changed}{said.text}".split("\n") if line.strip()]
    lines += [f"{number}. {choice}" for number, choice in enumerate(said.choices, start=1)]
    if said.file:
        lines.append(f"[{said.file[0]}]")
    first, *rest = lines or ["(rien)"]
    yield f"{said.room} < {first}"
    yield from (f"  {line}" for line in rest)


def _instant(found: re.Match[str]) -> datetime:
    ((_, day, month, year),) = read_day_words(found["day"])
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    return paris(date(year, month, day), hour, minute, second)
