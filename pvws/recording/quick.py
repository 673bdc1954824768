"""The quick way from a recording's lines to what is replayed: for lines as they are nearly always written.

A line is decoded once, with the topic and the type of its message, and the message cut out of it by its place.
"""

from collections.abc import Callable
from typing import Literal

import msgspec
from msgspec import Struct

from pvws.sim.agenda import Instant
from pvws.sim.source import Timed
from pvws.wire.topics import TOPICS

__all__ = ["Quick"]

_TOPICS = frozenset(topic.value for topic in TOPICS)
_SECONDS_MAX = 1_000_000_000  # as the format has it
_MESSAGE = b'"message":'
_SECOND = b'},"message":'


class _Envelope(Struct, gc=False):
    type: str = ""
    topic: str = ""


class _Line(Struct, gc=False, forbid_unknown_fields=True):
    t: float
    dir: Literal["send", "recv"]
    message: _Envelope


_decode_lines = msgspec.json.Decoder(_Line).decode_lines


class Quick:
    """Makes the events of a chunk of lines, `start` being the instant at t = 0 and `sequence` the next number.

    `other` makes what a message is given out as that is not one event of a known topic, or nothing.
    """

    def __init__(self, start: Instant, sequence: int, other: Callable[[Instant, int, bytes], Timed | None]) -> None:
        self._start = start
        self._other = other
        self.sequence = sequence
        """The number of the next event."""
        self.off = False
        """Whether it is to know no line any more: what several connections received is given out but once."""

    def __call__(self, chunk: bytes, previous: int) -> tuple[list[Timed], int, int] | None:
        """The events, the time of the last line and how many there are.

        None where some line is written in another way, or is wrong.
        """
        if self.off:
            return None
        try:
            if not chunk.isascii():
                chunk.decode()
            if _SECOND in chunk:  # what may be a second message in a line
                return None
            decoded = _decode_lines(chunk)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None
        if chunk.count(b"\n") + 1 != len(decoded):  # blank lines
            return None
        made: list[Timed] = []
        append, find, start, sequence = made.append, chunk.find, self._start, self.sequence
        before = 0  # bytes of the chunk
        for line in decoded:
            # The other two keys stand before the message, or the line would not end with its brace and its own.
            place = find(_MESSAGE, before) + len(_MESSAGE)
            end = find(b"\n", place)
            if end < 0:
                end = len(chunk)
            t = int(line.t * 1_000_000 + 0.5)
            if t < previous or chunk[end - 2 : end] != b"}}":
                return None
            previous, before = t, end + 1
            if line.dir == "send":
                continue
            message = line.message
            topic, data = message.topic, chunk[place : end - 1]
            if topic in _TOPICS and message.type:
                append(Timed(start + t, sequence, topic, message.type, data))
            elif (other := self._other(start + t, sequence, data)) is not None:
                append(other)
            else:
                continue
            sequence += 1
        if previous > _SECONDS_MAX * 1_000_000:
            return None
        self.sequence = sequence
        return made, previous, len(decoded)
