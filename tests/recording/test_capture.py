from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.recording.capture import read_capture, write_capture
from pvws.recording.format import Close, Entry, Gap, Mark, Message, Open, Ping, Pong
from pvws.recording.raw_capture import read_raw_capture
from pvws.timestamp import Timestamp
from tests.recording.fuzz import damaged, read_or_refused

FOLDER = Path(__file__).parents[2] / "recordings" / "upstream"
HEADER = b'{"format":"raw-ws-capture","version":1}\n'


@pytest.mark.parametrize("name", ["normal.jsonl", "bursts.jsonl"])
def test_a_stream_of_the_real_server_is_the_same_there_and_back(name: str) -> None:
    source = (FOLDER / name).read_bytes()
    header, entries = read_capture(source, name)
    written, without_place = write_capture(header, entries)
    assert without_place == 0
    assert read_capture(written)[1] == entries
    ones, others = read_raw_capture(source), read_raw_capture(written)
    assert others.messages == ones.messages
    assert others.header.captured_at == ones.header.captured_at


def test_its_header_says_of_what_it_is() -> None:
    header, entries = read_capture((FOLDER / "bursts.jsonl").read_bytes())
    assert header.recorded == Timestamp.parse("2026-11-23T01:54:23.096Z")
    assert (header.url, header.scenario) == ("ws://127.0.0.1:18100/ws", "bursts")
    assert header.server.startswith("PeerVault 51a68c2")
    assert header.note.startswith("converted from raw-ws-capture. One line per")
    assert isinstance(entries[-1], Close)
    assert sum(isinstance(entry, Message) and entry.fragments is not None for entry in entries) == 28


def test_each_kind_is_what_it_was_and_times_are_in_order() -> None:
    lines = [
        b'{"t":2,"dir":"in","opcode":"close","data":"1000 bye"}',
        b'{"t":1,"dir":"in","opcode":"ping","data":""}',
        b'{"t":1,"dir":"out","opcode":"pong","data":"x"}',
        b'{"t":3,"dir":"out","opcode":"binary","data":"x"}',
    ]
    entries = read_capture(HEADER + b"\n".join(lines))[1]
    assert entries == [
        Ping(1_000_000, "recv"),
        Pong(1_000_000, "send", b"x"),
        Close(2_000_000, "recv", 1000, "bye"),
        Message(3_000_000, "send", b"x", opcode="binary"),
    ]


def test_a_capture_that_was_cut_short_says_so() -> None:
    assert "it was cut short" in read_capture(HEADER + b'{"t":')[0].note


def test_what_has_no_place_in_it_is_counted() -> None:
    entries: list[Entry] = [
        Open(0),
        Message(0, "recv", b"\xff"),
        Message(0, "recv", b"x", 2),
        Mark(0, "m"),
        Gap(0, "x"),
    ]
    assert write_capture(read_capture(HEADER)[0], entries)[1] == 5


def test_a_control_frame_that_is_too_long_is_told() -> None:
    line = b'{"t":1,"dir":"in","opcode":"ping","data":"%b"}' % (b"x" * 126)
    with pytest.raises(InputError, match=r"^x:2: data: expected a payload of at most 125 bytes$"):
        read_capture(HEADER + line, "x")


SMALL = b"".join((FOLDER / "bursts.jsonl").read_bytes().splitlines(keepends=True)[:8])


@given(st.binary() | damaged(SMALL))
def test_any_file_is_read_or_refused_with_file_and_line(source: bytes) -> None:
    read_or_refused(read_capture, source)


def test_a_file_cut_anywhere_is_read_or_refused_with_file_and_line() -> None:
    source = SMALL[:2_000]
    for length in range(len(source)):
        read_or_refused(read_capture, source[:length])
