"""The quick way from a recording's lines to what is replayed: for lines as they are nearly always written.

The lines of a chunk are decoded together, their messages left as they stand; of each only topic and type are read then.
"""

from collections.abc import Callable
from typing import Literal

import msgspec
from msgspec import Raw, Struct

from pvws.sim.agenda import Instant
from pvws.sim.source import Timed, Verbatim
from pvws.wire.topics import TOPICS

__all__ = ["Quick"]

_TOPICS = {topic.value: (topic.value,) for topic in TOPICS}
_SECONDS_MAX = 1_000_000_000  # as the format has it


class _Envelope(Struct, gc=False):
    type: str = ""
    topic: str = ""


class _Line(Struct, gc=False, forbid_unknown_fields=True):
    t: float
    dir: Literal["send", "recv"]
    message: Raw


_decode_lines = msgspec.json.Decoder(_Line).decode_lines
_decode_envelope = msgspec.json.Decoder(_Envelope).decode


class Quick:
    """Makes the events of a chunk of lines, `start` being the instant at t = 0 and `sequence` the next number.

    `other` makes what a message is given out as that is not one event of a known topic, or nothing. With `exact` those
    that are go out as they stand as well.
    """

    def __init__(
        self,
        start: Instant,
        sequence: int,
        other: Callable[[Instant, int, bytes], Timed | None],
        *,
        exact: bool = False,
    ) -> None:
        self._start = start
        self._other = other
        self._exact = exact
        self.sequence = sequence
        """The number of the next event."""
        self.left_out = 0
        """Messages of which `other` made nothing."""
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
                chunk.decode()  # what is left as it is, is not looked at by the decoder
            decoded = _decode_lines(chunk)
            if chunk.count(b"\n") + 1 != len(decoded):  # blank lines
                return None
            return self._made(decoded, previous)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None

    def _made(self, lines: list[_Line], previous: int) -> tuple[list[Timed], int, int] | None:
        made: list[Timed] = []
        # Of hundreds of thousands of lines a second: nothing is called here that need not be.
        append, decode, topics, start, sequence = made.append, _decode_envelope, _TOPICS, self._start, self.sequence
        exact, left_out = self._exact, 0
        for line in lines:
            t = int(line.t * 1_000_000 + 0.5)
            if t < previous:
                return None
            previous = t
            if line.dir == "send":
                continue
            message = line.message
            envelope = decode(message)
            topic, kind = envelope.topic, envelope.type
            if topic in topics and kind:
                if exact:
                    append(Verbatim(start + t, sequence, topic, kind, bytes(message), topics[topic]))
                else:
                    append(Timed(start + t, sequence, topic, kind, bytes(message)))
            elif (other := self._other(start + t, sequence, bytes(message))) is not None:
                append(other)
            else:
                left_out += 1
                continue
            sequence += 1
        if previous > _SECONDS_MAX * 1_000_000:
            return None
        self.sequence = sequence
        self.left_out += left_out
        return made, previous, len(lines)
