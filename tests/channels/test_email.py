"""E-mails really leave: each test gives letters to a mail server of its own and reads what that server took."""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import ValidationError

from bot.accounts import EmailSettings
from bot.channels.door import Parcel, Sent
from bot.channels.email import EmailDoor, report_on
from bot.clock import PARIS, FrozenClock
from bot.errors import PermanentDeliveryError, TemporaryDeliveryError
from storage import identities
from storage.outbox import Letter
from storage.work import UnitOfWork
from tests.channels.smtp import MailServer, parts
from tests.core.conftest import Built

pytestmark = pytest.mark.server

NOW = datetime(2017, 4, 25, 10, 30, tzinfo=PARIS)
ICS = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nSUMMARY:Entretien à Paris\r\nEND:VCALENDAR\r\n"
FILES = {"a" * 64: b"%PDF-1.7 convocation", "b" * 64: ICS.encode()}
CAMILLE, SYLVIE, NADIA = "camille@ac-paris.fr", "sylvie@ac-paris.fr", "nadia@ac-paris.fr"
LETTER: Mapping[str, Any] = {
    "to": [CAMILLE],
    "cc": [SYLVIE],
    "subject": "Convocation à l’entretien du 12 mai",
    "text": "Bonjour,\nvotre entretien est à 9 h 30.\n",
    "html": "<p>Bonjour, votre entretien est à <b>9 h 30</b>.</p>",
    "attachments": [{"file": "a" * 64, "name": "convocation à lire.pdf", "mime": "application/pdf", "size": 20}],
    "calendar": {"file": "b" * 64, "name": "entretien.ics", "mime": "text/calendar", "method": "REQUEST"},
}


@dataclass
class Post:
    """A door, and what its letters have noted."""

    door: EmailDoor
    clock: FrozenClock
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def send(self, key: str = "g-1", *, method: str = "sendEmail", **changed: Any) -> Sent:
        noted = self.notes.setdefault(key, {})

        async def note(facts: Mapping[str, Any]) -> None:
            noted.update(facts)

        payload = {**LETTER, **changed}
        return await self.door.send(
            Parcel(key, "camille", method, payload, {}, dict(noted), NOW, note, FILES.__getitem__)
        )


def settings(server: MailServer, **more: Any) -> EmailSettings:
    given = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "Greffier <greffier@ac-paris.fr>"}
    return EmailSettings.model_validate({**given, **more})


@contextlib.asynccontextmanager
async def opened(server: MailServer, **more: Any) -> AsyncIterator[Post]:
    """The server, and a door to it."""
    await server.start()
    clock = FrozenClock(NOW)
    door = EmailDoor(settings(server, **more), clock)
    await door.open()
    try:
        yield Post(door, clock)
    finally:
        await door.close()
        await server.stop()


@pytest.fixture
async def server() -> MailServer:
    return MailServer()


@pytest.fixture
async def post(server: MailServer) -> AsyncIterator[Post]:
    async with opened(server) as post:
        yield post


# --- the letter ---


async def test_a_letter_arrives_with_its_copy_its_words_and_its_papers(server: MailServer, post: Post) -> None:
    await post.send()

    [kept] = server.kept
    message = kept.message
    assert kept.recipients == [CAMILLE, SYLVIE]
    assert (message["To"], message["Cc"], message["From"]) == (CAMILLE, SYLVIE, "Greffier <greffier@ac-paris.fr>")
    assert message["Subject"] == "Convocation à l’entretien du 12 mai"
    shape = [(part.get_content_type(), part.get_filename()) for part in parts(message)]
    assert shape == [
        ("text/plain", None),
        ("text/html", None),
        ("text/calendar", None),
        ("application/pdf", "convocation à lire.pdf"),
        ("application/ics", "entretien.ics"),
    ]
    text, html, calendar, convocation, ics = parts(message)
    assert text.get_content().splitlines() == LETTER["text"].splitlines()
    assert html.get_content().strip() == LETTER["html"]
    assert calendar.get_content() == ICS
    assert calendar["Content-Type"].params["method"] == "REQUEST"
    assert (convocation.get_content(), ics.get_content()) == (FILES["a" * 64], ICS.encode())


