"""The commands, declared once: what they are called, who may, with which arguments, what they do."""

from bot.circulaire.candidature import Etat
from handlers.arguments import Command, Param, Role, Who
from handlers.ways import WAYS

PIECE_ACTS = (("refuser", "refuser"), ("retablir", "rétablir"))
REASONS = (
    ("illisible", "illisible"),
    ("incomplete", "incomplète"),
    ("perimee", "périmée"),
    ("mauvais", "mauvais document"),
)
REJECTIONS = (
    ("hors_public", "hors public"),
    ("incomplet", "dossier incomplet"),
    ("hors_delai", "hors délai"),
    ("autre", "autre"),
)
GONE = frozenset({Etat.EFFACEE, Etat.CLOSE, Etat.RETIREE})  # whom no message of the bureau goes to
AUDIENCES = (
    ("tous", "tous"),
    *((etat.value, etat.label.removeprefix("en ").partition(",")[0]) for etat in Etat if etat not in GONE),
)
CONVOKED = (("prets", "prêts"),)
VALUES = (("favorable", "favorable"), ("defavorable", "défavorable"), ("reserve", "réservé"))
_ALL: tuple[Who, ...] = ("candidat", "bureau", "ien")
_BUREAU: tuple[Who, ...] = ("bureau",)
_CANDIDAT: tuple[Who, ...] = ("candidat",)
_G, _P, _A = Role.GESTIONNAIRE, Role.PRESIDENT, Role.ADMINISTRATEUR

NUMERO = Param("numero", "number", "le numéro du dossier", "12")
NUMEROS = Param("numeros", "numbers", "les numéros des dossiers", "3 5 7")
_RELAIS = Param("relais", "number", "le numéro du relais", "2")
_MOTIF = Param("motif", "text", "le motif, en une phrase", "La pièce n’est pas signée")
_HEURE = Param("heure", "hour", "l’heure du créneau", "10:30")

