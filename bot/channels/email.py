"""The door to e-mail: letters leave by SMTP, nothing arrives.

A letter keeps its Message-ID at every try. When the connection is lost after the words were given and before the
server has answered, the same e-mail is given again: the receiving server, or the mailbox, tells the double by its
Message-ID. Whoever has accepted a letter is noted with it, so that a later try goes to the others alone.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiosmtplib

from bot.accounts import EmailSettings
from bot.channels.door import Parcel, Sent
from bot.channels.mime import Envelope, compose, recipients_of
from bot.clock import Clock
from bot.errors import PermanentDeliveryError, TemporaryDeliveryError

_TIMEOUT = 20.0  # seconds for each answer of the server
_KEPT = timedelta(seconds=30)  # how long a connection waits for the next letter
_AWAY = timedelta(seconds=5)  # after a connection that failed, letters are sent back at once for as long
_GOODBYE = 2.0  # seconds that a server has to say good-bye
_FINE = 250
_FOR_GOOD = 500  # from this answer on, a server will never say yes
_GONE = frozenset({421})  # the server is about to hang up
_LOCKED = frozenset({530, 534, 535, 538})  # the server refuses us, not the letter
_BEFORE_LETTERS = (aiosmtplib.SMTPConnectResponseError, aiosmtplib.SMTPHeloError, aiosmtplib.SMTPAuthenticationError)


class EmailDoor:
    """Implements `bot.channels.door.Door` for the method « sendEmail »."""

    name = "email"

    def __init__(self, settings: EmailSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._envelope = Envelope(settings.sender, settings.reply_to)
        self._lock = asyncio.Lock()
        self._client: aiosmtplib.SMTP | None = None
        self._used_at: datetime | None = None
        self._away_until: datetime | None = None

    async def open(self) -> None:
        """The server is met with the first letter: a mail server that is away does not stop a start."""

    async def run(self) -> None:
        """Nothing arrives; a connection that nobody uses any more is let go."""
        while True:
            await asyncio.sleep(_KEPT.total_seconds())
            async with self._lock:
                if self._used_at is not None and self._clock.now() - self._used_at >= _KEPT:
                    await self._leave()

    async def close(self) -> None:
        """Say good-bye to the server."""
        async with self._lock:
            await self._leave()

    async def typing(self, room: str, *, on: bool) -> None:
        """An e-mail is not typed in front of anybody."""

    async def fetch(self, source: Mapping[str, Any]) -> bytes:
        """Nothing arrives by e-mail, so nothing can be fetched."""
        del source
        raise PermanentDeliveryError("nothing arrives by e-mail")

    async def send(self, parcel: Parcel) -> Sent:
        """Give one letter to the server, for those who have not accepted or refused it yet.

        Returns:
            In `facts`, how many of its recipients are refused for good.

        Raises:
            PermanentDeliveryError: everybody is refused for good, or the letter itself is.
            TemporaryDeliveryError: the server is away, or asks to come back, for one recipient at least.
        """
        if parcel.method != "sendEmail":
            raise PermanentDeliveryError(f"{parcel.method} is not an e-mail")
        everybody = recipients_of(parcel.payload)
        settled = _Settled.of(parcel)
        asked = [number for number in range(len(everybody)) if not settled.knows(number)]
        if asked:
            message = await asyncio.to_thread(compose, parcel, self._envelope)
            codes = await self._transmit([everybody[number] for number in asked], message, parcel.key)
            await settled.take(dict(zip(asked, codes, strict=True)), parcel)
        if not settled.accepted:
            raise PermanentDeliveryError("every recipient is refused for good")
        return Sent((), {"refused": len(settled.refused)} if settled.refused else {})

    async def _transmit(self, recipients: Sequence[str], message: bytes, key: str) -> list[int]:
        """Give an e-mail to the server; returns its answer for each recipient, 0 for a yes."""
        async with self._lock:
            client = await self._connected()
            with _translated():
                try:
                    told = self._settings.returns is not None and await _tells_later(client)
                    answers, _ = await client.sendmail(
                        self._envelope.address,
                        recipients,
                        message,
                        mail_options=["RET=HDRS", f"ENVID={key}"] if told else (),
                        rcpt_options=["NOTIFY=SUCCESS,FAILURE,DELAY"] if told else (),
                    )
                except aiosmtplib.SMTPRecipientsRefused as error:
                    answers = {one.recipient: aiosmtplib.SMTPResponse(one.code, "") for one in error.recipients}
                except aiosmtplib.SMTPResponseException as error:
                    if error.code in _GONE:
                        await self._leave()
                    raise
                except BaseException:  # a dialogue that was cut off, by us too, cannot be taken up again
                    self._forget()
                    raise
            self._used_at = self._clock.now()
        return [answers[address].code if address in answers else 0 for address in recipients]

    async def _connected(self) -> aiosmtplib.SMTP:
        """The connection of the letter before when the server still holds it, else a new one."""
        if self._client is not None and await _answers(self._client):
            return self._client
        self._forget()
        now = self._clock.now()
        if self._away_until is not None and now < self._away_until:
            raise TemporaryDeliveryError("the mail server is away")
        client = new_client(self._settings)
        try:
            with _translated():
                await client.connect()
        except TemporaryDeliveryError:
            self._away_until = now + _AWAY
            raise
        self._client = client
        return client

    async def _leave(self) -> None:
        client, self._client, self._used_at = self._client, None, None
        if client is not None and client.is_connected:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=_GOODBYE)
            client.close()

    def _forget(self) -> None:
        client, self._client, self._used_at = self._client, None, None
        if client is not None:
            client.close()


@dataclass
class _Settled:
    """Recipients of a letter, by their place in it, whose server has said yes, or no for good."""

    accepted: list[int]
    refused: list[int]

    @classmethod
    def of(cls, parcel: Parcel) -> "_Settled":
        return cls(list(parcel.progress.get("accepted", ())), list(parcel.progress.get("refused", ())))

    def knows(self, number: int) -> bool:
        return number in self.accepted or number in self.refused

    async def take(self, codes: Mapping[int, int], parcel: Parcel) -> None:
        """Note the answers, so that a later try goes to the others alone."""
        self.accepted += [number for number, code in codes.items() if not code]
        self.refused += [number for number, code in codes.items() if code >= _FOR_GOOD]
        later = sorted(code for code in codes.values() if 0 < code < _FOR_GOOD)
        if later or self.refused:
            await parcel.note({"accepted": self.accepted, "refused": self.refused})
        if later:
            raise TemporaryDeliveryError(f"{len(later)} of the recipients later: {later[0]}")


def new_client(settings: EmailSettings) -> aiosmtplib.SMTP:
    """A connection to the server of the settings, not opened yet; opening it ends with the log-in."""
    plain = settings.security == "none"
    return aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        username=settings.user,
        password=settings.password.get_secret_value() if settings.password else None,
        use_tls=settings.security == "tls",
        start_tls=settings.security == "starttls",
        tls_context=None if plain else ssl.create_default_context(cafile=settings.ca_file),
        timeout=_TIMEOUT,
    )


async def _tells_later(client: aiosmtplib.SMTP) -> bool:
    """Whether the server can tell later what became of a letter (RFC 3461)."""
    if client.is_ehlo_or_helo_needed:
        with contextlib.suppress(aiosmtplib.SMTPHeloError):  # an old server: it is greeted in its own way
            await client.ehlo()
    return client.supports_extension("dsn")


async def _answers(client: aiosmtplib.SMTP) -> bool:
    """Whether the server still speaks on this connection."""
    try:
        return client.is_connected and (await client.noop()).code == _FINE
    except (aiosmtplib.SMTPException, OSError):
        return False
    except asyncio.CancelledError:  # what it answers would be taken for the answer to something else
        client.close()
        raise


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """What goes wrong in the words of the house. A server's own words may name somebody: its code alone is kept."""
    try:
        yield
    except aiosmtplib.SMTPResponseException as error:
        if error.code < _FOR_GOOD or error.code in _LOCKED or isinstance(error, _BEFORE_LETTERS):
            raise TemporaryDeliveryError(f"the mail server answers {error.code}") from None
        raise PermanentDeliveryError(f"the mail server refuses the letter: {error.code}") from None
    except (aiosmtplib.SMTPException, OSError) as error:
        raise TemporaryDeliveryError(f"the mail server cannot be reached: {type(error).__name__}") from None


async def report_on(settings: EmailSettings) -> tuple[bool, str]:
    """Meet the server and log in, without writing to anybody: « ok » or what to do, in French."""
    client = new_client(settings)
    try:
        await client.connect()
        await client.quit()
    except (aiosmtplib.SMTPException, OSError) as error:
        return False, _advice(error, f"{settings.host}:{client.port}")
    account = f"et connaît {settings.user}" if settings.user else "sans identifiant"
    return True, f"{settings.host}:{client.port} répond, {account}"


def _advice(error: Exception, server: str) -> str:
    """What to look at, in French. A stranger's certificate hides behind the failure of the connection."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return f"{server} refuse l’identifiant ou le mot de passe ({error.code}) : voyez GREFFIER_EMAIL__USER"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{server} répond {error.code} : voyez avec qui le tient"
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return f"le certificat de {server} n’est pas reconnu : voyez GREFFIER_EMAIL__CA_FILE"
    if isinstance(error, OSError):
        return f"{server} ne répond pas ({type(error).__name__}) : voyez GREFFIER_EMAIL__HOST"
    return f"{server} ne propose pas STARTTLS, ou pas d’identification : voyez GREFFIER_EMAIL__SECURITY"
