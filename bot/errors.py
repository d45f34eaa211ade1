"""Everything that can go wrong, and to whom it is said.

GreffierError
├── ConfigurationError      the sysadmin: every fault of the settings at once, at start
├── CampagneError           the sysadmin: the folder of a campagne cannot be used
├── DatabaseError           the sysadmin: the database cannot be opened for now: away, full, damaged
│   └── HeldDatabaseError   another Greffier works on it
├── Refusal                 the person: a rule says no; said with its paragraph and the contact
├── UnreadableFileError     the bureau: the bytes of a piece are missing or damaged on our disk
├── WorkClosedError         a programming error: the unit of work was used after its commit
├── StaleWorkError          nobody: somebody else changed the same row first; the update is played again
├── TornAlbumError          nobody: files that came together could not be handled together; each is by itself
└── DeliveryError           the bureau: a letter did not leave through its door
    ├── TemporaryDeliveryError   the postman tries again, after `retry_after` seconds
    ├── PermanentDeliveryError   the letter is abandoned and shown
    └── DoubtfulDeliveryError    it may have arrived: no idempotency key, never blindly repeated
"""

from collections.abc import Sequence


class GreffierError(Exception):
    """Anything that Greffier raises on purpose."""


class ConfigurationError(GreffierError):
    """The settings cannot be used: `faults` lists every one of them, in French."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class CampagneError(GreffierError):
    """The folder of a campagne cannot be used: `faults` lists every one of them, in French."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class DatabaseError(GreffierError):
    """The database cannot be opened, and perhaps can later; the message says why, in French."""


class HeldDatabaseError(DatabaseError):
    """Another Greffier works on this database."""

    def __init__(self) -> None:
        super().__init__("Un autre Greffier travaille déjà sur cette base : arrêtez-le d’abord.")


class Refusal(GreffierError):  # noqa: N818 -- the word of the house: a refusal is an answer, not a failure
    """A rule says no to the person.

    Args:
        text: key of the text that says it, « room/event » (handlers/texts).
        source: id of the passage that holds the rule, « D1.5 »; None where the circular is silent.
        values: what the text needs.
    """

    def __init__(self, text: str, *, source: str | None = None, **values: object) -> None:
        self.text = text
        self.source = source
        self.values = values
        super().__init__(text)


class UnreadableFileError(GreffierError):
    """What a person gave is missing or damaged on our disk; the message is its SHA-256."""


class WorkClosedError(GreffierError):
    """The unit of work was used after its commit; work in the background goes through the outbox or the agenda."""


class StaleWorkError(GreffierError):
    """Somebody else changed the same row first: the update is played again from its beginning."""


class TornAlbumError(GreffierError):
    """Files that came together could not be handled together: each is handled by itself."""


class DeliveryError(GreffierError):
    """A letter did not leave through its door."""


class TemporaryDeliveryError(DeliveryError):
    """The letter may leave later.

    Args:
        retry_after: seconds asked for by the server, None where it asks for nothing.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class PermanentDeliveryError(DeliveryError):
    """The letter will never leave like this: unknown room, refused address, forbidden."""


class DoubtfulDeliveryError(DeliveryError):
    """The letter may have arrived and the door has no key to ask with (Telegram)."""
