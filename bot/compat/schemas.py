"""Checks what a homeserver says against nio's schemas, in place of jsonschema (3 MB, and most of the time of a check).

The part of jsonschema that nio asks for, under the same names: the keywords that its schemas use, of draft 4. They are
followed in the same order: nio fills in what is missing on the way.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Keyword = Callable[[Any, Any, Any, Mapping[str, Any]], Iterator["ValidationError"]]
Check = Callable[[Any], bool]

validators = sys.modules[__name__]  # where nio looks for `extend`
_TYPES: dict[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "null": type(None),
    "number": (int, float),
    "object": dict,
    "string": str,
}


class SchemaError(Exception):
    """Never raised: nio's schemas are its own."""


class ValidationError(Exception):
    """What is said is not as it should be."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class FormatChecker:
    """The formats that nio declares."""

    def __init__(self) -> None:
        self.checkers: dict[str, tuple[Check, type[Exception]]] = {}

    def checks(self, name: str, raises: type[Exception]) -> Callable[[Check], Check]:
        """Declare a format by what checks it."""

        def declare(check: Check) -> Check:
            self.checkers[name] = check, raises
            return check

        return declare


class Draft4Validator:
    """Checks values against one schema."""

    VALIDATORS: Mapping[str, Keyword] = {}

    def __init__(self, schema: Mapping[str, Any], format_checker: FormatChecker) -> None:
        self.schema = schema
        self.checkers = format_checker.checkers

    def validate(self, instance: Any) -> None:
        """Raise the first fault."""
        for fault in self.descend(instance, self.schema):
            raise fault

    def descend(self, instance: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
        """The faults of a value."""
        for name, wanted in schema.items():
            if name in self.VALIDATORS:
                yield from self.VALIDATORS[name](self, wanted, instance, schema)


def extend(validator: type[Draft4Validator], keywords: Mapping[str, Keyword]) -> type[Draft4Validator]:
    """The same with some keywords of its own."""
    return type(validator.__name__, (validator,), {"VALIDATORS": {**validator.VALIDATORS, **keywords}})


def _is(instance: Any, name: str) -> bool:
    return isinstance(instance, _TYPES[name]) and (name == "boolean" or not isinstance(instance, bool))


def _type(_: Any, wanted: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    names = [wanted] if isinstance(wanted, str) else wanted
    if not any(_is(instance, name) for name in names):
        yield ValidationError(f"{instance!r} is not of type {', '.join(map(repr, names))}")


def _properties(validator: Any, wanted: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    for name, schema in wanted.items() if isinstance(instance, dict) else ():
        if name in instance:
            yield from validator.descend(instance[name], schema)


def _pattern_properties(validator: Any, wanted: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    for pattern, schema in wanted.items() if isinstance(instance, dict) else ():
        for name, value in instance.items():
            if re.search(pattern, name):
                yield from validator.descend(value, schema)


def _additional_properties(_: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    known = schema.get("properties", {})
    if wanted is False and isinstance(instance, dict) and (more := [name for name in instance if name not in known]):
        yield ValidationError(f"Additional properties are not allowed: {more!r}")


def _required(_: Any, wanted: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    for name in wanted if isinstance(instance, dict) else ():
        if name not in instance:
            yield ValidationError(f"{name!r} is a required property")


def _items(validator: Any, wanted: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    for value in instance if isinstance(instance, list) else ():
        yield from validator.descend(value, wanted)


def _enum(_: Any, wanted: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    if instance not in wanted:
        yield ValidationError(f"{instance!r} is not one of {wanted!r}")


def _minimum(_: Any, wanted: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    if _is(instance, "number") and instance < wanted:
        yield ValidationError(f"{instance!r} is less than the minimum of {wanted!r}")


def _pattern(_: Any, wanted: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not re.search(wanted, instance):
        yield ValidationError(f"{instance!r} does not match {wanted!r}")


def _format(validator: Any, wanted: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    if wanted not in validator.checkers:
        return
    check, raises = validator.checkers[wanted]
    try:
        right = check(instance)
    except raises:
        right = False
    if not right:
        yield ValidationError(f"{instance!r} is not a {wanted!r}")


def _not(validator: Any, wanted: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    if not any(True for _ in validator.descend(instance, wanted)):
        yield ValidationError(f"{instance!r} should not be valid under {wanted!r}")


Draft4Validator.VALIDATORS = {
    "additionalProperties": _additional_properties,
    "enum": _enum,
    "format": _format,
    "items": _items,
    "minimum": _minimum,
    "not": _not,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "properties": _properties,
    "required": _required,
    "type": _type,
}
