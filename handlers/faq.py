"""Questions at any moment: the circular's own words, three things one may have meant, or « elle ne le dit pas »."""

import re
from collections.abc import Sequence
from dataclasses import replace
from textwrap import shorten
from typing import Any

from aiogram import F
from aiogram.types import Message

from bot.answers import Answers
from bot.circulaire.candidature import Etat
from bot.circulaire.delais import is_open
from bot.circulaire.faq import Addendum, FollowUp, Reply, proof
from bot.circulaire.faq.bank import Bank
from bot.circulaire.faq.reply import Part, answer_part
from bot.circulaire.reading import fold, in_words, read_choice
from handlers.choices import Tapped, is_yes
from handlers.commands import Called, read
from handlers.items import expected_of
from handlers.say import say
from handlers.steps import Aside, Place, ask, place, private, rests, tell
from handlers.turn import SAID, Turn, room
from handlers.unanswered import remember, talks_with_bureau
from storage import questions
from storage.tables import AskedQuestion
from storage.work import UnitOfWork

passing = room("faq.passing", private)  # questions that show themselves as such, before any room takes the words
router = room("faq", private)  # whatever no room understood

_ASKS = re.compile(
    r"^(?:est ce|quand|quel|quelle|quels|quelles|combien|comment|pourquoi|ou |qui |que |qu |puis je|peut on"
    r"|dois je|doit on|faut il|fo|c est quand|c est quoi|y a t il|ya|a quelle|a quel|jusqu|(?:vous|tu|t) (?:etes|es) )"
)
_TODAY = (
    re.compile(  # a bare « on est le combien ? », « il reste combien de temps ? »; with more words it is a question
        r"^(?:(?:bonjour|alors|mais|et|au fait|dites moi) )*(?:"
        r"(?:on est|est on|nous sommes|sommes nous) (?:le combien|quel jour|quelle date)"
        r"|(?:quel jour|quelle date|le combien)(?: est ce qu)? ?(?:on est|est on|nous sommes|sommes nous)"
        r"|(?:il est quelle heure|quelle heure (?:est il|il est))"
        r"|(?:quelle est )?la date (?:du jour|d aujourd hui)"
        r"|il (?:me |nous )?reste (?:encore )?(?:combien|cb) de (?:temps|jours|heures)"
        r"|(?:combien|cb) de (?:temps|jours|heures) (?:est ce qu )?(?:il )?(?:me |nous )?reste(?: t il)?"
        r"|combien (?:est ce qu )?(?:il )?(?:me |nous )?reste(?: t il)? de (?:temps|jours|heures)"
        r"|(?:(?:j ai|on a|nous avons) )?encore (?:combien|cb) de (?:temps|jours|heures)"
        r")(?: encore| aujourd hui| maintenant| exactement| svp| s il vous plait| merci)*$"
    )
)
_LOST = re.compile(  # « je suis perdue », « j'ai rien compris à la question », « pourquoi vous demandez ça »
    r"^(?:(?:bonjour|euh|heu|mais|en fait|desolee?|pardon|alors|bon|oh|ah|non|la|franchement|svp|au secours) )*(?:"
    r"(?:je |j )?(?:n )?(?:y )?(?:ne )?comprends? (?:vraiment |toujours )?(?:pas|rien|plus)(?: (?:bien|rien))?"
    r"|(?:je |j )?(?:n )?(?:y )?(?:ai |jai |g )?(?:rien|pas|pas bien|pas tout) compris"
    r"|je suis (?:\w+ ){0,2}(?:perdu|stresse|bloque|coince|angoisse|inquiet|panique|depasse|noye)(?:e|ee|te)?"
    r"|(?:je|j|ca me) (?:stresse|panique|angoisse|flippe|galere|bloque|craque)"
    r"|(?:(?:pouvez|pourriez|peux) (?:vous|tu)|(?:vous pouvez|tu peux)) m aider"
    r"|aide[rz]? moi|(?:j ai )?besoin d aide|a l aide|au secours|sos"
    r"|(?:je |j )(?:n )?(?:y )?arrive (?:pas|plus)"
    r"|c est (?:trop |vraiment |super )?(?:complique|dur|difficile)"
    r"|je (?:ne )?sais (?:pas|plus) (?:quoi|comment) (?:faire|mettre|repondre|ecrire|dire)"
    r"|(?:(?:il )?faut|je dois) (?:mettre|ecrire|repondre) quoi|je (?:mets|ecris|reponds) quoi"
    r"|pourquoi (?:cette question|(?:vous )?(?:me )?demandez (?:vous )?(?:ca|cela))"
    r")(?: (?:a |de )?(?:(?:la|votre|cette) question|tout ca|ca|la|tout|trop|du tout|encore|pourquoi|svp|stp|merci))*"
    r"(?: ce (?:qu il faut|que je dois|que vous voulez|que vous demandez)(?: \w+){0,2})?$"
)
_HUMAN = ("parler", "parler à quelqu’un")
_LABEL = 80  # characters of a choice that any client shows whole
_NOISE = "bruit"  # the topic of words that say nothing
_AGREES = "d-accord"
_TOLD = frozenset({"answer", "unsure", "silent"})
_COURTESIES = frozenset({"merci", "au-revoir", _AGREES})  # what nobody needs to hear


