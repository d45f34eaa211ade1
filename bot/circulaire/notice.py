"""The notice de renseignements, filled in by talking: each field is read as people type it, and made uniform."""

import re
from collections.abc import Callable, Mapping

from bot.circulaire.campagne import NoticeField
from bot.circulaire.reading import fold, in_digits, read_choice, typed
from bot.errors import Refusal

Value = str | int

_LONGEST_NAME = 100
_LONGEST_LINE = 200
_LONGEST_CAREER = 50  # years
_NAME_LEAD = re.compile(
    r"^(?:(?:bonjour|bonsoir)\b[\s,.!]*)?"
    r"(?:je m['’ ]?appelle|je suis|mon nom est|moi c['’ ]?est|c['’ ]?(?:est|moi))?\s*"
    r"(?:(?:mme|mlle|m|mr|madame|monsieur)\b\.?\s+)?",
    re.IGNORECASE,
)
_NAME_LABEL = re.compile(r"\b(?:nom|pr[ée]nom)s?\b\s*:?|[\s,.!]*\bmerci\b.*$", re.IGNORECASE)
_PICTURE = re.compile(r"[^\w\s\-'’.·,():/+&°\"«»!?;]")  # an emoji, and what it is made of
_NO_NAME = frozenset(
    {"je", "vous", "ne", "pas", "oui", "non", "ok", "mais", "quoi", "comment", "combien", "pourquoi", "ecole"}
)
_PARTICLES = frozenset({"de", "du", "des", "la", "le", "van", "von", "da", "di", "el", "ben"})
_NO_ANSWER = frozenset(
    {"sais pas", "aucune", "aucun", "rien", "nsp", "x", "peut etre", "bonjour", "merci", "bon", "obligatoire"}
    | {"euh", "heu", "hein", "stp", "svp", "allo", "voila"}
)
_NO_LINE = re.compile(r"^(?:oui|non|ok|je (?:ne )?sais (?:pas|plus)|(?:j ai )?aucune idee)\b")
_SPEAKERS = frozenset({"je", "j", "jai", "tu", "vous", "ca"})  # in a sentence, never in the name of a place
_DENIED = re.compile(r"\b(?:je|j|jai|tu|vous|ca) (?:\w+ ){0,2}(?:pas|plus|rien)\b|\b(?:est|sont) (?:pas|plus)\b")
_LONG = 5  # letters of a word that says what a line is
_LINE_LEAD = re.compile(
    r"^(?:(?:mon|ma) \w+ |je (?:crois|pense) que )?"
    r"(?:c['’ ]?est|je (?:suis|travaille|enseigne|exerce) (?:affectée? )?(?:à|a|dans|en|sur)) (?:l['’]|la |le )?"
    r"|^(?:la|ma circo(?:nscription)?) (?=\d|paris)",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"(?<![\w.+'@-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)+(?![\w@-])")
_CUT = re.compile(r"(?:[^\W\d_],|\b(?!(?:mail|email|mel|courriel|adresse|est|académique|moi|voici)\b)[^\W\d_]{2,} )$")
_LOCAL = re.compile(r"^[a-z0-9](?:[a-z0-9._'-]*[a-z0-9])?$")
_PHONE = re.compile(r"(?<![\d+])(?:\+|00)?\d(?:[\s.\-/()_]*\d){8,13}(?!\d)")
_OVERSEAS = ("262", "590", "594", "596")
_FIRST_YEAR = re.compile(r"\bmoins d (?:un|1) an\b|\b(?:premiere|1ere) annee\b")
_MONTHS = re.compile(r"^(?:depuis )?(\d{1,3}) mois$")
_DATE = re.compile(r"\b(?:19|20)\d\d\b")
_NEGATIVE = re.compile(r"\s*[-−–]\d")
_VAGUE_YEARS = re.compile(r"\b(?:ou|entre|environ|a peu pres|une \w+aine|plusieurs|quelques)\b")
_YEARS = re.compile(r"\b(\d{1,3})\b(?! mois)(?: (?:ans?|annees?))?")


def read_field(field: NoticeField, text: str) -> Value:
    """What a person's words mean for a field of the notice.

    Returns:
        The uniform value: years as a whole number, a choice as its code, anything else as text.

    Raises:
        Refusal: the words cannot be used; its text is `candidature/notice_<kind>` and says `reason`.
    """
    return _READERS[field.kind](field, typed(text))


def field_words(field: NoticeField, value: Value) -> str:
    """A value as it is shown in the summary and on the notice."""
    if field.kind == "choice":
        return dict(field.choices).get(str(value), str(value))
    if field.kind == "years":
        return "moins d’un an" if value == 0 else f"{value} an{'s' if int(value) > 1 else ''}"
    return str(value)


def _refuse(field: NoticeField, reason: str, text: str, **values: object) -> Refusal:
    return Refusal(
        f"candidature/notice_{field.kind}",
        source=field.source,
        reason=reason,
        label=field.label,
        example=field.example,
        typed=" ".join(text.split()),
        **values,
    )


