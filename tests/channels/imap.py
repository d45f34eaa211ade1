"""A real IMAP server on this machine, in memory, and what a mail server drops in its mailbox."""

import asyncio
import contextlib
import imaplib
import ssl
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from deploy.homeserver import free_port

USER, PASSWORD = "retours", "motdepassé"


@dataclass
class Mailbox:
    """The mailbox of returns, as somebody else than Greffier sees it, over one connection (a log-in is slow there)."""

    port: int
    _imap: imaplib.IMAP4 | None = None

    def drop(self, raw: bytes, folder: str = "INBOX") -> None:
        """A message arrives."""
        self._open(folder).append(f'"{folder}"', "", "", raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def seen(self, folder: str = "INBOX") -> list[bool]:
        """Whether each message has been read, the oldest first."""
        imap = self._open(folder)
        _, [found] = imap.search(None, "SEEN")
        _, [every] = imap.search(None, "ALL")
        return [number in found.split() for number in every.split()]

    def close(self) -> None:
        if self._imap is not None:
            self._imap.logout()

    def _open(self, folder: str) -> imaplib.IMAP4:
        if self._imap is None:
            self._imap = imaplib.IMAP4("127.0.0.1", self.port)
            self._imap.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        if folder != "INBOX":
            self._imap.create(f'"{folder}"')
        self._imap.select(f'"{folder}"')
        return self._imap


@contextlib.asynccontextmanager
async def serving(cert: Path | None = None) -> AsyncIterator[Mailbox]:
    """The server, its mailbox empty; with a certificate (a file, its key in it) STARTTLS comes before the log-in."""
    port = free_port()
    secured = ["--cert", str(cert), "--key", str(cert)] if cert else ["--no-tls"]
    command = [str(Path(sys.executable).with_name("pymap")), "--host", "127.0.0.1", "--port", str(port), *secured]
    account = ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    process = await asyncio.create_subprocess_exec(*command, *account, stderr=asyncio.subprocess.DEVNULL)
    try:
        await _answers(port)
        mailbox = Mailbox(port)
        yield mailbox
        mailbox.close()
    finally:
        process.terminate()
        await process.wait()


async def _answers(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise TimeoutError("the IMAP server does not answer")


@dataclass
class Line:
    """The line between Greffier and the server: it may be slow, or break."""

    port: int
    met: asyncio.Event  # somebody calls
    carries: asyncio.Event  # until then nobody answers
    silent: asyncio.Event  # nothing is carried any more
    left: asyncio.Event  # who called has hung up


@contextlib.asynccontextmanager
async def line_to(port: int, *, stops_at: bytes | None = None, breaks: bool = True) -> AsyncIterator[Line]:
    """A line to the server; at a word of Greffier it breaks, or carries nothing more until Greffier hangs up."""

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line.met.set()
        await line.carries.wait()
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        answering = asyncio.create_task(answers(inner_reader, writer))
        with contextlib.suppress(OSError):
            while said := await reader.readline():
                if stops_at is None or stops_at not in said:
                    inner_writer.write(said)
                    continue
                line.silent.set()
                if breaks:
                    break
        answering.cancel()
        for each in (inner_writer, writer):
            each.close()
        line.left.set()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    line = Line(server.sockets[0].getsockname()[1], *(asyncio.Event() for _ in range(4)))
    try:
        yield line
    finally:
        server.close()
        await server.wait_closed()


@contextlib.asynccontextmanager
async def wrapped(port: int, context: ssl.SSLContext) -> AsyncIterator[int]:
    """A port where the same server speaks under TLS from the first byte on."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(reader, inner_writer), carry(inner_reader, writer))

    server = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
