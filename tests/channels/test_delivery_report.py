"""What mail servers tell is read in the shapes that they give it; whatever else is written is no report of ours."""

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.delivery_report import LONGEST, Report, read_report

REPORTS = Path(__file__).parent / "reports"
OURS = "0123456789ab"
AT_10_31 = datetime(2017, 4, 25, 8, 31, tzinfo=UTC)


def shape(name: str) -> bytes:
    """A report as its server writes it; the letter is the seventeenth of the database 0123456789ab."""
    return (REPORTS / f"{name}.eml").read_bytes()


@pytest.mark.parametrize(
    ("name", "outcome", "code", "seconds"),
    [
        ("postfix_unknown_user", "failed", "5.1.1", 5),
        ("postfix_full_mailbox_after_five_days", "failed", "4.2.2", 5),
        ("postfix_delayed", "delayed", "", 5),
        ("postfix_delivered", "arrived", "", 6),
        ("postfix_relayed_without_headers", "arrived", "", 6),
        ("exchange_unknown_user", "failed", "5.1.10", 7),
        ("gmail_blocked", "failed", "5.7.26", 8),
    ],
)
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_the_letter_the_outcome_and_the_code_are_read(
    name: str, outcome: str, code: str, seconds: int, ending: bytes
) -> None:
    report = read_report(shape(name).replace(b"\n", ending), OURS)

    assert report == Report(17, outcome, code, AT_10_31 + timedelta(seconds=seconds))  # type: ignore[arg-type] # a row of the table above


@pytest.mark.parametrize("path", sorted(REPORTS.glob("*.eml")), ids=lambda path: path.stem)
def test_a_letter_of_another_database_is_not_ours(path: Path) -> None:
    assert read_report(path.read_bytes(), "ba9876543210") is None


def test_the_letter_given_back_counts_more_than_the_envelope_that_is_named() -> None:
    raw = shape("postfix_unknown_user").replace(b"Envelope-Id: 0123456789ab-17", b"Envelope-Id: 0123456789ab-99")

    report = read_report(raw, OURS)

    assert report is not None
    assert report.letter == 17


def test_one_recipient_that_fails_counts_more_than_one_that_is_reached() -> None:
    reached = b"Final-Recipient: rfc822; sylvie@ac-paris.fr\nAction: delivered\nStatus: 2.0.0\n\n"
    raw = shape("postfix_unknown_user").replace(b"Final-Recipient:", reached + b"Final-Recipient:", 1)

    report = read_report(raw, OURS)

    assert report is not None
    assert (report.outcome, report.code) == ("failed", "5.1.1")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("5.1.1 (bad destination mailbox address)", "5.1.1"),
        ("550 5.1.1", "5.0.0"),
        ("2.0.0", "5.0.0"),
        ("5.1.1111", "5.0.0"),
        ("<camille@ac-paris.fr>", "5.0.0"),
        ("", "5.0.0"),
    ],
)
def test_nothing_but_a_code_is_taken_from_a_status(status: str, code: str) -> None:
    report = read_report(shape("postfix_unknown_user").replace(b"Status: 5.1.1", f"Status: {status}".encode()), OURS)

    assert report is not None
    assert report.code == code


@pytest.mark.parametrize("date", ["", "hier", "Tue, 25 Apr 20170 10:31:05 +0200", "Tue, 25 Apr 2017 10:31:05 +9999"])
def test_a_date_that_is_none_is_left_out(date: str) -> None:
    raw = shape("postfix_unknown_user").replace(
        b"Tue, 25 Apr 2017 10:31:05 +0200 (CEST)\nFrom", date.encode() + b"\nFrom"
    )

    report = read_report(raw, OURS)

    assert report is not None
    assert (report.letter, report.told_at) == (17, None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"multipart/report", b"multipart/mixed"),
        (b"message/delivery-status", b"message/disposition-notification"),
        (b"Action: failed", b"Action: surprised"),
        (b"0123456789ab-17", b"0123456789ab-"),
        (b"0123456789ab-17", b"0123456789ab-17x"),
        (b"0123456789ab-17", b"0123456789ab-" + b"9" * 40),
        (b"0123456789ab-17", b"x0123456789ab-17"),
    ],
)
def test_what_lacks_a_part_of_a_report_is_none(before: bytes, after: bytes) -> None:
    assert read_report(shape("postfix_unknown_user").replace(before, after), OURS) is None


def test_a_report_that_somebody_forwards_is_none() -> None:
    inner = shape("postfix_unknown_user")
    raw = b'Subject: Fwd\nContent-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: message/rfc822\n\n' + inner

    assert read_report(raw + b"\n--x--\n", OURS) is None


def test_a_letter_given_back_whole_is_read_by_its_beginning() -> None:
    whole = shape("exchange_unknown_user").replace(
        b"Bonjour", b"Bonjour\n" + b"A" * 75 + b"\n" * 1 + (b"B" * 75 + b"\n") * 100_000
    )

    report = read_report(whole, OURS)

    assert len(whole) > 20 * LONGEST
    assert report is not None
    assert (report.letter, report.code) == (17, "5.1.10")


def nested(depth: int) -> bytes:
    """Multiparts in multiparts."""
    opened = "".join(f'Content-Type: multipart/report; boundary="{n}"\n\n--{n}\n' for n in range(depth))
    return (opened + "Content-Type: text/plain\n\nx\n").encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * LONGEST,
        b"\n" * LONGEST,
        b"Content-Type: multipart/report",
        b"Content-Type: multipart/report; boundary=\xff\xfe\n\n--\xff\xfe\n",
        b"Content-Type: multipart/report; boundary*0*=utf-8''x; boundary*2=y\n\n--x\n\n--x--",
        b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n--x--\n",
        (
            b"Content-Type: multipart/report; boundary=x\n\n"
            b"--x\nContent-Type: text/rfc822-headers\nContent-Transfer-Encoding: base64\n\n=\n--x--\n"
        ),
        b"Content-Type: " + b"multipart/report;" * 15_000,
        b"Subject: " + b"=?utf-8?b?" * 25_000,
        nested(30),
        nested(3000),
    ],
    ids=[
        "empty",
        "zeros",
        "lines",
        "no-body",
        "bytes",
        "rfc2231",
        "no-status",
        "base64",
        "type",
        "words",
        "nested",
        "deep",
    ],
)
def test_what_a_stranger_writes_is_read_soon_and_never_raises(raw: bytes) -> None:
    started = time.perf_counter()

    report = read_report(raw, OURS)

    assert report is None
    assert time.perf_counter() - started < 30  # it would hang: no figure of speed


@pytest.mark.parametrize("path", sorted(REPORTS.glob("*.eml")), ids=lambda path: path.stem)
def test_a_report_that_is_damaged_says_the_same_or_nothing(path: Path) -> None:
    dice, raw = random.Random(3464), path.read_bytes()
    read = read_report(raw, OURS)
    assert read is not None

    for _ in range(300):
        damaged = bytearray(raw)
        for _ in range(dice.randint(1, 8)):
            place = dice.randrange(len(damaged))
            damaged[place : place + dice.randint(0, 20)] = dice.randbytes(dice.randint(0, 20))
        report = read_report(bytes(damaged[: dice.choice((len(raw), dice.randrange(len(raw))))]), OURS)
        assert report is None or (report.code == "" or report.code[0] in "45")
