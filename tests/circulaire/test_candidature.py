"""Whom the circular speaks to, and the states of a candidature."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import CANDIDATURE, Etat, VerdictCode, asked_questions, assess, next_question
from bot.errors import Refusal

READY = {"corps": "oui", "cafipemf": "oui", "mission": "oui", "horaires": "oui", "affectation": "oui"}
EVENTS = sorted({line.event for line in CANDIDATURE.table})


@pytest.mark.parametrize(
    ("changed", "code", "sources"),
    [
        pytest.param({}, "eligible", ["I.1", "D1.1", "C1.2"], id="with the certification"),
        pytest.param({"cafipemf": "en_preparation"}, "encourage", ["I.1", "D1.2", "C1.2"], id="preparing it"),
        pytest.param(
            {"cafipemf": "non", "preparation": "oui"}, "encourage", ["I.1", "D1.2", "C1.2"], id="without it, willing"
        ),
        pytest.param(
            {"cafipemf": "non", "preparation": "non"},
            "encourage",
            ["I.1", "D1.2", "A.3", "C1.2"],
            id="without it, not willing",
        ),
        pytest.param({"corps": "non"}, "outside", ["H.7", "D1.1", "C1.2"], id="not of the first degree"),
        pytest.param({"mission": "non"}, "outside", ["I.1", "D1.1", "A.1", "C1.2"], id="not for three years"),
        pytest.param({"horaires": "non"}, "outside", ["I.1", "D1.1", "A.7", "C1.2"], id="not beyond school hours"),
        pytest.param({"affectation": "non"}, "outside", ["I.1", "D1.1", "C1.1"], id="not full time"),
    ],
)
def test_the_answers_give_a_verdict_with_its_paragraphs(
    campagne: Campagne, changed: Mapping[str, str], code: str, sources: list[str]
) -> None:
    verdict = assess(campagne, {**READY, **changed})

    assert verdict.code == code
    assert [source for _, source in verdict.sentences] == sources


def test_lacking_the_certification_never_puts_a_person_outside(campagne: Campagne) -> None:
    codes = {assess(campagne, {**READY, "cafipemf": "non", "preparation": answer}).code for answer in ("oui", "non")}

    assert codes == {VerdictCode.ENCOURAGE}


def test_every_verdict_says_whom_to_ask(campagne: Campagne) -> None:
    verdict = assess(campagne, {**READY, "corps": "non"})

    assert verdict.contact.email == "katia.binaux@ac-paris.fr"


def test_the_questions_come_in_order_until_all_are_answered(campagne: Campagne) -> None:
    first = next_question(campagne, {})
    last = next_question(campagne, READY)

    assert first == campagne.question("corps")
    assert last is None


def test_who_has_the_certification_is_not_asked_whether_they_would_prepare_it(campagne: Campagne) -> None:
    asked = [question.code for question in asked_questions(campagne, READY)]

    assert asked == ["corps", "cafipemf", "mission", "horaires", "affectation"]


def test_an_answer_whose_question_no_longer_applies_is_not_heard(campagne: Campagne) -> None:
    verdict = assess(campagne, {**READY, "preparation": "non"})

    assert verdict.code == VerdictCode.ELIGIBLE


def test_an_open_question_refuses_the_verdict_and_names_it(campagne: Campagne) -> None:
    with pytest.raises(Refusal) as refused:
        assess(campagne, {"corps": "oui"})

    assert (refused.value.text, refused.value.source) == ("candidature/question_open", "D1.1")
    assert refused.value.values["question"] == campagne.question("cafipemf").text


def test_the_invented_campagne_is_assessed_without_code(invented: Campagne) -> None:
    codes = [assess(invented, {"services": services, "permis": "non"}).code for services in ("oui", "non")]

    assert codes == ["encourage", "outside"]


def test_a_campagne_whose_rules_are_silent_calls_nobody_ineligible(invented: Campagne) -> None:
    verdict = assess(invented, {"services": "oui", "permis": "oui"})

    assert verdict.code == VerdictCode.ELIGIBLE


def test_a_candidature_goes_from_the_draft_to_its_erasure() -> None:
    state = Etat.BROUILLON
    walked = []

    for event in ("deposit", "accept", "convoke", "hear", "seal_avis", "release_avis", "close", "erase"):
        state = CANDIDATURE.after(state, event)
        walked.append(state.name)

    assert walked == [
        *("DEPOSEE", "RECEVABLE", "CONVOQUEE", "ENTENDUE", "AVIS_SCELLE", "AVIS_TRANSMIS", "CLOSE", "EFFACEE")
    ]


def test_a_deposit_handled_after_its_draft_expired_still_counts() -> None:
    assert CANDIDATURE.after(CANDIDATURE.after(Etat.BROUILLON, "expire"), "deposit") == Etat.DEPOSEE


def test_a_candidature_may_be_withdrawn_from_every_state_before_the_avis() -> None:
    states = [state.name for state in Etat if "withdraw" in CANDIDATURE.events(state)]

    assert states == ["BROUILLON", "DEPOSEE", "INCOMPLETE", "RECEVABLE", "CONVOQUEE", "ENTENDUE", "ABSENTE"]


def test_a_refused_transition_names_the_act_and_the_state() -> None:
    with pytest.raises(Refusal) as refused:
        CANDIDATURE.after(Etat.AVIS_SCELLE, "withdraw")

    assert refused.value.text == "candidature/transition_refused"
    assert refused.value.values == {"etat": Etat.AVIS_SCELLE, "event": "withdraw", "act": "retirer"}


@given(state=st.sampled_from(Etat), event=st.sampled_from([*EVENTS, "inventer"]))
def test_a_state_moves_only_along_the_table(state: Etat, event: str) -> None:
    allowed = {line.after for line in CANDIDATURE.table if line.event == event and state in line.before}

    try:
        reached = {CANDIDATURE.after(state, event)}
    except Refusal:
        reached = set()

    assert reached == allowed


@given(events=st.lists(st.sampled_from(EVENTS), max_size=30))
def test_no_avis_leaves_without_having_been_sealed(events: list[str]) -> None:
    state, walked = Etat.BROUILLON, [Etat.BROUILLON]

    for event in events:
        if event in CANDIDATURE.events(state):
            state = CANDIDATURE.after(state, event)
            walked.append(state)

    assert [walked[place - 1] for place, reached in enumerate(walked) if reached == Etat.AVIS_TRANSMIS] == [
        Etat.AVIS_SCELLE for reached in walked if reached == Etat.AVIS_TRANSMIS
    ]


def test_each_event_of_a_state_leads_to_one_state_only() -> None:
    pairs = [(before, line.event) for line in CANDIDATURE.table for before in line.before]

    assert len(pairs) == len(set(pairs))


def test_every_state_is_reached_and_only_the_erased_one_is_final() -> None:
    reached = {Etat.BROUILLON} | {line.after for line in CANDIDATURE.table}

    assert reached == set(Etat)
    assert [state.name for state in Etat if not CANDIDATURE.events(state)] == ["EFFACEE"]


def test_every_rule_of_the_table_stands_in_both_campagnes(campagne: Campagne, invented: Campagne) -> None:
    rules = {line.rule for line in CANDIDATURE.table} - {""}

    assert rules - campagne.sources.keys() == set()
    assert rules - invented.sources.keys() == set()


def test_every_state_has_its_words() -> None:
    assert [state.label for state in Etat if not state.label] == []


def test_the_candidate_is_not_shown_that_an_avis_has_been_sealed() -> None:
    shown = {state.candidat_label for state in (Etat.ENTENDUE, Etat.ABSENTE, Etat.AVIS_SCELLE)}

    assert (shown, Etat.DEPOSEE.candidat_label) == ({"en attente de l’avis"}, "déposée")


def test_the_diagram_is_drawn_from_the_table_with_its_paragraphs(campagne: Campagne) -> None:
    lines = CANDIDATURE.diagram(campagne).splitlines()

    assert lines[:3] == ["stateDiagram-v2", "    [*] --> BROUILLON", "    BROUILLON --> DEPOSEE : déposer (§D1.5)"]
    assert lines[-1] == "    EFFACEE --> [*]"
    assert len(lines) == 3 + sum(len(line.before) for line in CANDIDATURE.table)
