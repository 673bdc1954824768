from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.recording.format import Close, Header, Message, Open, Ping, Pong
from pvws.recording.mockd import read_mockd
from pvws.timestamp import Timestamp
from tests.recording.fuzz import damaged, read_or_refused

SOURCE = (Path(__file__).parent / "data" / "mockd.json").read_bytes()


def test_a_stream_recording_is_read() -> None:
    header, entries = read_mockd(SOURCE)
    assert header == Header(
        recorded=Timestamp.parse("2024-01-15T10:30:00.25Z"),
        by="mockd",
        url="ws://localhost:4280/ws",
        note="converted from mockd: websocket /ws 2024-01-15 10:30:00",
    )
    assert entries == [
        Open(
            0,
            url="ws://localhost:4280/ws",
            address="127.0.0.1",
            subprotocol="v1",
            request=(("User-Agent", "wscat"), ("Authorization", "[REDACTED]")),
        ),
        Message(250_123, "send", b'{"type":"subscribe","topic":"alerts"}'),
        Message(500_000, "recv", b"\x00\x01\x02\xfe\xff", opcode="binary"),
        Ping(1_750_000, "recv"),
        Pong(1_751_000, "send"),
        Close(8_750_000, "send", 1000, "bye"),
    ]


def test_an_array_of_them_is_several_connections() -> None:
    later = SOURCE.replace(b"2024-01-15T10:30", b"2024-01-15T10:31")
    header, entries = read_mockd(b"[%b,%b]" % (SOURCE, later))
    assert header.recorded == Timestamp.parse("2024-01-15T10:30:00.25Z")
    assert [entry.t for entry in entries if isinstance(entry, Open)] == [0, 60_000_000]
    assert {entry.conn for entry in entries if isinstance(entry, Message)} == {1, 2}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b'"c2s"', b'"up"', 'x:27: websocket.frames[0].dir: expected one of c2s, s2c, got "up"'),
        (b'"protocol": "websocket"', b'"protocol": "sse"', 'x:4: protocol: expected websocket, got "sse"'),
        (b"AAEC/v8=", b"A", 'x:28: websocket.frames[1].data: expected a string in base64, got "A"'),
        (b"750", b"-5", "x:28: websocket.frames[1].rel: expected milliseconds since the beginning, got -5"),
        (b'"rel": 750,', b"", "x:28: websocket.frames[1].rel: expected a number, got nothing"),
        (
            b'"type": "ping", "data": ""',
            b'"type": "ping", "data": "%b"' % (b"x" * 126),
            "a payload of at most 125 bytes",
        ),
        (b'"closeCode": 1000, "closeR', b'"closeCode": 70000, "closeR', "closeCode: expected a whole number from 0 to"),
        (b'"frames"', b'"frame"', "x:22: websocket.frames: expected an array, got nothing"),
    ],
)
def test_what_is_wrong_is_told_with_its_path_and_line(old: bytes, new: bytes, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        read_mockd(SOURCE.replace(old, new), "x")
    assert problem in str(caught.value)


def test_an_empty_array_is_nothing() -> None:
    with pytest.raises(InputError, match="expected a recording of mockd, or an array of them, got an empty array"):
        read_mockd(b"[]", "x")


@given(st.binary() | damaged(SOURCE))
def test_any_file_is_read_or_refused_with_file_and_line(source: bytes) -> None:
    read_or_refused(read_mockd, source)


def test_a_file_cut_anywhere_is_read_or_refused_with_file_and_line() -> None:
    source = SOURCE
    for length in range(len(source)):
        read_or_refused(read_mockd, source[:length])
