"""Frames of a client that may be wrong on purpose, and a lenient reader of a server's frames. Pure.

`pvws.wire.frames` makes right frames for servers; here everything that RFC 6455 forbids can be made as well, and
what a server does wrong is kept for a rule to judge instead of being refused.
"""

from msgspec import Struct
from websockets.utils import apply_mask

from pvws.wire.frames import Opcode

__all__ = ["Frame", "client_frame", "is_control", "take_frame"]

_MASK = bytes.fromhex("37fa213d")  # the one of the RFC's examples (section 5.7); any would do


class Frame(Struct, frozen=True):
    """One frame as it came; `reserved` holds RSV1 to RSV3 as the bits 4, 2 and 1."""

    opcode: int
    payload: bytes
    final: bool = True
    reserved: int = 0
    masked: bool = False


def client_frame(
    opcode: int,
    payload: bytes = b"",
    *,
    final: bool = True,
    reserved: int = 0,
    mask: bool = True,
    announced: int | None = None,
) -> bytes:
    """The bytes of a frame, right unless it is asked to be wrong; `announced` is another length than the payload's."""
    length = len(payload) if announced is None else announced
    head = bytes((final << 7 | reserved << 4 | opcode,))
    masked = mask << 7
    if length < 126:
        head += bytes((masked | length,))
    elif length < 65_536:
        head += bytes((masked | 126,)) + length.to_bytes(2, "big")
    else:
        head += bytes((masked | 127,)) + length.to_bytes(8, "big")
    return head + _MASK + apply_mask(payload, _MASK) if mask else head + payload


def take_frame(data: bytearray) -> Frame | None:
    """Take the first frame off the data; None, and nothing taken, while it isn't whole."""
    if len(data) < 2:
        return None
    masked, length, at = bool(data[1] & 0x80), data[1] & 0x7F, 2
    if length >= 126:
        at = 4 if length == 126 else 10
        length = int.from_bytes(data[2:at], "big")
    end = at + 4 * masked + length
    if len(data) < end:
        return None
    payload = bytes(data[end - length : end])
    if masked:
        payload = apply_mask(payload, bytes(data[at : at + 4]))
    frame = Frame(data[0] & 0x0F, payload, bool(data[0] & 0x80), data[0] >> 4 & 7, masked)
    del data[:end]
    return frame


def is_control(opcode: int) -> bool:
    """Whether frames of this opcode may stand between the fragments of a message (RFC 6455, section 5.5)."""
    return opcode >= Opcode.CLOSE
