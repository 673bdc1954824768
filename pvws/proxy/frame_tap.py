"""One direction of a WebSocket, read from a copy of its bytes by websockets' sans-I/O parser."""

from collections.abc import Generator, Sequence
from typing import TypeAlias

from msgspec import Struct
from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.extensions import Extension
from websockets.frames import Close, Frame, Opcode
from websockets.streams import StreamReader

__all__ = ["MESSAGE_BYTES_MAX", "FrameTap", "Seen", "SeenClose", "SeenControl", "SeenMessage", "Unseen"]

MESSAGE_BYTES_MAX = 64 * 1_048_576
"""Of a message, or of its parts so far, that is kept: 64 times the documented maximum. What is larger just passes."""


class SeenMessage(Struct, frozen=True):
    """A whole message. `fragments` are the sizes of its frames, decompressed, where there were several."""

    payload: bytes
    binary: bool
    fragments: tuple[int, ...] | None = None


class SeenControl(Struct, frozen=True):
    """A ping or a pong."""

    opcode: Opcode
    payload: bytes


class SeenClose(Struct, frozen=True):
    """A close frame; without a code its `code` is None. What is no legal close frame says so in `reason`."""

    code: int | None
    reason: str


class Unseen(Struct, frozen=True):
    """From here on this direction passes unseen, for a reason."""

    why: str


Seen: TypeAlias = SeenMessage | SeenControl | SeenClose | Unseen
"""What a direction has brought."""


class FrameTap:
    """Tells what frames come by. It goes on reading behind a close frame, and takes what the RFC forbids where it can
    be understood: what a client or server does wrong is just what somebody wants to see.

    `masked` is true for what clients send. `extensions` decode, the last one first.
    """

    def __init__(self, *, masked: bool, extensions: Sequence[Extension] = (), most: int = MESSAGE_BYTES_MAX) -> None:
        self._masked = masked
        self._extensions = extensions
        self._most = most
        self._stream = StreamReader()
        self._seen: list[Seen] = []
        self._parts: list[bytes] = []
        self._size = 0
        self._binary = False
        self._blind = False
        self._within = False
        self._reading = self._read()
        next(self._reading)

    @property
    def between_frames(self) -> bool:
        """Whether a frame of somebody else's could be put in here."""
        return not self._blind and not self._within and not self._stream.buffer

    @property
    def between_messages(self) -> bool:
        """Whether whoever begins to read here reads the same."""
        return self.between_frames and not self._parts

    def feed(self, data: bytes) -> list[Seen]:
        """Take a copy of bytes that came by; what they have completed."""
        if self._blind:
            return []
        self._stream.feed_data(data)
        next(self._reading, None)
        seen, self._seen = self._seen, []
        return seen

    def _read(self) -> Generator[None, None, None]:
        try:
            while True:
                frame = yield from Frame.parse(
                    self._exactly, mask=self._masked, max_size=self._most, extensions=self._extensions
                )
                self._within = False
                self._take(frame)
        except PayloadTooBig:
            self._give_up(f"a message of more than {self._most:,} bytes")
        except ProtocolError as error:
            self._give_up(f"no frame of RFC 6455 ({error})")

    def _exactly(self, size: int) -> Generator[None, None, bytearray]:
        data = yield from self._stream.read_exact(size)
        self._within = True
        return data

    def _take(self, frame: Frame) -> None:
        match frame.opcode:
            case Opcode.PING | Opcode.PONG:
                self._seen.append(SeenControl(frame.opcode, bytes(frame.data)))
            case Opcode.CLOSE:
                self._seen.append(_close(bytes(frame.data)))
            case _:
                self._take_data(frame)

    def _take_data(self, frame: Frame) -> None:
        if frame.opcode is not Opcode.CONT:
            if self._parts:
                raise ProtocolError("a new message before the last one's end")
            self._binary = frame.opcode is Opcode.BINARY
        elif not self._parts:
            raise ProtocolError("a continuation of nothing")
        self._parts.append(bytes(frame.data))
        self._size += len(frame.data)
        if self._size > self._most:
            raise PayloadTooBig(self._size, self._most)
        if frame.fin:
            parts, self._parts, self._size = self._parts, [], 0
            sizes = tuple(map(len, parts)) if len(parts) > 1 else None
            self._seen.append(SeenMessage(b"".join(parts), self._binary, sizes))

    def _give_up(self, why: str) -> None:
        self._blind = True
        self._seen.append(Unseen(why))
        self._parts.clear()
        self._stream = StreamReader()


def _close(data: bytes) -> SeenClose:
    if not data:
        return SeenClose(None, "")
    if len(data) == 1:
        return SeenClose(None, f"(one byte, {data.hex()})")
    code = int.from_bytes(data[:2], "big")
    try:  # RFC 6455, section 7.4: also codes that may not be sent are told
        return SeenClose(code, Close.parse(data).reason)
    except (ProtocolError, UnicodeDecodeError):
        return SeenClose(code, data[2:].decode(errors="backslashreplace"))
