"""The few sentences that the door says by itself, where no room of the house can."""

DEVICE_NAME = "Greffier"
DISPLAY_NAME = "Greffier"

DECLINED = (
    "Bonjour. Greffier ne répond qu’aux personnes dont le compte est sur un serveur autorisé. "
    "Écrivez-lui depuis votre compte académique, ou adressez-vous au bureau qui suit l’appel à candidatures."
)
UNREADABLE = (
    "Je n’ai pas pu lire votre dernier message : sa clé de chiffrement ne m’est pas parvenue. "
    "Merci de l’envoyer à nouveau. Rien de ce que vous aviez déjà donné n’est perdu."
)
NOT_ENCRYPTED = (
    "Ce salon n’est pas chiffré : je n’y reçois ni réponse ni pièce, pour protéger vos données. "
    "Ouvrez une conversation privée avec moi (chiffrée d’office), puis écrivez-moi « bonjour »."
)
CHOICE = "Votre choix"
POLL_ENDED = "Ce choix est clos."
