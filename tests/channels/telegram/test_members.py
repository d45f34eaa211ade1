"""The bureau on two networks: one person who has an account on each never counts for two."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.accounts import EmailSettings, TelegramSettings
from bot.app import open_app
from bot.channels.console import ConsoleDoor
from bot.channels.telegram.door import TelegramDoor
from bot.circulaire.avis import AvisEtat
from bot.clock import FrozenClock
from bot.settings import Settings
from storage import identities
from storage.bureau import Avis
from tests.channels.telegram.conftest import BUREAU, OPEN_DAY
from tests.channels.telegram.person import Person
from tests.channels.telegram.stub import TOKEN, StubTelegram
from tests.handlers.conftest import Talk
from tests.handlers.test_avis import heard


@pytest.fixture
async def talk(stub: StubTelegram, tmp_path: Path) -> AsyncIterator[Talk]:
    """Greffier with a room of the bureau on each of two networks."""
    clock, said, doors = FrozenClock(OPEN_DAY), [], []  # type: ignore[var-annotated] # as the doors fill them
    telegram = TelegramSettings.model_validate({"token": TOKEN, "api_url": stub.url, "bureau_chat": BUREAU})
    mail = EmailSettings(host="127.0.0.1", sender="greffier@ac-paris.fr")
    settings = Settings(data_dir=tmp_path, telegram=telegram, email=mail)

    def console(mailbox: Any) -> ConsoleDoor:
        doors.append(ConsoleDoor(mailbox, clock, said.append))
        return doors[0]

    made: Any = [("console", console), ("telegram", lambda box: TelegramDoor(telegram, box, clock, hold=1))]
    rooms: dict[str, str | int] = {"console": "bureau", "telegram": BUREAU}
    async with open_app(settings, made, clock=clock, bureau=rooms, durable=False) as app:
        task = asyncio.create_task(app.run())
        yield Talk(app, doors[0], clock, said)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def answers(talk: Talk, stub: StubTelegram, *lines: str) -> str:
    """Nadia types in the group on Telegram; what is answered last."""
    nadia = Person(stub, id=88001, name="Nadia", group=BUREAU)
    for line in lines:
        nadia.says(line)
        async with asyncio.timeout(20):
            while stub.unconfirmed:
                await asyncio.sleep(0.005)
            await talk.app.settled()
    return nadia.words[-1]


NOT_TOLD = "Il faut deux personnes, et je ne sais pas si votre compte et celui qui demande, sur l’autre messagerie,"
SAME = (
    "Il faut deux personnes : celle qui demande ne peut pas confirmer. Cette demande vient d’un autre de vos comptes."
)


@pytest.mark.parametrize(
    ("members", "said", "etat"),
    [
        ({}, NOT_TOLD, AvisEtat.SCELLE),
        ({"bureau": "Nadia Roussel", "88001": "Nadia Roussel"}, SAME, AvisEtat.SCELLE),
        ({"bureau": "Édith Petit", "88001": "Nadia Roussel"}, "Dossier n° 1 : avis confirmé", AvisEtat.CONFIRME),
    ],
    ids=["not told", "one person", "two persons"],
)
async def test_an_avis_sealed_on_one_network_is_confirmed_on_the_other_by_another_person_alone(
    talk: Talk, stub: StubTelegram, members: dict[str, str], said: str, etat: AvisEtat
) -> None:
    talk.app.given["members"] = members
    await heard(talk)
    await talk.says("bureau", '!avis 1 favorable "Beau projet."')

    answered = await answers(talk, stub, "!avis 1", "oui")

    assert answered.startswith(said)
    assert [avis.etat for avis in await talk.rows(Avis)] == [etat]


async def test_the_journal_tells_the_accounts_that_acted_and_whose_they_are(talk: Talk, stub: StubTelegram) -> None:
    talk.app.given["members"] = {"88001": "Nadia Roussel"}
    await heard(talk)

    await answers(talk, stub, "!dossier 1")
    await talk.says("bureau", "!journal 1")

    assert await talk.app.database.query(identities.bureau_accounts) == [("console", "bureau"), ("telegram", "88001")]
    assert "dossier consulté — bureau (Nadia Roussel)" in talk.heard("bureau")
