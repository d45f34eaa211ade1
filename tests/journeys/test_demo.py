"""The demonstration as somebody tries it: one command, a real homeserver, the page in a real browser, real files."""

import contextlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.async_api import Page, async_playwright

ROOT = Path(__file__).parents[2]
FILES = ROOT / "tests" / "conversations" / "fichiers"
ARTEFACTS = ROOT / "artefacts"
AXE = ROOT / "deploy" / "page" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
# What the SDK asks for to see whether it is there, and is told that it is not.
EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (404|401)")

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]


class Addresses(NamedTuple):
    """Where the demonstration is: the chat page, and the e-mails that left."""

    page: str
    mail: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """The demonstration, started as the README says."""
    folder = tmp_path_factory.mktemp("demo")
    command = (sys.executable, "deploy/stage.py", "--port", "0", "--folder", str(folder), "--date", "2017-04-10")
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = ""
    while (found := re.search(r"Candidate\s+(http://127\.0\.0\.1:\d+)/.*Courriels\s+(\S+)", said, re.DOTALL)) is None:
        line = process.stdout.readline()
        assert line, f"the demonstration stopped by itself: {said}"
        said += line
    yield Addresses(found[1], found[2])
    process.terminate()
    process.communicate(timeout=60)


def test_a_stop_while_it_starts_leaves_no_server(tmp_path: Path) -> None:
    command = (sys.executable, "deploy/stage.py", "--port", "0", "--folder", str(tmp_path))
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the homeserver starts
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        process.communicate()

    assert process.returncode == 0
    assert running(str(tmp_path)) == []


def running(words: str) -> list[bytes]:
    """The commands that are being run with these words."""
    commands = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # one that ended meanwhile
            commands.append(file.read_bytes())
    return [command for command in commands if words.encode() in command]


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    async with async_playwright() as driver:
        opened = await driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        await opened.close()


class Visitor:
    """Somebody at the page, who sees what is on the screen."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.name = name
        self.errors: list[str] = []
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and not EXPECTED.match(text):
            self.errors.append(text)

    async def come(self, address: str) -> None:
        await self.page.goto(address)
        await self.page.wait_for_selector("textarea:not([disabled])", timeout=60_000)
        await self.page.get_by_text("Conversation chiffrée").wait_for(timeout=30_000)

    async def say(self, words: str) -> None:
        await self.page.locator("textarea").fill(words)
        await self.page.locator("textarea").press("Enter")

    async def see(self, words: str) -> None:
        await self.page.get_by_role("log").get_by_text(words).last.wait_for(timeout=30_000)

    async def tap(self, label: str) -> None:
        await self.page.get_by_role("log").get_by_role("button", name=label, exact=True).last.click()

    async def drop(self, *names: str) -> None:
        await self.page.locator("input[type=file]").set_input_files([FILES / name for name in names])

    async def shot(self, name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=ARTEFACTS / f"{self.name}-{name}.png")

    async def violations(self) -> list[str]:
        await self.page.add_script_tag(path=AXE)
        rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
        found = await self.page.evaluate("rules => axe.run(document, rules)", rules)
        return [f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]]


async def visit(browser: Any, address: str, name: str, *, width: int = 1100, dark: bool = False) -> Visitor:
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", locale="fr-FR"
    )
    visitor = Visitor(await context.new_page(), name)
    await visitor.come(address)
    return visitor


async def walk_to_the_receipt(camille: Visitor) -> None:
    """The whole path: agreement, questions, a question of one's own, pieces, deposit, receipt."""
    await camille.say("bonjour")
    await camille.see("Êtes-vous d’accord")
    await camille.tap("J’accepte")
    await camille.see("Question 1 sur 5")
    await camille.tap("Oui")
    await camille.see("Question 2 sur 5")
    await camille.say("g mon cv sur iprof c bon ?")
    await camille.see("un CV rédigé sur papier libre ou via iprof")
    await camille.see("Question 2 sur 5")
    await camille.shot("question-au-milieu")
    await camille.say("le dossier")
    await camille.see("Vouliez-vous dire")
    await camille.shot("question-incertaine")
    await camille.say("combien ça paye ?")
    await camille.see("ne dit rien sur la rémunération")
    await camille.shot("question-sans-reponse")
    await camille.say("Oui, je l’ai")
    for number in (3, 4, 5):
        await camille.see(f"Question {number} sur 5")
        await camille.say("oui")
    await camille.see("Vous pouvez candidater")
    await camille.drop("notice annexe 1.pdf")
    await camille.see("1 pièce sur 4")
    await camille.drop("etat-des-services.pdf", "CV_Camille_Martin.pdf")
    await camille.see("3 pièces sur 4")
    await camille.drop("programme.pdf")
    await camille.see("J’y vois un programme")
    await camille.drop("scan0001.pdf")
    await camille.see("De quelle pièce s’agit-il")
    await camille.say("3")
    await camille.see("Votre dossier est complet")
    await camille.tap("Je dépose ma candidature")
    await camille.see("Votre candidature est déposée")
    await camille.see("recepisse-1.pdf")


