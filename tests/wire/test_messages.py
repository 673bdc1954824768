"""Whole messages: what they carry and what they say of themselves."""

import pytest

from pvws.timestamp import Timestamp
from pvws.wire.events import FileDeleted
from pvws.wire.messages import SENTENCES, Auth, ErrorCode, ErrorMessage, Event, Ping, Pong, Subscribe, Unsubscribe
from pvws.wire.topics import Topic

NOW = Timestamp(0)


def test_an_event_knows_its_type_and_topic_from_its_payload() -> None:
    event = Event(FileDeleted("key", "node", NOW), NOW)
    assert (event.type, event.topic) == ("file_deleted", Topic.FILE_OPERATIONS)
    assert event.client_id is None


def test_a_token_is_kept_out_of_the_repr() -> None:
    assert repr(Auth("secret")) == "Auth(token=…)"
    assert "secret" not in f"{[Auth('secret')]}"


def test_messages_are_equal_when_they_say_the_same() -> None:
    assert Subscribe(Topic.ALERTS) == Subscribe(Topic.ALERTS)
    assert Subscribe(Topic.ALERTS) != Unsubscribe(Topic.ALERTS)
    assert Ping() == Ping()
    assert Pong(NOW) != Pong(NOW, "0" * 32)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("CONNECTION_REFUSED", "Server is not accepting connections"),
        ("AUTH_FAILED", "Invalid authentication credentials"),
        ("INVALID_MESSAGE", "Message format is invalid"),
        ("RATE_LIMIT_EXCEEDED", "Rate limit exceeded. Please slow down your requests."),
    ],
)
def test_an_error_begins_with_the_documented_sentence(code: str, sentence: str) -> None:
    assert SENTENCES[ErrorCode(code)] == sentence
    assert ErrorMessage.of(ErrorCode(code), None, NOW).message == sentence
    assert ErrorMessage.of(ErrorCode(code), "the detail", NOW).message == f"{sentence}: the detail"


def test_there_are_exactly_four_errors() -> None:
    assert SENTENCES.keys() == set(ErrorCode)
    assert len(SENTENCES) == 4


def test_an_error_carries_whom_it_is_for_and_when_to_try_again() -> None:
    error = ErrorMessage.of(ErrorCode.RATE_LIMIT_EXCEEDED, None, NOW, client_id="0" * 32, retry_after=60)
    assert (error.code, error.timestamp, error.client_id, error.retry_after) == (
        "RATE_LIMIT_EXCEEDED",
        NOW,
        "0" * 32,
        60,
    )
