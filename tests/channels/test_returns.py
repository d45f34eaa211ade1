"""E-mails come back to a real mailbox: what Greffier makes of it, whole, with a mail server and an IMAP server."""

import asyncio
import contextlib
import gc
import re
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import ValidationError
from structlog.testing import capture_logs

from bot.accounts import EmailSettings, ReturnsSettings
from bot.app import MakeDoor, open_app
from bot.channels.console import BUREAU, ConsoleDoor, Said
from bot.channels.delivery_report import Report
from bot.channels.email import EmailDoor
from bot.channels.returns import Returns, report_on
from bot.clock import PARIS, FrozenClock
from bot.settings import Settings
from deploy.homeserver import free_port
from storage import identities, letters
from storage.outbox import Letter
from storage.tables import Outbox, table
from storage.work import UnitOfWork
from tests.channels.imap import PASSWORD, USER, Mailbox, line_to, serving, wrapped
from tests.channels.smtp import MailServer
from tests.channels.test_delivery_report import OURS, shape
from tests.channels.test_email import opened
from tests.handlers.conftest import Talk

pytestmark = pytest.mark.server
OPEN_DAY = datetime(2017, 4, 10, 9, tzinfo=PARIS)
CLOSED = datetime(2017, 4, 22, 9, tzinfo=PARIS)
COMMISSION = "!commissions Commission A : salle 12 ; 9h-12h ; membres Mme Petit"
CAMILLE, IEN = "camille.camille@ac-paris.fr", "ien19a@ac-paris.fr"
DOSSIER = 170076  # the id of a candidature


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with serving() as mailbox:
        yield mailbox


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    server = MailServer(tells=True)
    await server.start()
    yield server
    await server.stop()


def returns_of(port: int, **more: Any) -> ReturnsSettings:
    account = {"host": "127.0.0.1", "port": port, "security": "none", "user": USER, "password": PASSWORD}
    return ReturnsSettings.model_validate({**account, **more})


@contextlib.asynccontextmanager
async def greffier(
    folder: Path, server: MailServer, mailbox: Mailbox, now: datetime, *, database_url: str = ""
) -> AsyncIterator[Talk]:
    """Greffier whole: people on the console, e-mails through the server, returns from the mailbox."""
    clock, said, doors = FrozenClock(now), list[Said](), list[ConsoleDoor]()
    returns = returns_of(mailbox.port)
    email = EmailSettings(
        host="127.0.0.1", port=server.port, security="none", sender="greffier@ac-paris.fr", returns=returns
    )

    def make(box: Any) -> ConsoleDoor:
        doors.append(ConsoleDoor(box, clock, said.append))
        return doors[0]

    settings = Settings(data_dir=folder, email=email, database_url=database_url)
    made: list[MakeDoor] = [("console", make), ("email", lambda _: EmailDoor(email, clock))]
    async with open_app(settings, made, clock=clock, bureau={"console": BUREAU}) as app:
        yield Talk(app, doors[0], clock, said)


async def convoke(talk: Talk) -> None:
    """Camille is convoked: an e-mail leaves for Camille, another for the IEN."""
    await talk.deposits("camille", "Camille Martin")
    await talk.directory()
    talk.clock.set(CLOSED)
    await talk.app.settled()
    await talk.says(BUREAU, "!recevable 1", COMMISSION, "!planning", "!convoquer", "oui")


async def write(talk: Talk) -> None:
    """The same two e-mails, of a call that is not played."""
    work = UnitOfWork(talk.app.database, talk.clock.now())
    for address, kind in ((CAMILLE, "convocation/convocation"), (IEN, "ien/convocation")):
        owner = await identities.person(work, "console", address, room=address)
        payload = {"to": [address], "subject": "Convocation", "text": "Bonjour"}
        work.outbox.put(Letter(owner, "sendEmail", payload, kind, DOSSIER, door="email"))
    await talk.app.committer.commit(work)
    talk.app.postman.look()
    await talk.app.settled()


def about(server: MailServer, name: str, address: str) -> bytes:
    """A report, in the shape of its server, on the last e-mail that left for an address."""
    named = next(kept.message["Message-ID"] for kept in reversed(server.kept) if kept.recipients == [address])
    key = named.strip("<>").partition("@")[0].encode()
    return shape(name).replace(b"0123456789ab-17", key).replace(b"0123456789AB-17", key.upper())


