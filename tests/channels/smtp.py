"""A real mail server on this machine, which refuses what the test tells it to refuse."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

FINE = "250 OK"


@dataclass
class Kept:
    """An e-mail that the server took: for whom, and what."""

    recipients: list[str]
    message: EmailMessage
    raw: bytes = b""
    asked: str = ""


class _TellsLater(SMTP):
    """Offers to tell what becomes of an e-mail (RFC 3461), and keeps what it is asked."""

    asked: str = ""

    async def smtp_MAIL(self, arg: str | None) -> None:
        self.asked = ""
        await super().smtp_MAIL(self._kept(arg))

    async def smtp_RCPT(self, arg: str | None) -> None:
        await super().smtp_RCPT(self._kept(arg))

    def _kept(self, arg: str | None) -> str | None:
        address, *options = (arg or "").split(" ")
        asks = [option for option in options if option.partition("=")[0] in {"RET", "ENVID", "NOTIFY"}]
        self.asked = " ".join([self.asked, *asks]).strip()
        return " ".join([address, *(option for option in options if option not in asks)])


@dataclass
class MailServer:
    """Takes e-mails; `answers` are those to an address (or to « DATA »), the last one for good.

    Args:
        tls: how it proves itself; with it, STARTTLS is offered, and asked for.
        password: what the account « greffier » must say; None where no one has to log in.
        implicit: TLS from the first byte on, instead of STARTTLS.
        tells: offers to tell later what becomes of an e-mail.
    """

    tls: ssl.SSLContext | None = None
    password: str | None = None
    implicit: bool = False
    tells: bool = False
    port: int = 0
    answers: dict[str, list[str]] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    sessions: list[Any] = field(default_factory=list)
    logins: list[bool] = field(default_factory=list)
    cut_after_data: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)  # set when a client asks whether it still speaks
    silent: bool = False  # does not say that it does
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen, on the same port after a stop."""
        loop = asyncio.get_running_loop()
        secured = self.tls if self.implicit else None
        self._server = await loop.create_server(self._protocol, "127.0.0.1", self.port, ssl=secured)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up on everybody and listen no more."""
        for protocol in self.sessions:
            if protocol.transport is not None:
                protocol.transport.close()
        self.sessions.clear()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
        await asyncio.sleep(0.05)

    def _protocol(self) -> SMTP:
        starttls = None if self.implicit else self.tls
        protocol = (_TellsLater if self.tells else SMTP)(
            self,
            hostname="courrier.test",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=self._authenticate if self.password else None,
            auth_required=starttls is not None and self.password is not None,
            auth_require_tls=starttls is not None,
            loop=asyncio.get_running_loop(),
        )
        self.sessions.append(protocol)
        return protocol

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password.decode()) == (b"greffier", self.password)
        self.logins += [good]
        return AuthResult(success=good, handled=False)

    def _answer(self, what: str) -> str:
        answers = self.answers.get(what, [])
        return answers.pop(0) if len(answers) > 1 else answers[0] if answers else FINE

    # --- names that aiosmtpd calls ---

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*answers[:-1], "250-DSN", answers[-1]] if self.tells else answers

    async def handle_NOOP(self, _server: SMTP, _session: Session, _envelope: Envelope, _words: str) -> str:
        self.asked.set()
        while self.silent:
            await asyncio.sleep(0.01)
        return FINE

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self._answer(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        answer = self._answer("DATA")
        if answer.startswith("250"):
            raw = cast("bytes", envelope.content)
            message = message_from_bytes(raw, policy=default)
            self.kept.append(Kept(list(envelope.rcpt_tos), message, raw, getattr(server, "asked", "")))
        if self.cut_after_data:
            self.cut_after_data -= 1
            cast("asyncio.Transport", server.transport).abort()
        return answer


def parts(message: EmailMessage, test: Callable[[EmailMessage], bool] = lambda _: True) -> list[EmailMessage]:
    """The leaves of an e-mail for which `test` holds, in order."""
    leaves = [part for part in message.walk() if not part.is_multipart()]
    return [part for part in leaves if test(part)]
