"""What arrives from Telegram: kept before it is confirmed, handled once, in order, whatever stops in between."""

from typing import Any

import pytest
from aiohttp import ClientSession

from bot.errors import ConfigurationError
from deploy.homeserver import free_port
from storage.tables import Inbox
from tests.channels.telegram.conftest import OpenWorld, World
from tests.channels.telegram.person import Person
from tests.channels.telegram.stub import StubTelegram

SECRET = "un-secret-de-webhook"


async def test_an_update_that_was_kept_but_not_confirmed_is_handled_once(
    open_world: OpenWorld, stub: StubTelegram, camille: Person
) -> None:
    async with open_world() as world:
        camille.says("contact")
        await world.until(lambda: stub.sent("getUpdates"))
        await world.until(lambda: camille.words)
        given = stub.unconfirmed
    again = next(iter(camille.chat.messages.values()))
    stub._updates.appendleft({"update_id": 900, "message": again})  # as if the confirmation had never arrived

    async with open_world() as world:
        await world.settled()
        kept = await world.rows(Inbox)

    assert (given, stub.unconfirmed, len(kept), len(camille.words)) == (0, 0, 1, 1)


async def test_what_was_kept_and_not_handled_is_handled_at_the_next_start(
    open_world: OpenWorld, stub: StubTelegram, camille: Person
) -> None:
    async with open_world(receiving=False) as world:
        message = camille.says("contact")
        update = {"update_id": 900, "message": message}
        world.door._mailbox._take = lambda _: None  # type: ignore[attr-defined] # the process dies before it handles
        await world.door._keep([update])
    async with open_world() as world:
        await world.settled()

    assert len(camille.words) == 1


async def test_nothing_is_confirmed_that_is_not_kept(
    open_world: OpenWorld, stub: StubTelegram, camille: Person
) -> None:
    async with open_world(receiving=False) as world:

        async def full(*_: Any, **__: Any) -> None:
            raise OSError("disk full")

        world.door._mailbox.receive = full  # type: ignore[method-assign] # a database that is away
        camille.says("bonjour")
        with pytest.raises(OSError, match="disk full"):
            await world.door.run()

    assert stub.unconfirmed == 1


async def test_low_numbers_after_a_long_silence_are_not_taken_for_confirmed(
    world: World, stub: StubTelegram, camille: Person
) -> None:
    camille.says("contact")
    await world.settled()
    await world.until(lambda: stub.sent("getUpdates")[-1].get("offset") is None)
    message = camille.chat.keep(camille.user, stub.now, text="contact")

    stub._updates.append({"update_id": 5, "message": message})
    stub._news.set()
    await world.settled()

    assert len(camille.words) == 2


async def test_an_update_that_cannot_be_read_holds_up_no_other(
    world: World, stub: StubTelegram, camille: Person
) -> None:
    stub.bring(message={"message_id": 1})
    stub.bring(story={"id": 3})

    camille.says("contact")
    await world.settled()

    assert len(camille.words) == 1


async def test_a_network_that_is_away_is_waited_for(world: World, stub: StubTelegram, camille: Person) -> None:
    stub.troubles["getUpdates"].extend(["cut", "502"])

    camille.says("contact")
    await world.settled()

    assert len(camille.words) == 1


async def test_a_token_that_telegram_refuses_stops_the_start(open_world: OpenWorld) -> None:
    with pytest.raises(ConfigurationError, match="GREFFIER_TELEGRAM__TOKEN : Telegram refuse ce jeton"):
        async with open_world(token="4242:AAAAAAAAAAAAAAAAAAAAAAAA"):
            pass


@pytest.fixture
def place() -> dict[str, str]:
    """The settings of a webhook."""
    listen = f"127.0.0.1:{free_port()}"
    return {"webhook_url": f"http://{listen}/telegram", "webhook_listen": listen, "webhook_secret": SECRET}


async def test_updates_come_by_webhook_too(
    open_world: OpenWorld, stub: StubTelegram, camille: Person, place: dict[str, str]
) -> None:
    async with open_world(**place) as world:
        await world.until(lambda: stub.webhook)
        camille.says("contact")
        await world.settled()

    assert len(camille.words) == 1
    assert stub.webhook["max_connections"] == "1"


@pytest.mark.parametrize(
    ("header", "body", "status"),
    [
        ({}, {"update_id": 1}, 403),
        ({"X-Telegram-Bot-Api-Secret-Token": "un autre secret"}, {"update_id": 1}, 403),
        ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, {"update": 1}, 400),
        ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, {"update_id": 1}, 200),
    ],
    ids=["no secret", "another secret", "no update", "the secret"],
)
async def test_only_telegram_may_bring_updates(
    open_world: OpenWorld, place: dict[str, str], header: dict[str, str], body: dict[str, int], status: int
) -> None:
    async with open_world(**place) as world, ClientSession() as session:
        await world.until(lambda: len(world.stub.sent("getMe")) == 2)  # once at the start, once when it listens
        async with session.post(place["webhook_url"], json=body, headers=header) as answer:
            given = answer.status

    assert given == status


async def test_the_service_goes_back_from_the_webhook_to_asking(
    open_world: OpenWorld, stub: StubTelegram, camille: Person, place: dict[str, str]
) -> None:
    async with open_world(**place) as world:
        await world.until(lambda: stub.webhook)
    async with open_world() as world:
        camille.says("contact")
        await world.settled()

    assert (stub.webhook, len(camille.words)) == ({}, 1)
