"""The mail of the demonstration: what the door gives is shown on the page, and nothing of it runs there."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.accounts import EmailSettings
from bot.channels.door import Parcel
from bot.channels.email import EmailDoor
from bot.clock import PARIS, Clock
from deploy.courrier import Mailroom

NOW = datetime(2017, 4, 25, 10, 30, tzinfo=PARIS)
PAPER = {"file": "a" * 64, "name": "<b>avis</b> n° 1.pdf", "mime": "application/pdf", "size": 8}


class Visit:
    """The demonstration's mail, and who looks at it."""

    def __init__(self, door: EmailDoor, client: aiohttp.ClientSession, folder: Path) -> None:
        self.door = door
        self.client = client
        self.folder = folder

    async def write(self, subject: str, text: str = "Bonjour", **more: Any) -> None:
        payload = {
            "to": ["camille@ac-paris.fr"],
            "cc": ["sylvie@ac-paris.fr"],
            "subject": subject,
            "text": text,
            **more,
        }
        await self.door.send(Parcel(f"g-{len(subject)}", "camille", "sendEmail", payload, {}, {}, NOW, _note, _read))

    async def page(self, path: str = "/") -> str:
        async with self.client.get(path) as answer:
            return await answer.text()


async def _note(_: Mapping[str, Any]) -> None:
    raise AssertionError("everybody accepts at once")


def _read(_: str) -> bytes:
    return b"%PDF-1.7"


@pytest.fixture
async def visit(tmp_path: Path) -> AsyncIterator[Visit]:
    async with contextlib.AsyncExitStack() as stack:
        port, url = await Mailroom(tmp_path).open(stack)
        settings = EmailSettings(host="127.0.0.1", port=port, security="none", sender="greffier@ac-paris.fr")
        door = EmailDoor(settings, Clock())
        stack.push_async_callback(door.close)
        client = await stack.enter_async_context(aiohttp.ClientSession(url))
        yield Visit(door, client, tmp_path)


async def test_without_an_e_mail_the_page_says_so(visit: Visit) -> None:
    assert "Aucun courriel encore." in await visit.page()


async def test_the_newest_e_mail_is_shown_first_with_whom_it_went_to(visit: Visit) -> None:
    await visit.write("Convocation à l’entretien", "À 9 h 30.")
    await visit.write("Avis", "Un avis est rendu.")

    page = await visit.page()

    order = [
        page.index(words) for words in ("2 courriels.", "Avis", "Un avis", "Convocation à l’entretien", "À 9 h 30.")
    ]
    assert order == sorted(order)
    assert page.count("<dt>À</dt><dd>camille@ac-paris.fr</dd>") == 2
    assert page.count("<dt>Copie</dt><dd>sylvie@ac-paris.fr</dd>") == 2
    assert page.count("<dt>Date</dt><dd>Tue, 25 Apr 2017 10:30:00 +0200</dd>") == 2
    assert sorted(path.name for path in visit.folder.iterdir()) == ["000001.eml", "000002.eml"]


async def test_nothing_that_was_written_is_read_as_html(visit: Visit) -> None:
    await visit.write("<script>alert(1)</script>", "<img src=x onerror=alert(2)>", attachments=[PAPER])

    page = await visit.page()

    assert [word for word in ("<script", "<img", "<b>avis") if word in page] == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_a_paper_is_saved_byte_for_byte_under_its_name(visit: Visit) -> None:
    await visit.write("Avis", attachments=[PAPER])

    async with visit.client.get("/1/0/avis.pdf") as answer:
        data, headers = await answer.read(), answer.headers

    assert data == b"%PDF-1.7"
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''%3Cb%3Eavis%3C_b%3E%20n%C2%B0%201.pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/1/1/avis.pdf", "/2/0/avis.pdf", "/0/0/..%2f000001.eml"])
async def test_what_is_not_there_is_not_found(visit: Visit, path: str) -> None:
    await visit.write("Avis", attachments=[PAPER])

    async with visit.client.get(path) as answer:
        assert answer.status == 404
