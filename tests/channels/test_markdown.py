"""Telegram's Markdowns come out as the HTML that letters carry."""

import pytest
from aiogram.utils.text_decorations import markdown_decoration
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.markdown import MarkdownError, html_of
from bot.channels.markup import read_marked

READ = {
    "bold": ("*b*", "<b>b</b>"),
    "italic": ("_i_", "<i>i</i>"),
    "underline": ("__u__", "<u>u</u>"),
    "strike": ("~s~", "<s>s</s>"),
    "spoiler": ("||c||", "<tg-spoiler>c</tg-spoiler>"),
    "marks inside marks": (r"*b _i_ \*b*", "<b>b <i>i</i> *b</b>"),
    "italic in underline, kept apart": ("___\ri_\r__", "<u><i>i</i></u>"),
    "code": ("`a < *b*`", "<code>a &lt; *b*</code>"),
    "listing": ("```\nx.y\n```", "<pre>x.y\n</pre>"),
    "listing of a language": ("```python\nx = 1```", '<pre><code class="language-python">x = 1</code></pre>'),
    "link": (r"[le *site*](https://ac-rennes.fr/a\)b)", '<a href="https://ac-rennes.fr/a)b">le <b>site</b></a>'),
    "mention": ("[Camille](tg://user?id=7)", '<a href="tg://user?id=7">Camille</a>'),
    "emoji of Telegram": ("![👍](tg://emoji?id=53)", '<tg-emoji emoji-id="53">👍</tg-emoji>'),
    "quotation": (">un\n>deux\ntrois", "<blockquote>un\ndeux</blockquote>\ntrois"),
    "folded quotation": ("**>un\n>deux||", "<blockquote expandable>un\ndeux</blockquote>"),
    "escapes": (r"1\. \_a\_ & b", "1. _a_ &amp; b"),
}


@pytest.mark.parametrize("name", READ)
def test_markdown_of_the_second_version_is_read(name: str) -> None:
    text, html = READ[name]

    assert html_of(text, "MARKDOWNV2") == html
    assert read_marked(html).fault is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a.b", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("a!", "Character '!' is reserved and must be escaped with the preceding '\\'"),
        ("a > b", "Character '>' is reserved and must be escaped with the preceding '\\'"),
        ("é *b", "Can't find end of Bold entity at byte offset 3"),
        ("*b _i*", "Can't find end of Italic entity at byte offset 3"),
        ("`a", "Can't find end of Code entity at byte offset 0"),
    ],
    ids=["dot", "exclamation", "greater", "open", "crossed", "open code"],
)
def test_marks_that_do_not_agree_are_named_as_telegram_does(text: str, fault: str) -> None:
    with pytest.raises(MarkdownError) as found:
        html_of(text, "MARKDOWNV2")

    assert str(found.value) == fault


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_words_that_aiogram_escaped_come_back_as_they_were(words: str) -> None:
    marked = html_of(markdown_decoration.bold(markdown_decoration.quote(words)), "MARKDOWNV2")

    assert read_marked(marked).words == words


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*b* _i_ `c`", "<b>b</b> <i>i</i> <code>c</code>"),
        ("[ici](https://ac-rennes.fr) 1. 2!", '<a href="https://ac-rennes.fr">ici</a> 1. 2!'),
        (r"\*a\_b", "*a_b"),
        ("```\nx*y```", "<pre>x*y</pre>"),
    ],
    ids=["marks", "link and free signs", "escapes", "listing"],
)
def test_the_first_markdown_is_read(text: str, html: str) -> None:
    assert html_of(text, "MARKDOWN") == html


def test_entities_of_a_marked_text_are_counted_in_utf_16() -> None:
    marked = read_marked('👍 <b>a<i>b</i></b> <pre><code class="language-python">x</code></pre>')

    assert marked.words == "👍 ab x"
    assert marked.entities == [
        {"offset": 3, "type": "bold", "length": 2},
        {"offset": 4, "type": "italic", "length": 1},
        {"offset": 6, "type": "pre", "language": "python", "length": 1},
    ]
