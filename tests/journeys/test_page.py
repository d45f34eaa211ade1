"""The chat page in a real browser, with a real homeserver; an ordinary client plays Greffier."""

import asyncio
import base64
import contextlib
import json
import re
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from nio.crypto.attachments import decrypt_attachment, encrypt_attachment
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.channels.matrix.person import Person

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "deploy"))

from homeserver import Homeserver  # type: ignore[import-not-found] # noqa: E402 -- deploy is no package
from page.build import build  # type: ignore[import-not-found] # noqa: E402

CHROMIUM = Path("/usr/bin/chromium")
ARTEFACTS = ROOT / "artefacts"
POLL = "org.matrix.msc3381.poll.start"
TEXT = "org.matrix.msc1767.text"
# What the SDK asks for to see whether it is there, and is told that it is not.
EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (404|401)")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

expect.set_options(timeout=20_000)  # a browser, a homeserver and encryption, on a machine that does other things

pytestmark = [
    pytest.mark.server,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
    pytest.mark.skipif(
        not (shutil.which("npm") or (ROOT / ".cache" / "node").exists()), reason="Node is not installed"
    ),
]


@pytest.fixture(scope="module")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    server = Homeserver(tmp_path_factory.mktemp("homeserver"), venv=ROOT / ".cache" / "synapse")
    server.install()
    server.start()
    yield server
    server.stop()


@dataclass
class Stage:
    """A page, the bot that answers it, and what the browser complained of."""

    page: Page
    bot: Person
    url: str
    complaints: list[str] = field(default_factory=list)

    @property
    def room(self) -> str:
        return str(next(iter(self.bot.client.rooms)))

    def note(self, kind: str, text: str) -> None:
        if kind == "error" and not EXPECTED.match(text):
            self.complaints.append(text)

    async def open(self, query: str = "?qui=candidat") -> None:
        await self.page.goto(f"{self.url}/{query}")
        await expect(self.page.locator("body[data-ready=true]")).to_be_attached(timeout=30_000)

    async def meet(self) -> None:
        """The bot comes in, and knows the devices that it must encrypt for."""
        await self.bot.until(
            lambda event: getattr(event, "membership", "") == "join" and event.state_key == self.bot.user
        )
        await self.type("bonjour")
        await self.bot.until(lambda event: getattr(event, "body", "") == "bonjour")

    async def type(self, words: str) -> None:
        await self.page.get_by_label("Votre message").fill(words)
        await self.page.keyboard.press("Enter")

    def message(self, event: str) -> Any:
        return self.page.locator(f'[data-event="{event}"]')


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(_FLAGS))
        yield chromium
        await chromium.close()


@asynccontextmanager
async def served(known: dict[str, Any]) -> AsyncIterator[str]:
    """The built page and its /config.json, as the demonstration serves them."""
    dist = await asyncio.to_thread(build, ROOT)

    async def config(_: web.Request) -> web.Response:
        return web.json_response(known)

    async def index(_: web.Request) -> web.FileResponse:
        return web.FileResponse(dist / "index.html")

    app = web.Application()
    app.router.add_get("/config.json", config)
    app.router.add_get("/", index)
    app.router.add_static("/", dist)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def stage(homeserver: Any, browser: Browser, tmp_path: Path) -> AsyncIterator[Stage]:
    mark = secrets.token_hex(4)
    people = {}
    for role, name in {"candidat": "Camille Martin", "ien": "Sylvie (IEN)"}.items():
        user = await asyncio.to_thread(homeserver.register, f"{role}{mark}", "pw", display_name=name)
        people[role] = {"user": user, "password": "pw", "name": name}
    clerk = await asyncio.to_thread(homeserver.register, f"bot{mark}", "pw", display_name="Greffier")
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(served({"homeserver": homeserver.url, "bot": clerk, "people": people}))
        bot = await stack.enter_async_context(Person(homeserver.url, clerk, "pw", tmp_path / "bot"))
        context = await browser.new_context(viewport={"width": 1200, "height": 800}, locale="fr-FR")
        page = await context.new_page()
        stage = Stage(page, bot, url)
        page.on("console", lambda said: stage.note(said.type, said.text))
        page.on("pageerror", lambda error: stage.complaints.append(str(error)))
        yield stage
        await context.close()
        assert stage.complaints == []


