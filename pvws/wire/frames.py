"""Frames as a server sends them: unmasked, so that one frame serves every subscriber (RFC 6455, section 5)."""

from collections.abc import Sequence
from enum import IntEnum

__all__ = ["Opcode", "close_frame", "compressed_frame", "cut", "data_frame", "ping_frame", "pong_frame", "text_frame"]

_FIN = 0x80
_RSV1 = 0x40


class Opcode(IntEnum):
    """RFC 6455, section 11.8."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


_TEXT = Opcode.TEXT | _FIN
_COMPRESSED_TEXT = _TEXT | _RSV1


def data_frame(opcode: Opcode, payload: bytes, *, final: bool = True) -> bytes:
    """One frame with the shortest length form that fits, as section 5.2 demands."""
    return _frame(opcode | _FIN if final else opcode, payload)


def compressed_frame(payload: bytes) -> bytes:
    """A whole text message in one frame whose payload is compressed (RFC 7692, section 6.1)."""
    return _frame(_COMPRESSED_TEXT, payload)


def _frame(first: int, payload: bytes) -> bytes:
    length = len(payload)
    if length < 126:
        return bytes((first, length)) + payload
    if length < 65_536:
        return bytes((first, 126, length >> 8, length & 0xFF)) + payload
    return bytes((first, 127)) + length.to_bytes(8, "big") + payload


def cut(
    opcode: Opcode, payload: bytes, sizes: Sequence[int], *, compressed: bool = False, illegal: bool = False
) -> bytes:
    """A message in several frames of these sizes (section 5.4); the mark of compression stands in the first alone.

    With `illegal` each frame is marked as the first of a message, which no client may take.
    """
    first = opcode | (_RSV1 if compressed else 0)
    frames, at, last = [], 0, len(sizes) - 1
    for place, size in enumerate(sizes):
        kind = first if not place or illegal else Opcode.CONTINUATION
        frames.append(_frame(kind | _FIN if place == last else kind, payload[at : at + size]))
        at += size
    return b"".join(frames)


def text_frame(text: bytes) -> bytes:
    """A whole text message, given as UTF-8, in one frame."""
    return _frame(_TEXT, text)


def ping_frame(payload: bytes = b"") -> bytes:
    """A control ping; at most 125 bytes of payload (section 5.5)."""
    return _control(Opcode.PING, payload)


def pong_frame(payload: bytes) -> bytes:
    """The answer to a control ping: the same payload (section 5.5.3)."""
    return _control(Opcode.PONG, payload)


def close_frame(code: int | None = None, reason: str = "") -> bytes:
    """A close frame; without a code it has no payload, and then a reason can't be given (section 5.5.1)."""
    assert code is not None or not reason, "a close reason needs a code"
    return _control(Opcode.CLOSE, b"" if code is None else code.to_bytes(2, "big") + reason.encode())


def _control(opcode: Opcode, payload: bytes) -> bytes:
    assert len(payload) <= 125, "control frames carry at most 125 bytes"
    return data_frame(opcode, payload)
