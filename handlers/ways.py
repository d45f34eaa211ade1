"""The other ways in which candidates say a command, whole, once « je voudrais… svp » is taken off."""

from collections.abc import Mapping

_LATER = (
    *("plus tard", "à plus tard", "on verra plus tard", "je verrai plus tard", "je ferai ça plus tard", "demain"),
    *(
        f"{verb} {when}"
        for verb in ("je finis", "je continue", "je termine")
        for when in ("plus tard", "ce soir", "demain")
    ),
    *("je reviens", "je reviens plus tard", "je m’arrête là", "attendez", "un instant", "une minute", "deux minutes"),
)
_MIND_CHANGED = ("je retire mon accord", "je retire mon consentement", "je n’accepte plus", "je ne suis plus d’accord")
_MINE = ("mon dossier", "ma candidature")
_GIVEN = tuple(
    f"{mine} est {given}" for mine in _MINE for given in ("déposé", "déposée", "bien déposé", "bien déposée")
)
_ALL_OF_MINE = ("mes données", "tout", "mon dossier")
_ARRIVED = (
    *("c’est fini", "est-ce que c’est fini", "c’est envoyé", "c’est bien envoyé", "est-ce que c’est envoyé"),
    *("vous avez reçu", "vous avez bien reçu", "avez-vous bien reçu"),
    *("vous avez tout reçu", "vous avez bien tout reçu", "avez-vous tout reçu", "avez-vous bien tout reçu"),
    *("c’est déposé", "c déposé", "c’est bien déposé", "est-ce que c’est déposé", "est-ce que c’est bien déposé"),
    *(
        f"{have} reçu {mine}"
        for have in ("avez-vous", "vous avez", "avez-vous bien", "vous avez bien")
        for mine in _MINE
    ),
    *_GIVEN,
    *(f"est-ce que {given}" for given in _GIVEN),
)
_MISSING = (
    *("il manque quoi", "il me manque quoi", "qu’est-ce qu’il manque", "qu’est-ce qui manque", "que manque-t-il"),
    *(
        "quelles pièces manquent",
        "quelles pièces me manquent",
        "quelles pièces il manque",
        "quelles pièces il me manque",
    ),
    *("mon dossier est complet", "est-ce que mon dossier est complet", "mon dossier est-il complet"),
)

WAYS: Mapping[str, tuple[str, ...]] = {
    "aide": ("help", "menu", "commandes"),
    "etat": (
        "où en est mon dossier",
        "statut",
        *(
            "mon dossier",
            "et mon dossier",
            "où en suis-je",
            "où j’en suis",
            "j’en suis où",
            "j’en étais où",
            "où j’en étais",
        ),
        "et maintenant",
        "quelle est la suite",
        "c’est quoi la suite",
        *("on en est où", "combien de questions encore", "il reste combien de questions", "y a combien de questions"),
        *("et mtn", "je fais quoi maintenant", "je fais quoi mtn", "que dois-je faire maintenant"),
        *_ARRIVED,
    ),
    "pieces": ("mes pièces", "c’est quoi mes pièces", "j’ai envoyé quoi", "qu’est-ce que j’ai envoyé", *_MISSING),
    "corriger": ("modifier", "rectifier", "changer", "je me suis trompé", "je me suis trompée", "j’ai fait une erreur"),
    "retour": ("précédent", "question précédente"),
    "supprimer": ("enlever", "enlève", "enlevez", "supprime", "supprimez", "effacez", "retire", "retirez"),
    "deposer": (
        *("je dépose ma candidature", "je dépose", "déposer ma candidature", "déposer mon dossier"),
        *("je dépose mon dossier", "jdépose", "dépose"),
        *(f"{send} {mine}" for send in ("envoyer", "j’envoie", "valider", "je valide") for mine in _MINE),
    ),
    "annuler": ("stop", "pause", *_LATER),
    "reprendre": (
        *("me revoilà", "me revoici", "re", "je suis de retour"),
        *("on reprend", "je reprends", "on continue", "je continue"),
        *(f"comment {how}" for how in ("candidater", "postuler", "je candidate", "faire pour candidater")),
        *("je candidate comment", "on candidate comment", "comment je fais pour candidater"),
        "continuer",
        "recommencer",
        "start",
        *("candidater", "je candidate", "postuler", "je postule", "déposer une candidature", "faire une candidature"),
        "ouvrir une candidature",
        "nouvelle candidature",
    ),
    "retirer": (
        *("retirer ma candidature", "je retire ma candidature", "annuler ma candidature", "supprimer ma candidature"),
        *(f"{may} {end} ma candidature" for may in ("comment", "puis-je", "je peux") for end in ("retirer", "annuler")),
        *("retirez ma candidature", "annulez ma candidature", "supprimez ma candidature"),
        *("je me désiste", "me désister", "je me retire", "j’abandonne", "je renonce", "je renonce à ma candidature"),
        *("je ne veux plus candidater", "je ne souhaite plus candidater", "plus candidater"),
    ),
    "recepisse": ("mon récépissé", "mon reçu", "mon accusé de réception"),
    "convocation": ("ma convocation",),
    "avis": ("mon avis", "ouvrir l’avis"),
    "parler": ("parler à quelqu’un", "parler à une personne", "un humain", "humain", "relais", "écrire au bureau"),
    "donnees": (
        *("mes données", "vous gardez quoi", "vous gardez quoi sur moi", "que gardez-vous sur moi"),
        *("c’est confidentiel", "mes données vont où", "qui voit mes données", "pourquoi je dois accepter"),
        *(f"{who} ce que j’écris" for who in ("qui lit", "qui voit", "qui va lire", "qui va voir")),
        *("vous faites quoi de mes données", "que faites-vous de mes données"),
    ),
    "effacer": (
        *(f"{erase} {mine}" for erase in ("effacer", "effacez", "supprimer", "supprimez") for mine in _ALL_OF_MINE),
        *("tout effacer", "tout supprimer"),
        *_MIND_CHANGED,
    ),
}
