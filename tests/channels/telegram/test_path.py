"""The candidate's whole path and a question, on Telegram; what a phone does that a keyboard does not."""

from storage.tables import Candidature, Piece, Receipt
from tests.channels.telegram.conftest import PAPERS, World
from tests.channels.telegram.person import Person

NOTICE = "notice annexe 1.pdf"
FOUR = (NOTICE, "etat-des-services.pdf", "CV_Camille_Martin.pdf", "scan0001.pdf")


async def _taps(world: World, person: Person, *labels: str) -> None:
    for label in labels:
        person.taps(label)
        await world.settled()


async def _says(world: World, person: Person, *lines: str) -> None:
    for line in lines:
        person.says(line)
        await world.settled()


async def test_a_candidate_goes_the_whole_path_by_tapping(world: World, camille: Person) -> None:
    await _says(world, camille, "/start")
    print(camille.words)
    print([k["reply_markup"] for k in camille.keyboards])
    assert 0