async def test_a_letter_says_who_it_is_when_it_was_written_and_that_nobody_typed_it(
    server: MailServer, post: Post
) -> None:
    await post.send("g-17")

    message = server.kept[0].message
    assert message["Message-ID"] == "<g-17@ac-paris.fr>"
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "fr"
    assert message["Reply-To"] is None


async def test_answers_go_where_the_settings_say(server: MailServer) -> None:
    async with opened(server, reply_to="Bureau DE2 <de2@ac-paris.fr>") as post:
        await post.send()

    assert server.kept[0].message["Reply-To"] == "Bureau DE2 <de2@ac-paris.fr>"


async def test_words_alone_make_an_e_mail_of_one_part(server: MailServer, post: Post) -> None:
    await post.send(cc=[], html="", attachments=[], calendar=None)

    message = server.kept[0].message
    assert message.get_content_type() == "text/plain"
    assert message.get_content().splitlines() == LETTER["text"].splitlines()
    assert message["Cc"] is None


async def test_who_is_named_twice_receives_once(server: MailServer, post: Post) -> None:
    await post.send(cc=[CAMILLE.upper(), SYLVIE])

    assert server.kept[0].recipients == [CAMILLE.upper(), SYLVIE]


# --- what must not pass ---


async def test_a_line_break_in_a_subject_or_a_name_makes_no_header(server: MailServer, post: Post) -> None:
    paper = {"file": "a" * 64, "name": 'cv.pdf"\r\nX-Name: oui', "mime": "application/pdf\r\nX-Mime: oui", "size": 20}

    await post.send(subject="Avis\r\nBcc: pirate@exemple.fr\r\n\r\nCorps", attachments=[paper], calendar=None)

    [kept] = server.kept
    headers = {name.lower() for part in kept.message.walk() for name in part}
    assert headers & {"bcc", "x-name", "x-mime"} == set()
    assert kept.recipients == [CAMILLE, SYLVIE]
    assert kept.message["Subject"] == "Avis Bcc: pirate@exemple.fr Corps"
    assert parts(kept.message)[-1].get_filename() == 'cv.pdf" X-Name: oui'
    assert parts(kept.message)[-1].get_content_type() == "application/octet-stream"


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("camille", id="no domain"),
        pytest.param("camille@", id="an empty domain"),
        pytest.param("camille@paris", id="a domain without a point"),
        pytest.param("c..m@ac-paris.fr", id="two points"),
        pytest.param("Camille <camille@ac-paris.fr>", id="a name"),
        pytest.param("a@ac-paris.fr, b@ac-paris.fr", id="two addresses"),
        pytest.param("a@ac-paris.fr\r\nRCPT TO:<b@ac-paris.fr>", id="a command"),
        pytest.param("a@ac-paris.fr\n", id="a line break at the end"),
        pytest.param("zoé@ac-paris.fr", id="an accent"),
        pytest.param("", id="nothing"),
    ],
)
async def test_what_is_not_an_address_is_refused_for_good_and_not_repeated_in_the_reason(
    server: MailServer, post: Post, address: str
) -> None:
    with pytest.raises(PermanentDeliveryError) as refused:
        await post.send(cc=[address])

    assert str(refused.value) == "addresses that are not one: 2 of 2"
    assert server.kept == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        pytest.param({"to": []}, "addresses that are not one: none is given of 1", id="nobody"),
        pytest.param({"method": "sendMessage"}, "sendMessage is not an e-mail", id="another method"),
        pytest.param(
            {"calendar": {**LETTER["calendar"], "method": "X\r\nY"}},
            "a calendar that neither invites nor cancels",
            id="a calendar of another method",
        ),
    ],
)
async def test_what_is_not_an_e_mail_never_leaves(
    server: MailServer, post: Post, changed: dict[str, Any], reason: str
) -> None:
    with pytest.raises(PermanentDeliveryError) as refused:
        await post.send(**changed)

    assert str(refused.value) == reason
    assert server.kept == []


# --- what the server answers ---


