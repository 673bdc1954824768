"""Frames, against the parser and the serializer of the websockets library."""

from collections.abc import Generator

import pytest
from websockets.frames import Close, CloseCode, Frame
from websockets.frames import Opcode as TheirOpcode
from websockets.streams import StreamReader

from pvws.wire.frames import Opcode, close_frame, data_frame, ping_frame, pong_frame, text_frame

EDGES = (0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 1_048_576)


def parsed(data: bytes) -> Frame:
    """What the library reads from exactly these bytes."""
    reader = StreamReader()
    reader.feed_data(data)
    reading: Generator[None, None, Frame] = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as done:
        next(reading)
    reader.feed_eof()
    assert not reader.buffer, "the frame ends where the bytes do"
    frame: Frame = done.value.value
    return frame


@pytest.mark.parametrize("length", EDGES)
@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize("opcode", [Opcode.TEXT, Opcode.BINARY, Opcode.CONTINUATION])
def test_a_data_frame_is_what_the_library_would_write(opcode: Opcode, length: int, final: bool) -> None:
    payload = bytes(index % 251 for index in range(length))
    theirs = Frame(TheirOpcode(opcode), payload, fin=final)
    ours = data_frame(opcode, payload, final=final)
    assert ours == theirs.serialize(mask=False)
    assert parsed(ours) == theirs


@pytest.mark.parametrize("length", [0, 1, 125])
def test_control_frames_are_what_the_library_would_write(length: int) -> None:
    payload = b"p" * length
    assert ping_frame(payload) == Frame(TheirOpcode.PING, payload).serialize(mask=False)
    assert pong_frame(payload) == Frame(TheirOpcode.PONG, payload).serialize(mask=False)


def test_a_ping_without_payload_is_two_bytes() -> None:
    assert ping_frame() == b"\x89\x00"


def test_a_text_frame_is_whole_and_unmasked() -> None:
    frame = parsed(text_frame("{·}".encode()))
    assert (frame.opcode, frame.fin, frame.data) == (TheirOpcode.TEXT, True, "{·}".encode())
    assert text_frame(b"{}") == b"\x81\x02{}"


@pytest.mark.parametrize(
    ("code", "reason"), [(1000, ""), (1001, "bye"), (1008, "no pong"), (1013, "slow consumer"), (4999, "é" * 61)]
)
def test_a_close_frame_carries_its_code_and_reason(code: int, reason: str) -> None:
    frame = parsed(close_frame(code, reason))
    assert frame.opcode is TheirOpcode.CLOSE
    assert Close.parse(frame.data) == Close(code, reason)
    assert frame.data == Close(CloseCode(code) if code < 4000 else code, reason).serialize()


def test_a_close_frame_without_a_code_is_empty() -> None:
    assert close_frame() == b"\x88\x00"
    assert Close.parse(parsed(close_frame()).data) == Close(CloseCode.NO_STATUS_RCVD, "")


@pytest.mark.parametrize("make", [lambda: ping_frame(b"p" * 126), lambda: pong_frame(b"p" * 126)])
def test_a_control_frame_that_is_too_long_is_our_own_mistake(make: object) -> None:
    assert callable(make)
    with pytest.raises(AssertionError, match="at most 125 bytes"):
        make()


def test_a_close_reason_that_is_too_long_or_has_no_code_is_our_own_mistake() -> None:
    with pytest.raises(AssertionError, match="at most 125 bytes"):
        close_frame(1000, "é" * 62)
    with pytest.raises(AssertionError, match="needs a code"):
        close_frame(None, "why")


def test_opcodes_are_those_of_the_rfc() -> None:
    assert {code.name: code.value for code in Opcode} == {
        "CONTINUATION": 0,
        "TEXT": 1,
        "BINARY": 2,
        "CLOSE": 8,
        "PING": 9,
        "PONG": 10,
    }
