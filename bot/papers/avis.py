"""The avis of the commission as a paper, which cannot be made before its day."""

from bot.circulaire.avis import AvisFacts, require_release
from bot.circulaire.campagne import Campagne
from bot.circulaire.delais import day_words, instant_words
from bot.papers.convocation import contact_words
from bot.papers.typeset import typeset


def typeset_avis(campagne: Campagne, facts: AvisFacts) -> bytes:
    """The avis as a PDF: its value, what the commission wrote, when it was transmitted.

    Raises:
        Refusal: `released_at` is before the day of the avis.
    """
    require_release(campagne, facts.released_at)
    return typeset(
        "avis",
        campagne,
        facts.released_at,
        title="Avis de la commission d’entretien",
        footer=f"Circulaire {facts.campagne} – candidature n° {facts.numero}, avis n° {facts.version}",
        holder=f"{facts.holder}, candidature n° {facts.numero}",
        opening=_opening(campagne),
        replaces="Cet avis remplace celui qui a été transmis auparavant." if facts.version > 1 else "",
        facts=_rows(campagne, facts),
        reasons=[line.strip() for line in facts.text.splitlines() if line.strip()],
        question=f"Une question ? {contact_words(campagne.information_contact)}.",
    )


def _opening(campagne: Campagne) -> str:
    source = campagne.sources["avis_from"].source
    return (
        f"Appel à candidatures « {campagne.title} », année scolaire {campagne.school_year} "
        f"({campagne.reference(source)})."
    )


def _rows(campagne: Campagne, facts: AvisFacts) -> list[tuple[str, str]]:
    absence = f"absence à l’entretien du {day_words(campagne.entretien_on)}"
    return [
        ("Entretien", day_words(facts.heard_on) if facts.heard_on else absence),
        ("Avis", facts.value.label),
        ("Transmis le", instant_words(facts.released_at)),
    ]
