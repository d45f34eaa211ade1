"""What a bank has taught: read back from its file, it says what it said when it was learnt."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.retrieval.kept import Kept
from bot.retrieval.learning.rows import Row, grams_of, shared
from bot.retrieval.packed import pack, weighed_sum

NUMBERS = st.floats(-30, 30)
ROWS: list[Row] = [
    (["quand", "est", "l", "entretien"], ["quand", "est", "l", "entretien"]),
    (["quand", "sont", "les", "entretiens"], ["quand", "sont", "le", "entretien"]),
    (["combien", "de", "postes"], ["combien", "de", "post"]),
]


@given(st.integers(1, 6).flatmap(lambda size: st.lists(st.lists(NUMBERS, min_size=size, max_size=size), min_size=1)))
def test_packed_rows_add_up_like_the_numbers_they_hold(rows: list[list[float]]) -> None:
    weights = [1 / (place + 1) for place in range(len(rows))]

    found = weighed_sum(weights, map(pack, rows), len(rows[0]))

    assert found == pytest.approx(np.array(weights) @ np.array(rows), abs=0.001)


def test_a_row_of_the_bank_is_as_alike_as_the_same_words_typed(tmp_path: Path) -> None:
    grams = grams_of(ROWS)
    made = Kept()
    made.fill(grams, [[0.0]] * len(ROWS), {})
    made.write(tmp_path / "banque.db")

    kept = Kept(tmp_path / "banque.db")

    learnt = shared(grams, len(ROWS))
    assert np.array([kept.similar(*row) for row in ROWS]) == pytest.approx(learnt, abs=1e-6)
    assert learnt.diagonal() == pytest.approx([1, 1, 1], abs=1e-6)
    assert 0 < learnt[0, 1] < 1
    assert list(tmp_path.iterdir()) == [tmp_path / "banque.db"]


def test_words_that_nobody_has_asked_with_are_like_nothing() -> None:
    kept = Kept()
    kept.fill(grams_of(ROWS), [[0.0]] * len(ROWS), {})

    assert kept.similar(["xyz"], ["xyz"]) == [0.0, 0.0, 0.0]
    assert kept.numbers("rien") == ()
