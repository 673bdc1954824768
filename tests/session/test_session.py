import json

import pytest

from pvws.session.access import Access, Grant, Token
from pvws.session.session import ChangeTopics, Close, Moment, Phase, Reply, Rules, Session, WakeUp
from pvws.timestamp import Timestamp
from pvws.wire.topics import Topic

NOW = Timestamp.parse("2024-01-01T00:00:00Z")
CLIENT_ID = "0123456789abcdef" * 2
GONE = Close(1008, "authentication failed")
SUBSCRIBE = '{"type":"subscribe","topic":"alerts"}'
TOKENS = Rules(
    access=Access(
        (
            Token("everything"),
            Token("only alerts", Grant(frozenset({Topic.ALERTS}))),
            Token("until 5", Grant(expires=5_000_000)),
        )
    )
)


def at(real: float = 0.0, wall: int = 0) -> Moment:
    return Moment(NOW, real, wall)


def auth(token: str, kind: str = "auth") -> str:
    return json.dumps({"type": kind, "data": {"token": token}})


@pytest.fixture
def session() -> Session:
    """A client of a server that requires nothing."""
    return Session(CLIENT_ID, Rules())


def done(actions: list[object]) -> list[object]:
    """Actions, with replies as the JSON value that is sent."""
    return [json.loads(action.payload) if isinstance(action, Reply) else action for action in actions]


def ask(session: Session, text: str | bytes, moment: Moment = Moment(NOW, 0.0, 0)) -> list[object]:  # noqa: B008
    return done([*session.receive(text, moment)])


def error(code: str, message: str, **data: object) -> dict[str, object]:
    return {
        "type": "error",
        "data": {"code": code, "message": message, **data},
        "timestamp": "2024-01-01T00:00:00.000Z",
        "clientId": CLIENT_ID,
    }


def auth_failed(detail: str | None = None) -> dict[str, object]:
    sentence = "Invalid authentication credentials"
    return error("AUTH_FAILED", sentence if detail is None else f"{sentence}: {detail}")


def test_a_subscription_adds_a_topic_and_is_not_acknowledged(session: Session) -> None:
    assert ask(session, SUBSCRIBE) == [ChangeTopics(frozenset({Topic.ALERTS}))]
    assert ask(session, '{"type":"subscribe","topic":"system"}') == [
        ChangeTopics(frozenset({Topic.ALERTS, Topic.SYSTEM}))
    ]


def test_second_subscribe_to_a_topic_changes_nothing(session: Session) -> None:
    ask(session, SUBSCRIBE)
    assert ask(session, SUBSCRIBE) == []


def test_unsubscribe_takes_a_topic_away(session: Session) -> None:
    ask(session, SUBSCRIBE)
    assert ask(session, '{"type":"unsubscribe","topic":"alerts"}') == [ChangeTopics(frozenset())]


def test_unsubscribing_what_was_never_subscribed_is_no_error(session: Session) -> None:
    assert ask(session, '{"type":"unsubscribe","topic":"alerts"}') == []


def test_a_ping_is_answered_with_stage_time_and_the_clients_id(session: Session) -> None:
    assert ask(session, '{"type":"ping"}') == [
        {"type": "pong", "timestamp": "2024-01-01T00:00:00.000Z", "clientId": CLIENT_ID}
    ]


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
    assert ask(session, text) == [error("INVALID_MESSAGE", f"Message format is invalid: {detail}")]


def test_a_bad_message_costs_no_subscription(session: Session) -> None:
    ask(session, SUBSCRIBE)
    ask(session, "nonsense")
    assert session.topics == {Topic.ALERTS}


# Authentication


def test_a_token_is_ignored_while_none_is_configured(session: Session) -> None:
    assert session.begin("whatever", at()) == []
    assert ask(session, auth("whatever")) == []
    assert ask(session, auth("whatever", "connection_init")) == []


def test_a_right_token_at_the_handshake_opens_everything() -> None:
    session = Session(CLIENT_ID, TOKENS)
    assert session.begin("everything", at()) == [WakeUp(None)]
    assert ask(session, SUBSCRIBE) == [ChangeTopics(frozenset({Topic.ALERTS}))]


def test_a_wrong_token_at_the_handshake_is_not_rescued_by_another_way() -> None:
    session = Session(CLIENT_ID, TOKENS)
    assert done([*session.begin("wrong", at())]) == [auth_failed(), GONE]
    assert ask(session, auth("everything")) == []
    assert session.phase is Phase.CLOSED


@pytest.mark.parametrize("kind", ["auth", "connection_init"])
def test_a_right_token_in_a_message_is_not_acknowledged(kind: str) -> None:
    session = Session(CLIENT_ID, TOKENS)
    assert session.begin(None, at()) == [WakeUp(10.0)]
    assert ask(session, auth("everything", kind)) == [WakeUp(None)]
    assert session.phase is Phase.OPEN