async def test_a_conversation_both_ways(stage: Stage) -> None:
    await stage.open()
    await stage.meet()
    page, bot = stage.page, stage.bot

    await stage.type("/aide")
    asked = await bot.until(lambda event: getattr(event, "body", "") == "/aide")
    assert asked.decrypted
    assert asked.sender.startswith("@candidat")

    raid = 'document.title="raté"'
    rich = f"<strong>Bonjour</strong> Camille<img src='x' onerror='{raid}'><script>{raid}</script>"
    said = await bot.say(stage.room, "Bonjour Camille", format="org.matrix.custom.html", formatted_body=rich)
    message = stage.message(said)
    await expect(message.locator(".body strong")).to_have_text("Bonjour")
    await expect(message.locator("img, script")).to_have_count(0)
    await expect(page).to_have_title("Greffier, Candidate ou candidat")
    await expect(page.get_by_role("log", name="Conversation")).to_contain_text("Bonjour Camille")
    await expect(message.locator(".shield")).to_be_visible()  # nio signs no device

    edited = {"msgtype": "m.text", "body": "Étape 2 sur 4"}
    relates = {"rel_type": "m.replace", "event_id": said}
    await bot.send(stage.room, {**edited, "body": "* Étape 2 sur 4", "m.new_content": edited, "m.relates_to": relates})
    await expect(message).to_contain_text("Étape 2 sur 4")
    await expect(message).to_contain_text("modifié")
    await expect(page.locator("[data-event]")).to_have_count(3)  # bonjour, /aide, and one answer

    await bot.client.room_typing(stage.room, True)
    await expect(page.get_by_text("Greffier écrit…")).to_be_visible()
    await bot.client.room_typing(stage.room, False)
    await expect(page.get_by_text("Greffier écrit…")).to_be_hidden()


async def ask(stage: Stage, question: str = "Votre cv est-il dans iProf ?") -> str:
    answers = [{"id": "0", TEXT: "Oui"}, {"id": "1", TEXT: "Pas encore"}]
    poll = {"question": {TEXT: question}, "kind": "org.matrix.msc3381.poll.disclosed", "max_selections": 1}
    return await stage.bot.send(stage.room, {POLL: {**poll, "answers": answers}, TEXT: question}, POLL)


def votes(stage: Stage, poll: str) -> list[Any]:
    sources = [event.source["content"] for event in stage.bot.seen if hasattr(event, "source")]
    key = "org.matrix.msc3381.poll.response"
    return [said[key]["answers"] for said in sources if key in said and said["m.relates_to"]["event_id"] == poll]


async def test_a_vote_is_one_tap_and_an_ended_poll_takes_none(stage: Stage) -> None:
    await stage.open()
    await stage.meet()
    poll = await ask(stage)
    buttons = stage.page.locator("[data-poll] button")
    await buttons.filter(has_text="Pas encore").click()
    await stage.bot.until(lambda _: votes(stage, poll) == [["1"]])
    await expect(buttons.nth(1)).to_have_attribute("aria-pressed", "true")
    await expect(buttons.nth(1)).to_contain_text("votre choix")
    await expect(buttons.nth(0)).to_have_attribute("aria-pressed", "false")

    await buttons.nth(0).focus()
    await stage.page.keyboard.press("Enter")
    await stage.bot.until(lambda _: votes(stage, poll) == [["1"], ["0"]])
    await expect(buttons.nth(0)).to_be_focused()

    end = "org.matrix.msc3381.poll.end"
    relates = {"rel_type": "m.reference", "event_id": poll}
    await stage.bot.send(stage.room, {end: {}, TEXT: "Terminé", "m.relates_to": relates}, end)
    await expect(buttons.nth(0)).to_be_disabled()
    await expect(buttons.nth(0)).to_contain_text("votre choix")


