"""What people give is kept byte for byte, encrypted, under no name."""

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import ConfigurationError, UnreadableFileError
from storage.files import Files

LETTRE = b"Lettre de motivation de Camille Exemple"
ABSENT = hashlib.sha256(b"never given").hexdigest()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "pieces")


def test_what_is_given_comes_back_byte_for_byte(files: Files) -> None:
    sha256 = files.put(LETTRE)

    assert (sha256, files.get(sha256)) == (hashlib.sha256(LETTRE).hexdigest(), LETTRE)


def test_an_empty_file_and_ten_megabytes_come_back(files: Files) -> None:
    given = [b"", bytes(range(256)) * 40_000]

    assert [files.get(files.put(data)) for data in given] == given


def test_another_process_with_the_same_key_reads_it(tmp_path: Path) -> None:
    sha256 = Files(tmp_path / "pieces").put(LETTRE)

    assert Files(tmp_path / "pieces").get(sha256) == LETTRE


def test_the_disk_holds_neither_the_words_nor_a_readable_file(files: Files, tmp_path: Path) -> None:
    files.put(LETTRE)

    kept = list((tmp_path / "pieces").iterdir())

    assert [path.stat().st_mode & 0o777 for path in [tmp_path / "pieces", *kept]] == [0o700, 0o600]
    assert [path.read_bytes().startswith(b"age-encryption.org/v1\n") for path in kept] == [True]
    assert [path for path in kept if b"Camille" in path.read_bytes()] == []


def test_the_same_bytes_given_twice_are_one_file(files: Files, tmp_path: Path) -> None:
    assert files.put(LETTRE) == files.put(LETTRE)
    assert len(list((tmp_path / "pieces").iterdir())) == 1


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda sealed: sealed[:-1], id="cut"),
        pytest.param(lambda _sealed: b"", id="emptied"),
        pytest.param(lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]), id="one bit turned"),
    ],
)
def test_a_damaged_file_is_refused_and_mended_when_it_is_given_again(
    files: Files, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    sha256 = files.put(LETTRE)
    path = tmp_path / "pieces" / f"{sha256}.age"
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(UnreadableFileError, match=sha256):
        files.get(sha256)
    files.put(LETTRE)

    assert files.get(sha256) == LETTRE


def test_the_file_of_another_piece_is_refused(files: Files, tmp_path: Path) -> None:
    lettre, cv = files.put(LETTRE), files.put(b"CV")
    (tmp_path / "pieces" / f"{cv}.age").replace(tmp_path / "pieces" / f"{lettre}.age")

    with pytest.raises(UnreadableFileError):
        files.get(lettre)


@pytest.mark.parametrize(
    "asked", [ABSENT, "../pieces.key", "", ABSENT.upper()], ids=["absent", "path", "empty", "case"]
)
def test_what_was_never_given_is_refused(files: Files, asked: str) -> None:
    with pytest.raises(UnreadableFileError):
        files.get(asked)


def test_what_is_removed_is_gone_and_may_be_removed_again(files: Files) -> None:
    sha256 = files.put(LETTRE)

    files.remove(sha256)
    files.remove(sha256)

    assert (files.has(sha256), list(files)) == (False, [])


def test_everything_kept_is_listed_and_leftovers_of_a_kill_are_not(files: Files, tmp_path: Path) -> None:
    given = sorted(files.put(data) for data in (b"a", b"b", b"c"))
    (tmp_path / "pieces" / ".killed.part").write_bytes(b"half")

    assert list(files) == given


def test_the_key_is_private_and_apart(files: Files, tmp_path: Path) -> None:
    key = tmp_path / "pieces.key"

    assert key.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pieces", "pieces.key"]


def test_a_key_that_others_can_read_is_refused(files: Files, tmp_path: Path) -> None:
    (tmp_path / "pieces.key").chmod(0o644)

    with pytest.raises(ConfigurationError, match="chmod 600"):
        Files(tmp_path / "pieces")


def test_a_broken_key_is_refused(files: Files, tmp_path: Path) -> None:
    (tmp_path / "pieces.key").write_text("AGE-SECRET-KEY-1")

    with pytest.raises(ConfigurationError, match="ne se lit pas"):
        Files(tmp_path / "pieces")


def test_a_lost_key_is_never_replaced_by_a_new_one(files: Files, tmp_path: Path) -> None:
    files.put(LETTRE)
    (tmp_path / "pieces.key").unlink()

    with pytest.raises(ConfigurationError, match="remettez la clé"):
        Files(tmp_path / "pieces")


def test_several_threads_start_and_give_at_once(tmp_path: Path) -> None:
    given = [str(number % 5).encode() for number in range(20)]
    found: list[str] = []

    threads = [
        threading.Thread(target=lambda data=data: found.append(Files(tmp_path / "pieces").put(data))) for data in given
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    files = Files(tmp_path / "pieces")
    assert sorted({files.get(sha256) for sha256 in found}) == [b"0", b"1", b"2", b"3", b"4"]
