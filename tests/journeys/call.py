"""The whole call of the forty while it runs on real servers: each part of it, the moves of the clock and the kills."""

import asyncio
import contextlib
import random
import re
import time
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.channels.smtp import Kept, MailServer
from tests.forty import (
    ABSENT,
    COMMISSIONS,
    FORTY,
    SECRET,
    SILENT_AT_FIRST,
    SILENT_TO_THE_END,
    TOTAL,
    Candidate,
    directory,
)
from tests.journeys.conversation import Conversation
from tests.journeys.service import ROOT, Service

PAPERS = ROOT / "tests" / "conversations" / "fichiers"
LANES = 6  # candidates who write at the same time
MORNING = 9
QUESTIONS = tuple(("oui", f"Question {number} sur 5") for number in range(2, 6))


def subject_of(one: Kept) -> str:
    """The subject as a mailbox shows it: an e-mail may begin it on the header's second line."""
    return str(one.message["Subject"]).strip()


@dataclass
class Call:
    """The call while it runs.

    Args:
        day: of April 2017, with `hour`: where the bureau has moved the clock.
    """

    service: Service
    mail: MailServer
    nadia: Conversation
    edith: Conversation
    roche: Conversation
    people: dict[Candidate, Conversation]
    dice: random.Random
    day: int = 10
    hour: int = MORNING
    kills: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)

    async def move(self, day: int, hour: int = MORNING) -> None:
        """The bureau moves the clock."""
        self.day, self.hour = day, hour
        self.service.settings["GREFFIER_DATE"] = f"2017-04-{day}"
        await self._move()

    async def _move(self) -> None:
        await self.nadia.ask(f"!demo avancer 2017-04-{self.day} {self.hour:02}:00", "Nous sommes ")

    async def kill(self, *, within: float) -> None:
        """Kill the service at a random moment of the next seconds, and start it again."""
        await asyncio.sleep(self.dice.uniform(0.2, within))
        await self.service.kill()
        await asyncio.sleep(self.dice.uniform(0.2, 1))
        await self.up_again()

    async def up_again(self) -> None:
        """Start after a kill; it comes back at 9:00."""
        self.kills += 1
        await self.service.start()
        if self.hour != MORNING:
            await self._move()

    @contextlib.asynccontextmanager
    async def killed(self, times: int, *, within: float) -> AsyncIterator[None]:
        """Meanwhile the service is killed so many times."""

        async def kills() -> None:
            for _ in range(times):
                await self.kill(within=within)

        task = asyncio.create_task(kills())
        yield
        await task

    @contextlib.contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Note how long a part of the call took."""
        began = time.monotonic()
        yield
        self.spent[part] = round(time.monotonic() - began, 1)

    async def everybody(self, words: str, people: Iterable[Candidate] = FORTY) -> None:
        """Wait until each of these people has heard these words."""
        await asyncio.gather(*(self.people[one].until(f"^{words}") for one in people))

    async def mailed(self, subject: str, total: int) -> None:
        """Wait until so many e-mails of that subject are there, each Message-ID once."""
        async with asyncio.timeout(180):
            while len(self._ids(subject)) < total:
                await asyncio.sleep(0.2)

    def _ids(self, subject: str) -> set[str]:
        return {one.message["Message-ID"] for one in self.mail.kept if subject_of(one).startswith(subject)}


async def by_lanes(many: Iterable[Awaitable[None]]) -> None:
    """All of these, so many at a time."""
    gate = asyncio.Semaphore(LANES)

    async def one_by_one(one: Awaitable[None]) -> None:
        async with gate:
            await one

    async with asyncio.TaskGroup() as group:
        for one in many:
            group.create_task(one_by_one(one))


async def deposit(call: Call, one: Candidate) -> None:
    """From « bonjour » to the receipt."""
    chat = call.people[one]
    await chat.ask("bonjour", "Êtes-vous d’accord")
    opened = await chat.ask("j'accepte", "Question 1 sur 5")
    for words, answer in QUESTIONS:
        await chat.ask(words, answer)
    await chat.ask("oui", "renseignements, 6")
    await chat.ask(one.name, "renseignements, 7")
    await chat.ask("École élémentaire, 12 rue des Lilas", "renseignements, 8")
    await chat.ask(one.circonscription, "renseignements, 9")
    await chat.ask("1", "renseignements, 10")
    await chat.ask("12 ans", "renseignements, 11")
    await chat.ask(one.mail, "renseignements, 12")
    await chat.ask("06 12 34 56 78", "Est-ce exact")
    await chat.ask("oui", "est enregistrée")
    await chat.give(PAPERS / "etat-des-services.pdf", "application/pdf", "2 pièces sur 4")
    await chat.ask("cv via iprof", "3 pièces sur 4")
    await chat.ask("lettre via iprof", "dossier est complet")
    await chat.ask("je dépose ma candidature", "candidature est déposée")
    found = re.search(r"dossier, n° (\d+)", opened)
    assert found, opened
    call.numbers[one.who] = int(found[1])


async def deposits(call: Call, folder: Path) -> None:
    """Forty deposits, then the directory of the IEN."""
    with call.timed("dépôts"):
        async with call.killed(4, within=15):
            await by_lanes(deposit(call, one) for one in FORTY)
    table = folder / "ien.csv"
    table.write_text(directory(call.roche.person.user))
    await call.nadia.give(table, "text/csv", "4 IEN ajoutés", caption="!ien importer")


async def instruct(call: Call) -> None:
    """The closing, and everybody declared recevable: the command is written while the service is down."""
    with call.timed("instruction"):
        await call.move(22)
        await call.nadia.until("La campagne 17AN0076 est close")
        await call.service.kill()
        await call.nadia.say(f"!recevable 1-{TOTAL}")
        await call.nadia.say(COMMISSIONS[0])
        await call.up_again()
        await call.nadia.ask(COMMISSIONS[1], "Commission B : salle 14")
        await call.nadia.ask("!planning", "Planning du mercredi 26 avril 2017")


async def convoke(call: Call) -> None:
    """The convocations leave, the service is killed twice meanwhile; then most confirm."""
    with call.timed("convocations"):
        await call.nadia.ask("!convoquer", f"{TOTAL} convocations à envoyer")
        call.mail.cut_after_data = 2
        async with call.killed(2, within=4):
            await call.nadia.ask("oui", f"{TOTAL} convocations écrites")
            await call.everybody("Convocation à l’entretien")
        await call.mailed("Convocation à l’entretien", TOTAL)
        await call.mailed("Copie : convocation à", TOTAL)
    with call.timed("réponses"):
        async with call.killed(1, within=2):
            await by_lanes(confirm(call, one) for one in FORTY if one not in SILENT_AT_FIRST)


async def confirm(call: Call, one: Candidate) -> None:
    """« j’y serai »."""
    await call.people[one].ask("j’y serai", "C’est noté : vous serez là")


async def remind(call: Call) -> None:
    """The net of the 24th, the alert of the 25th, the reminder of the eve."""
    with call.timed("filet et rappels"):
        async with call.killed(1, within=2):
            await call.move(24, 20)
            await call.everybody("Voici de nouveau votre convocation", SILENT_AT_FIRST)
        await by_lanes(confirm(call, one) for one in SILENT_AT_FIRST if one not in SILENT_TO_THE_END)
        await call.mailed("Rappel : convocation", len(SILENT_AT_FIRST))
        await call.move(25, 8)
        await call.everybody("Vous n’avez pas confirmé", SILENT_TO_THE_END)
        await call.mailed("Votre convocation du", len(SILENT_TO_THE_END))
        await call.move(25, 18)
        await call.everybody("Rappel : votre entretien a lieu demain")


async def judge(call: Call) -> None:
    """Each avis is sealed by one member of the bureau and confirmed by the other."""
    with call.timed("avis"):
        await call.move(26, 20)
        heard = [str(call.numbers[one.who]) for one in FORTY if one not in ABSENT]
        await call.nadia.ask(f"!entendu {' '.join(heard)}", "notées entendues")
        for one in ABSENT:
            await call.nadia.ask(f"!absent {call.numbers[one.who]}", f"n° {call.numbers[one.who]} : notée absente")
        for one in FORTY:
            number = call.numbers[one.who]
            await call.nadia.ask(f'!avis {number} favorable "{SECRET} {one.rank}."', f"dossier n° {number} scellé")
            await call.edith.ask("oui", f"n° {number} : avis confirmé")
        await call.move(27, 23)
        await call.nadia.ask("!avis publier", "Les avis ne sont transmis qu’à compter")


async def release(call: Call) -> None:
    """On the 28th by two; the service is killed meanwhile."""
    with call.timed("transmission"):
        await call.move(28)
        await call.nadia.ask("!avis publier", f"{TOTAL} avis à transmettre")
        async with call.killed(1, within=3):
            await call.edith.ask("oui", f"{TOTAL} avis transmis")
            await call.everybody("L’avis de la commission sur votre candidature")
        await call.mailed("Circulaire 17AN0076 : avis", TOTAL)
        await call.mailed("Copie : avis de la commission", TOTAL)
        await by_lanes(read_avis(call, one) for one in FORTY)


async def read_avis(call: Call, one: Candidate) -> None:
    """« ouvrir l’avis »."""
    await call.people[one].ask("ouvrir l’avis", "Avis de la commission : favorable")
