"""The only mouth: every word that a person reads is a text of `handlers/texts`."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.ext import Extension

from bot.circulaire import delais
from bot.circulaire.candidature import Etat
from bot.papers.paper import megabytes
from handlers import words
from storage.work import current_work

TEXTS = Path(__file__).parent / "texts"
_LONGEST = 4000  # characters of a message, its marks included
_MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_NO_END = re.compile(  # the spaces at which no line may end: « 23 h 59 », « n° 1 », « corriger 8 » ?
    r" (?=[?!:;»])|(?<=[«§]) |(?<=n°) |(?<=\d) (?=(?:h|min|s|octets|ko|Mo|jours?|points|pages)\b)"
    rf"|(?<=\d) (?=(?:{_MONTHS})\b)|(?<=\d h) (?=\d)|(?<=\d min) (?=\d)"
)


def bound(words: str) -> str:
    """Words of ours whose lines end where a French line may."""
    return _NO_END.sub("\u00a0", words)


class Bound(Extension):
    """Binds the words of the texts; what people typed stays as they typed it, and is found again when it is erased."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002 -- Jinja's signature
        """Before a text is compiled."""
        return bound(source)


@cache
def environment() -> Environment:
    """The texts: HTML escapes what people typed, plain text does not; an unknown value is an error, not a hole."""
    made = Environment(
        loader=FileSystemLoader(TEXTS),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[Bound],
    )
    told = (delais.day_words, delais.hour_words, delais.instant_words, delais.remaining, megabytes)
    made.globals.update({one.__name__: _bound_too(one) for one in told})
    made.globals.update(
        letter_words=words.letter_words,
        letter_state=words.letter_state,
        is_informative=words.is_informative,
        letter_reason=words.letter_reason,
        act_words=words.act_words,
        etat=lambda candidature: Etat(candidature.etat),
    )
    made.filters["bound"] = bound
    made.filters["capital"] = lambda words: words[:1].upper() + words[1:]
    return made


def _bound_too(tell: Callable[..., str]) -> Callable[..., str]:
    return lambda *given: bound(tell(*given))


def say(text: str, **values: Any) -> str:
    """The words of « room/event », in the HTML that messages may carry.

    The text's key is kept as the kind of the letter, so that the bureau's list of letters can name it.
    """
    work = current_work()
    if work is not None:
        work.kept["kind"] = text
    return environment().get_template(f"{text}.html.j2").render(values).strip()


def parts(words: str) -> tuple[str, ...]:
    """The words in as many messages as it takes, parted between two lines: no door carries a longer one."""
    found: list[list[str]] = [[]]
    for line in words.split("\n"):
        if found[-1] and sum(len(one) + 1 for one in (*found[-1], line)) > _LONGEST:
            found.append([])
        found[-1].append(line)
    return tuple("\n".join(lines) for lines in found)
