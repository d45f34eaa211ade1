"""Builds the one dispatcher, opens the doors, starts the postman and the agenda; knows everyone."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties

import handlers
from bot.answers import Answers
from bot.channels.delivery_report import Report
from bot.channels.door import Door, Mailbox
from bot.channels.mailbox import DoorMailbox
from bot.channels.returns import Returns
from bot.channels.session import LetterSession
from bot.circulaire.campagne import Campagne, load_campagne
from bot.circulaire.check import check_campagne
from bot.circulaire.faq import load_bank
from bot.clerk import Clerk, Savepoint
from bot.clock import Clock
from bot.compat.filters import leave_unused, repair_filters
from bot.errors import CampagneError, ConfigurationError, StaleWorkError
from bot.events import Event, log, told
from bot.postman import Postman
from bot.settings import Settings, own_folder, without_mail
from handlers import agenda as agenda_room
from handlers import errors as errors_room
from handlers.arguments import Role
from handlers.commands import give_called
from handlers.turn import Desk, hand_turns
from storage import agenda, identities, inbox, outbox
from storage.commit import Committer
from storage.database import Database
from storage.files import Files
from storage.fsm import WorkStorage
from storage.opening import open_database
from storage.outbox import Waiting
from storage.work import UnitOfWork

MakeDoor = tuple[str, Callable[[Mailbox], Door]]  # the door's name, and how to build it on its mailbox
_QUIET = 1.5  # seconds without another file after which files sent together are complete
_DUTIES = 100  # duties read at a time
_PATIENCE = 60.0  # seconds that the agenda waits for the doors after a start
_ANSWERS_AFTER = 3.0  # seconds: the doors open first, unless somebody asks at once
_LONGEST_SLEEP = 1.0  # seconds between two looks at the agenda: a virtual clock may jump


@cache
def build_dispatcher() -> Dispatcher:
    """The one dispatcher of the process: routers attach once, what differs comes with each update."""
    dispatcher = Dispatcher(storage=WorkStorage())
    dispatcher.update.outer_middleware(Savepoint())
    hand_turns(dispatcher)
    dispatcher.message.outer_middleware(give_called)
    dispatcher.include_routers(*handlers.ROUTERS)
    leave_unused(handlers.ROUTERS)
    repair_filters(dispatcher)
    return dispatcher


@dataclass
class App:
    """Greffier at work."""

    settings: Settings
    database: Database
    files: Files
    clock: Clock
    campagne: Campagne
    committer: Committer
    clerk: Clerk
    postman: Postman
    doors: list[Door]
    given: dict[str, Any]
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def settled(self) -> None:
        """Wait until everything that arrived is handled, every duty performed and every letter that can leave left."""
        await self.clerk.settled()
        await self.perform_duties()
        await self.postman.settled()

    async def perform_duties(self) -> None:
        """Perform what is due, each duty in a transaction of its own."""
        failed: set[str] = set()
        while rows := await self._due(failed):
            for duty in rows:
                try:
                    await self._perform(duty)
                except Exception as error:  # noqa: BLE001 -- one duty that fails holds up no other; the next look tries again
                    failed.add(duty.key)
                    log.error(Event.AGENDA_FAILED, kind=duty.kind, **told(error))
        self.postman.look()

    async def _due(self, failed: set[str]) -> list[Any]:
        rows = await self.database.query(partial(agenda.due, now=self.clock.now(), limit=len(failed) + _DUTIES))
        return [duty for duty in rows if duty.key not in failed]

    async def _perform(self, duty: Any) -> None:
        await self.database.reserve_ids()
        if not await self.database.query(partial(agenda.still_due, duty_id=duty.id)):
            return
        work = UnitOfWork(self.database, self.clock.now())
        with work.current():
            outcome = await agenda_room.perform(Desk.of(self.given, work=work), duty)
            work.agenda.end(duty.key, outcome)
        with contextlib.suppress(StaleWorkError):  # somebody else changed the dossier: the duty is still due
            await self.committer.commit(work)
            log.info(Event.AGENDA_PERFORMED, kind=duty.kind, outcome=outcome)

    async def watch_agenda(self) -> None:
        """Perform duties when their instant comes, until cancelled.

        What was sent before an instant is handled before what falls due at it: after an outage the doors are heard
        first, so that nobody reads « not deposited » over a deposit that was on time.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self.heard.wait()
        await self.clerk.settled()
        while True:
            try:
                await self.perform_duties()
            except Exception as error:  # noqa: BLE001 -- the agenda never stops
                log.error(Event.AGENDA_FAILED, **told(error))
            await asyncio.sleep(_LONGEST_SLEEP)

    async def run(self) -> None:
        """Receive, handle and carry until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.database.keep())
            group.create_task(self.postman.run())
            group.create_task(self.watch_agenda())
            for door in self.doors:
                group.create_task(door.run())
            email = self.settings.email
            if email is not None and email.returns is not None:
                returns = Returns(email.returns, email.ca_file, self.database.instance, self.take_return)
                group.create_task(returns.run())

    async def take_return(self, report: Report) -> bool | None:
        """Keep what a mail server tells of an e-mail, in one commit with what the bureau is told of it."""
        await self.database.reserve_ids()
        work = UnitOfWork(self.database, self.clock.now())
        told = (report.letter, report.outcome, report.code, report.told_at)
        with work.current():
            kept = await errors_room.take_return(Desk.of(self.given, work=work), *told)
        await self.committer.commit(work)
        self.postman.look()
        if kept:
            log.info(Event.LETTER_REPORTED, letter=report.letter, outcome=report.outcome, code=report.code)
        return kept


@asynccontextmanager
async def open_app(
    settings: Settings,
    make_doors: Sequence[MakeDoor],
    *,
    clock: Clock,
    bureau: Mapping[str, str | int],
    durable: bool = True,
) -> AsyncIterator[App]:
    """Greffier, its doors open and what an earlier run left taken up again.

    Args:
        bureau: for each door, its own name of the bureau's room; a number where the house uses it as it is (Telegram).
        durable: False only for rehearsals and demonstrations in memory.
    """
    own_folder(settings)
    database = await open_database(settings.database, durable=durable)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        if settings.date is not None:
            await _resume(clock, database)
        app = await _assemble(settings, database, clock)
        stack.push_async_callback(app.committer.close)
        for name, make in make_doors:
            door = make(DoorMailbox(name, database, app.clerk.take, heard=partial(_hear, settings, app)))
            session = LetterSession(door, database, app.committer, app.files, clock)
            bot = Bot(f"1:{name}", session=session, default=DefaultBotProperties(parse_mode="HTML"))
            app.clerk.attach(door, bot)
            app.postman.attach(door)
            app.doors.append(door)
        await _seat_bureau(app, bureau)
        for door in app.doors:
            stack.push_async_callback(door.close)  # one whose opening is cut short too
            await door.open()
            log.info(Event.DOOR_OPENED, door=door.name)
        stack.push_async_callback(app.postman.close)
        stack.push_async_callback(app.clerk.close)
        await app.clerk.resume()
        app.postman.look()
        log.info(Event.APP_STARTED)
        yield app
    log.info(Event.APP_STOPPED)


async def _resume(clock: Clock, database: Database) -> None:
    """A virtual present never goes back behind what has happened already: it goes on from there."""
    for last_instant in (inbox.last_instant, outbox.last_instant):
        last = await database.query(last_instant)
        if last is not None and last > clock.now():
            clock.set(last)


def _hear(settings: Settings, app: App) -> None:
    settings.alive.touch()
    app.heard.set()


async def _assemble(settings: Settings, database: Database, clock: Clock) -> App:
    """Everything but the doors."""
    campagne = load_campagne(settings.campagne)
    faults = [finding.message for finding in check_campagne(settings.campagne) if finding.level == "erreur"]
    if faults:
        raise CampagneError(faults)
    load_bank(settings.campagne, campagne)
    if unheard := without_mail(settings, discreet=campagne.discreet_on_telegram):
        raise ConfigurationError([unheard])
    files = Files(settings.data_dir / "pieces")
    committer = Committer(database)

    def tell(letter: Waiting, words: Callable[[Desk], None]) -> None:
        if letter.kind not in errors_room.TROUBLES:  # a letter to the bureau about a letter is not told to the bureau
            committer.beside(write(lambda work: words(Desk.of(given, work=work))))

    async def write(words: Callable[[UnitOfWork], None]) -> None:
        work = UnitOfWork(database, clock.now())
        with work.current():
            words(work)
        await committer.commit(work)
        postman.look()

    def failed(letter: Waiting, state: str) -> None:
        tell(letter, lambda desk: errors_room.tell_failed(desk, letter.id, letter.kind, state))

    def late(letter: Waiting) -> None:
        tell(letter, lambda desk: errors_room.tell_late(desk, letter.id, letter.kind, letter.door))

    postman = Postman(database, files, clock, failed=failed, late=late)
    answers = Answers(settings.campagne, campagne, semantic=settings.semantic)
    asyncio.get_running_loop().call_later(_ANSWERS_AFTER, answers.prepare)
    given: dict[str, Any] = {
        "campagne": campagne,
        "answers": answers,
        "files": files,
        "aside": write,
        "clock": clock,
        "bureau": (),
        "members": settings.persons,
        "diagnostics": settings.diagnostics,
        "refuse_clear": settings.matrix is not None and settings.matrix.encryption == "required",
        "demo": settings.demo,
        "rehearse": None,
        "roles": {name: Role[role.upper()] for name, role in settings.roles.items()},
        "file_limit": settings.file_limit,
    }

    async def apologise(work: UnitOfWork, chat_id: int | None) -> None:
        await errors_room.apologise(Desk.of(given, work=work), chat_id)

    clerk = Clerk(
        build_dispatcher(),
        database,
        committer,
        clock,
        given=given,
        letters=postman.look,
        apologise=apologise,
        quiet=_QUIET,
    )
    return App(settings, database, files, clock, campagne, committer, clerk, postman, [], given)


async def _seat_bureau(app: App, rooms: Mapping[str, str | int]) -> None:
    """Give the bureau's rooms their integers, and write the duty of the closing."""
    work = UnitOfWork(app.database, app.clock.now())
    seats = [name if isinstance(name, int) else await identities.room(work, door, name) for door, name in rooms.items()]
    closing = app.campagne.closes_at + timedelta(seconds=1)
    work.agenda.put(agenda_room.CLOSING, f"closing:{app.campagne.numero}:{closing.isoformat()}", closing)
    await app.committer.commit(work)
    app.given["bureau"] = tuple(seats)
