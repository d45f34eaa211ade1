"""How what people type is understood: a choice, a yes or a no, a command. What is ambiguous is never guessed."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

Choices = Sequence[tuple[str, str]]

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "OE", "Æ": "AE"})
_NUMBER = re.compile(
    r"^(?:(?:le|la|l|n|no|numero|num|reponse|choix|option|je|prends|choisis|plutot) )*"
    r"(?:(\d{1,3})|(un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix)"
    r"|(premiere?|deuxieme|seconde?|troisieme|quatrieme|cinquieme|sixieme)|(derniere?))"
    r"(?: (?:reponse|choix|option|svp|merci))*$"
)
_ORDINALS = ("premier", "deuxieme", "troisieme", "quatrieme", "cinquieme", "sixieme")
_UNITS = (
    *("zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"),
    *("treize", "quatorze", "quinze", "seize", "dix sept", "dix huit", "dix neuf"),
)
_TENS: Mapping[str, int] = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50}
_SECONDS = ("second", "seconde")
_LED_NUMBER = re.compile(r"^(\d{1,3}) (.+)$")

_SIGNS = str.maketrans(dict.fromkeys("👍👌✅", " oui ") | dict.fromkeys("👎❌", " non ") | {"🙏": " merci "})

# What a yes and a no look like besides « oui » and « non ».
_SPOKEN: Mapping[str, tuple[str, ...]] = {
    "oui": (
        *("o", "ui", "oui oui", "ouais", "ouai", "yes", "yep", "ok", "okay", "d accord", "daccord", "bien sur"),
        *("ouii", "ouiii", "ouui"),
        *("bien sur que oui", "tout a fait", "absolument", "exact", "exactement", "volontiers", "certainement"),
        *("evidemment", "c est ca", "pas de probleme", "pas de souci", "affirmatif", "je confirme", "vrai"),
        *("oki", "okey", "dac", "ouep", "ouaip", "yes yes", "parfait", "carrement", "sans probleme", "sans souci"),
        *("c est exact", "correct", "c est correct", "c est vrai"),
        *("c est ok", "ok pour moi", "ca me va", "ca me convient"),
    ),
    "non": (
        *("n", "nn", "non non", "nan", "nope", "no", "pas du tout", "jamais", "bien sur que non", "absolument pas"),
        *("nonn", "noon"),
        *("surtout pas", "certainement pas", "evidemment non", "negatif", "hors de question", "faux"),
        *("pas d accord", "tout a fait faux"),
    ),
}
_QUOTES = ("«»", "“”", '""', "''", "‘’", "’’")
_YES_NO: Choices = (("oui", "Oui"), ("non", "Non"))
_LETS_BE: Choices = tuple(("non", way) for way in ("annuler", "annule", "stop", "abandonner", "laisse", "laisser"))
_COURTESIES = re.compile(r"(?: (?:merci|svp|stp|s il (?:vous|te) plait|confirmer|je confirme|ne rien faire))+$")
_FILLERS = re.compile(
    r"^(?:(?:ah|oh|eh|euh|heu|hum|hmm|ben|bah|bon|alors|je dirais|plutot|je suis|j suis|jsuis|chuis) )+"
)
_SHORTEST = 3  # letters of a label's beginning
_HESITATIONS = frozenset({"mais", "ou", "sauf", "peut", "enfin", "quoique", "sinon", "si", "sous", "reserve", "option"})
_DENIALS = frozenset({"non", "pas", "plus", "jamais"})
_INCLUSIVE = re.compile(r"(?<=[^\W\d_])(?:\((?:ne|le|s|e|es|trice|trices)\)|[·.]e\b|[·.]trice\b)+")


class Command(NamedTuple):
    """A command and the rest of the line. The name is the declared one, or what was typed when none is."""

    name: str
    args: str


def fold(text: str) -> str:
    """The words of a text without case, accents or punctuation, one space between them."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    bare = "".join(sign for sign in decomposed if not unicodedata.category(sign).startswith("M"))
    return " ".join(re.findall(r"[^\W_]+", bare.casefold()))


def in_words(text: str) -> str:
    """A text whose thumbs are words: « 👍 » is « oui »."""
    return text.translate(_SIGNS)


def typed(text: str) -> str:
    """A text without what a telephone or a copy adds to it: unseen signs, odd spaces, odd dashes, wide digits."""
    return "".join(_plain(sign) for sign in unicodedata.normalize("NFC", text))


def _plain(sign: str) -> str:
    match unicodedata.category(sign):
        case "Cf":
            return ""
        case "Zs":
            return " "
        case "Pd":
            return "-"
        case "Nd":
            return str(unicodedata.decimal(sign))
        case _:
            return sign


def unquoted(text: str) -> str:
    """Words without the one pair of quotation marks around them all: « a » et « b » keeps its own."""
    words = text.strip()
    pair, inner = words[:1] + words[-1:], words[1:-1]
    return inner.strip() if len(words) > 1 and pair in _QUOTES and not set(pair) & set(inner) else words


@lru_cache(maxsize=2048)
def fold_declared(words: str) -> str:
    """As `fold`, for words that come again with each message: those of a command or of a choice."""
    return fold(words)


