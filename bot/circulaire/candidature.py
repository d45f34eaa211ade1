"""The candidature: whom the circular speaks to, and the states it goes through from the draft to its erasure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.circulaire.campagne import Campagne, Contact, Question
from bot.circulaire.machine import Machine, Transition
from bot.errors import Refusal


class VerdictCode(StrEnum):
    """What the answers mean, from the lightest to the gravest. None of them closes the door: the bureau decides."""

    ELIGIBLE = "eligible"
    ENCOURAGE = "encourage"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Verdict:
    """What a person is told after the questions: sentences with the id of their passage, and whom to ask."""

    code: VerdictCode
    sentences: tuple[tuple[str, str], ...]
    contact: Contact


def next_question(campagne: Campagne, answers: Mapping[str, str]) -> Question | None:
    """The first question that a person has still to answer; None when all are answered."""
    for question in asked_questions(campagne, answers):
        if question.code not in answers:
            return question
    return None


def asked_questions(campagne: Campagne, answers: Mapping[str, str]) -> tuple[Question, ...]:
    """The questions that concern a person, given what they answered so far."""
    return tuple(question for question in campagne.questions if _speaks(question.only_if, answers))


def assess(campagne: Campagne, answers: Mapping[str, str]) -> Verdict:
    """Tell a person whether the circular speaks to them.

    The certification is preferred, never required; an answer never locks anybody out.

    Source: §D1.1, « doit être de préférence titulaire »; §D1.2, « A défaut, le (la) candidat(e) est encouragé(e) ».

    Raises:
        Refusal: a question is still open.
    """
    missing = next_question(campagne, answers)
    if missing is not None:
        raise Refusal("candidature/question_open", source=missing.source, question=missing.text)
    asked = {question.code for question in asked_questions(campagne, answers)}
    heard = {code: answer for code, answer in answers.items() if code in asked}
    spoken = [outcome for outcome in campagne.outcomes if _speaks(outcome.when, heard)]
    gravity = list(VerdictCode)
    codes = [VerdictCode(outcome.code) for outcome in spoken]
    return Verdict(
        code=max(codes, key=gravity.index, default=VerdictCode.ELIGIBLE),
        sentences=tuple((outcome.sentence, outcome.source) for outcome in spoken),
        contact=campagne.information_contact,
    )


def _speaks(when: Mapping[str, tuple[str, ...]], answers: Mapping[str, str]) -> bool:
    return all(answers.get(question) in codes for question, codes in when.items())


class Etat(StrEnum):
    """Where a candidature stands."""

    BROUILLON = "brouillon"
    DEPOSEE = "deposee"
    INCOMPLETE = "incomplete"
    RECEVABLE = "recevable"
    IRRECEVABLE = "irrecevable"
    CONVOQUEE = "convoquee"
    ENTENDUE = "entendue"
    ABSENTE = "absente"
    AVIS_SCELLE = "avis_scelle"
    AVIS_TRANSMIS = "avis_transmis"
    CLOSE = "close"
    EFFACEE = "effacee"
    RETIREE = "retiree"
    EXPIREE = "expiree"
    HORS_DELAI = "hors_delai"

    @property
    def label(self) -> str:
        """The state as the bureau says it, after « état : »."""
        return _LABELS[self]

    @property
    def candidat_label(self) -> str:
        """The state as the candidate is told it: it does not show that an avis has been sealed."""
        return "en attente de l’avis" if self in _AWAITING_AVIS else self.label


_LABELS = {
    Etat.BROUILLON: "en brouillon",
    Etat.DEPOSEE: "déposée",
    Etat.INCOMPLETE: "à compléter",
    Etat.RECEVABLE: "recevable",
    Etat.IRRECEVABLE: "irrecevable",
    Etat.CONVOQUEE: "convoquée",
    Etat.ENTENDUE: "entendue",
    Etat.ABSENTE: "absente à l’entretien",
    Etat.AVIS_SCELLE: "avis scellé",
    Etat.AVIS_TRANSMIS: "avis transmis",
    Etat.CLOSE: "close",
    Etat.EFFACEE: "effacée",
    Etat.RETIREE: "retirée",
    Etat.EXPIREE: "expirée, non déposée",
    Etat.HORS_DELAI: "reçue hors délai",
}

E = Etat  # the table below is read across
_BEFORE_AVIS = (E.BROUILLON, E.DEPOSEE, E.INCOMPLETE, E.RECEVABLE, E.CONVOQUEE, E.ENTENDUE, E.ABSENTE)
_DECIDED = (E.RECEVABLE, E.IRRECEVABLE)
_AWAITING_AVIS = (E.ENTENDUE, E.ABSENTE, E.AVIS_SCELLE)
_OVER = (E.AVIS_TRANSMIS, E.IRRECEVABLE, E.RETIREE, E.EXPIREE, E.HORS_DELAI)

# A draft may have expired before its deposit is handled (the bot was down at the closing): what counts is when
# the message was received, so that `deposit` leaves EXPIREE too.
CANDIDATURE = Machine(
    (Etat.BROUILLON,),
    (
        Transition("deposit", "déposer", (E.BROUILLON, E.EXPIREE), E.DEPOSEE, "closes_at", "on_time_and_complete"),
        Transition("replace", "remplacer une pièce", (E.DEPOSEE,), E.DEPOSEE, "closes_at", "on_time_and_complete"),
        Transition("expire", "laisser expirer", (E.BROUILLON,), E.EXPIREE, "closes_at", "after_closing"),
        Transition("receive_late", "recevoir hors délai", (E.BROUILLON, E.EXPIREE), E.HORS_DELAI, "closes_at", "late"),
        Transition("ask_completion", "demander un complément", (E.DEPOSEE,), E.INCOMPLETE, "dossier", "reason_given"),
        Transition("complete", "compléter", (E.INCOMPLETE,), E.DEPOSEE, "dossier", "before_closing_or_extension"),
        Transition(
            "restore", "rétablir une pièce", (E.INCOMPLETE,), E.DEPOSEE, "dossier", "refused_by_mistake_and_complete"
        ),
        Transition("accept", "déclarer recevable", (E.DEPOSEE,), E.RECEVABLE, "dossier", "after_closing"),
        Transition(
            "reject",
            "déclarer irrecevable",
            (E.DEPOSEE, E.INCOMPLETE),
            E.IRRECEVABLE,
            "closes_at",
            "after_closing_with_reason",
        ),
        Transition("reexamine", "réexaminer", _DECIDED, E.DEPOSEE, "dossier", "decided_by_mistake_with_reason"),
        Transition(
            "reexamine_incomplete",
            "réexaminer",
            (E.IRRECEVABLE,),
            E.INCOMPLETE,
            "dossier",
            "decided_by_mistake_with_reason",
        ),
        Transition(
            "convoke", "convoquer", (E.RECEVABLE,), E.CONVOQUEE, "convocation_on", "creneau_address_and_ien_given"
        ),
        Transition("hear", "entendre", (E.CONVOQUEE, E.ABSENTE), E.ENTENDUE, "entretien_on", "after_start"),
        Transition(
            "mark_absent", "noter l’absence", (E.CONVOQUEE, E.ENTENDUE), E.ABSENTE, "entretien_on", "after_start"
        ),
        Transition("seal_avis", "sceller l’avis", (E.ENTENDUE, E.ABSENTE), E.AVIS_SCELLE, "avis_from", "no_conflict"),
        Transition(
            "release_avis",
            "transmettre l’avis",
            (E.AVIS_SCELLE,),
            E.AVIS_TRANSMIS,
            "avis_from",
            "on_date_by_two_persons",
        ),
        Transition(
            "reopen_avis", "corriger l’avis", (E.AVIS_TRANSMIS,), E.AVIS_SCELLE, "avis_from", "two_persons_with_reason"
        ),
        Transition("withdraw", "retirer", _BEFORE_AVIS, E.RETIREE, "", "confirmed"),
        Transition("close", "clore", _OVER, E.CLOSE, "", "campagne_archived"),
        Transition(
            "erase", "effacer", (E.BROUILLON, E.RETIREE, E.EXPIREE, E.CLOSE), E.EFFACEE, "", "retention_over_or_asked"
        ),
    ),
    refusal="candidature/transition_refused",
)
