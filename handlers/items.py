"""What a candidature holds, question by question and line by line: named, read and kept as people say it."""

import re
from typing import Any

from aiogram.types import Message

from bot.circulaire.campagne import Campagne, NoticeField, Question
from bot.circulaire.reading import fold, fold_declared, read_choice
from handlers.steps import Aside, Item, Place, place
from handlers.turn import Turn
from storage.tables import Candidature

_ASKING = frozenset({"combien", "comment", "pourquoi", "quand", "quel", "quelle", "quels", "quelles", "quoi"})
_CALLED = {  # besides the words of its label
    "name": {"prenom"},
    "years": {"annees"},
    "email": {"adresse", "mail", "email", "mel"},
    "phone": {"numero", "portable", "mobile", "tel"},
}
_ECHOED = {  # how people answer a question with its own verb
    "acceptez-vous": (
        *(("oui", "j accepte"), ("oui", "je l accepte"), ("non", "je refuse")),
        *(("non", "je n accepte pas"), ("non", "j accepte pas"), ("non", "je l accepte pas")),
    ),
    "engagez-vous": (("oui", "je m engage"), ("non", "je ne m engage pas"), ("non", "je m engage pas")),
    "souhaitez-vous": (("oui", "je le souhaite"), ("oui", "je souhaite"), ("non", "je ne le souhaite pas")),
}
_SUMMARY = (("oui", "C’est exact"), ("non", "Je veux corriger"))
_SUMMARY_WORDS = (
    *(
        ("oui", words)
        for words in (
            *("exact", "c est bon", "c bon", "c ok", "tout est bon", "c est correct", "je valide", "valider"),
            *("c est ok", "tout est ok", "tout est correct", "tout est juste", "tout est exact", "nickel"),
        )
    ),
    *(
        ("non", words)
        for words in (
            "pas exact",
            "ce n est pas exact",
            "c est pas exact",
            "c est pas bon",
            "c est faux",
            "il y a une erreur",
            "erreur",
        )
    ),
)
_LED = re.compile(r"^(?:(?:bonjour|oui|moi|alors|je suis(?: bien)?|j ?suis|suis|chuis|une?) )+")
_AGREED = re.compile(r"^(?:(?:ok|okay|oki|okey|d accord|daccord|dac|parfait) )+(?P<rest>.+)$")
_LITTLE = frozenset(
    {"a", "au", "aux", "avec", "bien", "ca", "cela", "d", "dans", "de", "depuis", "des", "du", "en", "et", "l", "la"}
    | {"le", "les", "moi", "pour", "titulaire", "an", "ans", "annees"}
)
_NUMBER = re.compile(r"\d+(?:er?|eme)?")
_LONG = 5  # letters of a word that calls a line
_PARTING = frozenset({"aide", "reponse", "reponses", "soiree", "journee", "bientot", "demain"})  # of a longer thank you
_FEW = 4  # words of a thank you, or of a greeting: more say something else too
_GREETINGS = frozenset(
    {"bonjour", "bonsoir", "salut", "coucou", "hello", "start", "debut", "commencer", "bjr", "bsr", "slt", "cc", "hey"}
)
_ERRED = re.compile(
    r"^(?:\w+ ){0,2}(?:me suis (?:trompee?|plantee?)|ai fait une (?:erreur|faute))(?: (?:pour|sur|dans|de|d|a))+ (.+)$"
)
_MOST_WORDS = 12  # more say something else too


def asks(text: str) -> bool:
    """Whether words that would do for a name or a school ask something: « c'est payé combien »."""
    return bool(_ASKING & set(fold(text).split()))


def thanks(text: str) -> bool:
    """Whether words only thank for what was just said, and answer nothing."""
    words = fold(text).split()
    return words[:1] == ["merci"] and (len(words) <= _FEW or not _PARTING.isdisjoint(words))


def greets(text: str) -> bool:
    """« Bonjour », « Bonjour Greffier »."""
    words = fold(text).split()
    return bool(words) and words[0] in _GREETINGS and len(words) <= _FEW


def read_summary(text: str) -> bool | None:
    """Whether the summary of the notice is exact, as people say it; None when the words say neither."""
    choice = read_choice(text, _SUMMARY, _SUMMARY_WORDS)
    return None if choice is None else choice == "oui"


