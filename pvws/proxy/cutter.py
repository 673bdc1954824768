"""Frames out of bytes as they come, each with its own bytes, so that it can pass as it came or not at all."""

from collections.abc import Iterator

from msgspec import Struct
from websockets.frames import Opcode

from pvws.proxy.frame_tap import MESSAGE_BYTES_MAX

__all__ = ["Cut", "Cutter"]

_FIN = 0x80
_OPCODE = 0x0F
_MASKED = 0x80
_LENGTH = 0x7F


class Cut(Struct, frozen=True):
    """One frame: `raw` is all of it, `payload` what it carries, masked if it was."""

    opcode: int
    final: bool
    payload: bytes
    raw: bytes

    @property
    def is_control(self) -> bool:
        """Whether it is a ping, a pong or a close frame."""
        return self.opcode >= Opcode.CLOSE.value


class Cutter:
    """Cuts one direction of a WebSocket. What can't be a frame of bearable size ends it: from there on `blind` is true,
    and everything comes as a `Cut` of no opcode.
    """

    def __init__(self, most: int = MESSAGE_BYTES_MAX) -> None:
        self._most = most
        self._buffer = bytearray()
        self.blind = False
        """Whether frames can't be told from each other any more."""

    @property
    def between_frames(self) -> bool:
        """Whether a frame of somebody else's could be put in here."""
        return not self.blind and not self._buffer

    def feed(self, data: bytes) -> Iterator[Cut]:
        """Take bytes; the frames that they complete."""
        self._buffer += data
        while not self.blind:
            length = self._length()
            if length is None or len(self._buffer) < sum(length):
                break
            head, size = length
            raw = bytes(self._buffer[: head + size])
            del self._buffer[: head + size]
            yield Cut(raw[0] & _OPCODE, bool(raw[0] & _FIN), raw[head:], raw)
        if self.blind and self._buffer:
            raw = bytes(self._buffer)
            self._buffer.clear()
            yield Cut(-1, True, raw, raw)  # noqa: FBT003 - as the others

    def _length(self) -> tuple[int, int] | None:
        """The bytes of the next frame's head and of its payload; None until they can be told."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        short, head = buffer[1] & _LENGTH, 2
        if short > 125:
            head += 2 if short == 126 else 8
            if len(buffer) < head:
                return None
        size = short if head == 2 else int.from_bytes(buffer[2:head], "big")
        if buffer[0] & _OPCODE not in _KNOWN or size > self._most:
            self.blind = True
            return None
        return head + (4 if buffer[1] & _MASKED else 0), size


_KNOWN = frozenset(int(opcode) for opcode in Opcode)