async def test_a_server_that_asks_to_come_back_receives_the_same_letter_later(server: MailServer, post: Post) -> None:
    server.answers["DATA"] = ["451 plus tard", "250 OK"]

    with pytest.raises(TemporaryDeliveryError) as delayed:
        await post.send()
    await post.send()

    assert str(delayed.value) == "the mail server answers 451"
    assert [kept.message["Message-ID"] for kept in server.kept] == ["<g-1@ac-paris.fr>"]


async def test_a_letter_that_the_server_refuses_is_given_up(server: MailServer, post: Post) -> None:
    server.answers["DATA"] = ["554 camille@ac-paris.fr: non"]

    with pytest.raises(PermanentDeliveryError) as refused:
        await post.send()

    assert str(refused.value) == "the mail server refuses the letter: 554"


async def test_a_letter_refused_for_every_recipient_is_given_up(server: MailServer, post: Post) -> None:
    server.answers = {CAMILLE: ["550 inconnue"], SYLVIE: ["550 inconnue"]}

    with pytest.raises(PermanentDeliveryError) as refused:
        await post.send()

    assert str(refused.value) == "every recipient is refused for good"


async def test_a_recipient_refused_for_good_is_said_and_the_other_has_the_letter_once(
    server: MailServer, post: Post
) -> None:
    server.answers[SYLVIE] = ["550 inconnue"]

    first, again = await post.send(), await post.send()

    assert (first.facts, again.facts) == ({"refused": 1}, {"refused": 1})
    assert [kept.recipients for kept in server.kept] == [[CAMILLE]]
    assert post.notes["g-1"] == {"accepted": [0], "refused": [1]}


async def test_a_recipient_to_be_asked_later_is_asked_alone(server: MailServer, post: Post) -> None:
    server.answers[SYLVIE] = ["450 plus tard", "250 OK"]

    with pytest.raises(TemporaryDeliveryError) as delayed:
        await post.send()
    sent = await post.send()

    assert str(delayed.value) == "1 of the recipients later: 450"
    assert sent == Sent()
    assert [kept.recipients for kept in server.kept] == [[CAMILLE], [SYLVIE]]
    assert len({kept.message["Message-ID"] for kept in server.kept}) == 1


async def test_one_refused_for_good_and_one_asked_later_are_told_apart(server: MailServer, post: Post) -> None:
    server.answers = {CAMILLE: ["550 inconnue"], SYLVIE: ["450 plus tard", "250 OK"]}

    with pytest.raises(TemporaryDeliveryError):
        await post.send()
    sent = await post.send()

    assert sent.facts == {"refused": 1}
    assert [kept.recipients for kept in server.kept] == [[SYLVIE]]


# --- the connection ---


async def test_letters_that_follow_each_other_share_a_connection(server: MailServer, post: Post) -> None:
    await post.send("g-1")
    await post.send("g-2")

    assert (len(server.kept), len(server.sessions)) == (2, 1)


async def test_letters_of_the_same_moment_pass_one_after_the_other(server: MailServer, post: Post) -> None:
    await asyncio.gather(*(post.send(f"g-{number}") for number in range(20)))

    assert len({kept.message["Message-ID"] for kept in server.kept}) == 20
    assert len(server.sessions) == 1


async def test_a_connection_that_the_server_closed_is_opened_again(server: MailServer, post: Post) -> None:
    await post.send("g-1")
    await server.stop()
    await server.start()

    await post.send("g-2")

    assert [kept.message["Message-ID"] for kept in server.kept] == ["<g-1@ac-paris.fr>", "<g-2@ac-paris.fr>"]


async def test_a_server_that_is_away_is_asked_again_after_a_moment(server: MailServer, post: Post) -> None:
    await server.stop()

    with pytest.raises(TemporaryDeliveryError) as first:
        await post.send()
    await server.start()
    with pytest.raises(TemporaryDeliveryError) as at_once:
        await post.send()
    post.clock.set(NOW + timedelta(seconds=5))
    await post.send()

    assert str(first.value) == "the mail server cannot be reached: SMTPConnectError"
    assert str(at_once.value) == "the mail server is away"
    assert len(server.kept) == 1


