"""aiogram is imported without building its types, and each of them works as before when it is used."""

import json
import subprocess
import sys

import pytest

LOOK = """
import json, re, sys
{first}
import aiogram.types, aiogram.methods
from pydantic import BaseModel, ValidationError
from pydantic.errors import PydanticUserError

classes = [c for m in (aiogram.types, aiogram.methods) for c in vars(m).values()
           if isinstance(c, type) and issubclass(c, BaseModel) and c is not aiogram.methods.TelegramMethod]
built = sum(bool(c.__pydantic_complete__) for c in classes)
unusable = []
for made in classes:
    try:
        made.model_validate({{}})
    except ValidationError:
        pass
    except PydanticUserError:
        unusable.append(made.__name__)
fields = {{made.__name__: sorted(
    f"{{name}}: {{re.sub(' at 0x[0-9a-f]+', '', str(field.annotation))}}" for name, field in made.model_fields.items()
) for made in classes}}
print(json.dumps([len(classes), built, unusable, fields]))
"""


def look(first: str) -> tuple[int, int, list[str], dict[str, list[str]]]:
    """How many classes there are, how many were built by the import alone, which cannot be used, and their fields."""
    done = subprocess.run([sys.executable, "-c", LOOK.format(first=first)], check=True, capture_output=True, text=True)
    count, built, unusable, fields = json.loads(done.stdout)
    return count, built, unusable, fields


@pytest.fixture(scope="module")
def deferred() -> tuple[int, int, list[str], dict[str, list[str]]]:
    return look("import bot")


@pytest.fixture(scope="module")
def eager() -> tuple[int, int, list[str], dict[str, list[str]]]:
    return look("")


def test_the_import_builds_few_types(deferred: tuple[int, int, list[str], dict[str, list[str]]]) -> None:
    count, built, _, __ = deferred

    assert built < count / 2


def test_upstream_still_builds_every_type_at_once(eager: tuple[int, int, list[str], dict[str, list[str]]]) -> None:
    """The day this fails, `bot/compat/imports.py` has become needless."""
    count, built, _, __ = eager

    assert built > 0.9 * count


def test_every_type_and_method_can_be_used_and_has_the_same_fields(
    deferred: tuple[int, int, list[str], dict[str, list[str]]], eager: tuple[int, int, list[str], dict[str, list[str]]]
) -> None:
    assert deferred[2] == eager[2] == []
    assert deferred[3] == eager[3]
