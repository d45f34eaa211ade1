"""The few sentences that the door says by itself, where no room of the house can."""

DECLINED = (
    "Bonjour. Je ne réponds qu’aux personnes dont le compte est sur un serveur autorisé. "
    "Écrivez-moi depuis votre compte académique, ou adressez-vous au service qui vous a donné mon nom."
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
