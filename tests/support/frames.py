"""Frames taken apart again, for tests of what makes them."""

from collections.abc import Iterable
from typing import NamedTuple

from websockets.frames import Opcode


class Seen(NamedTuple):
    """A frame as a client sees it."""

    opcode: Opcode
    final: bool
    payload: bytes


def frames_in(data: bytes) -> list[Seen]:
    """The frames in a stretch of bytes: whole, unmasked, without reserved bits, in the shortest form."""
    frames = []
    while data:
        first, length, start = data[0], data[1], 2
        assert not first & 0x70, "no reserved bit"
        if length == 126:
            length, start = int.from_bytes(data[2:4], "big"), 4
            assert length > 125
        elif length == 127:
            length, start = int.from_bytes(data[2:10], "big"), 10
            assert length > 0xFFFF
        payload = data[start : start + length]
        assert len(payload) == length, "whole"
        frames.append(Seen(Opcode(first & 0x0F), bool(first & 0x80), payload))
        data = data[start + length :]
    return frames


def messages_in(data: bytes) -> list[list[Seen]]:
    """The same as messages, each by its frames; control frames, which may come in between, left out."""
    messages: list[list[Seen]] = []
    within = False
    for frame in frames_in(data):
        if frame.opcode in (Opcode.PING, Opcode.PONG, Opcode.CLOSE):
            assert frame.final
            continue
        assert (frame.opcode is Opcode.CONT) is within, "continuations within a message and nowhere else"
        if not within:
            messages.append([])
        messages[-1].append(frame)
        within = not frame.final
    assert not within, "the last message is whole"
    return messages


def payloads_in(frames: Iterable[bytes]) -> list[bytes]:
    """What each of these, a frame each, holds."""
    seen = [frames_in(frame) for frame in frames]
    assert all(len(each) == 1 for each in seen), "a frame each"
    return [each[0].payload for each in seen]
