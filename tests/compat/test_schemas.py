"""What a homeserver says is taken or refused, and completed, as with jsonschema itself."""

import copy
import random
from collections.abc import Callable
from typing import Any

import jsonschema  # type: ignore[import-untyped] # nio brings it
import nio.schemas
import pytest

from bot.compat import schemas

SCHEMAS = {name: schema for name, schema in vars(nio.schemas.Schemas).items() if isinstance(schema, dict)}
ROUNDS = 60  # values tried with each schema
NAMES = ("!salon:ici", "@qui:ici", "ed25519:A", "m.room.message", "signed_curve25519:B", "à côté")
STRINGS = ("@qui:ici", "@qui", "qui:ici", "https://ici/", "ici", "", "==2", "x", "m.text", *NAMES)
LONE: tuple[Any, ...] = (None, True, False, 0, 1, -1, 1.0, 2.5, "ici", [], [1], {}, {"type": "x"}, [{}])


def checking(library: Any) -> Callable[[Any, Any], None]:
    """Nio's own check, with this library under it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nio.schemas, "validators", library.validators)
        validator = nio.schemas.extend_with_default(library.Draft4Validator)
    checker = library.FormatChecker()
    checker.checks("user_id", ValueError)(nio.schemas.check_user_id)
    checker.checks("http_url", ValueError)(nio.schemas.check_http_url)
    return lambda value, schema: validator(schema, format_checker=checker).validate(value)


OURS, THEIRS = checking(schemas), checking(jsonschema)


def made(schema: Any, dice: random.Random) -> Any:
    """A value that the schema may take: a tenth of it is something else."""
    if not isinstance(schema, dict) or dice.random() < 0.1:
        return copy.deepcopy(dice.choice(LONE))
    if "enum" in schema:
        return dice.choice([*schema["enum"], "autre"])
    kind = schema.get("type", "object")
    kind = kind if isinstance(kind, str) else dice.choice(kind)
    if kind == "object":
        wanted = {**schema.get("properties", {}), "inconnu": {"type": "string"}}
        found = {name: made(inner, dice) for name, inner in wanted.items() if dice.random() < 0.85}
        for inner in schema.get("patternProperties", {}).values():
            found |= {name: made(inner, dice) for name in NAMES if dice.random() < 0.4}
        return found
    if kind == "array":
        return [made(schema.get("items"), dice) for _ in range(dice.randrange(3))]
    return dice.choice({"string": STRINGS, "boolean": (True, False)}.get(kind, (0, 1, -1, 7, 1.5)))


def outcome(check: Callable[[Any, Any], None], value: Any, schema: Any, refused: type[Exception]) -> tuple[str, Any]:
    """How a check ends, and what it made of the value."""
    value = copy.deepcopy(value)
    try:
        check(value, schema)
    except refused:
        return "refused", value
    except Exception:  # noqa: BLE001 -- some of nio's schemas are not ones, and its formats take strings for granted
        return "broken", None
    return "taken", value


def test_every_schema_of_nio_takes_refuses_and_completes_the_same() -> None:
    dice = random.Random(17)
    values = [(name, made(schema, dice)) for name, schema in SCHEMAS.items() for _ in range(ROUNDS)]

    expected = [outcome(THEIRS, value, SCHEMAS[name], jsonschema.ValidationError) for name, value in values]
    found = [outcome(OURS, value, SCHEMAS[name], schemas.ValidationError) for name, value in values]

    differing = [given for given, one, other in zip(values, found, expected, strict=True) if one != other]
    assert differing == []
    assert min(sum(one == said for one, _ in found) for said in ("taken", "refused")) > 1000


@pytest.mark.parametrize("value", [{}, {"age": "x"}, []])
def test_a_fault_is_told_in_the_words_of_jsonschema(value: Any) -> None:
    schema = {"type": "object", "properties": {"age": {"type": ["integer", "null"]}}, "required": ["age"]}

    with pytest.raises(jsonschema.ValidationError) as theirs:
        THEIRS(value, schema)
    with pytest.raises(schemas.ValidationError) as ours:
        OURS(value, schema)

    assert ours.value.message == theirs.value.message
