"""The bank of the campagne, what an answer is made of, and what it means on each day."""

import re
from datetime import date
from pathlib import Path

import pytest

from bot.circulaire.campagne import Campagne
from bot.circulaire.faq import Addendum, Bank, FollowUp, Reply, load_bank, proof, render_plain
from bot.circulaire.faq import bank as bank_days
from bot.circulaire.faq.bank import Topic
from bot.circulaire.faq.days import today_line
from bot.circulaire.faq.reply import addendum_part, answer_part, choices
from bot.errors import CampagneError

ROOT = Path(__file__).parents[2]
REAL = ROOT / "bot" / "circulaire" / "campagnes" / "17AN0076"
FIGURE = re.compile(r"\d+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:https?://|www\.)\S+")


@pytest.fixture(scope="module")
def bank(campagne: Campagne) -> Bank:
    return load_bank(REAL, campagne)


def test_every_passage_is_led_to_by_a_topic_with_questions(bank: Bank) -> None:
    reached = {name for topic in bank.topics if topic.variants for name in topic.passages}

    in_full = {"D1.6.1", "D1.6.2", "D1.6.3", "D1.6.4"}  # quoted with the list that holds them

    assert set(bank.passages) - reached - in_full == set()


def test_at_least_forty_topics_are_known_to_be_silent(bank: Bank) -> None:
    silences = [topic for topic in bank.topics if topic.kind == "silence"]

    assert len(silences) >= 40


def test_every_quotation_is_in_the_circular_word_for_word(bank: Bank, campagne: Campagne) -> None:
    quoted = {
        quotation.text: campagne.passages[quotation.id].text
        for topic in bank.topics
        for quotation in answer_part(bank, topic, date(2017, 4, 10)).passages
    }

    assert all(said == written for said, written in quoted.items())


def test_no_sentence_of_the_bank_brings_a_figure_or_an_address_of_its_own(bank: Bank) -> None:
    invented = [
        (topic.id, figure)
        for topic in bank.topics
        for figure in FIGURE.findall(f"{topic.sentence} {topic.label} {topic.reply}")
        if figure not in " ".join(bank.passages[name].text for name in topic.passages)
    ]

    assert invented == []


DAYS = [
    ("closes_at", date(2017, 4, 9), "Il reste 12 jours pour envoyer votre dossier ou le déposer ici."),
    ("closes_at", date(2017, 4, 20), "Il reste 1 jour pour envoyer votre dossier ou le déposer ici."),
    ("closes_at", date(2017, 4, 21), "C’est aujourd’hui le dernier jour pour envoyer votre dossier ou le déposer ici."),
    ("closes_at", date(2017, 4, 22), "C’est clos depuis hier. Étape suivante : la convocation, le 24 avril."),
    ("closes_at", date(2017, 4, 25), "C’est clos depuis 4 jours. Étape suivante : l’entretien, le 26 avril."),
    ("closes_at", date(2017, 4, 27), "C’est clos depuis 6 jours. Étape suivante : l’avis, le 28 avril."),
    ("closes_at", date(2017, 4, 30), "C’est clos depuis 9 jours."),
    ("convocation_on", date(2017, 4, 20), "La convocation sera adressée dans 4 jours."),
    ("convocation_on", date(2017, 4, 24), "La convocation est adressée pour aujourd’hui."),
    (
        "convocation_on",
        date(2017, 4, 25),
        "La convocation était prévue hier. Si vous n’avez rien reçu, dites-le dès aujourd’hui au contact.",
    ),
    ("convocation_on", date(2017, 4, 28), "La convocation était prévue il y a 4 jours."),
    ("alert_on", date(2017, 4, 20), "La convocation est prévue pour le 24 avril : il est trop tôt pour s’inquiéter."),
    ("alert_on", date(2017, 4, 24), "Si rien n’est arrivé demain, prenez contact ce jour-là."),
    ("alert_on", date(2017, 4, 25), "Si vous n’avez rien reçu, prenez contact dès aujourd’hui."),
    ("alert_on", date(2017, 4, 28), "L’entretien est passé : prenez contact sans attendre."),
    ("entretien_on", date(2017, 4, 21), "L’entretien a lieu dans 5 jours."),
    ("entretien_on", date(2017, 4, 25), "L’entretien a lieu demain."),
    ("entretien_on", date(2017, 4, 26), "L’entretien a lieu aujourd’hui."),
    ("entretien_on", date(2017, 4, 28), "L’entretien a eu lieu il y a 2 jours."),
    ("avis_from", date(2017, 4, 26), "L’avis pourra être transmis dans 2 jours, pas avant."),
    ("avis_from", date(2017, 4, 28), "L’avis peut être transmis à partir d’aujourd’hui."),
    ("avis_from", date(2017, 4, 30), "L’avis peut être transmis depuis 2 jours."),
    ("", date(2017, 4, 30), ""),
]


