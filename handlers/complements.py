"""What people ask, counted without names, and what the bureau adds where the circular is silent."""

from datetime import datetime, timedelta

from aiogram import Router
from aiogram.types import Message

from bot.answers import Answers
from bot.circulaire.campagne import Campagne
from handlers.commands import Called
from handlers.say import say
from storage import questions
from storage.tables import Addendum
from storage.work import UnitOfWork

router = Router(name="complements")
_DAYS = 30


@router.message(Called("questions"))
async def asked(message: Message, args: str, work: UnitOfWork, answers: Answers, now: datetime) -> None:
    """What was asked, what was not answered, how useful the answers were."""
    days = int(args) if args.isdecimal() and len(args) < 4 else _DAYS  # noqa: PLR2004 -- three digits of days
    since = now - timedelta(days=days)
    bank = (await answers.index()).bank
    counts = await work.run(questions.counted, since)
    labels = {topic.id: topic.label for topic in bank.topics}
    rows = [(outcome, labels.get(topic, topic), number) for (outcome, topic), number in counts.most_common(15)]
    await message.answer(
        say(
            "complements/questions",
            days=days,
            rows=rows,
            total=counts.total(),
            unanswered=await work.run(questions.unanswered, since),
            useful=await work.run(questions.usefulness, since),
        )
    )


@router.message(Called("complement"))
async def add(message: Message, args: str, work: UnitOfWork, campagne: Campagne, now: datetime) -> None:
    """« complement Combien de postes ? Le nombre n'est pas fixé. »: signed, dated, found at once."""
    question, mark, text = args.partition("?")
    if not mark or not question.strip() or not text.strip() or message.from_user is None:
        await message.answer(say("complements/how"))
        return
    addendum = Addendum(
        id=work.take_id(),
        campagne=campagne.numero,
        numero=await work.run(questions.next_numero, campagne.numero),
        text=text.strip(),
        questions=[f"{question.strip()} ?"],
        signed_by=message.from_user.first_name,
        signed_at=now,
    )
    await work.add(addendum)
    work.note("addendum.signed", actor=f"bureau:{message.from_user.id}", numero=addendum.numero)
    await message.answer(say("complements/added", addendum=addendum))


@router.message(Called("complements"))
async def list_(message: Message, work: UnitOfWork, campagne: Campagne) -> None:
    """The addenda in force."""
    await message.answer(say("complements/list", rows=await work.run(questions.addenda, campagne.numero)))


@router.message(Called("revoquer"))
async def revoke(message: Message, args: str, work: UnitOfWork, campagne: Campagne, now: datetime) -> None:
    """Take an addendum out of force; it stays in the journal."""
    number = int(args) if args.isdecimal() and len(args) < 10 else 0  # noqa: PLR2004 -- a number people type
    found = await work.run(questions.addendum, campagne.numero, number)
    if found is None or found.revoked_at is not None:
        await message.answer(say("complements/not_found", typed=args[:40]))
        return
    found.revoked_at = now
    actor = message.from_user.id if message.from_user else 0
    work.note("addendum.revoked", actor=f"bureau:{actor}", numero=found.numero)
    await message.answer(say("complements/revoked", addendum=found))
