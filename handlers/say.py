"""The only mouth: every word that a person reads is a text of `handlers/texts`."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bot.circulaire import delais
from bot.circulaire.candidature import Etat
from bot.papers.paper import megabytes
from handlers import words
from storage.work import current_work

TEXTS = Path(__file__).parent / "texts"
_LONGEST = 2000  # characters of a message, its marks included: more is cut or folded by some clients


@cache
def environment() -> Environment:
    """The texts: HTML escapes what people typed, plain text does not; an unknown value is an error, not a hole."""
    made = Environment(
        loader=FileSystemLoader(TEXTS),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        day_words=delais.day_words,
        hour_words=delais.hour_words,
        instant_words=delais.instant_words,
        remaining=delais.remaining,
        megabytes=megabytes,
        letter_words=words.letter_words,
        letter_state=words.letter_state,
        is_informative=words.is_informative,
        letter_reason=words.letter_reason,
        act_words=words.act_words,
        etat=lambda candidature: Etat(candidature.etat),
    )
    made.filters["numeros"] = words.numeros
    made.filters["capital"] = lambda words: words[:1].upper() + words[1:]
    return made


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