@pytest.mark.parametrize(("day", "today", "line"), DAYS, ids=[f"{day or 'none'}-{today:%d}" for day, today, _ in DAYS])
def test_an_answer_says_what_its_date_means_today(bank: Bank, day: str, today: date, line: str) -> None:
    assert today_line(day, bank.days, today) == line


def test_an_addendum_is_shown_as_signed_by_the_bureau() -> None:
    added = Addendum("addendum-1", "L'entretien a lieu au rectorat.", "Katia BINAUX", date(2017, 4, 12))
    reply = Reply("answer", (addendum_part(added),), (), "", 1.0, ("addendum-1",))

    shown = render_plain(reply)

    assert shown.splitlines() == [
        "Le bureau a ajouté ceci, qui n’est pas dans la circulaire.",
        "« L'entretien a lieu au rectorat. »",
        "— complément du bureau, signé par Katia BINAUX",
    ]


def test_an_answer_names_its_section_because_two_bear_the_same_letter(bank: Bank) -> None:
    topic = bank.topic("C2.1-date-entretien")
    assert topic is not None
    reply = Reply("answer", (answer_part(bank, topic, date(2017, 4, 25)),), (), "", 1.0, (topic.id,))

    shown = render_plain(reply, bank.numero)

    assert shown.splitlines() == [
        "Voici ce que dit la circulaire sur la date de l’entretien.",
        "« L'entretien aura lieu le mercredi 26 avril 2017 »",
        "— circulaire 17AN0076, C – Déroulement de l'entretien",
        "L’entretien a lieu demain.",
    ]


def test_three_choices_lead_to_three_passages(bank: Bank) -> None:
    same = [topic for topic in bank.topics if topic.passages[:1] == ("D1.5",)]
    others = [topic for topic in bank.topics if topic.passages[:1] in {("C2.1",), ("C2.4",), ("D2.1",)}]

    offered = choices(bank, [*same, *others])

    assert [choice.passage for choice in offered] == ["D1.5", "C2.1", "C2.4"]


def test_a_proof_stands_between_its_neighbours(campagne: Campagne) -> None:
    shown = proof(campagne, "C2.4")

    assert shown.before is not None
    assert shown.after is not None
    assert (shown.before.id, shown.passage.id, shown.after.id) == ("C2.3", "C2.4", "C2.5")
    assert shown.sha256 == campagne.sha256


def test_a_follow_up_survives_the_state_of_a_conversation() -> None:
    kept = FollowUp("D1.6-composition", "il faut quoi dans le dossier ?")

    assert FollowUp.from_dict(kept.as_dict()) == kept
    assert FollowUp.from_dict(None) is None


def test_every_fault_of_a_bank_is_said_at_once(tmp_path: Path, campagne: Campagne) -> None:
    folder = tmp_path / "faq" / "reponses"
    folder.mkdir(parents=True)
    (folder / "un.md").write_text("# un sujet\n\npassages : Z9\njour : demain\n", encoding="utf-8")
    (folder / "deux.md").write_text("passage : D1.5\n", encoding="utf-8")

    with pytest.raises(CampagneError) as refused:
        load_bank(tmp_path, campagne)

    assert refused.value.faults == (
        "faq/reponses/deux.md : la clé « passage » n'existe pas.",
        "faq/reponses/deux.md : le titre manque.",
        "faq/reponses/deux.md : la ligne « passages : » manque.",
        "faq/reponses/un.md : le passage Z9 n'existe pas.",
        f"faq/reponses/un.md : le jour demain n'existe pas (choix : {', '.join(bank_days.DAYS)}).",
    )


def test_a_circular_without_a_bank_has_its_passages_for_topics(tmp_path: Path, campagne: Campagne) -> None:
    bare = load_bank(tmp_path, campagne)

    assert [topic.id for topic in bare.topics] == list(campagne.passages)
    assert isinstance(bare.topics[0], Topic)