async def convoke(nadia: Visitor, camille: Visitor) -> None:
    """The bureau instructs, plans and convokes; the candidate answers."""
    for words, seen in (
        ("!recevable 2", "déclaré recevable"),
        ("!renseigner 2 courriel camille.martin@ac-paris.fr", "Courriel académique — camille.martin"),
        ("!renseigner 2 circonscription Paris 19A", "Circonscription — Paris 19A"),
        ("!ien importer\ncirconscription;nom;courriel\nParis 19A;Mme Roche;ien19a@ac-paris.fr", "1 IEN ajouté"),
        ("!commissions Commission A : salle 12 ; 9h-10h ; membres Mme Petit", "2 créneaux"),
        ("!planning", "Planning du mercredi 26 avril 2017 (proposition"),
        ("!convoquer", "1 convocation à envoyer"),
        ("oui", "1 convocation écrite"),
    ):
        await nadia.say(words)
        await nadia.see(seen)
    await nadia.shot("convoquer")
    await camille.see("Le PDF et l’entrée d’agenda sont ci-dessus")
    await camille.tap("J’y serai")
    await camille.see("C’est noté : vous serez là")
    await camille.shot("convocation")


async def release(nadia: Visitor, paul: Visitor, camille: Visitor) -> None:
    """Two members seal, confirm and release the avis; the candidate opens it."""
    await nadia.say("!demo avancer 2017-04-25 18:30")
    await camille.see("Rappel : votre entretien a lieu demain")
    await nadia.say("!demo avancer 2017-04-26 18:00")
    for words, seen in (("!entendu 2", "notée entendue"), ("!avis 2 favorable Un projet solide", "scellé")):
        await nadia.say(words)
        await nadia.see(seen)
    await paul.say("oui")
    await nadia.see("avis confirmé")
    await nadia.say("!demo avancer 2017-04-28")
    await nadia.say("!avis publier")
    await nadia.see("1 avis à transmettre")
    await paul.say("oui")
    await camille.see("est disponible")
    await camille.say("ouvrir l'avis")
    await camille.see("Avis de la commission : favorable")
    await camille.shot("avis")


async def mailed(browser: Any, address: str) -> str:
    """The words of the page of e-mails."""
    page = await browser.new_page()
    await page.goto(address)
    await page.screenshot(path=ARTEFACTS / "courriels.png")
    return str(await page.locator("body").inner_text())


async def test_a_client_that_shuts_out_unsigned_devices_walks_it_too_without_a_shield(
    demo: Addresses, browser: Any
) -> None:
    sylvie = await visit(browser, f"{demo.page}/?qui=ien&isolation=1", "isolement", dark=True)

    await walk_to_the_receipt(sylvie)
    await sylvie.shot("sans-bouclier")

    assert await sylvie.page.get_by_text("appareil non vérifié").count() == 0
    assert sylvie.errors == []
    assert await sylvie.violations() == []


async def test_a_candidate_walks_the_whole_path_and_the_bureau_sees_it(demo: Addresses, browser: Any) -> None:
    nadia = await visit(browser, f"{demo.page}/?qui=bureau", "bureau", width=1100)
    camille = await visit(browser, f"{demo.page}/?qui=candidat", "candidate", width=390)

    await walk_to_the_receipt(camille)
    await camille.shot("recepisse")
    await nadia.see("Nouveau dépôt")
    await nadia.say("!dossier 2")
    await nadia.see("Dossier n° 2 — déposée")
    await nadia.shot("dossier")
    await nadia.say("!demo avancer 2017-04-22")
    await nadia.see("La campagne 17AN0076 est close")

    await convoke(nadia, camille)
    paul = await visit(browser, f"{demo.page}/?qui=collegue", "collegue", width=900)
    await release(nadia, paul, camille)
    subjects = await mailed(browser, demo.mail)

    assert [
        words
        for words in ("Convocation à l’entretien", "Copie : convocation", "avis de la commission")
        if words not in subjects
    ] == []
    assert camille.errors + nadia.errors + paul.errors == []
    assert await camille.violations() == []
    assert await nadia.violations() == []