@pytest.mark.parametrize("text", [SUBSCRIBE, '{"type":"ping"}', "nonsense"])
def test_who_has_presented_no_token_may_only_send_auth(text: str) -> None:
    session = Session(CLIENT_ID, TOKENS)
    session.begin(None, at())
    assert ask(session, text) == [auth_failed("expected an auth message first"), GONE]


def test_who_sends_no_auth_in_time_is_told_so() -> None:
    session = Session(CLIENT_ID, TOKENS)
    session.begin(None, at())
    assert done([*session.wake(at())]) == [auth_failed("no auth message came within 10 s"), GONE]
    assert session.wake(at()) == []


def test_a_token_that_expires_ends_the_connection() -> None:
    session = Session(CLIENT_ID, TOKENS)
    assert session.begin("until 5", at(wall=2_000_000)) == [WakeUp(3.0)]
    assert done([*session.wake(at(wall=5_000_000))]) == [auth_failed("the token has expired"), GONE]


def test_an_expired_token_is_wrong() -> None:
    session = Session(CLIENT_ID, TOKENS)
    assert done([*session.begin("until 5", at(wall=5_000_000))]) == [auth_failed(), GONE]


def test_a_topic_that_the_token_does_not_permit_is_refused_and_the_connection_stays() -> None:
    session = Session(CLIENT_ID, TOKENS)
    session.begin("only alerts", at())
    assert ask(session, '{"type":"subscribe","topic":"system"}') == [
        auth_failed('topic: expected one that the token permits (alerts); got "system"')
    ]
    assert ask(session, SUBSCRIBE) == [ChangeTopics(frozenset({Topic.ALERTS}))]


def test_a_further_token_replaces_the_first_and_ends_what_it_does_not_permit() -> None:
    session = Session(CLIENT_ID, TOKENS)
    session.begin("everything", at())
    ask(session, SUBSCRIBE)
    ask(session, '{"type":"subscribe","topic":"system"}')
    assert ask(session, auth("only alerts")) == [WakeUp(None), ChangeTopics(frozenset({Topic.ALERTS}))]
    assert ask(session, auth("wrong")) == [auth_failed(), GONE]


# Limits


def test_the_hundred_and_first_message_in_a_second_starts_a_penalty() -> None:
    session = Session(CLIENT_ID, Rules())
    for number in range(100):
        assert len(ask(session, '{"type":"ping"}', at(number / 1000))) == 1
    sentence = "Rate limit exceeded. Please slow down your requests."
    assert ask(session, '{"type":"ping"}', at(0.5)) == [error("RATE_LIMIT_EXCEEDED", sentence, retryAfter=60)]
    assert ask(session, "nonsense", at(0.6)) == []
    assert ask(session, '{"type":"ping"}', at(1.5)) == [error("RATE_LIMIT_EXCEEDED", sentence, retryAfter=59)]
    assert ask(session, '{"type":"ping"}', at(60.6))[0]["type"] == "pong"  # type: ignore[index]


def test_without_a_limit_any_number_of_messages_is_heard() -> None:
    session = Session(CLIENT_ID, Rules(messages_per_second=None))
    assert all(ask(session, '{"type":"ping"}') for _ in range(1_000))


def test_every_phase_has_an_answer_to_every_message() -> None:
    messages = (
        SUBSCRIBE,
        '{"type":"unsubscribe","topic":"alerts"}',
        '{"type":"ping"}',
        auth("everything"),
        auth("x"),
        "?",
    )
    for phase in Phase:
        for text in messages:
            session = Session(CLIENT_ID, TOKENS)
            session.phase = phase
            actions = ask(session, text)
            assert phase is not Phase.CLOSED or actions == []
            closes = any(isinstance(action, Close) for action in actions)
            assert closes == (session.phase is Phase.CLOSED and phase is not Phase.CLOSED)


def test_who_loses_its_token_is_refused_as_with_one_that_has_expired_and_only_once(session: Session) -> None:
    assert done(session.revoke(at())) == [auth_failed("the token was revoked"), Close(1008, "authentication failed")]
    assert session.phase is Phase.CLOSED
    assert session.revoke(at()) == []


@pytest.mark.parametrize("limit", [100, None])
def test_who_is_penalised_is_answered_as_if_it_had_sent_too_much_until_it_is_pardoned(limit: int | None) -> None:
    session = Session(CLIENT_ID, Rules(messages_per_second=limit))
    session.pardon()  # nothing
    session.penalise(at(1.0), 30.0)
    sentence = "Rate limit exceeded. Please slow down your requests."
    assert ask(session, '{"type":"ping"}', at(1.5)) == [error("RATE_LIMIT_EXCEEDED", sentence, retryAfter=30)]
    assert ask(session, '{"type":"ping"}', at(1.6)) == []
    assert ask(session, SUBSCRIBE, at(2.6)) == [error("RATE_LIMIT_EXCEEDED", sentence, retryAfter=29)]
    assert session.topics == frozenset()
    session.pardon()
    assert ask(session, '{"type":"ping"}', at(2.7))[0]["type"] == "pong"  # type: ignore[index]
