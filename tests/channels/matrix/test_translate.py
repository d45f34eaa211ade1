"""What a Matrix event is to the house."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.accounts import MatrixSettings
from bot.channels.arrival import ChoiceArrival, EditArrival, FileArrival, MemberArrival, ReactionArrival, TextArrival
from bot.channels.matrix.translate import Scene, arrival_of, without_fallback
from bot.clock import PARIS

NOW = datetime(2017, 4, 20, 17, 0, tzinfo=PARIS)
ME, ANN = "@greffier:s", "@ann:s"
TS = 1_492_700_000_000


def scene(**given: Any) -> Scene:
    said: dict[str, Any] = {
        "room": "!r:s",
        "me": ME,
        "direct": True,
        "encrypted": True,
        "name_of": {ANN: "Ann Martin", ME: "Greffier"}.__getitem__,
        "arrived_at": NOW,
        "other": ANN,
    }
    return Scene(**(said | given))


def event(content: dict[str, Any], kind: str = "m.room.message", **more: Any) -> dict[str, Any]:
    return {"event_id": "$e", "sender": ANN, "origin_server_ts": TS, "type": kind, "content": content, **more}


def arrived(content: dict[str, Any], kind: str = "m.room.message", *, decrypted: bool = True, **more: Any) -> Any:
    return arrival_of(event(content, kind, **more), scene(), decrypted=decrypted)


@pytest.mark.parametrize("msgtype", ["m.text", "m.notice", "m.emote"])
def test_words_arrive_as_text(msgtype: str) -> None:
    arrival = arrived({"msgtype": msgtype, "body": "Bonjour"})

    assert arrival == TextArrival(
        door="matrix",
        event="$e",
        room="!r:s",
        sender=ANN,
        sender_name="Ann Martin",
        sent_at=datetime.fromisoformat("2017-04-20T14:53:20+00:00"),
        arrived_at=NOW,
        text="Bonjour",
    )


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        pytest.param(
            "org.matrix.msc3381.poll.start",
            {"org.matrix.msc3381.poll.start": {"question": {"org.matrix.msc1767.text": "Quand est la clôture ?"}}},
            id="unstable",
        ),
        pytest.param(
            "m.poll.start", {"m.poll": {"question": {"m.text": [{"body": "Quand est la clôture ?"}]}}}, id="stable"
        ),
    ],
)
def test_a_poll_that_a_person_opens_arrives_as_its_question(kind: str, content: dict[str, Any]) -> None:
    assert arrived(content, kind).text == "Quand est la clôture ?"


def test_a_poll_without_a_question_does_not_arrive() -> None:
    assert arrived({"m.poll": {"answers": []}}, "m.poll.start") is None


def test_words_that_came_in_clear_in_an_encrypted_room_are_marked() -> None:
    assert arrived({"msgtype": "m.text", "body": "Bonjour"}, decrypted=False).clear is True


def test_what_we_said_ourselves_does_not_arrive() -> None:
    assert arrived({"msgtype": "m.text", "body": "Bonjour"}, sender=ME) is None


def test_the_instant_of_the_server_follows_a_virtual_clock() -> None:
    moved = scene(offset=timedelta(days=2))

    arrival = arrival_of(event({"msgtype": "m.text", "body": "x"}), moved, decrypted=True)

    assert arrival is not None
    assert arrival.sent_at == datetime.fromisoformat("2017-04-22T14:53:20+00:00")


def test_a_quotation_before_an_answer_is_taken_off() -> None:
    relation = {"m.in_reply_to": {"event_id": "$q"}}

    arrival = arrived(
        {"msgtype": "m.text", "body": "> <@greffier:s> Prêt ?\n> 1. Oui\n\noui", "m.relates_to": relation}
    )

    assert (arrival.text, arrival.reply_to) == ("oui", "$q")


def test_a_quotation_that_answers_nothing_is_the_person_s_own() -> None:
    assert without_fallback("> <x> cité\n\nmot", replies=False) == "> <x> cité\n\nmot"


def test_words_in_a_thread_name_its_root_and_no_answer() -> None:
    relation = {
        "rel_type": "m.thread",
        "event_id": "$root",
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": "$last"},
    }

    arrival = arrived({"msgtype": "m.text", "body": "mot", "m.relates_to": relation})

    assert (arrival.thread, arrival.reply_to) == ("$root", None)


def test_a_correction_is_an_edit_of_what_was_said() -> None:
    relation = {"rel_type": "m.replace", "event_id": "$old"}
    new = {"msgtype": "m.text", "body": "école Jaurès"}

    arrival = arrived({"msgtype": "m.text", "body": "* école", "m.new_content": new, "m.relates_to": relation})

    assert isinstance(arrival, EditArrival)
    assert (arrival.target, arrival.text, arrival.thread) == ("$old", "école Jaurès", None)


@pytest.mark.parametrize("msgtype", ["m.file", "m.image", "m.audio", "m.video"])
def test_a_sealed_file_arrives_with_its_keys(msgtype: str) -> None:
    sealed = {"url": "mxc://s/1", "key": {"k": "K", "alg": "A256CTR"}, "iv": "IV", "hashes": {"sha256": "H"}, "v": "v2"}
    info = {"mimetype": "application/pdf", "size": 12}

    arrival = arrived({"msgtype": msgtype, "body": "cv.pdf", "file": sealed, "info": info})

    assert isinstance(arrival, FileArrival)
    assert arrival.file.model_dump() == {
        "name": "cv.pdf",
        "mime": "application/pdf",
        "size": 12,
        "source": {"mxc": "mxc://s/1", "key": "K", "iv": "IV", "hash": "H"},
    }
    assert (arrival.clear, arrival.caption, arrival.image) == (False, None, msgtype == "m.image")


def test_a_file_whose_bytes_lay_in_clear_is_marked() -> None:
    arrival = arrived({"msgtype": "m.file", "body": "cv.pdf", "url": "mxc://s/1"})

    assert (arrival.clear, arrival.file.source) == (True, {"mxc": "mxc://s/1"})


def test_a_file_with_words_has_both() -> None:
    arrival = arrived({"msgtype": "m.file", "body": "mon CV", "filename": "cv.pdf", "url": "mxc://s/1"})

    assert (arrival.file.name, arrival.caption) == ("cv.pdf", "mon CV")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        pytest.param(
            "org.matrix.msc3381.poll.response", {"org.matrix.msc3381.poll.response": {"answers": ["1"]}}, id="unstable"
        ),
        pytest.param("m.poll.response", {"m.selections": ["1"]}, id="stable"),
    ],
)
def test_a_vote_is_a_choice(kind: str, content: dict[str, Any]) -> None:
    relation = {"m.relates_to": {"rel_type": "m.reference", "event_id": "$poll"}}

    arrival = arrived({**content, **relation}, kind)

    assert isinstance(arrival, ChoiceArrival)
    assert (arrival.target, arrival.option) == ("$poll", 1)


def test_a_vote_taken_back_chooses_nothing() -> None:
    relation = {"rel_type": "m.reference", "event_id": "$poll"}

    arrival = arrived({"m.selections": [], "m.relates_to": relation}, "m.poll.response")

    assert arrival.option is None


def test_a_vote_for_an_answer_that_is_not_ours_does_not_arrive() -> None:
    relation = {"rel_type": "m.reference", "event_id": "$poll"}

    assert arrived({"m.selections": ["oui"], "m.relates_to": relation}, "m.poll.response") is None


def test_a_reaction_arrives_and_is_never_marked_as_clear() -> None:
    relation = {"rel_type": "m.annotation", "event_id": "$m", "key": "👍"}

    arrival = arrived({"m.relates_to": relation}, "m.reaction", decrypted=False)

    assert isinstance(arrival, ReactionArrival)
    assert (arrival.target, arrival.key, arrival.clear) == ("$m", "👍", False)


def test_a_digit_under_a_message_is_a_choice_where_choices_are_reactions() -> None:
    relation = {"rel_type": "m.annotation", "event_id": "$m", "key": "2️⃣"}

    arrival = arrival_of(event({"m.relates_to": relation}, "m.reaction"), scene(digits=True), decrypted=False)

    assert isinstance(arrival, ChoiceArrival)
    assert arrival.option == 1


@pytest.mark.parametrize(
    ("content", "more"),
    [pytest.param({"redacts": "$r"}, {}, id="room version 11"), pytest.param({}, {"redacts": "$r"}, id="older rooms")],
)
def test_a_redaction_names_the_event_that_went(content: dict[str, Any], more: dict[str, Any]) -> None:
    arrival = arrived(content, "m.room.redaction", decrypted=False, **more)

    assert isinstance(arrival, ReactionArrival)
    assert (arrival.target, arrival.taken_back, arrival.clear) == ("$r", True, False)


def test_a_person_who_leaves_is_a_change_of_membership() -> None:
    unsigned = {"prev_content": {"membership": "join"}}

    arrival = arrived({"membership": "leave"}, "m.room.member", state_key=ANN, unsigned=unsigned)

    assert isinstance(arrival, MemberArrival)
    assert (arrival.who, arrival.old, arrival.new, arrival.is_self) == (ANN, "join", "leave", False)


def test_our_coming_in_is_the_beginning_of_the_other_person_s_conversation() -> None:
    unsigned = {"prev_content": {"membership": "invite"}}

    arrival = arrived({"membership": "join"}, "m.room.member", sender=ME, state_key=ME, unsigned=unsigned)

    assert (arrival.sender, arrival.who, arrival.is_self, arrival.new) == (ANN, ME, True, "join")


def test_a_new_name_is_no_change_of_membership() -> None:
    unsigned = {"prev_content": {"membership": "join"}}

    assert (
        arrived({"membership": "join", "displayname": "A"}, "m.room.member", state_key=ANN, unsigned=unsigned) is None
    )


def test_a_sticker_arrives_as_a_picture() -> None:
    arrival = arrived({"body": "coucou", "url": "mxc://s/1", "info": {"mimetype": "image/webp"}}, "m.sticker")

    assert (arrival.file.name, arrival.file.mime, arrival.image) == ("coucou", "image/webp", True)


@pytest.mark.parametrize(
    ("address", "place"),
    [("geo:48.87,2.33", (48.87, 2.33)), ("geo:-48,2.5,30;u=35", (-48.0, 2.5))],
    ids=["plain", "with an altitude and an error"],
)
def test_a_place_arrives_with_its_degrees(address: str, place: tuple[float, float]) -> None:
    arrival = arrived({"msgtype": "m.location", "body": "Rectorat", "geo_uri": address})

    assert (arrival.latitude, arrival.longitude) == place


def test_a_place_that_cannot_be_read_does_not_arrive() -> None:
    assert arrived({"msgtype": "m.location", "body": "ici", "geo_uri": "ici"}) is None


def test_answers_are_never_asked_as_reactions_where_they_must_be_encrypted() -> None:
    account = {"homeserver": "https://matrix.test", "user": "@greffier:test", "password": "x", "choices": "réactions"}

    with pytest.raises(ValidationError, match="une réaction n’est jamais chiffrée"):
        MatrixSettings.model_validate(account)
    assert MatrixSettings.model_validate(account | {"encryption": "optional"}).choices == "réactions"
