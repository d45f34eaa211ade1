"""What the bureau reads instead of codes: the kinds and states of letters, the acts of the journal."""

_ROOMS = {
    "agenda": "rappel ou échéance",
    "avis": "avis",
    "bureau": "bureau",
    "candidature": "candidature",
    "commands": "commande",
    "complements": "complément",
    "confirmations": "confirmation",
    "convocation": "convocation",
    "depot": "dépôt",
    "diagnostics": "essai",
    "donnees": "données",
    "dossier": "pièces",
    "errors": "incident",
    "faq": "réponse de la circulaire",
    "ien": "copie à l’IEN",
    "instruction": "instruction",
    "receipts": "récépissé",
    "relais": "relais",
    "steps": "question posée",
    "tableau": "tableau",
    "welcome": "accueil",
}
_STATES = {
    "waiting": "en attente",
    "sending": "en cours d’envoi",
    "sent": "envoyé",
    "retry": "retardé",
    "abandoned": "abandonné",
    "doubtful": "douteux",
    "cancelled": "annulé",
    "replaced": "remplacé par un nouvel envoi",
}
_ACTS = {
    "candidature.opened": "dossier ouvert",
    "candidature.deposit": "candidature déposée",
    "candidature.replace": "pièce remplacée",
    "candidature.expire": "brouillon expiré",
    "candidature.receive_late": "reçue hors délai",
    "candidature.ask_completion": "complément demandé",
    "candidature.complete": "dossier complété",
    "candidature.accept": "déclarée recevable",
    "candidature.reject": "déclarée irrecevable",
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
    "ien.preferred": "copies : choix de l’IEN",
    "piece.written": "notice rédigée dans la conversation",
    "question.answered": "réponse à une question",
    "field.answered": "réponse pour la notice",
    "dossiers.exported": "dossiers exportés",
    "notice.filled": "notice complétée par le bureau",
    "candidature.entered": "dossier entré par le bureau",
    "avis.amended": "avis modifié par son auteur",
    "commission.bundled": "dossier de la commission préparé",
    "campagne.archived": "campagne close",
    "extension.granted": "délai prolongé",
    "constraint.noted": "contrainte notée",
    "creneau.given": "creneau donné",
    "creneau.moved": "creneau déplacé",
    "convocation.published": "convocation envoyée",
    "convocation.acknowledged": "convocation confirmée par la personne",
    "convocation.sent_again": "convocation renvoyée",
    "convocation.wish": "autre creneau demandé",
    "convocation.cancelled": "convocation annulée",
    "avis.confirmed": "avis confirmé par une seconde personne",
    "avis.opened": "pris connaissance de l’avis",
    "copy.sent": "copie envoyée à l’IEN",
    "relais.opened": "relais ouvert",
    "relais.answered": "réponse du bureau",
    "relais.closed": "relais fermé",
}


def letter_words(kind: str) -> str:
    """What a letter is about, from the key of its text."""
    return _ROOMS.get(kind.partition("/")[0], kind)


def letter_state(state: str) -> str:
    """The state of a letter."""
    return _STATES.get(state, state)


def act_words(act: str) -> str:
    """A line of the journal."""
    return _ACTS.get(act, act)
