"""What every type and method of aiogram makes of documents written for each of its fields.

`python -m tests.compat.corpus [--deferred] [--backwards]` prints it as JSON, with how many types the import built.
It runs in a process of its own: the import of aiogram is what is looked at.
"""

import argparse
import datetime as dt
import enum
import hashlib
import importlib
import json
import re
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

PLAIN: dict[Any, Any] = {str: "mot", int: 7, float: 1.5, bool: True, Any: "mot", dt.datetime: 1491811200}
DEEPEST = 6  # a document within a document within…
UPDATES = Path(__file__).with_name("updates.json")


def arms(annotation: Any) -> list[Any]:
    """The alternatives of an annotation, None left out."""
    origin = typing.get_origin(annotation)
    if hasattr(annotation, "__value__"):  # a name for a union
        return arms(annotation.__value__)
    if origin is typing.Annotated:
        return arms(typing.get_args(annotation)[0])
    if origin in {typing.Union, types.UnionType}:
        return [arm for part in typing.get_args(annotation) if part is not type(None) for arm in arms(part)]
    return [annotation]


def example(annotation: Any, depth: int = 0) -> Any:
    """A value for the annotation, as it would come from the network."""
    annotation = arms(annotation)[0]
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation in PLAIN:
        return PLAIN[annotation]
    if origin is list:
        return [example(inside[0], depth + 1)]
    if origin is typing.Literal:
        return inside[0]
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return next(iter(annotation)).value
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return smallest(annotation, depth + 1)
    return given(annotation)


def given(annotation: Any) -> Any:
    """What a programmer hands over: a file, a span of time, an exception."""
    name = getattr(annotation, "__name__", "")
    if name in {"InputFile", "BufferedInputFile"}:
        return importlib.import_module("aiogram.types").BufferedInputFile(b"octets", "piece.pdf")
    return {dt.timedelta: dt.timedelta(days=1), Exception: ValueError("faute")}.get(annotation, {})


def smallest(model: type[BaseModel], depth: int = 0) -> dict[str, Any]:
    """A document with what the model requires, and the values that tell it from its neighbours."""
    if depth > DEEPEST:
        return {}
    fields = model.model_fields.items()
    told = {name: field.default for name, field in fields if typing.get_origin(field.annotation) is typing.Literal}
    wanted = {name: example(field.annotation, depth) for name, field in fields if field.is_required()}
    return {**{name: value for name, value in told.items() if isinstance(value, str)}, **wanted}


def documents(model: type[BaseModel]) -> Iterator[dict[str, Any]]:
    """Nothing at all, the smallest, then the smallest with each alternative of each field."""
    yield {}
    yield smallest(model)
    for name, field in model.model_fields.items():
        for arm in arms(field.annotation):
            yield {**smallest(model), name: example(arm)}


def outcome(validate: Any, document: Any) -> str:
    """What came of a document: accepted or refused, and the mark of all that was understood or said."""
    try:
        made = validate(document)
        word, told = "accepted", repr(made.model_dump() if isinstance(made, BaseModel) else made)
    except ValidationError as error:
        word, told = "refused", repr(error.errors(include_url=False))
    anonymous = re.sub(r" at 0x[0-9a-f]+", "", told)
    return f"{word} {hashlib.sha256(anonymous.encode()).hexdigest()[:16]}"


def answers(method: Any) -> Iterator[str]:
    """What becomes of an answer of Telegram to the method, as a session reads it."""
    response = importlib.import_module("aiogram.methods").Response
    for arm in arms(method.__returning__):
        yield outcome(response[method.__returning__].model_validate, {"ok": True, "result": example(arm)})
        yield outcome(TypeAdapter(types.GenericAlias(list, (arm,))).validate_python, [example(arm)])


def look(*, backwards: bool) -> dict[str, Any]:
    """How many types there are, how many the import built, and what each makes of its documents."""
    api = [vars(importlib.import_module(f"aiogram.{name}")) for name in ("types", "methods")]
    named = {f"{made.__module__}.{made.__name__}": made for names in api for made in names.values() if usable(made)}
    built = sum(made.__pydantic_complete__ is True for made in named.values())
    found = {}
    for name, made in sorted(named.items(), reverse=backwards):
        found[name] = [outcome(made.model_validate, document) for document in documents(made)]
        found[name] += answers(made) if hasattr(made, "__api_method__") else []
    update = importlib.import_module("aiogram.types").Update
    found["updates"] = [outcome(update.model_validate, document) for document in json.loads(UPDATES.read_text())]
    return {"count": len(named), "built": built, "found": found}


def usable(made: Any) -> bool:
    """Whether it is a type or a method that can be used as it is."""
    return (
        isinstance(made, type) and issubclass(made, BaseModel) and made.__name__ not in {"TelegramMethod", "Response"}
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--deferred", action="store_true")
    parser.add_argument("--backwards", action="store_true")
    options = parser.parse_args()
    if options.deferred:
        importlib.import_module("bot")
    print(json.dumps(look(backwards=options.backwards)))  # noqa: T201 -- read by the test
