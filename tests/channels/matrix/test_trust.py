"""The bot is who it says it is, and `greffier check` shows it."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.matrix.client import Client
from bot.channels.matrix.door import MatrixDoor
from bot.channels.matrix.trust import Trust, chain_faults
from bot.channels.matrix.vault import Vault
from bot.errors import ConfigurationError
from deploy.homeserver import free_port
from tests.channels.matrix.conftest import SECRET, World, listening
from tests.channels.matrix.person import Post
from tests.channels.matrix.proxy import IllProxy

pytestmark = pytest.mark.server


async def opened(door: MatrixDoor) -> Trust:
    """What a start makes of the chain."""
    await door.open()
    await door.close()
    assert door.trust is not None
    return door.trust


async def test_the_first_start_has_the_device_signed_by_the_account(world: World) -> None:
    trust = await opened(world.door())

    assert trust.faults == ()
    assert len(trust.fingerprint) == 43  # unpadded, or some clients drop it in silence


async def test_a_second_start_signs_nothing_anew(world: World) -> None:
    async with IllProxy(world.synapse.url) as proxy:
        first = await opened(world.door(url=proxy.url))
        second = await opened(world.door(url=proxy.url))
        uploads = [asked for asked in proxy.asked if "device_signing" in asked or "signatures" in asked]

    assert first == second
    assert len(uploads) == 2


async def test_a_start_that_was_cut_before_the_signature_is_finished_by_the_next(world: World) -> None:
    async with IllProxy(world.synapse.url) as proxy:
        proxy.faults["/keys/signatures/upload"] = 1
        cut = world.door(url=proxy.url)
        await cut.open()
        await cut.close()

        trust = await opened(world.door(url=proxy.url))

    assert trust.faults == ()


async def test_lost_seeds_are_replaced_with_the_password(world: World) -> None:
    first = await opened(world.door())
    (world.folder / "keys" / "signing.sealed").unlink()

    second = await opened(world.door())

    assert second.faults == ()
    assert first.fingerprint != second.fingerprint


async def test_lost_seeds_without_a_password_are_told_to_the_sysadmin(world: World) -> None:
    await opened(world.door())
    session = Vault(world.folder / "keys", SECRET).read("session") or {}
    (world.folder / "keys" / "signing.sealed").unlink()
    door = world.door(password=None, access_token=session["token"], device_id=session["device"])

    with pytest.raises(ConfigurationError, match="identité de signature"):
        await door.open()

    await door.close()


async def test_lost_keys_make_a_new_device_that_reads_the_next_message(world: World, letters: Post) -> None:
    async with world.talking() as (_, room):
        await world.ann.say(room, "un")
        await world.mailbox.until(lambda box: box.texts())
    for store in (world.folder / "keys").glob("@*.db*"):
        store.unlink()

    async with listening(world.door()) as door:
        await world.ann.sync()
        await world.ann.say(room, "deux")
        await world.mailbox.until(lambda box: len(box.texts()) == 2)
        trust = door.trust

    assert trust is not None
    assert trust.faults == ()
    assert world.mailbox.texts() == ["un", "deux"]


async def test_a_device_that_was_logged_out_makes_a_new_one_of_the_same_identity(world: World) -> None:
    async with world.talking() as (door, room):
        await world.ann.say(room, "un")
        await world.mailbox.until(lambda box: box.texts())
        before = door.trust
    await log_out(world)

    async with listening(world.door()) as door:
        await world.ann.sync()
        await world.ann.say(room, "deux")
        await world.mailbox.until(lambda box: len(box.texts()) == 2)
        trust = door.trust

    assert before is not None
    assert trust is not None
    assert (trust.faults, trust.fingerprint) == ((), before.fingerprint)


async def test_a_device_that_was_logged_out_publishes_its_keys_anew_where_there_is_only_a_token(world: World) -> None:
    await opened(world.door())
    device = await log_out(world)
    client = await Client(world.synapse.url).open()
    _, token = await client.log_in(world.bot, "pw", device, called="Greffier")
    await client.close()

    trust = await opened(world.door(password=None, access_token=token, device_id=device))

    assert trust.faults == ()


async def log_out(world: World) -> str:
    """Somebody ends the session of the bot, which is not running; returns its device."""
    session = Vault(world.folder / "keys", SECRET).read("session") or {}
    client = await Client(world.synapse.url).open()
    client.token = session["token"]
    await client.call("POST", "client/v3/logout", {})
    await client.close()
    return str(session["device"])


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        pytest.param(lambda keys: keys["self_signing_keys"].clear(), "ne montre pas toutes", id="a key is not shown"),
        pytest.param(
            lambda keys: next(iter(_first(keys["device_keys"]).values()))["algorithms"].append("x"),
            "l’appareil n’est pas signé par le compte",
            id="the device was changed",
        ),
        pytest.param(
            lambda keys: _first(keys["self_signing_keys"])["usage"].append("x"),
            "n’est pas signée par la clé maîtresse",
            id="the signing key was changed",
        ),
    ],
)
async def test_each_break_of_the_chain_is_named(
    world: World, damage: Callable[[dict[str, Any]], object], fault: str
) -> None:
    door = world.door()
    await door.open()
    client = door._client
    shown: Any = copy.deepcopy(await client.own_keys())
    key, master = client.nio.olm.account.identity_keys["ed25519"], _key(_first(shown["master_keys"]))

    damage(shown)
    faults = chain_faults(shown, client.user, client.device, device_key=key, master=master)
    await door.close()

    assert [fault in one for one in faults] == [True]


async def test_the_report_shows_the_fingerprint_and_may_run_beside_the_service(world: World) -> None:
    door = world.door()
    before = await world.report()
    await door.open()

    after = await world.report()
    await door.close()

    assert door.trust is not None
    assert [(fine, what) for fine, what, _ in before] == [(True, "serveur"), (True, "compte")]
    assert [(fine, what) for fine, what, _ in after] == [(True, "serveur"), (True, "compte"), (True, "identité")]
    assert door.trust.fingerprint in after[-1][2].replace(" ", "")


async def test_the_report_says_whether_the_bot_is_in_the_bureaus_room(world: World) -> None:
    async with world.talking() as (_, room):
        within = await world.report(bureau_room=room)
        away = await world.report(bureau_room="!ailleurs:greffier.localhost")
        new = await world.ann.upgrade(room)
        replaced = await world.report(bureau_room=room)

    assert [lines[-1] for lines in (within, away, replaced)] == [
        (True, "salon", f"le robot est dans {room}, chiffré"),
        (False, "salon", f"{world.bot} n’est pas dans !ailleurs:greffier.localhost : invitez-le depuis ce salon"),
        (False, "salon", f"{room} est remplacé par {new} : GREFFIER_MATRIX__BUREAU_ROOM={new}"),
    ]


async def test_the_report_says_how_far_the_clock_of_the_machine_is_from_the_homeserver_s(world: World) -> None:
    world.clock.set(world.clock.now() + timedelta(hours=1))

    _, (fine, what, why), *_ = await world.report()

    assert (fine, what) == (False, "horloge")
    assert 3590 <= int(why.split()[1]) <= 3610


async def test_the_report_says_why_nobody_answers(world: World) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"

    assert await world.report(homeserver=nobody) == [
        (
            False,
            "serveur",
            f"{nobody} : personne ne répond (ClientConnectorError), vérifiez l’adresse et le réseau",
        )
    ]


async def test_the_report_says_what_to_do_about_a_wrong_password(world: World) -> None:
    lines = await world.report(password="autre")

    assert lines[-1] == (
        False,
        "compte",
        f"{world.bot} n’entre pas (M_FORBIDDEN) : vérifiez USER et PASSWORD",
    )


def _first(keys: dict[str, Any]) -> Any:
    return next(iter(keys.values()))


def _key(shown: dict[str, Any]) -> str:
    return str(next(iter(shown["keys"].values())))
