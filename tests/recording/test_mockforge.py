from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.recording.format import Close, Mark, Message
from pvws.recording.mockforge import read_mockforge
from tests.recording.fuzz import damaged, read_or_refused

SOURCE = (Path(__file__).parent / "data" / "mockforge.jsonl").read_bytes()


def test_a_replay_file_is_read() -> None:
    header, entries = read_mockforge(SOURCE)
    assert header.by == "MockForge"
    assert entries == [
        Message(0, "send", b"CLIENT_READY"),
        Message(0, "recv", b"HELLO {{uuid}}"),
        Message(10_000, "recv", b'{"type":"welcome","sessionId":"{{uuid}}"}'),
        Mark(20_000, "waits for ^(ACK|OK)$"),
        Message(20_000, "recv", b'{"type":"data"}'),
        Message(25_000, "send", b"a.b"),  # 5 ms is before the line before, and counts from there
        Message(25_000, "recv", b"BYE"),
        Close(25_000, "recv", 1000),
    ]


def test_a_binary_message_has_the_bytes_of_its_text() -> None:
    assert read_mockforge(b'{"ts":1,"dir":"out","text":"x","binary":true}')[1] == [
        Message(1_000, "recv", b"x", opcode="binary")
    ]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (b"", "x:1: expected a line with a message, got nothing"),
        (b'\n{"ts":0,"dir":"out"}', "x:2: text: expected a string, got nothing"),
        (b'{"ts":-1,"text":"x"}', "x:1: ts: expected milliseconds since the connection was opened, got -1"),
        (b'{"ts":0,"dir":"up","text":"x"}', 'x:1: dir: expected one of out, in, got "up"'),
        (b'{"ts":0,"text":"x"}\n{', "x:2: expected one JSON text, got none at character 2"),
        (b'{"ts":1e12,"text":"x"}\n{"ts":5,"text":""}', "x:2: ts: expected something that lasts at most"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(source: bytes, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        read_mockforge(source, "x")
    assert problem in str(caught.value)


def test_every_wrong_line_is_told_up_to_twenty() -> None:
    with pytest.raises(InputError) as caught:
        read_mockforge(b"{}\n" * 50, "x")
    assert [problem.line for problem in caught.value.problems] == list(range(1, 21))


@given(st.binary() | damaged(SOURCE))
def test_any_file_is_read_or_refused_with_file_and_line(source: bytes) -> None:
    read_or_refused(read_mockforge, source)


def test_a_file_cut_anywhere_is_read_or_refused_with_file_and_line() -> None:
    source = SOURCE
    for length in range(len(source)):
        read_or_refused(read_mockforge, source[:length])