COMMANDS: tuple[Command, ...] = (
    Command("aide", _ALL, "ce que je sais faire", same=WAYS["aide"]),
    Command("contact", _ALL, "à qui vous adresser"),
    Command("etat", _CANDIDAT, "où en est votre dossier", same=WAYS["etat"]),
    Command("pieces", _CANDIDAT, "vos pièces, et celles qui manquent", same=WAYS["pieces"]),
    Command("corriger", _CANDIDAT, "changer une réponse", usage="numéro ou mot", same=WAYS["corriger"]),
    Command("retour", _CANDIDAT, "revenir à la question précédente", same=WAYS["retour"]),
    Command("supprimer", _CANDIDAT, "enlever une pièce avant le dépôt", usage="pièce", same=WAYS["supprimer"]),
    Command("deposer", _CANDIDAT, "déposer votre candidature", same=WAYS["deposer"]),
    Command("annuler", _CANDIDAT, "arrêter ici ; tout ce que vous avez donné est gardé", same=WAYS["annuler"]),
    Command("reprendre", _CANDIDAT, "reprendre où vous en étiez", same=WAYS["reprendre"]),
    Command("retirer", _CANDIDAT, "retirer votre candidature", same=WAYS["retirer"]),
    Command("recepisse", _CANDIDAT, "recevoir à nouveau votre récépissé", same=WAYS["recepisse"]),
    Command("convocation", _CANDIDAT, "recevoir à nouveau votre convocation", same=WAYS["convocation"]),
    Command("avis", _CANDIDAT, "ouvrir l’avis de la commission", same=WAYS["avis"]),
    Command("parler", _CANDIDAT, "parler à une personne du bureau", usage="[votre question]", same=WAYS["parler"]),
    Command("donnees", _CANDIDAT, "ce que je garde sur vous", same=WAYS["donnees"]),
    Command("effacer", _CANDIDAT, "effacer vos données", same=WAYS["effacer"]),
    Command("preuve", _CANDIDAT, "le passage que je viens de citer, dans son contexte"),
    Command("mes-candidats", ("ien",), "les candidatures de votre circonscription", same=("mes candidats",)),
    Command("copies", ("ien",), "comment recevoir vos copies", usage="tout|courriel|résumé"),
    Command(
        "a-faire",
        _BUREAU,
        "ce qui attend le bureau, et la prochaine date",
        same=("à faire", "que faire", "que dois-je faire", "que dois-je faire aujourd’hui", "qui n’a pas confirmé"),
    ),
    Command("dossiers", _BUREAU, "la liste des dossiers", usage="[état] [recherche] [page 2]"),
    Command("dossier", _BUREAU, "un dossier et son histoire", params=(NUMERO,)),
    Command("pieces-de", _BUREAU, "les pièces d’un dossier, en fichiers", params=(NUMERO,)),
    Command(
        "piece",
        _BUREAU,
        "refuser une pièce, ou la rétablir si c’était par erreur ; la personne est prévenue",
        params=(
            NUMERO,
            Param("piece", "name", "le nom de la pièce", "notice", until="(?:refuser|r[ée]tablir)"),
            Param("acte", "choice", "ce qu’il faut faire de la pièce", "refuser", choices=PIECE_ACTS),
            Param("raison", "choice", "la raison", "illisible", choices=REASONS, after="refuser"),
        ),
        usage="numéro pièce refuser illisible|incomplète|périmée|mauvais document, ou numéro pièce rétablir",
        role=_G,
    ),
    Command("recevable", _BUREAU, "déclarer des dossiers recevables", params=(NUMEROS,), role=_G),
    Command(
        "irrecevable",
        _BUREAU,
        "déclarer un dossier irrecevable ; la personne est prévenue",
        params=(
            NUMERO,
            Param("raison", "choice", "la raison", "dossier incomplet", needed=False, choices=REJECTIONS),
            _MOTIF,
        ),
        usage="numéro [hors public|dossier incomplet|hors délai] « motif »",
        role=_G,
    ),
    Command(
        "reexaminer",
        _BUREAU,
        "revenir sur recevable ou irrecevable, si c’était par erreur ; la personne est prévenue",
        params=(NUMERO, _MOTIF),
        role=_G,
    ),
    Command(
        "prolonger",
        _BUREAU,
        "laisser compléter un dossier après la clôture, à deux personnes",
        params=(NUMERO, Param("jour", "date", "le dernier jour", "2017-04-24"), _MOTIF),
        role=_G,
    ),
    Command(
        "deposer-pour",
        _BUREAU,
        "entrer un dossier reçu par courriel ou par la poste",
        params=(
            Param("nom", "name", "le prénom et le nom", "Claire Martin", until=r"\S+@\S+"),
            Param("courriel", "word", "l’adresse académique", "claire.martin@ac-paris.fr"),
            Param("jour", "date", "le jour de réception", "2017-04-20"),
            Param("heure", "hour", "l’heure de réception", "10:30"),
            Param("circonscription", "text", "la circonscription", "Paris 19A"),
        ),
        usage="prénom nom ; courriel jour heure circonscription",
        role=_G,
    ),
    Command(
        "renseigner",
        _BUREAU,
        "compléter une réponse de la notice donnée en fichier",
        params=(
            NUMERO,
            Param("champ", "word", "le champ de la notice", "courriel"),
            Param("valeur", "text", "la réponse", "claire.martin@ac-paris.fr"),
        ),
        role=_G,
    ),
    Command("verser", _BUREAU, "dire à quel dossier vont les fichiers que vous déposez ici", params=(NUMERO,), role=_G),
    Command("commission", _BUREAU, "le dossier de la commission, en un fichier ZIP", role=_G),
    Command(
        "commissions",
        _BUREAU,
        "les commissions : salles, heures, membres",
        params=(Param("texte", "text", "la commission", "", needed=False),),
        usage="[nom : salle 12 ; 9h-12h30, 14h-17h ; membres Mme Durand, M. Petit]",
        role=_G,
    ),
    Command(
        "contrainte",
        _BUREAU,
        "noter une indisponibilité, ou un membre qui connaît la personne",
        params=(NUMERO, Param("texte", "text", "la contrainte", "indisponible avant 10h")),
        role=_G,
    ),
    Command("planning", _BUREAU, "proposer les créneaux du jour des entretiens, avec une image", role=_G),
    Command(
        "creneau",
        _BUREAU,
        "donner un créneau à un dossier",
        params=(
            NUMERO,
            _HEURE,
            Param("commission", "text", "la commission ou la salle", "Commission B", needed=False),
        ),
        usage="numéro heure [commission ou salle]",
        role=_G,
    ),
    Command(
        "permuter",
        _BUREAU,
        "échanger deux créneaux",
        params=(NUMERO, Param("autre", "number", "le numéro de l’autre dossier", "14")),
        role=_G,
    ),
    Command(
        "convoquer",
        _BUREAU,
        "montrer, puis envoyer les convocations",
        params=(Param("qui", "choice", "qui convoquer", "prêts", needed=False, choices=CONVOKED),),
        role=_G,
    ),
    Command("entendu", _BUREAU, "noter qui a été entendu", params=(NUMEROS,), role=_G),
    Command("absent", _BUREAU, "noter qui ne s’est pas présenté", params=(NUMEROS,), role=_G),
    Command(
        "avis",
        _BUREAU,
        "sceller un avis, en confirmer, ou les publier",
        params=(
            Param("quoi", "word", "le numéro du dossier, ou « publier »", "12"),
            Param("valeur", "choice", "l’avis", "favorable", needed=False, choices=VALUES),
            Param("texte", "text", "les mots de l’avis", "Avis motivé", needed=False),
        ),
        usage="numéro favorable|défavorable|réservé « texte », ou publier",
        role=_G,
    ),
    Command(
        "copie",
        _BUREAU,
        "renvoyer à l’IEN la copie de la convocation ou de l’avis",
        params=(NUMERO,),
        role=_G,
    ),
    Command(
        "ien",
        _BUREAU,
        "l’annuaire des IEN",
        usage="[recherche], importer avec un fichier, retirer circonscription",
        role=_G,
    ),
    Command(
        "relais",
        _BUREAU,
        "les conversations qui attendent une personne",
        params=(Param("relais", "number", "le numéro du relais", "2", needed=False),),
    ),
    Command(
        "repondre",
        _BUREAU,
        "répondre à une personne",
        params=(_RELAIS, Param("texte", "text", "la réponse", "Bonjour, oui")),
        role=_G,
    ),
    Command(
        "note",
        _BUREAU,
        "ajouter une note que la personne ne voit pas",
        params=(_RELAIS, Param("texte", "text", "la note", "Rappelée mardi")),
        role=_G,
    ),
    Command("prendre", _BUREAU, "s’occuper d’un relais", params=(_RELAIS,), role=_G),
    Command("fermer", _BUREAU, "fermer un relais", params=(_RELAIS,), role=_G),
    Command(
        "modeles",
        _BUREAU,
        "les réponses toutes prêtes",
        params=(Param("texte", "text", "le nom et les mots du modèle", "", needed=False),),
        usage="[nom : texte]",
        role=_G,
    ),
    Command(
        "diffuser",
        _BUREAU,
        "écrire à tous, à ceux d’un état, ou à quelques dossiers",
        params=(
            Param(
                "a", "audience", "le destinataire : « tous », un état ou des numéros", "recevable", choices=AUDIENCES
            ),
            Param("texte", "text", "le message", "La salle a changé"),
        ),
        usage="tous|état|numéros « message »",
        role=_G,
    ),
    Command("tableau", _BUREAU, "où en est la campagne, en image et en chiffres"),
    Command("export", _BUREAU, "les dossiers, en XLSX et en CSV", role=_G),
    Command("journal", _BUREAU, "qui a fait quoi sur un dossier", params=(NUMERO,)),
    Command(
        "lettres",
        _BUREAU,
        "l’état des messages qui partent",
        params=(
            Param("acte", "choice", "", "", needed=False, choices=(("relancer", "relancer"),)),
            Param("numero", "number", "", "", needed=False),
        ),
        usage="[numéro] ou relancer [numéro du message]",
    ),
    Command("archiver", _BUREAU, "clore la campagne, à deux personnes ; les données s’effacent ensuite", role=_P),
    Command("campagne", _BUREAU, "le calendrier de la campagne"),
    Command("simuler", _BUREAU, "ce qui partirait d’ici à une date, sans rien envoyer", usage="2017-04-25", role=_G),
    Command("questions", _BUREAU, "ce que l’on demande à la circulaire", usage="[jours]"),
    Command("complement", _BUREAU, "ajouter une réponse du bureau", usage="question ? réponse", role=_G),
    Command("complements", _BUREAU, "les compléments en vigueur"),
    Command("revoquer", _BUREAU, "retirer un complément", usage="numéro", role=_G),
    Command("demo", _BUREAU, "changer la date de la démonstration", usage="avancer 2017-04-22"),
)