async def hand_over(stage: Stage, name: str, data: bytes, mime: str = "application/pdf") -> str:
    secret, keys = encrypt_attachment(data)
    uploaded, _ = await stage.bot.client.upload(lambda *_: secret, "application/octet-stream", filesize=len(secret))
    info = {"mimetype": mime, "size": len(data)}
    file = {**keys, "url": uploaded.content_uri}
    return await stage.bot.send(stage.room, {"msgtype": "m.file", "body": name, "info": info, "file": file})


async def test_files_both_ways_are_encrypted(stage: Stage, tmp_path: Path) -> None:
    await stage.open()
    await stage.meet()
    page, bot = stage.page, stage.bot
    sent = {"lettre é.pdf": secrets.token_bytes(70_000), "cv.pdf": b"%PDF-1.4 cv"}
    for name, data in sent.items():
        (tmp_path / name).write_bytes(data)
    async with page.expect_file_chooser() as choosing:
        await page.get_by_role("button", name="Joindre").click()
    await (await choosing.value).set_files([tmp_path / name for name in sent])
    for name, data in sent.items():
        event = await bot.until(lambda event, name=name: getattr(event, "body", "") == name)
        content = event.source["content"]
        assert (content["msgtype"], content["info"]["size"]) == ("m.file", len(data))
        stored = await bot.client.download(content["file"]["url"])
        assert stored.body != data
        file = content["file"]
        assert decrypt_attachment(stored.body, file["key"]["k"], file["hashes"]["sha256"], file["iv"]) == data

    receipt = secrets.token_bytes(200_000)
    message = stage.message(await hand_over(stage, "récépissé.pdf", receipt))
    await expect(message).to_contain_text("200 ko")
    async with page.expect_download() as downloading:
        await message.get_by_role("button", name="récépissé.pdf").click()
    saved = await downloading.value
    assert saved.suggested_filename == "récépissé.pdf"
    assert Path(await saved.path()).read_bytes() == receipt

    shot = await page.screenshot()
    await page.evaluate(
        """data => {
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        const carried = new DataTransfer();
        carried.items.add(new File([bytes], "photo.png", { type: "image/png" }));
        document.getElementById("log").dispatchEvent(
            new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
        }""",
        base64.b64encode(shot).decode(),
    )
    event = await bot.until(lambda event: getattr(event, "body", "") == "photo.png")
    assert event.source["content"]["msgtype"] == "m.image"
    await expect(page.get_by_role("img", name="photo.png")).to_have_js_property("complete", value=True)
    await expect(page.get_by_label("Votre message")).to_be_focused()


async def test_who_reads_the_end_sees_what_comes_after_a_picture_and_who_reads_back_is_left_there(stage: Stage) -> None:
    await stage.open()
    await stage.meet()
    picture = await stage.page.screenshot()
    await stage.bot.say(stage.room, "\n".join(f"ligne {number}" for number in range(60)))

    await hand_over(stage, "journée.png", picture, "image/png")
    await expect(stage.page.get_by_role("img", name="journée.png")).to_have_js_property("complete", value=True)
    said = await stage.bot.say(stage.room, "Ci-dessus, la journée.")
    await expect(stage.message(said)).to_be_in_viewport(ratio=1)

    await stage.page.get_by_role("log").hover()
    await stage.page.mouse.wheel(0, -2000)
    await expect(stage.message(said)).not_to_be_in_viewport()
    later = await stage.bot.say(stage.room, "Et la suite.")
    await expect(stage.message(later)).to_be_attached()
    await expect(stage.message(later)).not_to_be_in_viewport()


async def test_a_reload_keeps_the_device_and_what_was_said(stage: Stage) -> None:
    await stage.open()
    await stage.meet()
    await ask(stage)
    await stage.page.locator("[data-poll] button").first.click()
    await expect(stage.page.get_by_text("votre choix")).to_be_visible()
    key = "JSON.stringify({ ...localStorage })"
    before = json.loads(await stage.page.evaluate(key))
    await stage.open()
    assert json.loads(await stage.page.evaluate(key)) == before
    await expect(stage.page.get_by_role("log")).to_contain_text("bonjour")
    await expect(stage.page.get_by_text("votre choix")).to_be_visible()
    await expect(stage.page.get_by_text("illisible")).to_have_count(0)
    said = await stage.bot.say(stage.room, "Toujours là ?")
    await expect(stage.message(said)).to_contain_text("Toujours là ?")
    assert len(stage.bot.client.rooms) == 1


