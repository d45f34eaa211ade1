"""Uses of aiogram's types by others, each in a process where nobody has used a type yet.

`python -m tests.compat.unseen` prints, as JSON, what went wrong with each use: an empty text when nothing did.
"""

import bot  # noqa: F401 -- first: it defers

# isort: split
import json
import os
from collections.abc import Callable

from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import InlineKeyboardMarkup, Message
from pydantic import BaseModel, TypeAdapter

SAID = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "oui"}
KEYS = {"inline_keyboard": [[{"text": "oui", "callback_data": "oui"}]]}


def in_a_list() -> None:
    TypeAdapter(list[Message]).validate_python([SAID])


def as_the_base_of_another_type() -> None:
    class Noted(Message):
        note: str = ""

    Noted.model_validate(SAID)


def as_the_base_of_another_method() -> None:
    class SendNote(SendMessage):
        note: str = ""

    SendNote(chat_id=1, text="oui")


def inside_another_model() -> None:
    class Kept(BaseModel):
        said: Message

    Kept.model_validate({"said": SAID})


def inside_another_method() -> None:
    class Ask(TelegramMethod[Message]):
        __returning__ = Message
        __api_method__ = "ask"
        keys: InlineKeyboardMarkup

    Ask.model_validate({"keys": KEYS})


def as_a_schema() -> None:
    InlineKeyboardMarkup.model_json_schema()


def alone(use: Callable[[], None]) -> str:
    """What went wrong with the use, in a copy of this process."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        try:
            use()
        except Exception as error:  # noqa: BLE001 -- told to the test
            os.write(writing, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as complaint:
        os.wait()
        return complaint.read().decode()


if __name__ == "__main__":
    uses = [
        in_a_list,
        as_the_base_of_another_type,
        as_the_base_of_another_method,
        inside_another_model,
        inside_another_method,
        as_a_schema,
    ]
    print(json.dumps({use.__name__: alone(use) for use in uses}))  # noqa: T201 -- read by the test