def _read_name(field: NoticeField, text: str) -> str:
    said = _NAME_LEAD.sub("", " ".join(_PICTURE.sub("", text).split()))
    name = " ".join(_NAME_LABEL.sub("", said).split()).strip(" .,;!")
    if len(name) > _LONGEST_NAME:
        raise _refuse(field, "long", text, most=_LONGEST_NAME)
    if (
        not name
        or not all(sign.isalpha() or sign in " -'’.·,()" for sign in name)
        or _NO_NAME & set(fold(name).split())
    ):
        raise _refuse(field, "letters", text)
    if len(name.split()) == 1:
        raise _refuse(field, "alone", text)
    return _capitalised(name) if name == name.lower() else name


def _capitalised(name: str) -> str:
    """« jean-marc de la tour » as one writes it: « Jean-Marc de la Tour »."""
    words = name.split()
    return " ".join(
        word if rank and word in _PARTICLES else re.sub(r"(^|[-'’])(\w)", lambda m: m[1] + m[2].upper(), word)
        for rank, word in enumerate(words)
    )


def _read_line(field: NoticeField, text: str) -> str:
    line = _LINE_LEAD.sub("", " ".join(text.split()))
    if len(line) > _LONGEST_LINE:
        raise _refuse(field, "long", text, most=_LONGEST_LINE)
    other = _EMAIL.search(line) or _PHONE.search(line)
    bare = not any(sign.isalpha() for sign in line) and any(sign.isalpha() for sign in field.example)
    if (
        other
        or bare
        or not fold(line)
        or fold(line) in _NO_ANSWER
        or _NO_LINE.match(fold(line))
        or _speaks(field, line)
    ):
        raise _refuse(field, "empty", text)
    return line


def _speaks(field: NoticeField, line: str) -> bool:
    """Whether a line is a sentence: somebody speaks in it, and names nothing by a number or a word of the label."""
    said = fold(line).split()
    names = {word for word in fold(field.label).split() if len(word) >= _LONG}
    named = any(word in names or word[0].isdecimal() for word in said)
    return bool(_DENIED.search(" ".join(said))) or (not named and not _SPEAKERS.isdisjoint(said))


def _read_choice(field: NoticeField, text: str) -> str:
    code = read_choice(text, field.choices, field.synonyms)
    if code is None:
        raise _refuse(field, "unclear", text, choices=[label for _, label in field.choices])
    return code


def _read_years(field: NoticeField, text: str) -> int:
    said = in_digits(fold(re.sub(r"(?<=\d)[.,]\d+|½|\b1/2\b", "", text)))
    said = re.sub(r"(\d)(?=ans?\b|annees?\b)", r"\1 ", said)
    if _FIRST_YEAR.search(said):
        return 0
    months = _MONTHS.match(said)
    if months:
        return int(months[1]) // 12
    if _DATE.search(said):
        raise _refuse(field, "date", text)
    counts = {int(found[1]) for found in _YEARS.finditer(said)}
    if len(counts) != 1 or _VAGUE_YEARS.search(said) or _NEGATIVE.match(text):
        raise _refuse(field, "unclear", text)
    years = counts.pop()
    if years > _LONGEST_CAREER:
        raise _refuse(field, "long", text, most=_LONGEST_CAREER)
    return years


def _read_email(field: NoticeField, text: str) -> str:
    said = re.sub(r"\s*(?:@|\barobase\b)\s*", "@", text)
    if "@" in said and not _EMAIL.search(said):  # dictated
        said = re.sub(r" (?:point|tiret) ", lambda m: "." if "point" in m[0] else "-", said.rstrip(". "))
    found: dict[str, int] = {address[0].lower(): address.start() for address in _EMAIL.finditer(said)}
    if not found:
        raise _refuse(field, "shape" if "@" in said else "missing", text, domain=field.domain)
    if len(found) > 1:
        raise _refuse(field, "several", text, domain=field.domain)
    ((address, start),) = found.items()
    local, _, domain = address.rpartition("@")
    if domain != field.domain:
        raise _refuse(field, "domain", text, domain=field.domain)
    cut = "." not in local and _CUT.search(said[:start])  # « claire martin@… » is nobody's martin@…
    if cut or not _LOCAL.match(local) or ".." in local or address == field.example:
        raise _refuse(field, "shape", text, domain=field.domain)
    return address


def _read_phone(field: NoticeField, text: str) -> str:
    numbers = {_national(re.sub(r"[^\d+]", "", found)) for found in _PHONE.findall(text.replace("(0)", ""))}
    if len(numbers) > 1:
        raise _refuse(field, "several", text)
    number = numbers.pop() if numbers else None
    if number is None:
        raise _refuse(field, "shape", text)
    return " ".join(re.findall("..", number))


def _national(digits: str) -> str | None:
    """A French number with its ten digits, whatever its prefix; None for anything else."""
    number = re.sub(r"^00|^(?=33[1-9]\d{8}$)", "+", digits)
    for code in ("33", *_OVERSEAS):
        if number.startswith(f"+{code}"):
            number = "0" + number.removeprefix(f"+{code}").removeprefix("0")
    return number if re.fullmatch(r"0[1-9]\d{8}", number) else None


_READERS: Mapping[str, Callable[[NoticeField, str], Value]] = {
    "name": _read_name,
    "line": _read_line,
    "choice": _read_choice,
    "years": _read_years,
    "email": _read_email,
    "phone": _read_phone,
}
FIELD_KINDS = tuple(_READERS)
