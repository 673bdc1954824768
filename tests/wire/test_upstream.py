"""What the real server sends instead of a documented text, quirk by quirk, and how gorilla/websocket cuts it."""

import json
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.timestamp import Timestamp
from pvws.wire.codec import encode_event
from pvws.wire.events import FileDeleted, PeerHealthChanged, PerformanceAlert
from pvws.wire.golang import go_timestamp, zone_named
from pvws.wire.messages import ErrorCode, ErrorMessage, Pong
from pvws.wire.profiles import DOCUMENTED, UPSTREAM, Quirks
from pvws.wire.upstream import upstream_frames, upstream_reply, upstream_text
from tests.property.strategies import payloads
from tests.support.frames import frames_in, messages_in, payloads_in

NOW = Timestamp(1_704_067_200_123_456)  # 2024-01-01T00:00:00.123Z on the documented wire
DELETED = encode_event(FileDeleted("<key>", "node", NOW), NOW)
ALERT = encode_event(PerformanceAlert("warning", "hot & dry", "cpu_usage", 80.0, 1e-7, NOW), NOW)

QUIRKS = st.builds(
    Quirks,
    broadcast_envelope=st.booleans(),
    go_json=st.booleans(),
    go_timestamps=st.booleans(),
    zone=st.sampled_from(["UTC", "Asia/Kolkata"]),
    coalesce=st.booleans(),
    fragment=st.none() | st.integers(126, 300),
    queue=st.none() | st.integers(1, 5),
)


def only(**quirks: object) -> Quirks:
    """The documented profile but for these."""
    return msgspec.structs.replace(DOCUMENTED, **quirks)


def test_without_quirks_a_text_stays_as_it_is() -> None:
    assert upstream_text(DELETED, 7, DOCUMENTED, at=NOW.micros) is DELETED


def test_the_broadcast_envelope_alone_hides_the_type_and_touches_nothing_else() -> None:
    expected = DELETED.replace(b'"file_deleted"', b'"broadcast"')
    assert upstream_text(DELETED, 7, only(broadcast_envelope=True), at=NOW.micros) == expected
    assert b"file_deleted" not in expected


def test_go_json_alone_sorts_escapes_and_shortens_numbers() -> None:
    assert upstream_text(ALERT, 7, only(go_json=True), at=NOW.micros) == (
        b'{"type":"performance_alert","topic":"alerts","data":{"level":"warning","message":"hot \\u0026 dry",'
        b'"metric":"cpu_usage","threshold":1e-7,"timestamp":"2024-01-01T00:00:00.123Z","value":80},'
        b'"timestamp":"2024-01-01T00:00:00.123Z"}'
    )


def test_go_timestamps_alone_are_finer_and_leave_the_rest() -> None:
    text = upstream_text(ALERT, 1_007, only(go_timestamps=True), at=NOW.micros)
    assert text == ALERT.replace(b".123Z", b".123456007Z")
    assert text.count(b".123456007Z") == 2


def test_timestamps_are_in_the_zone_of_the_server() -> None:
    text = upstream_text(DELETED, 10, only(go_timestamps=True, zone="America/New_York"), at=NOW.micros)
    assert text == DELETED.replace(b"2024-01-01T00:00:00.123Z", b"2023-12-31T19:00:00.12345601-05:00")
    assert upstream_text(DELETED, 10, only(zone="America/New_York")) == DELETED, "a zone alone is no quirk"


def test_without_the_instant_the_milliseconds_of_the_text_have_to_do() -> None:
    assert b'"timestamp":"2024-01-01T00:00:00.123000007Z"}' in upstream_text(DELETED, 7, UPSTREAM)


