"""What an answer means today: the same question gets the right tense and the next step on every day."""

from collections.abc import Mapping
from datetime import date
from typing import Final

_MONTHS: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def today_line(day: str, days: Mapping[str, date], today: date) -> str:
    """What this date of the campagne means to the person who asks today; empty where the answer has no date.

    Args:
        day: the name of a date of the campagne, « closes_at ».
    """
    if day not in days:
        return ""
    gap = (days[day] - today).days
    return {
        "closes_at": _closing,
        "convocation_on": _convocation,
        "alert_on": _alert,
        "entretien_on": _entretien,
        "avis_from": _avis,
    }[day](gap, days)


def _closing(gap: int, days: Mapping[str, date]) -> str:
    """Source: §D1.5, « Au-delà de cette date, les candidatures ne seront pas retenues »."""
    if gap > 0:
        left = "Il reste 1 jour" if gap == 1 else f"Il reste {gap} jours"
        return f"{left} pour envoyer votre dossier ou le déposer ici."
    if gap == 0:
        return "C’est aujourd’hui le dernier jour pour envoyer votre dossier ou le déposer ici."
    steps = ("convocation_on", "la convocation"), ("entretien_on", "l’entretien"), ("avis_from", "l’avis")
    closed = days["closes_at"]
    coming = next(
        (f" Étape suivante : {name}, {_said(days[key])}." for key, name in steps if -gap < _after(days[key], closed)),
        "",
    )
    return f"C’est clos depuis {_since(-gap)}.{coming}"


def _convocation(gap: int, days: Mapping[str, date]) -> str:
    """Source: §C2.5, « La convocation sera adressée pour le 24 avril 2017 »."""
    if gap > 0:
        return f"La convocation sera adressée {_until(gap)}."
    if gap == 0:
        return "La convocation est adressée pour aujourd’hui."
    if _after(days["entretien_on"], days["convocation_on"]) > -gap:
        return (
            f"La convocation était prévue {_ago(-gap)}. Si vous n’avez rien reçu, dites-le dès aujourd’hui au contact."
        )
    return f"La convocation était prévue {_ago(-gap)}."


def _alert(gap: int, days: Mapping[str, date]) -> str:
    """Source: §C2.6, « il lui faudrait prendre contact dès ce jour »."""
    if (days["alert_on"] - days["convocation_on"]).days < gap:
        return f"La convocation est prévue pour {_said(days['convocation_on'])} : il est trop tôt pour s’inquiéter."
    if gap > 0:
        return f"Si rien n’est arrivé {_until(gap)}, prenez contact ce jour-là."
    if _after(days["entretien_on"], days["alert_on"]) >= -gap:
        return "Si vous n’avez rien reçu, prenez contact dès aujourd’hui."
    return "L’entretien est passé : prenez contact sans attendre."


def _entretien(gap: int, _days: Mapping[str, date]) -> str:
    """Source: §C2.1, « L'entretien aura lieu le mercredi 26 avril 2017 »."""
    if gap > 0:
        return f"L’entretien a lieu {_until(gap)}."
    return "L’entretien a lieu aujourd’hui." if gap == 0 else f"L’entretien a eu lieu {_ago(-gap)}."


def _avis(gap: int, _days: Mapping[str, date]) -> str:
    """Source: §D2.1, « L'avis de la commission sera transmis à compter du vendredi 28 avril 2017 »."""
    if gap > 0:
        return f"L’avis pourra être transmis {_until(gap)}, pas avant."
    return (
        "L’avis peut être transmis à partir d’aujourd’hui."
        if gap == 0
        else f"L’avis peut être transmis depuis {_since(-gap)}."
    )


def _after(day: date, start: date) -> int:
    return (day - start).days


def _until(gap: int) -> str:
    return "demain" if gap == 1 else f"dans {gap} jours"


def _ago(gap: int) -> str:
    return "hier" if gap == 1 else f"il y a {gap} jours"


def _since(gap: int) -> str:
    return "hier" if gap == 1 else f"{gap} jours"


def _said(day: date) -> str:
    return f"le {day.day} {_MONTHS[day.month - 1]}"