async def test_an_answer_that_is_lost_has_the_same_letter_given_again(server: MailServer, post: Post) -> None:
    server.cut_after_data = 1

    with pytest.raises(TemporaryDeliveryError):
        await post.send()
    await post.send()

    assert [kept.message["Message-ID"] for kept in server.kept] == ["<g-1@ac-paris.fr>"] * 2


async def test_a_letter_whose_sending_is_stopped_leaves_a_door_that_works(server: MailServer, post: Post) -> None:
    await post.send("g-1")
    task = asyncio.create_task(post.send("g-2"))
    await asyncio.sleep(0.002)
    task.cancel()
    await asyncio.wait([task])

    await post.send("g-3")

    assert server.kept[-1].message["Message-ID"] == "<g-3@ac-paris.fr>"


async def test_a_stop_while_the_server_is_asked_whether_it_speaks_leaves_a_door_that_works(
    server: MailServer, post: Post
) -> None:
    await post.send("g-1")
    server.silent = True
    task = asyncio.create_task(post.send("g-2"))
    await server.asked.wait()
    task.cancel()
    await asyncio.wait([task])
    server.silent = False

    await post.send("g-3")

    assert [kept.message["Message-ID"] for kept in server.kept] == ["<g-1@ac-paris.fr>", "<g-3@ac-paris.fr>"]