def test_a_heartbeat_is_an_instant_of_its_own() -> None:
    health = PeerHealthChanged(
        id="id",
        status="ONLINE",
        previous_status="UNKNOWN",
        is_healthy=True,
        response_time=0.5,
        uptime=80.0,
        last_heartbeat=Timestamp(1_000_000),
        errors=[],
        timestamp=NOW,
    )
    text = upstream_text(encode_event(health, NOW), 1, UPSTREAM, at=NOW.micros)
    data = json.loads(text)["data"]
    assert data["lastHeartbeat"] == "1970-01-01T00:00:01.000000001Z"
    assert data["timestamp"] == "2024-01-01T00:00:00.123456001Z"
    assert list(data) == sorted(data)


def test_what_goes_to_all_keeps_its_type_and_loses_its_topic() -> None:
    text = upstream_text(DELETED, 7, only(broadcast_envelope=True), to_all=True)
    assert text == DELETED.replace(b'"topic":"file_operations",', b"")
    assert upstream_text(DELETED, 7, only(go_json=True), to_all=True).startswith(b'{"type":"file_deleted","topic":')


def test_a_pong_has_its_client_and_a_fine_timestamp() -> None:
    assert upstream_reply(Pong(NOW, "0" * 32), 42, UPSTREAM) == (
        b'{"type":"pong","timestamp":"2024-01-01T00:00:00.123456042Z","clientId":"%b"}' % (b"0" * 32)
    )
    documented = b'{"type":"pong","timestamp":"2024-01-01T00:00:00.123Z","clientId":"%b"}' % (b"0" * 32)
    assert upstream_reply(Pong(NOW, "0" * 32), 42, DOCUMENTED) == documented


def test_an_error_of_a_server_that_is_not_silent_is_written_like_the_rest() -> None:
    error = ErrorMessage.of(ErrorCode.RATE_LIMIT_EXCEEDED, "a<b", NOW, client_id="c", retry_after=60)
    assert upstream_reply(error, 0, UPSTREAM) == (
        b'{"type":"error","data":{"code":"RATE_LIMIT_EXCEEDED","message":"Rate limit exceeded. Please slow down your '
        b'requests.: a\\u003cb","retryAfter":60},"timestamp":"2024-01-01T00:00:00.123456Z","clientId":"c"}'
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # An unknown type, whatever its data: all of it applies.
        (
            b'{"data":{"b":1.0,"a":2},"timestamp":"1970-01-01T00:00:00.000Z","topic":"x","type":"made_up"}',
            b'{"type":"broadcast","topic":"x","data":{"a":2,"b":1},"timestamp":"1970-01-01T00:00:00Z"}',
        ),
        # Nothing in it, and what Go leaves out (B3).
        (
            b'{"type":"t","topic":"","data":null,"timestamp":"1970-01-01T00:00:00.000Z"}',
            b'{"type":"broadcast","timestamp":"1970-01-01T00:00:00Z"}',
        ),
        # What it does not leave out.
        (
            b'{"type":"t","topic":"x","data":0,"timestamp":"never"}',
            b'{"type":"broadcast","topic":"x","data":0,"timestamp":"never"}',
        ),
        (
            b'{"type":"t","topic":"x","data":[],"timestamp":""}',
            b'{"type":"broadcast","topic":"x","data":[],"timestamp":""}',
        ),
        # A timestamp in another form was chosen by somebody, and stands; so does one deeper down, or of another kind.
        (
            b'{"type":"t","topic":"x","data":{"a":{"timestamp":"1970-01-01T00:00:00.000Z"},"lastHeartbeat":1,'
            b'"timestamp":"1970-01-01T00:00:00Z"},"timestamp":"1970-01-01T00:00:00.0Z"}',
            b'{"type":"broadcast","topic":"x","data":{"a":{"timestamp":"1970-01-01T00:00:00.000Z"},"lastHeartbeat":1,'
            b'"timestamp":"1970-01-01T00:00:00Z"},"timestamp":"1970-01-01T00:00:00.0Z"}',
        ),
        # Integers keep their digits, and the last of duplicate keys counts.
        (
            b'{"type":"t","topic":"x","data":{"a":1,"n":12345678901234567890123,"a":2},"timestamp":""}',
            b'{"type":"broadcast","topic":"x","data":{"a":2,"n":12345678901234567890123},"timestamp":""}',
        ),
    ],
)
def test_an_event_that_is_not_the_contract_s_is_treated_as_far_as_it_is_alike(text: bytes, expected: bytes) -> None:
    assert upstream_text(text, 0, UPSTREAM) == expected


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no JSON",
        b"[1, 2]",
        b"\xff\xfe",
        b'{"type":"t","topic":"x"}',
        b'{"type": "t", "topic": "x", "data": {}, "timestamp": "", "more": 1}',
        b'{"type":5,"topic":"x","data":{},"timestamp":""}',
        b'{"type":"t","topic":"x","data":{"n":1e999},"timestamp":""}',
        b'{"type":"t","topic":"x","data":{"n":"\\ud800"},"timestamp":""}',
        b'{"type":"t","topic":"x","data":%b,"timestamp":""}' % (b"[" * 5_000 + b"]" * 5_000),
        b'{"type":"t","topic":"x","data":{},"timestamp":""}\n{"type":"t","topic":"x","data":{},"timestamp":""}',
    ],
)
def test_what_is_no_event_at_all_is_sent_as_it_stands(text: bytes) -> None:
    assert upstream_text(text, 0, UPSTREAM) == text