async def look(talk: Talk) -> None:
    """One look at the mailbox, as every minute."""
    email = talk.app.settings.email
    assert email is not None
    assert email.returns is not None
    await Returns(email.returns, None, talk.app.database.instance, talk.app.take_return).look()
    await talk.app.settled()


@contextlib.asynccontextmanager
async def at_work(talk: Talk) -> AsyncIterator[None]:
    """The service as it runs."""
    task = asyncio.create_task(talk.app.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(test: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not test():
            await asyncio.sleep(0.05)


def told(talk: Talk) -> list[str]:
    return [one.text for one in talk.said if one.room == BUREAU and "courriel est revenu" in one.text]


async def states(talk: Talk) -> list[tuple[str, str, str | None]]:
    """The convocation's e-mails: kind, state, what is held against them."""
    rows: list[Outbox] = await talk.rows(Outbox)
    return [
        (row.kind, row.state, row.error) for row in rows if row.door == "email" and row.kind.endswith("/convocation")
    ]


async def test_a_copy_that_comes_back_is_shown_and_told_to_the_bureau_once(
    tmp_path: Path, server: MailServer, mailbox: Mailbox
) -> None:
    async with greffier(tmp_path, server, mailbox, OPEN_DAY) as talk:
        await convoke(talk)
        report = about(server, "postfix_unknown_user", IEN)
        mailbox.drop(report)
        async with at_work(talk):
            await until(lambda: mailbox.seen() == [True])
            await talk.app.settled()
        mailbox.drop(report)
        await look(talk)
        await talk.says(BUREAU, "!lettres 1")

        assert await states(talk) == [
            ("convocation/convocation", "sent", None),
            ("ien/convocation", "returned", "returned: 5.1.1"),
        ]
        assert len(told(talk)) == 1
        assert "dossier n° 1" in told(talk)[0]
        assert "l’adresse n’existe pas ou est mal écrite" in told(talk)[0]
        assert "!lettres relancer" in told(talk)[0]
        assert "revenu, envoyé le 22/04 à 09:00 (l’adresse n’existe pas ou est mal écrite)" in talk.heard(BUREAU)

    mailbox.drop(report)
    async with greffier(tmp_path, server, mailbox, CLOSED + timedelta(hours=1)) as again:
        async with at_work(again):
            await until(lambda: mailbox.seen() == [True, True, True])
            await again.app.settled()
        await again.says(BUREAU, "!lettres")

        assert told(again) == []
        assert "1 revenu" in again.heard(BUREAU)


async def test_an_e_mail_that_arrived_is_shown_with_its_instant(
    tmp_path: Path, server: MailServer, mailbox: Mailbox
) -> None:
    async with greffier(tmp_path, server, mailbox, OPEN_DAY) as talk:
        await convoke(talk)
        talk.clock.set(CLOSED + timedelta(minutes=10))
        when = b"Sat, 22 Apr 2017 09:04:00 +0200"
        report = about(server, "postfix_delivered", CAMILLE)
        mailbox.drop(report.replace(b"Tue, 25 Apr 2017 10:31:06 +0200", when))

        await look(talk)
        await talk.says(BUREAU, "!lettres 1")

        assert mailbox.seen() == [True]
        assert "convocation : envoyé le 22/04 à 09:00, remis le 22/04 à 09:04" in talk.heard(BUREAU)
        assert told(talk) == []


@pytest.mark.parametrize("make", ["sqlite", "postgresql"])
async def test_a_kill_between_the_memory_and_the_mailbox_tells_nothing_twice(
    tmp_path: Path, server: MailServer, mailbox: Mailbox, make: str, request: pytest.FixtureRequest
) -> None:
    address = "" if make == "sqlite" else request.getfixturevalue("postgres_url")
    async with greffier(tmp_path, server, mailbox, OPEN_DAY, database_url=address) as talk:
        await write(talk)
        mailbox.drop(about(server, "postfix_full_mailbox_after_five_days", CAMILLE))

        async def killed(report: Report) -> bool | None:
            await talk.app.take_return(report)
            raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await Returns(returns_of(mailbox.port), None, talk.app.database.instance, killed).look()
        unread = mailbox.seen()
        await look(talk)

        assert (unread, mailbox.seen()) == ([False], [True])
        assert await states(talk) == [
            ("convocation/convocation", "returned", "returned: 4.2.2"),
            ("ien/convocation", "sent", None),
        ]
        assert ["la boîte du destinataire est pleine" in words for words in told(talk)] == [True]


async def test_a_report_that_comes_before_the_departure_is_noted_waits_unread(
    tmp_path: Path, server: MailServer, mailbox: Mailbox
) -> None:
    async with greffier(tmp_path, server, mailbox, OPEN_DAY) as talk:
        await write(talk)
        mailbox.drop(about(server, "postfix_unknown_user", CAMILLE))
        await change_letters(talk, "sent", "retry")
        await look(talk)
        early = (mailbox.seen(), told(talk))
        await change_letters(talk, "retry", "sent")

        await look(talk)

        assert early == ([False], [])
        assert mailbox.seen() == [True]
        assert len(told(talk)) == 1


async def change_letters(talk: Talk, before: str, after: str) -> None:
    letters = table(Outbox)
    change = letters.update().where(letters.c.door == "email", letters.c.state == before).values(state=after)
    await talk.app.database.transact(lambda connection: connection.execute(change))


async def test_a_return_counts_more_than_an_arrival_whichever_is_told_first(
    tmp_path: Path, server: MailServer, mailbox: Mailbox
) -> None:
    async with greffier(tmp_path, server, mailbox, OPEN_DAY) as talk:
        await write(talk)
        mailbox.drop(about(server, "postfix_relayed_without_headers", CAMILLE))
        mailbox.drop(about(server, "postfix_delayed", CAMILLE))
        mailbox.drop(about(server, "gmail_blocked", CAMILLE))
        mailbox.drop(about(server, "exchange_unknown_user", IEN))
        mailbox.drop(about(server, "postfix_delivered", IEN))

        await look(talk)

        rows = [row for row in await talk.rows(Outbox) if row.state == "returned"]
        assert [(row.error, row.delivered_at) for row in rows] == [
            ("returned: 5.7.26", None),
            ("returned: 5.1.10", None),
        ]
        assert mailbox.seen() == [True] * 5
        assert len(told(talk)) == 2


async def test_a_message_about_no_letter_of_ours_stays_as_it_was(
    tmp_path: Path, server: MailServer, mailbox: Mailbox
) -> None:
    async with greffier(tmp_path, server, mailbox, OPEN_DAY) as talk:
        await write(talk)
        before = await states(talk)
        mailbox.drop(b"From: camille@ac-paris.fr\nSubject: Ma convocation\n\nBonjour, je ne pourrai pas venir.\n")
        mailbox.drop(shape("exchange_unknown_user"))
        mailbox.drop(shape("gmail_blocked").replace(OURS.encode(), talk.app.database.instance.encode() + b"0000"))
        mailbox.drop(about(server, "postfix_unknown_user", IEN).replace(b"multipart/report", b"multipart/mixed"))

        await look(talk)
        await look(talk)

        assert mailbox.seen() == [False] * 4
        assert await states(talk) == before
        assert told(talk) == []


async def test_nothing_of_a_report_but_ids_and_a_code_is_logged(
    tmp_path: Path, server: MailServer, mailbox: Mailbox
) -> None:
    async with greffier(tmp_path, server, mailbox, OPEN_DAY) as talk:
        await write(talk)
        mailbox.drop(about(server, "postfix_unknown_user", IEN))
        with capture_logs() as logs:
            await look(talk)

        [line] = [line for line in logs if line["event"] == "letter.reported"]
        assert {name: value for name, value in line.items() if name != "letter"} == {
            "event": "letter.reported",
            "log_level": "info",
            "outcome": "failed",
            "code": "5.1.1",
        }
        assert "@" not in str(logs)


async def test_the_words_of_a_letter_that_came_back_are_erased_with_the_dossier(
    tmp_path: Path, server: MailServer, mailbox: Mailbox
) -> None:
    async with greffier(tmp_path, server, mailbox, OPEN_DAY) as talk:
        await write(talk)
        mailbox.drop(about(server, "postfix_unknown_user", IEN))
        await look(talk)

        work = UnitOfWork(talk.app.database, talk.clock.now())
        await work.run(letters.forget_words, DOSSIER, 0)
        await talk.app.committer.commit(work)

        assert [(row.kind, row.state, row.payload) for row in await talk.rows(Outbox) if row.door == "email"] == [
            ("convocation/convocation", "sent", "{}"),
            ("ien/convocation", "returned", "{}"),
        ]


# --- what is asked of the server that sends ---


@pytest.mark.parametrize(
    ("tells", "read", "asked"),
    [
        (True, True, "RET=HDRS ENVID=g-1 NOTIFY=SUCCESS,FAILURE,DELAY"),
        (True, False, ""),
        (False, True, ""),
    ],
    ids=["offered", "nobody reads", "not offered"],
)
async def test_a_report_is_asked_for_where_it_is_offered_and_somebody_reads_it(
    tells: bool, read: bool, asked: str
) -> None:
    server = MailServer(tells=tells)
    async with opened(server, returns=returns_of(993) if read else None) as post:
        await post.send("g-1", cc=[])

    assert [(kept.recipients, kept.asked) for kept in server.kept] == [(["camille@ac-paris.fr"], asked)]


# --- the way to the mailbox ---


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    return authority


@contextlib.asynccontextmanager
async def secured(folder: Path, security: str) -> AsyncIterator[tuple[Mailbox | None, int]]:
    """The mailbox behind STARTTLS, or under TLS from the first byte on; and the port that Greffier is given."""
    if security == "starttls":
        async with serving(folder / "server.pem") as mailbox:
            yield None, mailbox.port
        return
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem")
    async with serving() as mailbox, wrapped(mailbox.port, context) as port:
        yield mailbox, port


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_the_mailbox_is_read_under_tls(authority: trustme.CA, tmp_path: Path, security: str) -> None:
    async with secured(tmp_path, security) as (_, port):
        returns = returns_of(port, security=security)
        fine, why = await report_on(returns, tmp_path / "ca.pem")
        await Returns(returns, tmp_path / "ca.pem", OURS, never).look()

    assert (fine, why) == (True, f"127.0.0.1:{port} répond, connaît retours et ouvre INBOX")


async def never(_: Report) -> bool | None:
    raise AssertionError("the mailbox is empty")


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    authority: trustme.CA, tmp_path: Path, security: str
) -> None:
    async with secured(tmp_path, security) as (_, port):
        fine, why = await report_on(returns_of(port, security=security), None)

    advice = "montre un certificat qui n’est pas reconnu : voyez GREFFIER_EMAIL__CA_FILE"
    assert (fine, why) == (False, f"127.0.0.1:{port} {advice}")


@pytest.mark.parametrize(
    ("changed", "advice"),
    [
        ({"password": "un autre"}, "refuse l’identifiant ou le mot de passe : voyez GREFFIER_EMAIL__RETURNS__USER"),
        (
            {"folder": "Non remis"},
            "n’ouvre pas ce dossier, ou n’y laisse rien marquer : voyez GREFFIER_EMAIL__RETURNS__FOLDER",
        ),
        (
            {"security": "starttls"},
            "ne répond pas comme un serveur IMAP : voyez GREFFIER_EMAIL__RETURNS__SECURITY",
        ),
    ],
    ids=["password", "folder", "security"],
)
async def test_the_check_says_what_to_look_at(mailbox: Mailbox, changed: dict[str, str], advice: str) -> None:
    fine, why = await report_on(returns_of(mailbox.port, **changed), None)

    assert (fine, why) == (False, f"127.0.0.1:{mailbox.port} {advice}")


async def test_the_check_says_that_nobody_answers() -> None:
    port = free_port()

    fine, why = await report_on(returns_of(port), None)

    advice = "ne répond pas (ConnectionRefusedError) : voyez GREFFIER_EMAIL__RETURNS__HOST"
    assert (fine, why) == (False, f"127.0.0.1:{port} {advice}")


async def test_a_folder_of_its_own_is_read(mailbox: Mailbox) -> None:
    mailbox.drop(shape("postfix_unknown_user"), "Non remis")
    taken: list[Report] = []

    async def take(report: Report) -> bool | None:
        taken.append(report)
        return True

    await Returns(returns_of(mailbox.port, folder="Non remis"), None, OURS, take).look()

    assert [report.letter for report in taken] == [17]
    assert mailbox.seen("Non remis") == [True]


async def test_a_report_that_the_memory_refuses_holds_up_no_other(mailbox: Mailbox) -> None:
    taken: list[int] = []

    async def take(report: Report) -> bool | None:
        if report.letter == 17:
            raise LookupError
        taken.append(report.letter)
        return True

    for letter in (b"17", b"18"):
        mailbox.drop(shape("exchange_unknown_user").replace(b"0123456789ab-17", b"0123456789ab-" + letter))

    with pytest.raises(LookupError):
        await Returns(returns_of(mailbox.port), None, OURS, take).look()

    assert (taken, mailbox.seen()) == ([18], [False, True])


async def test_a_mailbox_that_is_away_stops_nothing_and_is_logged() -> None:
    returns = Returns(returns_of(free_port()), None, OURS, never)

    with capture_logs() as logs:
        looking = asyncio.create_task(returns.run())
        await until(lambda: bool(logs))
        looking.cancel()
        await asyncio.wait([looking])

    assert logs == [
        {"event": "door.delayed", "log_level": "warning", "door": "returns", "error": "ConnectionRefusedError"}
    ]


async def test_a_mailbox_that_answers_only_after_a_stop_is_hung_up_on(mailbox: Mailbox) -> None:
    async with line_to(mailbox.port) as line:
        looking = asyncio.create_task(Returns(returns_of(line.port), None, OURS, never).look())
        await line.met.wait()
        looking.cancel()
        await asyncio.wait([looking])

        line.carries.set()
        async with asyncio.timeout(20):
            await line.left.wait()


async def test_a_stop_before_the_good_bye_has_begun_hangs_up(mailbox: Mailbox) -> None:
    mailbox.drop(shape("postfix_unknown_user"))
    busy, free = asyncio.Event(), threading.Event()
    with ThreadPoolExecutor(1) as threads:  # as if all the others were at work
        asyncio.get_running_loop().set_default_executor(threads)

        async def take(_: Report) -> None:
            threads.submit(free.wait)
            busy.set()

        async with line_to(mailbox.port) as line:
            line.carries.set()
            looking = asyncio.create_task(Returns(returns_of(line.port), None, OURS, take).look())
            await busy.wait()
            await asyncio.sleep(0)
            looking.cancel()
            await asyncio.wait([looking])
            free.set()
            async with asyncio.timeout(20):
                await line.left.wait()


async def test_a_mailbox_that_hangs_up_instead_of_saying_good_bye_is_left(mailbox: Mailbox) -> None:
    async with line_to(mailbox.port, stops_at=b"LOGOUT") as line:
        line.carries.set()
        await Returns(returns_of(line.port), None, OURS, never).look()
        await line.left.wait()

    gc.collect()  # a connection left open would say so here


async def test_a_stop_does_not_wait_for_a_mailbox_that_fell_silent(mailbox: Mailbox) -> None:
    async with line_to(mailbox.port, stops_at=b"SEARCH", breaks=False) as line:
        line.carries.set()
        looking = asyncio.create_task(Returns(returns_of(line.port), None, OURS, never).look())
        await line.silent.wait()
        before = asyncio.get_running_loop().time()
        looking.cancel()
        await asyncio.wait([looking])
        await line.left.wait()
        waited = asyncio.get_running_loop().time() - before

    assert waited < 5  # of the ten that an answer may take


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"host": "https://imap"}, "sans cette boîte, retirez tous les GREFFIER_EMAIL__RETURNS__…"),
        ({"host": "imap.ac-paris.fr"}, "SECURITY=none n’est permis que vers cette machine (127.0.0.1)"),
        ({"folder": "Éléments retournés"}, "un nom de dossier sans accent est attendu : INBOX, INBOX/Retours…"),
        ({"folder": "a\r\nLOGOUT"}, "un nom de dossier sans accent est attendu : INBOX, INBOX/Retours…"),
    ],
    ids=["host", "security", "accent", "line"],
)
def test_a_fault_of_the_settings_says_what_is_expected(changed: dict[str, str], fault: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(fault)):
        returns_of(143, **changed)
