import json

import pytest

from pvws.session.session import ChangeTopics, Reply, Session
from pvws.timestamp import Timestamp
from pvws.wire.topics import Topic

NOW = Timestamp.parse("2024-01-01T00:00:00Z")
CLIENT_ID = "0123456789abcdef" * 2


@pytest.fixture
def session() -> Session:
    return Session(CLIENT_ID)


def ask(session: Session, text: str | bytes) -> list[object]:
    """What the session wants done, replies as the JSON value that is sent."""
    return [json.loads(action.text) if isinstance(action, Reply) else action for action in session.receive(text, NOW)]


def test_a_subscription_adds_a_topic_and_is_not_acknowledged(session: Session) -> None:
    assert ask(session, '{"type":"subscribe","topic":"alerts"}') == [ChangeTopics(frozenset({Topic.ALERTS}))]
    assert ask(session, '{"type":"subscribe","topic":"system"}') == [
        ChangeTopics(frozenset({Topic.ALERTS, Topic.SYSTEM}))
    ]


def test_second_subscribe_to_a_topic_changes_nothing(session: Session) -> None:
    session.receive('{"type":"subscribe","topic":"alerts"}', NOW)
    assert ask(session, '{"type":"subscribe","topic":"alerts"}') == []


def test_unsubscribe_takes_a_topic_away(session: Session) -> None:
    session.receive('{"type":"subscribe","topic":"alerts"}', NOW)
    assert ask(session, '{"type":"unsubscribe","topic":"alerts"}') == [ChangeTopics(frozenset())]


def test_unsubscribing_what_was_never_subscribed_is_no_error(session: Session) -> None:
    assert ask(session, '{"type":"unsubscribe","topic":"alerts"}') == []


def test_a_ping_is_answered_with_stage_time_and_the_clients_id(session: Session) -> None:
    assert ask(session, '{"type":"ping"}') == [
        {"type": "pong", "timestamp": "2024-01-01T00:00:00.000Z", "clientId": CLIENT_ID}
    ]


def test_a_token_is_ignored_while_none_is_configured(session: Session) -> None:
    assert ask(session, '{"type":"auth","data":{"token":"secret"}}') == []
    assert ask(session, '{"type":"connection_init","data":{"token":"secret"}}') == []


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("nonsense", "expected one JSON object; got none at character 0 (Expecting value)"),
        (b"\xff\xfe", "expected text in UTF-8; got other bytes at 0 (invalid start byte)"),
        ("[]", "expected one JSON object; got an array"),
        ("{}", "type: expected one of subscribe, unsubscribe, auth, connection_init, ping; got nothing"),
        ('{"type":"subscribe"}', "topic: expected one of file_operations, peer_network, system, alerts; got nothing"),
        (
            '{"type":"subscribe","topic":"alert"}',
            'topic: expected one of file_operations, peer_network, system, alerts; got "alert"',
        ),
    ],
)
def test_a_bad_message_is_answered_with_what_was_expected(session: Session, text: str | bytes, detail: str) -> None:
    assert ask(session, text) == [
        {
            "type": "error",
            "data": {"code": "INVALID_MESSAGE", "message": f"Message format is invalid: {detail}"},
            "timestamp": "2024-01-01T00:00:00.000Z",
            "clientId": CLIENT_ID,
        }
    ]


def test_a_bad_message_costs_no_subscription(session: Session) -> None:
    session.receive('{"type":"subscribe","topic":"alerts"}', NOW)
    session.receive("nonsense", NOW)
    assert session.topics == {Topic.ALERTS}
