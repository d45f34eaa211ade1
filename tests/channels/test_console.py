"""The terminal: what people do there arrives as through any other door, what is said is shown word for word."""

from pathlib import Path

from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.channels.console import BUREAU
from tests.core.conftest import BuildHouse, Built


async def test_what_is_said_is_shown_with_its_choices_and_without_its_marks(house: Built) -> None:
    @house.router.message()
    async def answer(message: Message) -> None:
        rows = [
            [InlineKeyboardButton(text="Oui", callback_data="o"), InlineKeyboardButton(text="Non", callback_data="n")],
            [InlineKeyboardButton(text="Site", url="https://www.toutatice.fr")],
        ]
        await message.answer("<b>Prêt·e</b> &amp; sûr·e ?", reply_markup=InlineKeyboardMarkup(inline_keyboard=rows))

    await house.door.say("camille", "bonjour")
    await house.settled()

    (said,) = house.heard
    assert (said.room, said.method, said.text, list(said.choices), said.file) == (
        "camille",
        "sendMessage",
        "Prêt·e & sûr·e ?",
        ["Oui", "Non"],
        None,
    )


async def test_whoever_speaks_in_the_room_of_the_bureau_is_answered_there(house: Built) -> None:
    names: list[str] = []

    @house.router.message()
    async def answer(message: Message) -> None:
        assert message.from_user is not None
        names.append(message.from_user.first_name)
        await message.answer(f"{message.chat.type}")

    await house.door.say("bureau", "un", name="Claude")
    await house.door.say("bureau-dominique", "deux")
    await house.settled()

    assert names == ["Claude", "Bureau-dominique"]
    assert [(said.room, said.text) for said in house.heard] == [(BUREAU, "group"), (BUREAU, "group")]


async def test_a_file_by_its_path_may_be_shown_under_another_name(house: Built, tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(b"%PDF")

    @house.router.message()
    async def answer(message: Message) -> None:
        assert message.document is not None
        await message.answer_document(BufferedInputFile(b"recu", f"reçu de {message.document.file_name}"))

    await house.door.drop("camille", path, shown_as="Mon CV.pdf")
    await house.settled()

    assert [said.file for said in house.heard] == [("reçu de Mon CV.pdf", b"recu")]


async def test_events_of_two_runs_on_one_database_never_meet(build: BuildHouse) -> None:
    first = await build()
    event = await first.door.say("camille", "un")
    second = await build()

    again = await second.door.say("camille", "un")

    assert event != again