# --- secrecy ---


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    """An authority of the test's own; its certificate is in the folder."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return authority


def secured(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_letter_travels_under_tls_after_a_log_in(authority: trustme.CA, tmp_path: Path, security: str) -> None:
    server = MailServer(tls=secured(authority), password="un mot de passe", implicit=security == "tls")
    account = {"user": "greffier", "password": "un mot de passe", "ca_file": tmp_path / "ca.pem"}

    async with opened(server, security=security, **account) as post:
        await post.send()

    assert server.logins == [True]
    assert [kept.recipients for kept in server.kept] == [[CAMILLE, SYLVIE]]


async def test_a_wrong_password_costs_no_letter(authority: trustme.CA, tmp_path: Path) -> None:
    server = MailServer(tls=secured(authority), password="un mot de passe")
    account = {"user": "greffier", "password": "un autre", "ca_file": tmp_path / "ca.pem"}

    async with opened(server, security="starttls", **account) as post:
        with pytest.raises(TemporaryDeliveryError) as delayed:
            await post.send()

    assert str(delayed.value) == "the mail server answers 535"


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(authority: trustme.CA) -> None:
    server = MailServer(tls=secured(authority))

    async with opened(server, security="starttls") as post:
        with pytest.raises(TemporaryDeliveryError):
            await post.send()

    assert server.kept == []


async def test_a_server_without_starttls_receives_no_letter_in_clear(server: MailServer) -> None:
    async with opened(server, security="starttls") as post:
        with pytest.raises(TemporaryDeliveryError):
            await post.send()

    assert server.kept == []


# --- greffier check ---


async def test_the_check_says_that_the_server_answers_and_writes_to_nobody(server: MailServer) -> None:
    async with opened(server):
        said = await report_on(settings(server))

    assert said == (True, f"127.0.0.1:{server.port} répond, sans identifiant")
    assert server.kept == []


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        pytest.param(
            {"user": "greffier", "password": "un autre"},
            "{server} refuse l’identifiant ou le mot de passe (535) : voyez GREFFIER_EMAIL__USER",
            id="a wrong password",
        ),
        pytest.param(
            {"ca_file": None},
            "le certificat de {server} n’est pas reconnu : voyez GREFFIER_EMAIL__CA_FILE",
            id="a stranger's certificate",
        ),
    ],
)
async def test_the_check_says_what_is_wrong_and_which_setting_to_look_at(
    authority: trustme.CA, tmp_path: Path, more: dict[str, Any], reason: str
) -> None:
    server = MailServer(tls=secured(authority), password="un mot de passe")
    await server.start()
    asked = settings(server, **{"security": "starttls", "ca_file": tmp_path / "ca.pem", **more})

    said = await report_on(asked)
    await server.stop()

    assert said == (False, reason.format(server=f"127.0.0.1:{server.port}"))


async def test_the_check_says_that_the_server_offers_no_starttls(server: MailServer) -> None:
    await server.start()

    said = await report_on(settings(server, security="starttls"))
    await server.stop()

    assert said == (
        False,
        f"127.0.0.1:{server.port} ne propose pas STARTTLS, ou pas d’identification : voyez GREFFIER_EMAIL__SECURITY",
    )


async def test_the_check_says_that_nobody_answers(server: MailServer) -> None:
    await server.start()
    await server.stop()

    said = await report_on(settings(server))

    assert said == (False, f"127.0.0.1:{server.port} ne répond pas (SMTPConnectError) : voyez GREFFIER_EMAIL__HOST")


# --- the settings ---


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        pytest.param({"security": "none"}, "SECURITY=none n’est permis que vers cette machine", id="clear text"),
        pytest.param({"user": "greffier"}, "donnez USER et PASSWORD ensemble", id="no password"),
        pytest.param({"sender": "Greffier"}, "une adresse est attendue", id="no sender"),
        pytest.param({"sender": "a@b.fr\r\nBcc: c@d.fr"}, "une adresse est attendue", id="a line break"),
        pytest.param({"reply_to": "Bureau <de2@ac-paris.fr"}, "une adresse est attendue", id="an open bracket"),
        pytest.param({"ca_file": "/nulle/part.pem"}, "aucun fichier", id="no file"),
    ],
)
def test_settings_that_could_not_work_are_refused_at_the_start(changed: dict[str, Any], reason: str) -> None:
    given = {"host": "smtp.ac-paris.fr", "sender": "greffier@ac-paris.fr", **changed}

    with pytest.raises(ValidationError, match=re.escape(reason)):
        EmailSettings.model_validate(given)


# --- with the postman ---


async def test_a_server_that_goes_and_comes_back_has_every_letter_exactly_once(
    house: Built, server: MailServer
) -> None:
    async with opened(server) as post:
        door = EmailDoor(settings(server), house.clock)
        house.postman.attach(door)
        await server.stop()
        chats = [await write_e_mail(house, f"personne{number}@ac-paris.fr") for number in range(5)]
        await house.settled()
        while_away = len(server.kept)
        await server.start()
        for _ in range(5):
            house.clock.set(house.clock.now() + timedelta(seconds=6))
            await house.settled()
        await door.close()

    assert (while_away, post.notes) == (0, {})
    assert sorted(kept.message["To"] for kept in server.kept) == [f"personne{n}@ac-paris.fr" for n in range(5)]
    assert len({kept.message["Message-ID"] for kept in server.kept}) == len(chats)


async def test_a_letter_that_reaches_a_part_of_its_recipients_is_told_to_the_bureau(
    house: Built, server: MailServer
) -> None:
    server.answers["absente@ac-paris.fr"] = ["550 inconnue"]
    async with opened(server) as post:
        house.postman.attach(post.door)
        await write_e_mail(house, "camille@ac-paris.fr", cc=["absente@ac-paris.fr"])
        await house.settled()

    assert house.failed == [("Bonjour", "partial")]
    assert [kept.recipients for kept in server.kept] == [["camille@ac-paris.fr"]]


async def test_an_e_mail_is_no_message_of_the_conversation(house: Built) -> None:
    work = UnitOfWork(house.database, house.clock.now())
    chat_id = await identities.person(work, "console", "camille", room="camille")

    message_id = work.outbox.put(Letter(chat_id, "sendEmail", LETTER, door="email"))

    assert message_id is None
    assert work.chats == {}


async def write_e_mail(house: Built, address: str, **more: Any) -> int:
    """A letter to somebody of the console, by e-mail."""
    work = UnitOfWork(house.database, house.clock.now())
    chat_id = await identities.person(work, "console", address, room=address)
    payload = {"to": [address], "subject": "Avis", "text": "Bonjour", **more}
    work.outbox.put(Letter(chat_id, "sendEmail", payload, kind="avis/copy", door="email"))
    await house.committer.commit(work)
    house.postman.look()
    return chat_id
