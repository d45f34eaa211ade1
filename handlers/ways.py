"""The other ways in which candidates say a command, whole, once « je voudrais… svp » is taken off."""

from collections.abc import Mapping

_LOST = (
    "j’ai besoin d’aide",
    "aidez-moi",
    "je ne comprends rien",
    "je comprends rien",
    "je suis perdue",
    "je suis perdu",
)
_MIND_CHANGED = ("je retire mon accord", "je retire mon consentement", "je n’accepte plus", "je ne suis plus d’accord")

WAYS: Mapping[str, tuple[str, ...]] = {
    "aide": ("help", "menu", "commandes", *_LOST),
    "etat": (
        "où en est mon dossier",
        "statut",
        "mon dossier",
        "et maintenant",
        "quelle est la suite",
        "c’est quoi la suite",
    ),
    "pieces": ("mes pièces",),
    "corriger": ("modifier", "rectifier"),
    "retour": ("précédent", "question précédente"),
    "supprimer": ("enlever",),
    "deposer": ("je dépose ma candidature", "je dépose", "déposer ma candidature", "déposer mon dossier"),
    "annuler": ("stop", "pause"),
    "reprendre": ("continuer", "recommencer", "start", "candidater", "ouvrir une candidature", "nouvelle candidature"),
    "retirer": (
        *("retirer ma candidature", "je retire ma candidature", "annuler ma candidature", "supprimer ma candidature"),
        *("je me désiste", "je me retire"),
    ),
    "recepisse": ("mon récépissé",),
    "convocation": ("ma convocation",),
    "avis": ("mon avis", "ouvrir l’avis"),
    "parler": ("parler à quelqu’un", "parler à une personne", "un humain", "humain", "relais"),
    "donnees": ("mes données", "vous gardez quoi", "vous gardez quoi sur moi", "que gardez-vous sur moi"),
    "effacer": ("effacer mes données", "supprimer mes données", "tout effacer", *_MIND_CHANGED),
}
