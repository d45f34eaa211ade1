"""« ping » proves from outside that each message is handled once; it exists only where the sysadmin wants it."""

from tests.handlers.conftest import Talk


async def test_each_ping_is_counted_once_per_conversation(talk: Talk) -> None:
    talk.app.given["diagnostics"] = True

    await talk.says("camille", "ping 17", "!ping 18")
    await talk.says("paul", "  /ping 19 ")

    answers = [(one.room, one.text) for one in talk.said]
    assert answers == [
        ("camille", "pong 17 count=1"),
        ("camille", "pong 18 count=2"),
        ("paul", "pong 19 count=1"),
    ]


async def test_a_count_survives_what_a_person_does_meanwhile(talk: Talk) -> None:
    talk.app.given["diagnostics"] = True
    await talk.says("camille", "ping 1", "bonjour", "j'accepte", "annuler")

    await talk.says("camille", "ping 2")

    assert talk.heard() == "pong 2 count=2"


async def test_without_diagnostics_a_ping_is_words_like_others(talk: Talk) -> None:
    await talk.says("camille", "!ping 17")

    assert talk.heard() == (
        "Je ne connais pas la commande « ping ».\nÉcrivez aide pour voir tout ce que vous pouvez me demander."
    )
