"""The bureau is told once when letters do not leave, and when a recipient is refused."""

from datetime import timedelta
from typing import Any

from bot.channels.console import BUREAU
from storage import identities
from storage.outbox import Letter
from storage.work import UnitOfWork
from tests.handlers.conftest import Talk


async def write(talk: Talk, *addresses: str) -> None:
    """An e-mail to each, through a door that nobody has opened."""
    work = UnitOfWork(talk.app.database, talk.clock.now())
    for address in addresses:
        chat_id = await identities.person(work, "console", address, room=address)
        payload: dict[str, Any] = {"to": [address], "subject": "Avis", "text": "Bonjour"}
        work.outbox.put(Letter(chat_id, "sendEmail", payload, kind="avis/copy", door="telegram"))
    await talk.app.committer.commit(work)
    talk.app.postman.look()


async def test_letters_that_wait_for_more_than_an_hour_are_told_in_one_message(talk: Talk) -> None:
    await write(talk, "camille@ac-paris.fr", "dominique@ac-paris.fr")

    for _ in range(15):
        await talk.app.settled()
        talk.clock.set(talk.clock.now() + timedelta(minutes=5))
    await talk.app.settled()

    told = [one.text for one in talk.said if one.room == BUREAU and "plus d’une heure" in one.text]
    assert len(told) == 1
    assert "Rien n’est perdu" in told[0]
