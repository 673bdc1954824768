"""A server's frames cut out of its bytes, and the texts out of them. Pure, and as quick as it can be in one thread."""

import zlib
from typing import NamedTuple

from pvws.wire.frames import Opcode

__all__ = ["Cut", "MessageReader"]

_FINAL, _COMPRESSED, _OPCODE = 0x80, 0x40, 0x0F
_TAIL = b"\x00\x00\xff\xff"  # RFC 7692, section 7.2.2: what the sender has cut off


class Cut(NamedTuple):
    """A frame: how many bytes it had on the wire, its opcode, its payload, and the texts of the message it completes.

    A message that the shipped server has joined out of several, by newlines, holds that many texts.
    """

    size: int
    opcode: int
    payload: bytes
    texts: list[bytes]

    @property
    def is_control(self) -> bool:
        """Whether it stands between messages and is no part of them."""
        return self.opcode >= Opcode.CLOSE


class MessageReader:
    """Reads the frames of one connection. Compressed messages must stand each for themselves (no context takeover)."""

    __slots__ = ("_compressed", "_parts", "_rest")

    def __init__(self) -> None:
        self._rest = b""
        self._parts: list[bytes] = []
        self._compressed = False

    @property
    def within_message(self) -> bool:
        """Whether the last whole frame was a fragment of a message that goes on."""
        return bool(self._parts)

    @property
    def rest(self) -> bytes:
        """What was fed beyond the last whole frame."""
        return self._rest

    def feed(self, data: bytes) -> list[Cut]:
        """The frames that these bytes complete."""
        data = self._rest + data
        cuts: list[Cut] = []
        place, size = 0, len(data)
        while size - place >= 2:
            first, length, head = data[place], data[place + 1], 2
            if length >= 126:
                head = 4 if length == 126 else 10
                length = int.from_bytes(data[place + 2 : place + head], "big")
            end = place + head + length
            if end > size:
                break
            cuts.append(self._cut(first, data[place + head : end], end - place))
            place = end
        self._rest = data[place:]
        return cuts

    def _cut(self, first: int, payload: bytes, size: int) -> Cut:
        opcode = first & _OPCODE
        if opcode >= Opcode.CLOSE:
            return Cut(size, opcode, payload, [])
        if opcode != Opcode.CONTINUATION:
            self._compressed = bool(first & _COMPRESSED)
        if not first & _FINAL:
            self._parts.append(payload)
            return Cut(size, opcode, payload, [])
        if self._parts:
            payload = b"".join((*self._parts, payload))
            self._parts = []
        if self._compressed:
            try:
                payload = zlib.decompressobj(-zlib.MAX_WBITS).decompress(payload + _TAIL)
            except zlib.error:
                return Cut(size, opcode, payload, [payload])  # what can't be read is a text that nobody else has
        return Cut(size, opcode, payload, payload.split(b"\n"))
