"""On Telegram, what the bureau writes to a person is only announced: its content goes to the academic mailbox."""

import json
import shutil
from pathlib import Path

import pytest

from bot.errors import ConfigurationError
from bot.settings import CAMPAGNES
from storage.tables import Outbox
from tests.channels.telegram.conftest import BUREAU, PAPERS, OpenWorld, World
from tests.channels.telegram.person import Person
from tests.channels.telegram.stub import StubTelegram
from tests.channels.telegram.test_path import FOUR, NOTICE

REFUSED = '!piece 1 lettre refuser "illisible"'
WAITS = "Un message du bureau DE2 vous attend dans votre messagerie académique (camille.martin@ac-paris.fr)"


async def _deposits(world: World, person: Person) -> None:
    for line in ("bonjour", "1", "1", "1", "1", "1", "1", *NOTICE):
        person.says(line)
        await world.settled()
    for name in FOUR[1:]:
        person.drops(PAPERS / name)
        await world.settled()
    for line in ("3", "je dépose ma candidature"):
        person.says(line)
        await world.settled()


async def _mails(world: World) -> list[str]:
    """The subjects and words of the e-mails written."""
    letters = [json.loads(row.payload) for row in await world.rows(Outbox) if row.door == "email"]
    return [f"{letter['subject']}\n{letter['text']}" for letter in letters]


async def _acts(world: World, stub: StubTelegram, *lines: str) -> None:
    bureau = Person(stub, id=88001, name="Nadia", group=BUREAU)
    for line in lines:
        bureau.says(line)
        await world.settled()


async def test_before_agreeing_a_person_reads_what_telegram_is(world: World, camille: Person) -> None:
    camille.says("bonjour")
    await world.settled()

    said = next(line for line in camille.words[-1].splitlines() if line.startswith("Sur Telegram"))
    assert said == (
        "Sur Telegram : ce n’est pas une messagerie de l’État, et ce que vous y écrivez à un programme n’est pas "
        "chiffré de bout en bout. Convocation et avis n’y seront qu’annoncés : ils iront dans votre messagerie "
        "académique. Vous pouvez aussi candidater sur Tchap."
    )


async def test_what_the_bureau_writes_waits_in_the_mailbox(world: World, stub: StubTelegram, camille: Person) -> None:
    await _deposits(world, camille)

    await _acts(world, stub, REFUSED)

    assert camille.words[-1].startswith(WAITS)
    assert not any("illisible" in words for words in camille.words)
    (mail,) = await _mails(world)
    assert "Raison : illisible" in mail


async def test_a_service_may_decide_that_everything_is_said_there(
    open_world: OpenWorld, stub: StubTelegram, camille: Person, tmp_path: Path
) -> None:
    folder = tmp_path / "17AN0076"
    shutil.copytree(CAMPAGNES / "17AN0076", folder)
    values = folder / "campagne.toml"
    values.write_text(values.read_text().replace('personal = "annoncé"', 'personal = "envoyé"'))
    async with open_world(campagne=folder) as world:
        await _deposits(world, camille)

        await _acts(world, stub, REFUSED)

        assert "Raison : illisible" in camille.words[-1]
        assert await _mails(world) == []


async def test_without_a_mail_server_greffier_does_not_start_and_says_why(open_world: OpenWorld) -> None:
    with pytest.raises(ConfigurationError, match="GREFFIER_EMAIL__HOST : réglage manquant"):
        async with open_world(email=None):
            pass