@given(payloads, st.integers(0, 10**9), QUIRKS)
def test_every_event_is_what_it_was_but_for_its_quirks(payload: msgspec.Struct, sequence: int, quirks: Quirks) -> None:
    documented = encode_event(payload, NOW)  # type: ignore[arg-type]
    text = upstream_text(documented, sequence, quirks, at=NOW.micros)
    before, after = json.loads(documented), json.loads(text)
    assert list(after) == ["type", "topic", "data", "timestamp"]
    assert after["type"] == ("broadcast" if quirks.broadcast_envelope else before["type"])
    assert after["data"].keys() == before["data"].keys()
    if quirks.go_json:
        assert list(after["data"]) == sorted(after["data"])
        assert not any(byte in text for byte in b"<>&")
    for name in ("timestamp", "lastHeartbeat"):
        was, now = before["data"].pop(name, None), after["data"].pop(name, None)
        if was is not None and quirks.go_timestamps:
            micros = NOW.micros if was == NOW.text else Timestamp.parse(was).micros
            was = go_timestamp(micros, sequence % 1_000, zone_named(quirks.zone))
        assert now == was
    assert float_free(after["data"]) == float_free(before["data"])
    if b":-0," not in text and b":-0}" not in text:  # what is read again is an integer, which has no such zero
        assert upstream_text(text, sequence, quirks, at=NOW.micros) == text, "the real server's own texts stand"


def float_free(value: object) -> object:
    """The same value with every number a float, since 80.0 and 80 are one and 1e20 has more digits as an integer."""
    return json.loads(json.dumps(value), parse_int=float)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode), QUIRKS)
def test_no_text_is_too_strange(text: bytes, quirks: Quirks) -> None:
    assert isinstance(upstream_text(text, 0, quirks), bytes)


# Frames


def test_without_quirks_each_text_is_a_message_of_one_frame() -> None:
    assert [
        (frame.final, frame.payload) for frame in frames_in(b"".join(upstream_frames([b"a", b"b"], DOCUMENTED)))
    ] == [
        (True, b"a"),
        (True, b"b"),
    ]


@pytest.mark.parametrize("quirks", [DOCUMENTED, UPSTREAM, only(coalesce=True), only(fragment=126)])
def test_no_texts_are_no_frames(quirks: Quirks) -> None:
    assert upstream_frames([], quirks) == []


def test_coalescing_alone_joins_by_newlines_into_one_frame() -> None:
    (frame,) = upstream_frames([b"a" * 2_000, b"b", b"c" * 70_000], only(coalesce=True))
    assert payloads_in([frame]) == [b"a" * 2_000 + b"\nb\n" + b"c" * 70_000]


