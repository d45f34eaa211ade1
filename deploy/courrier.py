"""The mail of the demonstration: a server that takes every e-mail, keeps it as a file and shows it on a page."""

import asyncio
import contextlib
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import escape
from pathlib import Path
from urllib.parse import quote

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

PAGE = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5">
<title>Courriels ({number})</title>
<style>
body {{ max-width: 48rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #1e1e1e }}
article {{ border-top: 1px solid #767676; padding: 1rem 0 }}
h1, h2 {{ line-height: 1.25; overflow-wrap: anywhere }}
dt {{ float: left; clear: left; width: 6rem; color: #4a4a4a }}
dd {{ margin-left: 6rem; overflow-wrap: anywhere }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: 1rem 0 }}
</style>
</head>
<body>
<main>
<h1>Courriels de la démonstration</h1>
<p>{count} Aucun n’a quitté cette machine. La page se recharge toutes les cinq secondes.</p>
{letters}
</main>
</body>
</html>
"""
SAFE = {  # what is shown was written by anybody: nothing runs, nothing is fetched, nothing is guessed
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Mailroom:
    """Takes e-mails by SMTP and shows them, on 127.0.0.1.

    Args:
        folder: where each e-mail is a file `.eml`, named after its turn.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def open(self, stack: contextlib.AsyncExitStack, *, port: int = 0) -> tuple[int, str]:
        """Listen until `stack` is left; returns the port for e-mails, and the page's address."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, hostname="localhost", loop=loop), "127.0.0.1", 0)
        stack.push_async_callback(_stop, server)
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get(r"/{number:\d+}/{part:\d+}/{name}", self._paper)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", port).start()
        host, shown = runner.addresses[0][:2]
        return server.sockets[0].getsockname()[1], f"http://{host}:{shown}"

    def kept(self) -> list[int]:
        """The numbers of the e-mails, the newest first."""
        return sorted((int(path.stem) for path in self.folder.glob("*.eml") if path.stem.isdecimal()), reverse=True)

    def read(self, number: int) -> EmailMessage:
        """One e-mail."""
        return message_from_bytes((self.folder / f"{number:06}.eml").read_bytes(), policy=default)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's
        """Keep an e-mail; it is whole on the disk under its name, or not there."""
        del server, session
        number = next(iter(self.kept()), 0) + 1
        draft = self.folder / f"{number:06}.part"
        draft.write_bytes(envelope.original_content or b"")
        draft.rename(self.folder / f"{number:06}.eml")
        return "250 OK"

    async def _page(self, _: web.Request) -> web.Response:
        numbers = self.kept()
        letters = "\n".join(show(number, self.read(number)) for number in numbers)
        count = f"{len(numbers)} courriel{'s' if len(numbers) > 1 else ''}." if numbers else "Aucun courriel encore."
        text = PAGE.format(number=len(numbers), count=count, letters=letters)
        return web.Response(text=text, content_type="text/html", headers=SAFE)

    async def _paper(self, request: web.Request) -> web.Response:
        number, part = int(request.match_info["number"]), int(request.match_info["part"])
        if number not in self.kept() or part >= len(papers := papers_of(self.read(number))):
            raise web.HTTPNotFound(text="Cette pièce jointe n’existe pas.")
        headers = {**SAFE, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name_of(papers[part], part))}"}
        return web.Response(body=bytes_of(papers[part]), content_type="application/octet-stream", headers=headers)


def papers_of(message: EmailMessage) -> list[EmailMessage]:
    """What can be saved: the attachments, in order."""
    return [part for part in message.iter_attachments() if not part.is_multipart()]


def name_of(paper: EmailMessage, number: int) -> str:
    """The name under which a paper is saved, without a folder."""
    return (paper.get_filename() or f"piece-{number + 1}").replace("/", "_").replace("\\", "_")


def bytes_of(paper: EmailMessage) -> bytes:
    """A paper, byte for byte."""
    data = paper.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def show(number: int, message: EmailMessage) -> str:
    """One e-mail as a piece of the page; everything that came with it is escaped."""
    body = message.get_body(preferencelist=("plain",))
    text = body.get_content() if body is not None else "(sans texte)"
    lines = [("De", message["From"]), ("À", message["To"]), ("Copie", message["Cc"]), ("Date", message["Date"])]
    facts = "\n".join(f"<dt>{name}</dt><dd>{escape(str(value))}</dd>" for name, value in lines if value)
    links = "\n".join(
        f'<li><a href="/{number}/{place}/{quote(name_of(paper, place))}">{escape(name_of(paper, place))}</a>'
        f" ({len(bytes_of(paper))} octets)</li>"
        for place, paper in enumerate(papers_of(message))
    )
    return (
        f'<article id="courriel-{number}">\n<h2>{escape(str(message["Subject"] or "(sans objet)"))}</h2>\n'
        f"<dl>\n{facts}\n</dl>\n<pre>{escape(text)}</pre>\n"
        + (f"<h3>Pièces jointes</h3>\n<ul>\n{links}\n</ul>\n" if links else "")
        + "</article>"
    )


async def _stop(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()
