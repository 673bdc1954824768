import pytest

from pvws.terminal.ledger import Ledger
from pvws.timestamp import Timestamp
from pvws.wire.codec import encode_server_message
from pvws.wire.events import EVENT_TYPES, Payload
from pvws.wire.messages import ErrorCode, ErrorMessage, Event, Pong, ServerMessage
from pvws.wire.topics import Topic

AT = Timestamp(0)
PONG = Pong(AT)
ERROR = ErrorMessage.of(ErrorCode.INVALID_MESSAGE, None, AT)


def messages(payloads: dict[str, Payload]) -> list[ServerMessage]:
    return [*(Event(payload, AT) for payload in payloads.values()), PONG, ERROR]


def test_messages_are_counted_by_type_and_topic(payloads: dict[str, Payload]) -> None:
    ledger = Ledger()
    for message in messages(payloads):
        ledger.saw(message, 1.0)
    assert ledger.types == dict.fromkeys([*EVENT_TYPES, "pong", "error"], 1)
    assert [ledger.topic(topic) for topic in Topic] == [4, 4, 4, 4]
    assert ledger.errors == {"INVALID_MESSAGE": 1}
    assert ledger.total == 18


def test_texts_are_counted_like_messages_but_for_the_codes_of_errors(payloads: dict[str, Payload]) -> None:
    decoded, undecoded = Ledger(), Ledger()
    for message in messages(payloads):
        decoded.saw(message, 1.0)
        undecoded.saw_text(encode_server_message(message).decode(), 1.0)
    assert undecoded.types == decoded.types
    assert undecoded.errors == {}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type":1}', '{"type":"file_renamed"}', "[" * 10_000, "\ud800"])
def test_what_cannot_be_read_is_counted_apart(text: str) -> None:
    ledger = Ledger()
    ledger.saw_text(text, 1.0)
    ledger.saw(None, 2.0)
    assert (ledger.unreadable, ledger.total) == (2, 2)
    assert not ledger.types


def test_names_that_the_server_makes_up_do_not_fill_the_memory() -> None:
    ledger = Ledger()
    for number in range(1_000):
        ledger.saw_text(f'{{"type":"made_up_{number}"}}', 1.0)
    assert len(ledger.types) == 0
    assert ledger.unreadable == 1_000


def test_the_first_and_the_last_moment_are_kept() -> None:
    ledger = Ledger()
    assert (ledger.first_at, ledger.last_at) == (None, None)
    for at in (3.0, 4.0, 7.5):
        ledger.saw(PONG, at)
    assert (ledger.first_at, ledger.last_at) == (3.0, 7.5)


def test_the_summary_has_rate_gaps_and_counts_in_columns(payloads: dict[str, Payload]) -> None:
    ledger = Ledger()
    ledger.connected(100.0)
    for _ in range(1_200):
        ledger.saw(Event(payloads["file_uploaded"], AT), 101.0)
    ledger.saw(Event(payloads["file_deleted"], AT), 101.0)
    ledger.saw(Event(payloads["storage_alert"], AT), 101.0)
    ledger.disconnected()
    ledger.connected(110.0)
    ledger.saw(ERROR, 111.0)
    ledger.saw(None, 111.0)
    assert ledger.summary(130.0) == [
        "1,204 messages in 30s (40.1/s), 1 gap (the connection was lost)",
        "  file_operations  1,201  file_uploaded 1,200, file_deleted 1",
        "  alerts               1  storage_alert 1",
        "  errors               1  INVALID_MESSAGE 1",
        "  unreadable           1",
    ]


def test_the_summary_of_nothing_is_one_line() -> None:
    ledger = Ledger()
    assert ledger.summary(5.0) == ["0 messages in 0s"]
    ledger.connected(5.0)
    assert ledger.summary(5.01) == ["0 messages in 0s"]
    assert ledger.summary(4.0) == ["0 messages in 0s"], "the machine's clock may be set back"
