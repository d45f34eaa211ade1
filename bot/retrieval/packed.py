"""Rows of numbers as one large integer each, so that Python adds up a hundred topics in one multiplication.

A row `a, b, c…` is `a + b·2⁴⁸ + c·2⁹⁶…`, each number in fixed point. Such integers are multiplied by a weight and added
like the numbers themselves: one addition for all topics instead of one for each, at the speed of a library of vectors,
and without one. The sums are exact: the same on every machine.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from operator import mul
from typing import Final

_BYTES: Final = 6  # of a field
_ONE: Final = 1 << 22  # what stands for 1 in a row: steps of 2·10⁻⁷
_WEIGHT_ONE: Final = 1 << 18  # and in a weight: steps of 4·10⁻⁶; a sum then fits its field up to 128
_HALF_FIELD: Final = 1 << (8 * _BYTES - 1)


def pack(numbers: Sequence[float]) -> bytes:
    """A row as it is kept."""
    whole = sum(round(number * _ONE) << (8 * _BYTES * place) for place, number in enumerate(numbers))
    return whole.to_bytes(_BYTES * len(numbers), "little", signed=True)


def weighed_sum(weights: Iterable[float], rows: Iterable[bytes], size: int) -> list[float]:
    """The sum of the rows, each times its weight.

    Args:
        rows: packed, as many as there are weights, of `size` numbers each.
    """
    fixed = (int(weight * _WEIGHT_ONE) for weight in weights)
    total = sum(map(mul, fixed, (int.from_bytes(row, "little", signed=True) for row in rows))) + _lift(size)
    whole = total.to_bytes(_BYTES * size, "little")
    fields = (whole[at : at + _BYTES] for at in range(0, len(whole), _BYTES))
    return [(int.from_bytes(field, "little") - _HALF_FIELD) / (_ONE * _WEIGHT_ONE) for field in fields]


@cache
def _lift(size: int) -> int:
    """What makes every field of a row positive, so that none borrows from the next."""
    return int.from_bytes(_HALF_FIELD.to_bytes(_BYTES, "little") * size, "little")
