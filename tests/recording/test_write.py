import json

import pytest
from hypothesis import given

from pvws.recording.format import Close, Entry, Gap, Header, Mark, Message, Open, Ping, Pong
from pvws.recording.write import entry_line, header_line, is_spliced
from pvws.timestamp import Timestamp
from tests.recording import entries as drawn


def test_of_a_header_only_what_is_known_is_written() -> None:
    assert header_line(Header()) == b'{"format":"pvws-recording","version":1}\n'
    header = Header(
        recorded=Timestamp.parse("2026-11-28T12:00:00.123456Z"),
        by="pvws 1",
        url="ws://localhost/ws",
        topics=("alerts", "system"),
        seed=0,
        start=Timestamp.parse("2024-01-01T00:00:00Z"),
    )
    assert header_line(header).decode() == (
        '{"format":"pvws-recording","version":1,"recorded":"2026-11-28T12:00:00.123456Z","by":"pvws 1",'
        '"url":"ws://localhost/ws","topics":["alerts","system"],"seed":0,"start":"2024-01-01T00:00:00.000000Z"}\n'
    )


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (Message(1_204_518, "recv", b'{"a": 1}'), '{"t":1.204518,"dir":"recv","message":{"a": 1}}'),
        (Message(0, "send", b"x", 2), '{"t":0.000000,"conn":2,"dir":"send","text":"x"}'),
        (
            Message(5, "recv", b'{}\n{"b":2}', fragments=(4, 6)),
            r'{"t":0.000005,"dir":"recv","fragments":[4,6],"text":"{}\n{\"b\":2}"}',
        ),
        (Message(5, "recv", b"\x00\xff", opcode="binary"), '{"t":0.000005,"dir":"recv","base64":"AP8="}'),
        (Message(5, "send", b"\xff"), '{"t":0.000005,"dir":"send","opcode":"text","base64":"/w=="}'),
        (Ping(60_000_000, "recv"), '{"t":60.000000,"dir":"recv","ping":{}}'),
        (Pong(60_000_001, "send", b"hi"), '{"t":60.000001,"dir":"send","pong":{"text":"hi"}}'),
        (Pong(60_000_001, "send", b"\xff"), '{"t":60.000001,"dir":"send","pong":{"base64":"/w=="}}'),
        (Close(7, "recv", 1000, "bye"), '{"t":0.000007,"dir":"recv","close":{"code":1000,"reason":"bye"}}'),
        (Close(7, "recv"), '{"t":0.000007,"dir":"recv","close":{}}'),
        (
            Open(0, url="ws://h/ws", address="127.0.0.1:5", subprotocol="v1", request=(("Host", "h"),)),
            '{"t":0.000000,"open":{"url":"ws://h/ws","address":"127.0.0.1:5","subprotocol":"v1","request":[["Host","h"]]}}',
        ),
        (Open(0, 3, status=401), '{"t":0.000000,"conn":3,"open":{"status":401}}'),
        (Mark(9, "it fills"), '{"t":0.000009,"mark":{"name":"it fills"}}'),
        (
            Gap(9, "the disk was full", messages=2, bytes=100, micros=1_500_000),
            '{"t":0.000009,"gap":{"reason":"the disk was full","messages":2,"bytes":100,"seconds":1.500000}}',
        ),
        (Gap(9, "x", 4), '{"t":0.000009,"conn":4,"gap":{"reason":"x"}}'),
    ],
)
def test_an_entry_is_a_line(entry: Entry, line: str) -> None:
    assert entry_line(entry).decode() == f"{line}\n"


def test_where_there_are_several_connections_the_first_is_named_as_well() -> None:
    assert entry_line(Message(0, "recv", b"1"), conns=True) == b'{"t":0.000000,"conn":1,"dir":"recv","message":1}\n'
    assert entry_line(Gap(0, "x"), conns=True) == b'{"t":0.000000,"gap":{"reason":"x"}}\n'


@pytest.mark.parametrize("data", [b"{}", b'{"a": 1,  "b":[]}', b"17", b'"\\u00e9\xc3\xa9"', b"[" * 64 + b"]" * 64])
def test_a_json_text_without_line_breaks_is_spliced_in(data: bytes) -> None:
    assert is_spliced(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" {}",
        b"{} ",
        b"{\n}",
        b"{\r}",
        b"{}{}",
        b"{},",
        b'{}}\n{"t":0',
        b"nil",
        b"NaN",
        b'"\xff"',
        b'"\\ud800"',  # half a surrogate pair: valid JSON that many readers refuse
        b"\xef\xbb\xbf{}",
        b'"\x01"',
        b"[" * 65 + b"]" * 65,
        b"[" * 100_000,
    ],
)
def test_what_would_not_come_back_the_same_is_not_spliced_in(data: bytes) -> None:
    assert not is_spliced(data)
    assert len(entry_line(Message(0, "recv", data)).splitlines()) == 1


@given(drawn.entries)
def test_every_entry_is_one_line_that_any_json_reader_takes(entry: Entry) -> None:
    line = entry_line(entry)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert b"\r" not in line
    assert isinstance(json.loads(line), dict)