async def a_question(message: Message) -> bool:
    """Words that show themselves as a question: a mark, or a word that asks."""
    text = message.text or ""
    if text.lstrip().startswith(("/", "!")) or read(text, "candidat") is not None:
        return False
    return "?" in text or bool(_ASKS.match(fold(text)))


@passing.message(Called("contact"))
@router.message(Called("contact"))
async def contact(turn: Turn) -> None:
    """Whom the circular names."""
    here = await place(turn, turn.chat_id)
    await ask(turn, here, lead=say("faq/contact", campagne=turn.campagne, bureau=turn.bureau))


@passing.message(Called("preuve"))
async def prove(turn: Turn) -> None:
    """The passage cited last, between its neighbours, with the circular's fingerprint."""
    cited = (await turn.beside("faq").get_data()).get("cited") or []
    proofs = [proof(turn.campagne, one) for one in cited[:2]]
    words = say("faq/proof" if proofs else "faq/no_proof", proofs=proofs, campagne=turn.campagne)
    await tell(turn, await place(turn, turn.chat_id), words)


@passing.message(SAID.regexp(_TODAY))
async def today(turn: Turn) -> None:
    """« On est le combien ? », « il reste combien de temps ? »: the day, and how long one may still deposit."""
    here = await place(turn, turn.chat_id)
    await tell(turn, here, say("faq/today", campagne=turn.campagne, now=turn.now))


@passing.message(SAID.regexp(_LOST))
async def lost(turn: Turn) -> None:
    """« Je stresse », « je suis perdue », « je ne comprends pas »: a calm word, whom to ask, and what comes next."""
    here = await place(turn, turn.chat_id)
    asked = await turn.state.get_state() in {None, Aside.correcting.state}
    _, code = (await expected_of(turn, here) if asked else None) or ("", "")
    question = next((one for one in turn.campagne.questions if one.code == code), None)
    missed = await talks_with_bureau(turn)
    values: dict[str, Any] = {"here": here, "campagne": turn.campagne, "now": turn.now, "bureau": turn.bureau}
    shown = await ask(turn, here, lead=say("faq/lost", question=question, missed=missed, **values))
    await remember(turn, turn.text if missed else "", shown)


