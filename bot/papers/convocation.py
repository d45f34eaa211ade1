"""The convocation as a paper: what a candidate shows at the door of the entretien."""

from datetime import datetime

from bot.circulaire.campagne import Campagne, Contact
from bot.circulaire.convocation import ConvocationFacts
from bot.circulaire.delais import day_words, hour_words
from bot.papers.typeset import typeset


def typeset_convocation(campagne: Campagne, facts: ConvocationFacts, *, at: datetime) -> bytes:
    """The convocation as a PDF: who, when, where, how long, what to bring, whom to write to.

    Args:
        at: the instant at which it is issued (aware).
    """
    return typeset(
        "convocation",
        campagne,
        at,
        title="Convocation à l’entretien",
        footer=f"Circulaire {facts.campagne} – candidature n° {facts.numero}, convocation n° {facts.sequence + 1}",
        holder=f"{facts.holder}, candidature n° {facts.numero}",
        opening=_opening(campagne),
        facts=_rows(facts),
        to_bring=list(facts.to_bring),
        replaces="Cette convocation remplace celle que vous avez reçue auparavant." if facts.sequence else "",
        question=f"Une question ? {contact_words(facts.contact)}.",
        issued=f"Convocation établie le {day_words(at)}.",
    )


def contact_words(contact: Contact) -> str:
    """How to reach somebody: « Écrivez à Katia BINAUX, katia.binaux@ac-paris.fr, tél. 01.44.62.41.93 »."""
    phone = f"tél. {contact.phone}" if contact.phone else ""
    return "Écrivez à " + ", ".join(filter(None, (contact.name, contact.email, phone)))


def duration_words(facts: ConvocationFacts) -> str:
    """« 30 minutes en tout, dont un exposé de 8 minutes au plus »."""
    return f"{facts.total_minutes} minutes en tout, dont un exposé de {facts.exposition_minutes} minutes au plus"


def _opening(campagne: Campagne) -> str:
    source = campagne.sources["entretien_on"].source
    return (
        f"Vous avez répondu à l’appel à candidatures « {campagne.title} », année scolaire {campagne.school_year}. "
        f"Vous êtes convoqué(e) à l’entretien devant la commission ({campagne.reference(source)})."
    )


def _rows(facts: ConvocationFacts) -> list[tuple[str, str]]:
    rows = [
        ("Jour", day_words(facts.starts_at)),
        ("Heure", f"{hour_words(facts.starts_at)} (heure de Paris), jusqu’à {hour_words(facts.ends_at)}"),
        ("Lieu", facts.place),
        ("Durée", duration_words(facts)),
        ("Commission", facts.commission),
    ]
    return [(label, words) for label, words in rows if words]
