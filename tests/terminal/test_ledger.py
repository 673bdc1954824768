from datetime import UTC

import pytest

from pvws.terminal.head import head_of
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
        undecoded.saw_head(head_of(encode_server_message(message).decode()), 1.0)
    assert undecoded.types == decoded.types
    assert undecoded.errors == {}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type":1}', '{"type":"file_renamed"}', "[" * 10_000, "\ud800"])
def test_what_cannot_be_read_is_counted_apart(text: str) -> None:
    ledger = Ledger()
    ledger.saw_head(head_of(text), 1.0)
    ledger.saw(None, 2.0)
    assert (ledger.unreadable, ledger.total) == (2, 2)
    assert not ledger.types


def test_names_that_the_server_makes_up_do_not_fill_the_memory() -> None:
    ledger = Ledger()
    for number in range(1_000):
        ledger.saw_head(head_of(f'{{"type":"made_up_{number}"}}'), 1.0)
    assert len(ledger.types) == 0
    assert ledger.unreadable == 1_000


def test_the_first_and_the_last_moment_are_kept() -> None:
    ledger = Ledger()
    assert ledger.last_at is None
    for at in (3.0, 4.0, 7.5):
        ledger.saw(PONG, at)
    assert ledger.last_at == 7.5


def test_the_summary_has_rate_gaps_and_counts_in_columns(payloads: dict[str, Payload]) -> None:
    ledger = Ledger()
    ledger.connected(100.0)
    for _ in range(1_200):
        ledger.saw(Event(payloads["file_uploaded"], AT), 101.0)
    ledger.saw(Event(payloads["file_deleted"], AT), 101.0)
    ledger.saw(Event(payloads["storage_alert"], AT), 101.0)
    ledger.disconnected(108.5)
    ledger.connected(110.0)
    ledger.saw(ERROR, 111.0)
    ledger.saw(None, 111.0)
    assert ledger.summary(130.0) == [
        "1,204 messages in 30s (40.1/s), 1 gap (1.5s without a connection), 1 reconnect",
        "  file_operations  1,201  file_uploaded 1,200, file_deleted 1",
        "  alerts               1  storage_alert 1",
        "  errors               1  INVALID_MESSAGE 1",
        "  unreadable           1",
        "  late by          0 ms (median), 0 ms (99%), 0 ms (worst)",
    ]


def test_the_summary_of_nothing_is_one_line() -> None:
    ledger = Ledger()
    assert ledger.summary(5.0) == ["0 messages in 0s"]
    ledger.connected(5.0)
    assert ledger.summary(5.01) == ["0 messages in 0s"]
    assert ledger.summary(4.0) == ["0 messages in 0s"], "the machine's clock may be set back"


def test_what_was_selected_is_in_the_summary() -> None:
    ledger = Ledger()
    ledger.connected(0.0)
    ledger.saw(PONG, 1.0)
    ledger.shown = 0
    assert ledger.summary(2.0)[0] == "1 message in 2s (0.5/s), 0 of them selected"


def test_messages_are_late_by_their_own_timestamps_whether_decoded_or_not() -> None:
    decoded, undecoded = Ledger(), Ledger()
    for number in range(101):
        sent = Timestamp(1_704_110_400_000_000 + number * 20_000)
        at = 500.0 + number * 0.02 + (0.3 if number == 50 else 0.0)
        decoded.saw(Pong(sent), at)
        undecoded.saw_head(head_of(f'{{"type":"pong","timestamp":"{sent}"}}'), at)
    for ledger in (decoded, undecoded):
        assert ledger.last_sent == 1_704_110_402_000_000
        assert ledger.summary(510.0)[-1] == "  late by          0 ms (median), 0 ms (99%), 300 ms (worst)"


def test_a_clock_that_goes_at_another_speed_is_told_of_instead() -> None:
    ledger = Ledger()
    ledger.connected(0.0)
    for number in range(100):
        ledger.saw(Pong(Timestamp(number * 1_000_000)), 1_000 + number * 0.1)
    assert ledger.summary(1_010.0)[-1] == "  the server's clock goes at 10 times the speed of ours"


def test_a_slow_clock_cannot_be_told_from_messages_that_come_ever_later() -> None:
    ledger = Ledger()
    ledger.connected(0.0)
    for number in range(100):
        ledger.saw(Pong(Timestamp(number * 50_000)), 1_000 + number * 0.1)
    told = "  the server's clock goes at 0.5 times the speed of ours, or messages came ever later"
    assert ledger.summary(1_010.0)[-1] == told


@pytest.mark.parametrize("stamp", ['"soon"', "7", "null"])
def test_a_timestamp_that_is_none_makes_nothing_late(stamp: str) -> None:
    ledger = Ledger()
    ledger.saw_head(head_of(f'{{"type":"pong","timestamp":{stamp}}}'), 1.0)
    assert ledger.lateness.latest is None


def test_what_was_missed_is_estimated_from_the_rate_before_and_told_by_both_clocks() -> None:
    ledger = Ledger()
    assert ledger.connected(0.0) is None
    for _ in range(100):
        ledger.saw(Pong(Timestamp(1_000_000)), 1.0)
    ledger.disconnected(10.0)
    missed = ledger.connected(13.5)
    assert missed is not None
    assert (missed.seconds, missed.estimate, missed.last) == (3.5, 35, 1_000_000)
    told = "missed what was sent in 3.5s, about 35 messages"
    assert missed.told(4_500_000, UTC) == f"{told}; by the server's clock between 00:00:01.000 and 00:00:04.500"
    assert missed.told(0, UTC) == f"{told}; the server's clock was set back, to 00:00:00.000: it may have begun anew"
    assert missed.told(None, UTC) == told


def test_a_connection_too_short_for_a_rate_gives_no_estimate() -> None:
    ledger = Ledger()
    ledger.connected(0.0)
    ledger.saw(None, 0.1)
    ledger.disconnected(0.2)
    missed = ledger.connected(5.2)
    assert missed is not None
    assert missed.told(None, UTC) == "missed what was sent in 5s"