def read_question(campagne: Campagne, code: str, text: str) -> str | None:
    """The answer to a question, in its own words too, and in those that the notice's line of the same code knows.

    « Ok merci », « d'accord, je fais ça ce soir » thank for something else, and answer nothing.
    """
    line, question = line_of(campagne, code), campagne.question(code)
    synonym = read_synonym(question, text)
    agreed = _AGREED.match(fold(text))
    if synonym is None and agreed and not _is_of_the_question(question, agreed["rest"]):
        return read_question(campagne, code, agreed["rest"])
    echoed = [way for verb, ways in _ECHOED.items() if verb in question.text for way in ways]
    return synonym or read_choice(text, question.choices, [*echoed, *(line.synonyms if line else ())])


def read_synonym(question: Question, text: str) -> str | None:
    """« Je suis prof des écoles à Paris » answers the question that asks it; a word that is not its own undoes that."""
    said = _LED.sub("", fold(text))
    for code, way in question.synonyms:
        begun = fold_declared(way)
        if f"{said} ".startswith(f"{begun} ") and _is_of_the_question(question, said.removeprefix(begun)):
            return None if "?" in text else code
    return None


def _is_of_the_question(question: Question, said: str) -> bool:
    """Whether all of some folded words are the question's, or little ones; none of them denies."""
    own = _LITTLE.union(fold_declared(question.text).split()) - {"pas", "plus", "non"}
    return all(word in own or _NUMBER.fullmatch(word) for word in said.split())


def line_of(campagne: Campagne, code: str) -> NoticeField | None:
    return next((one for one in campagne.notice_fields if one.code == code), None)


def named(here: Place, words: str) -> Item | None:
    """The item of a number, or whose label holds the words."""
    said = fold(words)
    for little in ("mon ", "ma ", "mes ", "le ", "la ", "les ", "l ", "la question ", "question ", "numero ", "n "):
        said = said.removeprefix(little)
    if said.isdecimal():
        return next((one for one in here.items if one.number == int(said)), None)
    found = [one for one in here.items if said and said in fold(one.label)]
    if found:
        return found[0] if len(found) == 1 else next((one for one in found if one.kind == "field"), None)
    shared = [one for one in here.items if one.kind == "field" and _words_of(here, one) & set(fold(words).split())]
    return shared[0] if len(shared) == 1 else None


def _words_of(here: Place, item: Item) -> set[str]:
    """The words by which people call a line of the notice."""
    line = here.campagne.notice_field(item.code)
    return {word for word in fold(line.label).split() if len(word) >= _LONG} | _CALLED.get(line.kind, set())


def keep_answer(here: Place, candidature: Candidature, kind: str, code: str, value: Any) -> None:
    """Keep an answer; a question and a line of the notice of the same code are one, and never say two things."""
    asked = next((one for one in here.campagne.questions if one.code == code), None)
    line = line_of(here.campagne, code)
    if kind == "question" or (asked and value in dict(asked.choices)):
        candidature.answers = {**candidature.answers, code: value}
    if kind == "field" or (line and value in dict(line.choices)):
        candidature.notice = {**candidature.notice, code: value}


async def expected_of(turn: Turn, here: Place) -> tuple[str, str] | None:
    """What is being asked now: a question or a field."""
    if await turn.state.get_state() == Aside.correcting.state:
        data = await turn.state.get_data()
        return data["kind"], data["code"]
    if here.step == "question" and here.question:
        return "question", here.question.code
    if here.step == "field" and here.field:
        return "field", here.field.code
    return None


async def erred(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """« Je me suis trompée pour l'école », of what was answered, whatever is being asked."""
    found = _ERRED.match(fold(turn.text))
    if found is None:
        return False
    here = await place(turn, turn.chat_id)
    item = named(here, found[1])
    return {"here": here, "item": item} if item is not None and item.value else False


async def names_a_line(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """« Le téléphone est faux », where the summary is being shown."""
    here = await place(turn, turn.chat_id)
    said = turn.text
    item = named(here, said) if here.step == "summary" and len(said.split()) <= _MOST_WORDS else None
    return {"here": here, "item": item} if item is not None and item.kind == "field" else False