async def one_of_the_offered(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """True for the words of a choice that was just offered."""
    offered = (await turn.beside("faq").get_data()).get("offered") or []
    if not offered or not turn.text:
        return False
    topic = read_choice(turn.text, [(topic, label) for topic, label in offered])
    return {"topic": topic} if topic and not turn.text.strip().isdecimal() else False


@passing.callback_query(Tapped("faq", topic=str))
@passing.message(one_of_the_offered)
async def meant(turn: Turn, topic: str, answers: Answers) -> None:
    """One of the things that the person may have meant."""
    here = await place(turn, turn.chat_id)
    bank = (await answers.index()).bank
    found = bank.topic(topic)
    memory = turn.beside("faq")
    await memory.update_data(offered=[])
    if found is None:
        await ask(turn, here, lead=say("faq/contact", campagne=turn.campagne))
        return
    part = answer_part(bank, found, turn.now.date())
    await memory.update_data(cited=[one.id for one in part.passages])
    await _count(turn.work, "meant", topic, "")
    shown = await ask(
        turn, here, lead=say("faq/answer", parts=_today_for(turn, here, bank, [part]), campagne=turn.campagne)
    )
    await remember(turn, "", shown)


@passing.callback_query(Tapped("useful", number=int, was_useful=is_yes))
async def useful(turn: Turn, number: int, *, was_useful: bool) -> None:
    """Whether an answer was useful."""
    asked = await turn.work.run(questions.asked, number)
    if asked is not None:
        asked.useful = was_useful
    here = await place(turn, turn.chat_id)
    await ask(turn, here, lead=say("faq/thanks"))


@passing.message(a_question)
@router.message(F.text)
async def answer(turn: Turn, answers: Answers) -> None:
    """Answer, and take up again at the same question."""
    memory = turn.beside("faq")
    data = await memory.get_data()
    text = in_words(turn.text)
    follow_up = FollowUp.from_dict(data.get("follow_up"))
    added = [
        Addendum(str(row.numero), row.text, row.signed_by, row.signed_at.date(), tuple(row.questions))
        for row in await turn.work.run(questions.addenda, turn.campagne.numero)
    ]
    index = await answers.index()
    reply = index.ask(text, now=turn.now, follow_up=follow_up, addenda=added)
    added_to = next((part.addendum.id for part in reply.parts if part.addendum), None)
    topic = f"complément n° {added_to}" if added_to else next(iter(reply.topics), "")
    number = await _count(turn.work, reply.outcome, topic, text)
    here = await place(turn, turn.chat_id)
    kept = reply.follow_up.as_dict() if reply.follow_up else data.get("follow_up")
    offered = [[choice.topic, choice.label] for choice in reply.choices]
    today = turn.now.date().isoformat()
    ask_useful = reply.outcome == "answer" and data.get("useful_on") != today
    fresh: dict[str, Any] = {"follow_up": kept, "cited": list(reply.cited) or data.get("cited"), "offered": offered}
    await memory.update_data({**fresh, "useful_on": today if ask_useful else data.get("useful_on")})
    parts = _today_for(turn, here, index.bank, reply.parts)
    words = say("faq/answer" if parts else "faq/unsure", parts=parts, reply=reply, campagne=turn.campagne)
    resting = await rests(turn, here)
    no_answer = not resting and (_is_no_question(reply, text) or _only_agrees(reply, here))
    gives_up = reply.outcome == "silent" and not reply.choices
    silent = say("faq/silent", campagne=turn.campagne, bureau=turn.bureau) if gives_up else ""
    waits = here.step not in {"pieces", "deposit"} or await turn.state.get_state() is not None
    said = [say("faq/not_understood", waits=waits)] if no_answer else [words, silent]
    missed = await _may_be_for_the_bureau(turn, reply, no_answer=no_answer) and await talks_with_bureau(turn)
    lead = "\n".join(part for part in (*said, say("faq/missed") if missed else "") if part)
    resting = resting or (here.step == "consent" and not no_answer)  # a « oui » may say that the answer was useful
    if reply.choices:
        labels = [(choice.topic, shorten(choice.label, _LABEL, placeholder="…")) for choice in reply.choices]
        buttons = [(f"faq:{topic}", label) for topic, label in labels]
        shown = await turn.answer(lead, choices=[*buttons, _HUMAN])
    elif ask_useful:
        both = (f"useful:{number}:oui", "Utile"), (f"useful:{number}:non", "Pas utile")
        await turn.answer(lead)
        shown = await turn.answer(say("faq/useful"), choices=both)
        shown = shown if resting else await ask(turn, here)
    elif resting:
        shown = await turn.answer(lead, choices=[_HUMAN] if silent and turn.bureau else ())
    else:
        shown = await ask(turn, here, lead=lead)
    if missed or (reply.outcome in _TOLD and not no_answer):  # a « merci » says nothing of the question before it
        await remember(turn, text if missed or reply.outcome != "answer" else "", shown)


def _today_for(turn: Turn, here: Place, bank: Bank, parts: Sequence[Part]) -> list[Part]:
    """What an answer means today; to who has deposited, it is not how long they may still send."""
    if here.candidature is None or here.candidature.etat != Etat.DEPOSEE or not is_open(turn.campagne, turn.now):
        return list(parts)
    days = {part.topic: topic.day for part in parts if (topic := bank.topic(part.topic))}
    deposited = say("faq/deposited", here=here)
    return [replace(part, today=deposited) if days.get(part.topic) == "closes_at" else part for part in parts]


async def _may_be_for_the_bureau(turn: Turn, reply: Reply, *, no_answer: bool) -> bool:
    """Whether words ask nothing that was answered: said while a relay is open, they may be meant for it."""
    if turn.text.strip().isdecimal():
        return False
    if reply.outcome == "talk":
        return not _COURTESIES.intersection(reply.topics)
    return no_answer or (reply.outcome == "answer" and not await a_question(turn.message))


def _is_no_question(reply: Reply, text: str) -> bool:
    """Whether words are an answer that was not understood: noise, a number, or what no topic knows."""
    if "?" in text or reply.choices:
        return False
    unknown = reply.outcome == "silent" and not any(part.topic for part in reply.parts)
    return unknown or (reply.outcome == "talk" and _NOISE in reply.topics) or text.strip().isdecimal()


def _only_agrees(reply: Reply, here: Place) -> bool:
    """Whether words say « d'accord », « oui mais », where a question waits that they do not answer."""
    return reply.outcome == "talk" and _AGREES in reply.topics and here.step != "pieces"


async def _count(work: UnitOfWork, outcome: str, topic: str, words: str) -> int:
    """Count a question, without who asked it; its words are kept only where it was not answered."""
    number = work.take_id()
    kept = questions.without_private(words) if outcome in {"silent", "unsure"} else ""
    await work.add(AskedQuestion(id=number, asked_at=work.now, outcome=outcome, topic=topic, words=kept))
    return number
