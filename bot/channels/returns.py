"""E-mails that come back: a mailbox read over IMAP, for what mail servers tell of our letters (RFC 3464).

A server that said yes may find a full mailbox or a wrong address later, and writes so to the sender. Only messages that
nobody has read are looked at, only those that name a letter of ours are marked as read, and only once the memory has
kept what they tell: whatever is killed, they are read again and told once.
"""

import asyncio
import contextlib
import imaplib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from bot.accounts import ReturnsSettings
from bot.channels.delivery_report import LONGEST, Report, read_report
from bot.events import Event, log

_EVERY = 60.0  # seconds between two looks at the mailbox
_LONGEST_WAIT = 900.0  # seconds between two looks at a mailbox that is away, at the most
_TIMEOUT = 10.0  # seconds for each answer of the server
_PORTS = {"tls": 993, "starttls": 143, "none": 143}

Take = Callable[[Report], Awaitable[bool | None]]


class _LogInError(Exception):
    """The server does not know the account."""


class _FolderError(Exception):
    """The folder is not there, or nothing may be marked in it."""


class _Box:
    """The mailbox over one connection. Each call but `drop` waits for the server: made in a thread, one at a time."""

    _imap: imaplib.IMAP4

    def __init__(self, returns: ReturnsSettings, ca_file: Path | None) -> None:
        self._returns = returns
        self._ca_file = ca_file
        self._dropped = False

    def open(self) -> None:
        """Meet the server, log in and open the folder; dropped meanwhile, hang up as soon as it has answered."""
        self._imap = _connect(self._returns, self._ca_file)
        if self._dropped:
            self.drop()
            return
        try:
            _log_in(self._imap, self._returns)
            _open(self._imap, self._returns.folder)
        except BaseException:
            self.drop()
            raise

    def unread(self) -> list[str]:
        """Those that nobody has read: names that stay the same from one connection to the next."""
        era = self._imap.response("UIDVALIDITY")[1][0]
        [found, *_] = _fine(self._imap.uid("SEARCH", "UNSEEN"))
        return [f"{_plain(era)}/{uid}" for uid in _plain(found).split()]

    def report(self, name: str, instance: str) -> Report | None:
        """What a message tells of a letter of ours; the others are left after a look at their type."""
        kind = self._fetch(name, "BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE)]")
        if b"multipart/report" not in kind.lower():
            return None
        return read_report(self._fetch(name, f"BODY.PEEK[]<0.{LONGEST}>"), instance)

    def mark(self, name: str) -> None:
        """It has been read."""
        _fine(self._imap.uid("STORE", _uid(name), "+FLAGS.SILENT", r"(\Seen)"))

    def leave(self) -> None:
        """Say good-bye; what is said back does not matter any more."""
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            self._imap.logout()

    def drop(self) -> None:
        """Hang up at once, under a call in another thread too."""
        self._dropped = True
        if hasattr(self, "_imap"):
            _hang_up(self._imap)

    def _fetch(self, name: str, what: str) -> bytes:
        found = _fine(self._imap.uid("FETCH", _uid(name), f"({what})"))
        return next((bytes(item[1]) for item in found if isinstance(item, tuple)), b"")


def _connect(returns: ReturnsSettings, ca_file: Path | None) -> imaplib.IMAP4:
    port = returns.port or _PORTS[returns.security]
    if returns.security == "none":
        return imaplib.IMAP4(returns.host, port, timeout=_TIMEOUT)
    trust = ssl.create_default_context(cafile=ca_file)
    if returns.security == "tls":
        return imaplib.IMAP4_SSL(returns.host, port, ssl_context=trust, timeout=_TIMEOUT)
    imap = imaplib.IMAP4(returns.host, port, timeout=_TIMEOUT)
    try:
        imap.starttls(trust)
    except BaseException:
        _hang_up(imap)
        raise
    return imap


def _hang_up(imap: imaplib.IMAP4) -> None:
    with contextlib.suppress(OSError):
        imap.sock.shutdown(socket.SHUT_RDWR)  # whoever reads lets go: the file would wait for them
    with contextlib.suppress(OSError):
        imap.shutdown()


def _log_in(imap: imaplib.IMAP4, returns: ReturnsSettings) -> None:
    """By PLAIN where it is offered: LOGIN carries no accent."""
    user, password = returns.user, returns.password.get_secret_value()
    try:
        if "AUTH=PLAIN" in imap.capabilities:
            imap.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        else:
            imap.login(user, password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeError):
        raise _LogInError from None


