"""What the bureau reads instead of codes: the kinds and states of letters, the acts of the journal, the numbers."""

from collections.abc import Iterable

_ROOMS = {
    "agenda": "rappel ou échéance",
    "avis": "avis",
    "bureau": "bureau",
    "candidature": "candidature",
    "commands": "commande",
    "complements": "complément",
    "confirmations": "confirmation",
    "convocation": "convocation",
    "convoking": "convocation",
    "depot": "dépôt",
    "diagnostics": "essai",
    "diffusion": "message du bureau",
    "donnees": "données",
    "dossier": "pièces",
    "errors": "incident",
    "faq": "réponse de la circulaire",
    "ien": "copie à l’IEN",
    "instruction": "instruction",
    "receipts": "récépissé",
    "planning": "planning",
    "relais": "relais",
    "steps": "question posée",
    "tableau": "tableau",
    "todo": "à faire",
    "welcome": "accueil",
}
_DECISIONS = {
    "instruction/accepted": "recevable",
    "instruction/extended": "délai accordé",
    "instruction/late": "hors délai",
    "instruction/piece_refused": "pièce refusée",
    "instruction/piece_restored": "pièce rétablie",
    "instruction/receipt": "récépissé",
    "instruction/reexamined": "réexamen",
    "instruction/rejected": "irrecevable",
}  # letters of one room that say different things
# Rooms whose letters say again what was asked or known: one that may not have arrived is settled by itself, at most
# once, since whoever misses it asks again. Every other letter in doubt is the bureau's to settle.
_INFORMATIVE = frozenset({"candidature", "commands", "complements", "dossier", "faq", "steps", "welcome"})
_STATES = {
    "waiting": "en attente",
    "sending": "en cours d’envoi",
    "sent": "envoyé",
    "retry": "retardé",
    "abandoned": "abandonné",
    "doubtful": "douteux",
    "returned": "revenu",
    "cancelled": "annulé",
    "replaced": "remplacé par un nouvel envoi",
}
_REASONS = (  # what a door writes of a failure, and what the bureau reads; the first that fits
    ("addresses that are not one", "une adresse n’en est pas une"),
    ("every recipient is refused", "le serveur de courriel refuse toutes les adresses"),
    ("the mail server refuses", "le serveur de courriel refuse ce message"),
    ("returned: 5.1.", "l’adresse n’existe pas ou est mal écrite"),
    ("returned: 5.2.2", "la boîte du destinataire est pleine"),
    ("returned: 4.2.2", "la boîte du destinataire est pleine"),
    ("returned: 5.7.", "le serveur du destinataire refuse les courriels de Greffier"),
    ("returned: 4.", "le serveur du destinataire n’a pas répondu à temps"),
    ("returned:", "le serveur du destinataire l’a renvoyé"),
    ("mail server", "le serveur de courriel ne répond pas"),
    ("of the recipients later", "le serveur de courriel demande de revenir plus tard"),
    ("blocked the bot", "la personne a bloqué Greffier"),
    ("account no longer exists", "ce compte n’existe plus"),
    ("never written to the bot", "la personne n’a jamais écrit à Greffier"),
    ("removed from the group", "Greffier a été retiré du groupe"),
    ("not in this room", "Greffier n’est plus dans cette conversation"),
    ("not known to Telegram", "la conversation n’existe plus"),
    ("is not encrypted", "la conversation n’est pas chiffrée"),
    ("bigger than", "le fichier est trop gros pour cette messagerie"),
    ("missing or damaged", "un fichier manque ou est abîmé"),
    ("no longer kept", "un fichier n’est plus conservé"),
    ("may have arrived", "la réponse de la messagerie s’est perdue : le message est peut-être arrivé"),
    ("asks to", "la messagerie demande d’attendre"),
    ("token", "le compte de Greffier est refusé"),
    ("cannot be reached", "la messagerie ne répond pas"),
    ("not open", "cette messagerie est fermée pour le moment"),
)
_ACTS = {
    "candidature.opened": "dossier ouvert",
    "candidature.deposit": "candidature déposée",
    "candidature.replace": "pièce remplacée",
    "candidature.expire": "brouillon expiré",
    "candidature.receive_late": "reçue hors délai",
    "candidature.ask_completion": "complément demandé",
    "candidature.complete": "dossier complété",
    "candidature.restore": "dossier de nouveau complet",
    "candidature.accept": "déclarée recevable",
    "candidature.reject": "déclarée irrecevable",
    "candidature.reexamine": "décision retirée, à réexaminer",
    "candidature.reexamine_incomplete": "décision retirée, à réexaminer",
    "candidature.convoke": "convoquée",
    "candidature.hear": "entendue",
    "candidature.mark_absent": "absence notée",
    "candidature.seal_avis": "avis scellé",
    "candidature.release_avis": "avis transmis",
    "candidature.reopen_avis": "avis rouvert",
    "candidature.withdraw": "candidature retirée",
    "candidature.close": "dossier clos",
    "candidature.erase": "données effacées",
    "piece.received": "pièce reçue",
    "piece.placed": "pièce rangée",
    "piece.replaced": "pièce mise de côté",
    "piece.removed": "pièce enlevée",
    "piece.dropped": "fichier écarté",
    "piece.declared": "pièce déclarée via I-Prof",
    "piece.refused": "pièce refusée",
    "piece.restored": "pièce rétablie, refusée par erreur",
    "receipt.issued": "récépissé délivré",
    "reminder.sent": "rappel envoyé",
    "duty.dropped": "échéance devenue sans objet",
    "dossier.read": "dossier consulté",
    "pieces.read": "pièces consultées",
    "act.refused": "demande refusée",
    "command.refused": "commande refusée",
    "letters.revived": "messages relancés",
    "confirmation.asked": "confirmation demandée",
    "confirmation.given": "confirmation donnée",
    "confirmation.refused": "confirmation refusée",
    "addendum.signed": "complément signé",
    "addendum.revoked": "complément retiré",
    "commission.kept": "commission enregistrée",
    "consent.given": "accord donné",
    "ien.imported": "annuaire des IEN mis à jour",
    "ien.removed": "IEN retiré de l’annuaire",
    "ien.preferred": "copies : choix de l’IEN",
    "piece.written": "notice rédigée dans la conversation",
    "question.answered": "réponse à une question",
    "field.answered": "réponse pour la notice",
    "dossiers.exported": "dossiers exportés",
    "notice.filled": "notice complétée par le bureau",
    "candidature.entered": "dossier entré par le bureau",
    "avis.amended": "avis modifié par son auteur",
    "commission.bundled": "dossier de la commission préparé",
    "message.broadcast": "message diffusé",
    "campagne.archived": "campagne archivée",
    "campagne.closed": "clôture des candidatures",
    "extension.granted": "délai prolongé",
    "constraint.noted": "contrainte notée",
    "creneau.given": "créneau donné",
    "creneau.moved": "créneau déplacé",
    "convocation.published": "convocation envoyée",
    "convocation.acknowledged": "convocation confirmée par la personne",
    "convocation.sent_again": "convocation renvoyée",
    "convocation.wish": "autre créneau demandé",
    "convocation.wish_declined": "autre créneau refusé",
    "convocation.cancelled": "convocation annulée",
    "avis.confirmed": "avis confirmé par une seconde personne",
    "avis.opened": "pris connaissance de l’avis",
    "copy.sent": "copie envoyée à l’IEN",
    "relais.opened": "relais ouvert",
    "relais.answered": "réponse du bureau",
    "relais.asked_again": "question ajoutée à un relais",
    "relais.noted": "note ajoutée à un relais",
    "relais.taken": "relais pris en charge",
    "relais.closed": "relais fermé",
    "relais.erased": "échanges avec le bureau effacés",
    "modele.kept": "réponse toute prête enregistrée",
    "modele.dropped": "réponse toute prête retirée",
}
_AWAITED = {
    "archive": "clore la campagne",
    "broadcast": "un message à diffuser",
    "confirm_avis": "un avis",
    "convoke": "les convocations",
    "correct_avis": "un avis corrigé",
    "deposit_for": "un dépôt",
    "extend": "un délai",
    "reject": "une irrecevabilité",
    "reexamine": "un réexamen",
    "release": "les avis à transmettre",
    "swap": "un échange de créneaux",
}
_RUN = 4  # numbers that follow each other; fewer are listed


def numeros(found: Iterable[int]) -> str:
    """« 1 à 6, 8, 9 »: dossiers by their numbers."""
    runs: list[list[int]] = []
    for number in sorted(found):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = ([f"{run[0]} à {run[-1]}"] if len(run) >= _RUN else map(str, run) for run in runs)
    return ", ".join(part for parts in shown for part in parts)


def letter_words(kind: str) -> str:
    """What a letter is about, from the key of its text."""
    return _DECISIONS.get(kind) or _ROOMS.get(kind.partition("/")[0], kind)


def is_informative(kind: str) -> bool:
    """Whether a letter in doubt is left at that: nobody's rights hang on it."""
    return kind.partition("/")[0] in _INFORMATIVE


def letter_state(state: str) -> str:
    """The state of a letter."""
    return _STATES.get(state, state)


def letter_reason(error: str | None) -> str:
    """Why a letter did not leave; empty for one that has nothing against it."""
    if not error:
        return ""
    return next((words for said, words in _REASONS if said in error), "la messagerie refuse ce message")


def act_words(act: str) -> str:
    """A line of the journal."""
    return _ACTS.get(act, act)


def awaited_words(act: str) -> str:
    """An act that waits for a « oui »."""
    return _AWAITED[act]
