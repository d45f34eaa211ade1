"""What is tapped comes to a handler under the names that its words would give."""

import pytest
from aiogram.types import CallbackQuery, User

from handlers.choices import Tapped, is_yes

CAMILLE = User(id=7, is_bot=False, first_name="Camille")


def press(data: str) -> CallbackQuery:
    return CallbackQuery(id="1", from_user=CAMILLE, chat_instance="7", data=data)


@pytest.mark.parametrize(
    ("tapped", "data", "given"),
    [
        (Tapped("withdraw", really=is_yes), "withdraw:oui", {"really": True}),
        (Tapped("withdraw", really=is_yes), "withdraw:non", {"really": False}),
        (Tapped("page", page=int, args=str), "page:2:déposée : martin", {"page": 2, "args": "déposée : martin"}),
        (Tapped("parler"), "parler", True),
        (Tapped("deposit:oui"), "deposit:oui", True),
        (Tapped("deposit:oui"), "deposit:non", False),
        (Tapped("w", waiting=int, code=str), "withdraw:oui", False),
    ],
    ids=["yes", "no", "the last part whole", "a mark alone", "a mark and its word", "another word", "another mark"],
)
async def test_a_choice_is_read_into_the_names_that_are_asked_for(tapped: Tapped, data: str, given: object) -> None:
    assert await tapped(press(data)) == given
