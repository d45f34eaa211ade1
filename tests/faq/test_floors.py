"""The answers measured: no figure falls below its floor, with the words alone and with sentence vectors."""

import pytest

from bot.retrieval.index import has_vectors
from tests.bench.faq.bench import below, circular, external, floors

pytestmark = pytest.mark.bench


def test_the_sentence_vectors_are_installed_where_their_figures_are_held() -> None:
    assert has_vectors()


@pytest.mark.parametrize("kind", ["lexical", "semantic"])
def test_no_figure_of_the_set_that_everybody_may_look_at_has_fallen(kind: str) -> None:
    held = {name: wanted for name, wanted in floors(kind).items() if name != "cnil"}

    tables = circular(semantic=kind == "semantic", sets="dev")

    assert below(tables, held) == []


@pytest.mark.parametrize("kind", ["lexical", "semantic"])
def test_no_figure_on_the_questions_of_another_service_has_fallen(kind: str) -> None:
    held = {"cnil": floors(kind)["cnil"]}

    tables = {"cnil": external(semantic=kind == "semantic")}

    assert below(tables, held) == []