def _open(imap: imaplib.IMAP4, folder: str) -> None:
    quoted = folder.replace("\\", "\\\\").replace('"', '\\"')
    try:
        _fine(imap.select(f'"{quoted}"'))
    except imaplib.IMAP4.readonly:
        raise _FolderError from None
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise _FolderError from None


def _fine(answer: tuple[str, Sequence[Any]]) -> Sequence[Any]:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error("the server says no")
    return answer[1]


def _plain(answer: Any) -> str:
    return answer.decode("ascii") if isinstance(answer, bytes) else ""


def _uid(name: str) -> str:
    return name.rpartition("/")[2]


class Returns:
    """Reads the mailbox of returns.

    Args:
        ca_file: the authority that vouches for the server, None for those that the machine knows.
        instance: name of the database.
        take: keeps what a report tells: True once it is kept, False to be asked again later, None for a letter that
            is not known.
    """

    def __init__(self, returns: ReturnsSettings, ca_file: Path | None, instance: str, take: Take) -> None:
        self._returns = returns
        self._ca_file = ca_file
        self._instance = instance
        self._take = take
        self._passed: set[str] = set()

    async def run(self) -> None:
        """Look every minute until cancelled; a mailbox that is away is asked more and more seldom."""
        failures = 0
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 -- a mailbox that fails stops nobody
                failures += 1
                log.warning(Event.DOOR_DELAYED, door="returns", error=type(error).__name__)
            else:
                failures = 0
            await asyncio.sleep(min(_LONGEST_WAIT, _EVERY * 2.0 ** min(failures, 10)))

    async def look(self) -> None:
        """Take what has come since the last look; a message that fails holds up no other."""
        failed: Exception | None = None
        async with _opened(self._returns, self._ca_file) as box:
            unread = await asyncio.to_thread(box.unread)
            self._passed &= set(unread)
            for name in unread:
                try:
                    await self._look_at(box, name)
                except (imaplib.IMAP4.abort, OSError):
                    raise
                except Exception as error:  # noqa: BLE001 -- the server or the memory refuses this one
                    failed = error
        if failed is not None:
            raise failed

    async def _look_at(self, box: _Box, name: str) -> None:
        if name in self._passed:
            return
        report = await asyncio.to_thread(box.report, name, self._instance)
        kept = None if report is None else await self._take(report)
        if kept:
            await asyncio.to_thread(box.mark, name)
        elif kept is None:
            self._passed.add(name)


@contextlib.asynccontextmanager
async def _opened(returns: ReturnsSettings, ca_file: Path | None) -> AsyncIterator[_Box]:
    """The mailbox; however it ends, nobody stays connected: a stop may come before the good-bye has begun."""
    box = _Box(returns, ca_file)
    try:
        await asyncio.to_thread(box.open)
        yield box
        await asyncio.to_thread(box.leave)
    finally:
        box.drop()


async def report_on(returns: ReturnsSettings, ca_file: Path | None) -> tuple[bool, str]:
    """Meet the server, log in and open the folder, without marking anything: « ok » or what to do, in French."""
    server = f"{returns.host}:{returns.port or _PORTS[returns.security]}"
    try:
        async with _opened(returns, ca_file):
            return True, f"{server} répond, connaît {returns.user} et ouvre {returns.folder}"
    except (_LogInError, _FolderError, imaplib.IMAP4.error, OSError, ValueError) as error:
        return False, f"{server} {_advice(error)}"


def _advice(error: Exception) -> str:
    """What to look at, in French."""
    if isinstance(error, _LogInError):
        return "refuse l’identifiant ou le mot de passe : voyez GREFFIER_EMAIL__RETURNS__USER"
    if isinstance(error, _FolderError):
        return "n’ouvre pas ce dossier, ou n’y laisse rien marquer : voyez GREFFIER_EMAIL__RETURNS__FOLDER"
    if isinstance(error, ssl.SSLError):
        return "montre un certificat qui n’est pas reconnu : voyez GREFFIER_EMAIL__CA_FILE"
    if isinstance(error, OSError):
        return f"ne répond pas ({type(error).__name__}) : voyez GREFFIER_EMAIL__RETURNS__HOST"
    return "ne répond pas comme un serveur IMAP : voyez GREFFIER_EMAIL__RETURNS__SECURITY"
