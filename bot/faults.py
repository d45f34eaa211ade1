"""What is wrong with the settings, in French: one line for each fault, naming the setting and never its value."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

PREFIX = "GREFFIER_"
_REASONS = {
    "missing": "réglage manquant",
    "bool_parsing": "1 ou 0 est attendu",
    "bool_type": "1 ou 0 est attendu",
    "int_parsing": "un nombre entier est attendu",
    "int_type": "un nombre entier est attendu",
    "greater_than": "un nombre plus grand que {gt} est attendu",
    "less_than": "un nombre plus petit que {lt} est attendu",
    "literal_error": "une de ces valeurs est attendue : {expected}",
    "date_from_datetime_parsing": "une date est attendue : 2017-04-10",
    "date_from_datetime_inexact": "une date sans heure est attendue : 2017-04-10",
    "date_type": "une date est attendue : 2017-04-10",
    "string_type": "du texte est attendu",
    "path_type": "un chemin est attendu",
    "dict_type": "du JSON est attendu : {example}",
    "tuple_type": 'une liste JSON est attendue : ["serveur.fr"]',
    "model_type": "ne se donne pas seul : donnez les réglages dont le nom commence par lui et « __ »",
}

_EXAMPLES = {
    "members": '{"Nadia Roussel": ["@nadia:serveur", "123456789"]}',
    "roles": '{"@nadia:serveur": "president"}',
}


def words_of(faults: Sequence[Mapping[str, Any]], settings: type[BaseModel]) -> list[str]:
    """A line for each fault that pydantic found."""
    known = sorted(names_of(settings))
    return [_line(fault, known) for fault in faults]


def names_of(settings: type[BaseModel], prefix: str = PREFIX) -> Iterator[str]:
    """The name of everything that can be set."""
    for name, field in settings.model_fields.items():
        own = prefix + name.upper()
        yield own
        for part in getattr(field.annotation, "__args__", ()):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from names_of(part, f"{own}__")


def unknown(name: str, known: Sequence[str]) -> str:
    """A setting that does not exist, with the one that was perhaps meant."""
    meant = get_close_matches(name, known, n=1, cutoff=0.8)
    return f"{name} : réglage inconnu" + (f". Vouliez-vous dire {meant[0]} ?" if meant else "")


def _line(fault: Mapping[str, Any], known: Sequence[str]) -> str:
    name = PREFIX + "__".join(str(part) for part in fault["loc"]).upper()
    kind = fault["type"]
    if kind == "extra_forbidden":
        return unknown(name, known)
    given = {key: str(value).replace(" or ", " ou ") for key, value in fault.get("ctx", {}).items()}
    given["example"] = _EXAMPLES.get(str(fault["loc"][0]), "{}")
    own = str(fault["msg"]).removeprefix("Value error, ")
    return f"{name} : {_REASONS[kind].format(**given) if kind in _REASONS else own}"
