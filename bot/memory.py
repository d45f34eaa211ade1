"""What the service does not need for now goes back to the machine."""

import contextlib
import ctypes
from typing import Final

_TRIM_THRESHOLD: Final = -1  # M_TRIM_THRESHOLD of mallopt
_SPARE: Final = 128 * 1024  # bytes that stay at hand, as glibc begins; it goes up to twice the largest file otherwise


def give_back() -> None:
    """From now on, what a large file took is given back when the file is done with."""
    with contextlib.suppress(AttributeError):  # not glibc
        ctypes.CDLL(None).mallopt(_TRIM_THRESHOLD, _SPARE)
