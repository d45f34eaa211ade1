"""The marks that a message may carry, and the words that remain without them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.markup import ALLOWED, plain_text, read_marked, words_of


@pytest.mark.parametrize("tag", sorted(ALLOWED))
def test_each_mark_of_telegram_is_allowed_and_leaves_its_words(tag: str) -> None:
    assert read_marked(f"<{tag}>mots</{tag}>").fault is None
    assert plain_text(f"<{tag}>mots</{tag}>") == "mots"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<p>x</p>", 'unsupported start tag "p"'),
        ("<script>x</script>", 'unsupported start tag "script"'),
        ("<b>x", 'can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", 'unexpected end tag "b"'),
        ("<b><i>x</b></i>", 'unexpected end tag "b"'),
        ("1 &lt; 2 &amp; 3", None),
        ("sans marque", None),
    ],
    ids=["paragraph", "script", "open", "closed only", "crossed", "escaped", "none"],
)
def test_what_telegram_would_refuse_is_named(text: str, fault: str | None) -> None:
    assert read_marked(text).fault == fault


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_words_that_were_escaped_come_back_as_they_were(words: str) -> None:
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    assert read_marked(escaped).fault is None
    assert plain_text(f"<b>{escaped}</b>") == words


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"text": "<b>x</b>", "parse_mode": "HTML"}, "x"),
        ({"text": "<b>x</b>"}, "<b>x</b>"),
        ({"caption": "légende"}, "légende"),
        ({"question": "Quand ?"}, "Quand ?"),
        ({}, ""),
    ],
    ids=["marked", "as it stands", "caption", "poll", "nothing"],
)
def test_the_words_of_a_message_follow_its_parse_mode(payload: dict[str, str], words: str) -> None:
    assert words_of(payload) == words
