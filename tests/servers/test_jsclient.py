"""The second client tried against itself, on a real homeserver, before any bot is judged by it."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from deploy.homeserver import Homeserver
from tests.servers.fixtures import PASSWORD, Register
from tests.servers.jsclient import JsClient

pytestmark = pytest.mark.server


@pytest.mark.parametrize("isolation", [False, True], ids=["everybody", "only signed devices"])
async def test_two_clients_talk_encrypted(
    synapse: Homeserver,
    newcomer: Register,
    tmp_path: Path,
    isolation: bool,
) -> None:
    paper = tmp_path / "lettre à l’IEN.pdf"
    paper.write_bytes(bytes(range(256)) * 900)
    camille, claude = await newcomer("Camille Martin"), await newcomer("Claude Petit")

    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(JsClient(synapse.url, camille, PASSWORD, isolation=isolation))
        other = await stack.enter_async_context(JsClient(synapse.url, claude, PASSWORD, isolation=isolation))
        room = await one.create_dm(claude)
        await other.accept()
        await one.joined(room, claude)
        await one.send_text(room, "bonjour")
        hello = await other.next(room, sender=camille)
        await other.edit(room, await other.send_text(room, "avant"), "après")
        before, after = await one.next(room, sender=claude), await one.next(room, sender=claude)
        await one.react(room, before.id, "👍")
        reaction = await other.next(room, sender=camille, kind="m.reaction")
        await other.send_poll(room, "Êtes-vous professeur ?", ["Oui", "Non"])
        poll = await one.next(room, sender=claude)
        await one.vote(poll, 1)
        vote = await other.next(room, sender=camille, kind="org.matrix.msc3381.poll.response")
        await one.send_file(room, paper)
        received = await other.next(room, sender=camille)
        copy = await other.save(received, tmp_path / "copy")

    assert (hello.body, hello.encrypted, hello.undecryptable, hello.shield) == ("bonjour", True, False, "NONE")
    assert (before.body, after.replaces, after.body) == ("avant", before.id, "* après")
    assert reaction.content["m.relates_to"]["key"] == "👍"
    assert vote.content["org.matrix.msc3381.poll.response"] == {"answers": ["a1"]}
    assert (received.body, copy.read_bytes()) == (paper.name, paper.read_bytes())