def test_a_join_is_never_longer_than_what_the_queue_holds_and_one() -> None:
    frames = upstream_frames([b"%d" % number for number in range(7)], only(coalesce=True, queue=2))
    assert payloads_in(frames) == [b"0\n1\n2", b"3\n4\n5", b"6"]
    (frame,) = upstream_frames([b"x"] * 1_000, only(coalesce=True))
    assert payloads_in([frame]) == [b"\n".join([b"x"] * 1_000)]


@pytest.mark.parametrize(
    ("texts", "sizes"),
    [
        ([b""], [0]),
        ([b"a" * 1_023], [1_023]),
        ([b"a" * 1_024], [1_024]),
        ([b"a" * 1_025], [1_024, 1]),
        ([b"a" * 2_048], [1_024, 1_024]),
        ([b"a" * 2_076], [1_024, 1_024, 28]),
        # More than twice the write buffer, header included, is not buffered: behind it only the end is left.
        ([b"a" * 2_077], [2_077, 0]),
        ([b"a" * 1_048_576], [1_048_576, 0]),
        # The newline is a write like any other.
        ([b"a" * 1_023, b"b"], [1_024, 1]),
        ([b"a" * 1_024, b"b"], [1_024, 2]),
        ([b"a" * 500, b"b" * 523], [1_024]),
        # What is not buffered goes out behind what is.
        ([b"a" * 100, b"b" * 2_077], [100 + 1 + 2_077, 0]),
        ([b"a" * 1_023, b"b" * 2_077], [1_024 + 2_077, 0]),
        ([b"a" * 1_024, b"b" * 2_077], [1_024, 1 + 2_077, 0]),
        ([b"a" * 2_077, b"b"], [2_077, 2]),
        ([b"a" * 2_077, b"b" * 2_077, b"c" * 1_024], [2_077, 1 + 2_077, 1_024, 1]),
    ],
)
def test_a_message_is_cut_as_gorilla_cuts_it(texts: list[bytes], sizes: list[int]) -> None:
    frames = upstream_frames(texts, UPSTREAM)
    assert [len(payload) for payload in payloads_in(frames)] == sizes
    (message,) = messages_in(b"".join(frames))
    assert [frame.final for frame in message] == [False] * (len(sizes) - 1) + [True]
    assert b"".join(frame.payload for frame in message) == b"\n".join(texts)


def test_a_cut_may_go_through_a_character() -> None:
    frames = upstream_frames(["é".encode() * 1_000], only(fragment=1_001))
    assert [len(payload) for payload in payloads_in(frames)] == [1_001, 999]
    with pytest.raises(UnicodeDecodeError):
        payloads_in(frames)[0].decode()


def test_fragmenting_alone_cuts_each_message_by_itself() -> None:
    frames = upstream_frames([b"a" * 200, b"b" * 10], only(fragment=126))
    assert payloads_in(frames) == [b"a" * 126, b"a" * 74, b"b" * 10]
    assert len(messages_in(b"".join(frames))) == 2


@given(st.lists(st.integers(0, 700).map(lambda size: b"x" * size), max_size=12), QUIRKS)
def test_all_that_was_given_comes_out_in_order(texts: list[bytes], quirks: Quirks) -> None:
    frames = upstream_frames(texts, quirks)
    messages = [b"".join(frame.payload for frame in message) for message in messages_in(b"".join(frames))]
    assert b"\n".join(messages) == b"\n".join(texts)
    if not quirks.coalesce:
        assert messages == texts
    if quirks.fragment is None:
        assert len(frames) == len(messages)


def test_pongs_may_come_between_any_two_frames() -> None:
    frames = upstream_frames([b"a" * 5_000], only(fragment=126))
    place = random.Random(1).randrange(1, len(frames))
    frames.insert(place, b"\x8a\x00")
    assert len(messages_in(b"".join(frames))) == 1