async def test_who_excludes_unsigned_devices_does_not_hear_one(stage: Stage) -> None:
    await stage.open()
    await stage.meet()
    await stage.open("?qui=candidat&isolation=1")
    said = await stage.bot.say(stage.room, "D’un appareil qui n’est pas signé")
    await expect(stage.message(said)).to_contain_text("Message illisible pour l’instant")


async def test_a_message_that_did_not_leave_can_be_sent_again(stage: Stage) -> None:
    await stage.open()
    await stage.meet()
    refusal = {"status": 403, "json": {"errcode": "M_FORBIDDEN", "error": "non"}}
    sending = re.compile(r".*/rooms/.*/send/.*")
    await stage.page.route(sending, lambda route: route.fulfill(**refusal))
    await stage.type("une fois")
    again = stage.page.get_by_role("button", name="Réessayer")
    await expect(again).to_be_visible()
    assert [said for said in stage.complaints if "403" not in said] == []
    stage.complaints.clear()
    await stage.page.unroute(sending)
    await again.click()
    await stage.bot.until(lambda event: getattr(event, "body", "") == "une fois")
    await expect(again).to_have_count(0)


async def test_two_people_in_one_browser(stage: Stage) -> None:
    await stage.open()
    await stage.meet()
    other = await stage.page.context.new_page()
    await other.goto(f"{stage.url}/?qui=ien")
    await expect(other.locator("body[data-ready=true]")).to_be_attached(timeout=30_000)
    await expect(other.get_by_role("heading", name="Sylvie (IEN)")).to_be_visible()
    await expect(other.get_by_role("log")).not_to_contain_text("bonjour")
    await other.close()


async def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.1 A and AA."""
    script = ROOT / "deploy" / "page" / "node_modules" / "axe-core" / "axe.min.js"
    await page.evaluate(script.read_text(encoding="utf-8"))
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    found = await page.evaluate("rules => axe.run({ runOnly: rules })", rules)
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found["violations"] for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
async def test_everybody_can_read_and_use_it(stage: Stage, scheme: Any, width: int) -> None:
    page, bot = stage.page, stage.bot
    ARTEFACTS.mkdir(exist_ok=True)
    await page.emulate_media(color_scheme=scheme)
    await page.set_viewport_size({"width": width, "height": 860})
    await page.goto(stage.url)
    await expect(page.get_by_role("link", name=re.compile("Camille Martin"))).to_be_visible()
    assert await violations(page) == []
    await page.screenshot(path=ARTEFACTS / f"page-start-{width}-{scheme}.png")

    await stage.open()
    await stage.meet()
    rich = (
        "<strong>Votre dossier</strong><br>Il manque deux pièces :<ul><li>le CV de l’application I-Prof ;</li>"
        '<li>la lettre de motivation.</li></ul><p>Voyez <a href="https://exemple.test/">la circulaire</a>.</p>'
    )
    said = await bot.say(stage.room, "Votre dossier", format="org.matrix.custom.html", formatted_body=rich)
    relates = {"rel_type": "m.annotation", "event_id": said, "key": "✅"}
    await bot.client.room_send(stage.room, "m.reaction", {"m.relates_to": relates}, ignore_unverified_devices=True)
    await hand_over(stage, "récépissé de votre dossier.pdf", b"x" * 48_213)
    await ask(stage)
    await page.locator("[data-poll] button").first.click()
    await expect(page.get_by_text("votre choix")).to_be_visible()
    await stage.type("D’accord, merci !\nJe l’envoie demain.")
    await bot.client.room_typing(stage.room, True)
    await expect(page.get_by_text("Greffier écrit…")).to_be_visible()
    await expect(page.locator(".reaction")).to_be_visible()
    await expect(page.get_by_text("envoi…")).to_have_count(0)
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.screenshot(path=ARTEFACTS / f"page-chat-{width}-{scheme}.png")
