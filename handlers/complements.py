"""What people ask, counted without names, and what the bureau adds where the circular is silent."""

from datetime import timedelta

from aiogram import Router

from bot.answers import Answers
from handlers.commands import Called
from handlers.say import say
from handlers.turn import Turn
from storage import questions
from storage.bureau import Addendum

router = Router(name="complements")
_DAYS = 30


@router.message(Called("questions"))
async def asked(turn: Turn, args: str, answers: Answers) -> None:
    """What was asked, what was not answered, how useful the answers were."""
    days = int(args) if args.isdecimal() and len(args) < 4 else _DAYS  # noqa: PLR2004 -- three digits of days
    since = turn.now - timedelta(days=days)
    bank = (await answers.index()).bank
    counts = await turn.work.run(questions.counted, since)
    labels = {topic.id: topic.label for topic in bank.topics}
    rows = [(outcome, labels.get(topic, topic), number) for (outcome, topic), number in counts.most_common(15)]
    await turn.answer(
        say(
            "complements/questions",
            days=days,
            rows=rows,
            total=counts.total(),
            unanswered=await turn.work.run(questions.unanswered, since),
            useful=await turn.work.run(questions.usefulness, since),
        )
    )


@router.message(Called("complement"))
async def add(turn: Turn, args: str) -> None:
    """« complement Combien de postes ? Le nombre n'est pas fixé. »: signed, dated, found at once."""
    question, mark, text = args.partition("?")
    if not mark or not question.strip() or not text.strip():
        await turn.answer(say("complements/how"))
        return
    addendum = Addendum(
        id=turn.work.take_id(),
        campagne=turn.campagne.numero,
        numero=await turn.work.run(questions.next_numero, turn.campagne.numero),
        text=text.strip(),
        questions=[f"{question.strip()} ?"],
        signed_by=turn.person.first_name,
        signed_at=turn.now,
    )
    await turn.work.add(addendum)
    turn.work.note("addendum.signed", actor=turn.actor, numero=addendum.numero)
    await turn.answer(say("complements/added", addendum=addendum))


@router.message(Called("complements"))
async def list_(turn: Turn) -> None:
    """The addenda in force."""
    await turn.answer(say("complements/list", rows=await turn.work.run(questions.addenda, turn.campagne.numero)))


@router.message(Called("revoquer"))
async def revoke(turn: Turn, args: str) -> None:
    """Take an addendum out of force; it stays in the journal."""
    number = int(args) if args.isdecimal() and len(args) < 10 else 0  # noqa: PLR2004 -- a number people type
    found = await turn.work.run(questions.addendum, turn.campagne.numero, number)
    if found is None or found.revoked_at is not None:
        await turn.answer(say("complements/not_found", typed=args[:40]))
        return
    found.revoked_at = turn.now
    turn.work.note("addendum.revoked", actor=turn.actor, numero=found.numero)
    await turn.answer(say("complements/revoked", addendum=found))
