"""What a letter becomes on Matrix."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from bot.channels.matrix.choices import POLL
from bot.channels.matrix.html import shown
from bot.channels.matrix.render import POLL_END, Part, parts_of
from bot.clock import PARIS
from bot.errors import PermanentDeliveryError
from tests.channels.matrix.person import Post

NOW = datetime(2017, 4, 20, 17, 0, tzinfo=PARIS)
YES_NO = {"inline_keyboard": [[{"text": "Oui", "callback_data": "o"}, {"text": "Non", "callback_data": "n"}]]}
FILE = {"msgtype": "m.file", "body": "recu.pdf", "info": {"size": 3}, "url": "mxc://s/1"}


def rendered(
    method: str,
    *,
    choices: str = "sondage",
    poll: str | None = None,
    file: Mapping[str, Any] | None = None,
    targets: Mapping[int, tuple[str, ...]] | None = None,
    **payload: Any,
) -> list[Part]:
    letter = Post(NOW).letter("!r:s", method, targets=targets, **payload)
    return parts_of(letter, choices=choices, poll=poll, file=file)


@pytest.mark.parametrize(
    ("marked", "plain", "rich"),
    [
        pytest.param("<b>a</b> <i>b</i>", "a b", "<strong>a</strong> <em>b</em>", id="bold and italic"),
        pytest.param("<u>a</u><s>b</s>", "ab", "<u>a</u><del>b</del>", id="underlined and struck"),
        pytest.param("un\ndeux", "un\ndeux", "un<br>deux", id="a new line"),
        pytest.param("<pre>un\ndeux</pre>", "un\ndeux", "<pre>un\ndeux</pre>", id="verbatim keeps its lines"),
        pytest.param("l&#x27;école &amp; 3 &lt; 4", "l'école & 3 < 4", "l'école &amp; 3 &lt; 4", id="entities"),
        pytest.param(
            '<a href="https://a.fr/?x=1&amp;y=2">ici</a>',
            "ici (https://a.fr/?x=1&y=2)",
            '<a href="https://a.fr/?x=1&amp;y=2">ici</a>',
            id="a link is said in plain words",
        ),
        pytest.param("<tg-spoiler>a</tg-spoiler>", "a", "<span data-mx-spoiler>a</span>", id="a spoiler"),
        pytest.param("<blockquote>a</blockquote>", "a", "<blockquote>a</blockquote>", id="a quotation"),
        pytest.param(
            '<a href="tg://user?id=7">Ann</a>', "Ann", '<a href="https://matrix.to/#/@ann:s">Ann</a>', id="a mention"
        ),
        pytest.param('<a href="tg://user?id=8">Ben</a>', "Ben", "Ben", id="a mention of somebody unknown"),
    ],
)
def test_marked_up_words_are_shown_rich_and_plain(marked: str, plain: str, rich: str) -> None:
    assert shown(marked, {"7": "@ann:s"}) == (plain, rich)


def test_plain_words_have_no_rich_twin() -> None:
    [part] = rendered("sendMessage", text="Bonjour & bienvenue", parse_mode="HTML")

    assert part.content == {"msgtype": "m.text", "body": "Bonjour & bienvenue"}


def test_choices_are_numbered_lines_and_a_poll_in_the_form_that_tchap_shows() -> None:
    text, poll = rendered("sendMessage", text="Bonjour.\nÊtes-vous prêt ?", reply_markup=YES_NO)

    assert text.content["body"] == "Bonjour.\nÊtes-vous prêt ?\n\n1. Oui\n2. Non"
    assert poll.kind == "org.matrix.msc3381.poll.start"
    assert poll.content[POLL]["question"]["org.matrix.msc1767.text"] == "Êtes-vous prêt ?"
    assert poll.content[POLL]["kind"] == "org.matrix.msc3381.poll.disclosed"
    assert poll.content[POLL]["max_selections"] == 1
    assert poll.content[POLL]["answers"] == [
        {"id": "0", "org.matrix.msc1767.text": "Oui"},
        {"id": "1", "org.matrix.msc1767.text": "Non"},
    ]
    assert poll.content["body"] == "Êtes-vous prêt ?\n1. Oui\n2. Non"


def test_a_reply_keyboard_is_shown_like_the_others() -> None:
    keyboard = {"keyboard": [[{"text": "Oui"}], ["Non"]]}

    text, poll = rendered("sendMessage", text="?", reply_markup=keyboard)

    assert text.content["body"] == "?\n\n1. Oui\n2. Non"
    assert [answer["id"] for answer in poll.content[POLL]["answers"]] == ["0", "1"]


def test_a_poll_asks_for_a_choice_when_the_words_end_in_no_question() -> None:
    _, poll = rendered("sendMessage", text="Prêt ?\nRépondez.", reply_markup=YES_NO)

    assert poll.content[POLL]["question"]["body"] == "Votre choix"


def test_choices_as_text_have_no_poll() -> None:
    parts = rendered("sendMessage", choices="texte", text="Prêt ?", reply_markup=YES_NO)

    assert [part.content["body"] for part in parts] == ["Prêt ?\n\n1. Oui\n2. Non"]


def test_choices_as_reactions_are_seeded_and_do_not_count_as_messages() -> None:
    text, *seeds = rendered("sendMessage", choices="réactions", text="Prêt ?", reply_markup=YES_NO)

    assert text.counts
    assert [(seed.content["key"], seed.counts) for seed in seeds] == [("1️⃣", False), ("2️⃣", False)]


def test_more_choices_than_a_poll_takes_are_numbers_alone() -> None:
    keyboard = {"inline_keyboard": [[{"text": f"n{number}", "callback_data": "x"}] for number in range(21)]}

    parts = rendered("sendMessage", text="Lequel ?", reply_markup=keyboard)

    assert len(parts) == 1


def test_a_link_is_no_choice() -> None:
    keyboard = {
        "inline_keyboard": [[{"text": "Le texte", "url": "https://a.fr"}, {"text": "Oui", "callback_data": "o"}]]
    }

    text, poll = rendered("sendMessage", text="Prêt ?", reply_markup=keyboard)

    assert text.content["body"] == "Prêt ?\n\n1. Oui\nLe texte (https://a.fr)"
    assert len(poll.content[POLL]["answers"]) == 1


def test_an_answer_names_what_it_answers() -> None:
    [part] = rendered("sendMessage", text="a", reply_parameters={"message_id": 5}, targets={5: ("$five",)})

    assert part.content["m.relates_to"] == {"m.in_reply_to": {"event_id": "$five"}}


def test_a_thread_is_answered_in_the_thread() -> None:
    [part] = rendered("sendMessage", text="a", message_thread_id=5, targets={5: ("$root",)})

    assert part.content["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": "$root",
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": "$root"},
    }


def test_an_edit_replaces_the_words_in_place() -> None:
    [part] = rendered("editMessageText", message_id=5, text="neuf", targets={5: ("$five",)})

    assert part.content["body"] == "* neuf"
    assert part.content["m.new_content"] == {"msgtype": "m.text", "body": "neuf"}
    assert part.content["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$five"}
    assert part.counts is False


def test_taking_a_keyboard_away_ends_its_poll() -> None:
    [part] = rendered("editMessageReplyMarkup", poll="$poll", message_id=5, targets={5: ("$five", "$poll")})

    assert part.kind == POLL_END
    assert part.content["m.relates_to"] == {"rel_type": "m.reference", "event_id": "$poll"}


def test_a_new_keyboard_ends_the_old_poll_and_opens_one_that_stands_for_the_same_message() -> None:
    parts = rendered(
        "editMessageText", poll="$poll", message_id=5, text="Et là ?", reply_markup=YES_NO, targets={5: ("$five",)}
    )

    assert [part.kind for part in parts] == [POLL_END, "m.room.message", POLL]
    assert parts[2].replaces == "$five"


def test_a_new_keyboard_alone_is_written_out_under_the_message() -> None:
    end, written, poll = rendered(
        "editMessageReplyMarkup", poll="$poll", message_id=5, reply_markup=YES_NO, targets={5: ("$five",)}
    )

    assert end.kind == POLL_END
    assert written.content["body"] == "1. Oui\n2. Non"
    assert poll.replaces == "$five"


def test_an_edit_of_a_message_that_is_not_here_is_given_up() -> None:
    with pytest.raises(PermanentDeliveryError):
        rendered("editMessageText", message_id=5, text="neuf")


def test_a_file_with_words_has_a_name_beside_them() -> None:
    [part] = rendered("sendDocument", document={}, caption="<b>Votre reçu</b>", parse_mode="HTML", file=FILE)

    assert part.content == {
        **FILE,
        "filename": "recu.pdf",
        "body": "Votre reçu",
        "format": "org.matrix.custom.html",
        "formatted_body": "<strong>Votre reçu</strong>",
    }


def test_a_file_without_words_is_its_name() -> None:
    [part] = rendered("sendDocument", document={}, file=FILE)

    assert part.content == FILE


def test_an_edited_caption_keeps_the_file() -> None:
    [part] = rendered("editMessageCaption", message_id=5, caption="neuf", targets={5: ("$five",)}, file=FILE)

    assert part.content["m.new_content"] == {**FILE, "filename": "recu.pdf", "body": "neuf"}


def test_a_poll_is_its_question_in_words_and_a_poll() -> None:
    text, poll = rendered("sendPoll", question="Quel jour ?", options=[{"text": "Lundi"}, "Mardi"])

    assert text.content["body"] == "Quel jour ?\n\n1. Lundi\n2. Mardi"
    assert poll.content[POLL]["question"]["body"] == "Quel jour ?"


def test_a_deletion_takes_away_the_words_and_the_poll() -> None:
    parts = rendered("deleteMessage", message_id=5, poll="$new", targets={5: ("$five", "$poll")})

    assert [(part.kind, part.target) for part in parts] == [
        ("redact", "$five"),
        ("redact", "$poll"),
        ("redact", "$new"),
    ]


def test_a_reaction_is_put_under_the_message() -> None:
    [part] = rendered(
        "setMessageReaction", message_id=5, reaction=[{"type": "emoji", "emoji": "👍"}], targets={5: ("$five",)}
    )

    assert part.content == {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$five", "key": "👍"}}


def test_a_press_answered_with_words_is_a_notice() -> None:
    [part] = rendered("answerCallbackQuery", text="C’est noté.")

    assert part.content == {"msgtype": "m.notice", "body": "C’est noté."}


def test_a_press_answered_without_words_is_nothing() -> None:
    assert rendered("answerCallbackQuery") == []


def test_a_place_is_shown_as_one() -> None:
    [part] = rendered("sendLocation", latitude=48.85, longitude=2.35)

    assert part.content == {"msgtype": "m.location", "body": "geo:48.85,2.35", "geo_uri": "geo:48.85,2.35"}


def test_a_message_is_copied_without_its_relations() -> None:
    original = {"msgtype": "m.text", "body": "mot", "m.relates_to": {"m.in_reply_to": {"event_id": "$x"}}}

    [part] = rendered("copyMessage", message_id=5, file=original)

    assert part.content == {"msgtype": "m.text", "body": "mot"}


def test_a_named_place_is_a_place_under_its_name() -> None:
    [part] = rendered("sendVenue", latitude=48.1, longitude=-1.6, title="Rectorat", address="96 rue d’Antrain")

    assert (part.content["msgtype"], part.content["body"], part.content["geo_uri"]) == (
        "m.location",
        "Rectorat\n96 rue d’Antrain",
        "geo:48.1,-1.6",
    )


def test_somebody_to_call_is_written_out() -> None:
    [part] = rendered("sendContact", phone_number="01 00 00 00 00", first_name="Bureau", last_name="DE2")

    assert part.content["body"] == "Bureau DE2\n01 00 00 00 00"


def test_links_are_shown_without_a_preview_when_none_is_wanted() -> None:
    [part] = rendered("sendMessage", text="https://ac-rennes.fr", link_preview_options={"is_disabled": True})

    assert part.content["com.beeper.linkpreviews"] == []


def test_a_poll_that_is_stopped_is_ended() -> None:
    [part] = rendered("stopPoll", message_id=4, poll="$p", targets={4: ("$m", "$p")})

    assert (part.kind, part.content["m.relates_to"]["event_id"]) == ("org.matrix.msc3381.poll.end", "$p")