def read_choice(text: str, choices: Choices, synonyms: Choices = ()) -> str | None:
    """The code of the choice that a person means.

    A number, a label, the beginning of a label that fits no other, or a sentence that begins with one.

    Args:
        choices: (code, label) pairs in the order shown, numbered from 1.
        synonyms: (code, words) pairs: other ways to say a choice.

    Returns:
        None when the words fit no choice, or several.
    """
    said = _FILLERS.sub("", fold(_INCLUSIVE.sub("", in_words(text))))
    if not said:
        return None
    phrases = _phrases(choices, synonyms)
    return (
        _only({code for phrase, code in phrases if phrase == said})
        or _by_number(said, choices, phrases)
        or _only({code for code, label in choices if len(said) >= _SHORTEST and fold_declared(label).startswith(said)})
        or _by_beginning(said, phrases)
    )


def read_yes_no(text: str) -> bool | None:
    """Whether a person says yes or no; None when they say neither, or both."""
    code = read_choice(text, _YES_NO)
    return None if code is None else code == "oui"


def read_bare_yes_no(text: str) -> bool | None:
    """The same where people also talk to each other: « ok je regarde » is said to a colleague, and answers nothing."""
    said = _COURTESIES.sub("", _FILLERS.sub("", fold(text)))
    code = _only({code for phrase, code in _phrases(_YES_NO, _LETS_BE) if phrase == said})
    return None if code is None else code == "oui"


def read_command(text: str, known: Collection[str], *, bare_words: int = 3) -> Command | None:
    """The command that a line is: `/x`, `!x`, ` /x`, `//x` and `x` are the same.

    Args:
        known: names as declared, accents and hyphens included.
        bare_words: without its sign, a line of more words than this is a sentence and no command.
    """
    line = text.strip()
    names = {fold_declared(name).replace(" ", ""): name for name in known}
    signed = re.match(r"^(?:/+ ?|!+(\s?))([\w-]+)(?:@\S+)?(?:\s+(.*))?$", line, re.DOTALL)
    if signed:
        name = names.get(fold(signed[2]).replace(" ", ""))
        if name or not signed[1]:  # « ! dossier 3 » is a command, « ! attention » is not
            return Command(name or signed[2].casefold(), (signed[3] or "").strip())
    first, rest = (*line.split(maxsplit=1), "", "")[:2]
    name = names.get(fold(first).replace(" ", "")) if re.fullmatch(r"[\w-]+[.!?…]*", first) else None
    if name is None or len(line.split()) > bare_words:
        return None
    return Command(name, rest.strip().strip("?!").rstrip())


def in_digits(said: str) -> str:
    """Folded words with their numbers in digits, up to fifty-nine: « vingt et un ans » is « 21 ans »."""
    for word, ten in _TENS.items():
        said = re.sub(rf"\b{word} et un\b", str(ten + 1), said)
        for unit in range(9, 1, -1):
            said = re.sub(rf"\b{word} {_UNITS[unit]}\b", str(ten + unit), said)
        said = re.sub(rf"\b{word}\b", str(ten), said)
    for unit in range(len(_UNITS) - 1, -1, -1):
        said = re.sub(rf"\b{_UNITS[unit]}\b(?! \w+aine)", str(unit), said)
    return said


def _phrases(choices: Choices, synonyms: Choices) -> list[tuple[str, str]]:
    """Every way to say each choice, folded, with its code."""
    codes = {code for code, _ in choices}
    said = [*choices, *((code, code) for code in codes), *((code, way) for code, way in synonyms if code in codes)]
    if codes >= _SPOKEN.keys():
        said += [(code, way) for code, ways in _SPOKEN.items() for way in ways]
    return [(phrase, code) for code, words in said if (phrase := fold_declared(words))]


def _by_number(said: str, choices: Choices, phrases: Sequence[tuple[str, str]]) -> str | None:
    """« 1 », « le 1 », « réponse 2 », « la première », « 1. Oui »."""
    found = _NUMBER.match(said)
    if found:
        rank = _rank(found, len(choices))
        return choices[rank - 1][0] if 1 <= rank <= len(choices) else None
    led = _LED_NUMBER.match(said)
    if led and 1 <= int(led[1]) <= len(choices):
        code = choices[int(led[1]) - 1][0]
        return code if (led[2], code) in phrases else None
    return None


def _rank(found: re.Match[str], count: int) -> int:
    digits, cardinal, ordinal, last = found.groups()
    if digits:
        return int(digits)
    if cardinal:
        return _UNITS.index(cardinal)
    if last:
        return count
    return 2 if ordinal in _SECONDS else _ORDINALS.index(ordinal.replace("premiere", "premier")) + 1


def _by_beginning(said: str, phrases: Sequence[tuple[str, str]]) -> str | None:
    """The choice with which a sentence begins, unless the rest of it says another one, hesitates or denies it."""
    begun = [(phrase, code) for phrase, code in phrases if said.startswith(f"{phrase} ")]
    longest = max((len(phrase) for phrase, _ in begun), default=0)
    code = _only({code for phrase, code in begun if len(phrase) == longest})
    if code is None:
        return None
    rest = f" {said[longest + 1 :]} "
    others = {phrase for phrase, other in phrases if other != code and len(phrase) > 1}
    if _HESITATIONS & set(rest.split()) or any(f" {phrase} " in rest for phrase in others):
        return None
    return None if _denied(said[:longest], rest, [phrase for phrase, same in phrases if same == code]) else code


def _denied(begun: str, rest: str, ways: Sequence[str]) -> bool:
    """Whether a sentence takes back what it begins with: « je l'ai pas »; « oui, pas de souci » does not."""
    for way in sorted(ways, key=len, reverse=True):
        rest = rest.replace(f" {way} ", " ")
    return bool(_DENIALS & set(rest.split())) and not _DENIALS & set(begun.split())


def _only(codes: Collection[str]) -> str | None:
    return next(iter(codes)) if len(codes) == 1 else None
