"""How messages become bytes on a connection: plain frames, or compressed ones that all of a window size share."""

import zlib
from collections.abc import Sequence
from typing import Protocol

from pvws.sim.source import Timed
from pvws.wire.frames import Opcode, compressed_frame, data_frame, text_frame

__all__ = ["Deflate", "Encoder", "Plain"]


class Encoder(Protocol):
    """What subscribers with the same encoding share. An audience's log holds what `event` makes."""

    def event(self, event: Timed) -> bytes:
        """What the log keeps of an event, made once however many subscribe."""
        ...

    def reply(self, payload: bytes, opcode: Opcode) -> bytes:
        """The same of a message for one client."""
        ...

    def joined(self, kept: Sequence[bytes]) -> bytes:
        """The bytes to write for what the log kept, in order."""
        ...


class Plain:
    """One uncompressed frame a message."""

    def event(self, event: Timed) -> bytes:
        """A frame."""
        return text_frame(event.text)

    def reply(self, payload: bytes, opcode: Opcode) -> bytes:
        """A frame."""
        return data_frame(opcode, payload)

    def joined(self, kept: Sequence[bytes]) -> bytes:
        """The frames, one behind the other."""
        return b"".join(kept)


class Deflate(Plain):
    """permessage-deflate (RFC 7692) without context takeover, so that one compressed frame serves every client.

    `window` is the base-two logarithm of the window, 9 to 15; shorter messages than `threshold` bytes, and replies,
    which differ from client to client, go uncompressed.
    """

    def __init__(self, window: int, threshold: int) -> None:
        self._window = window
        self._threshold = threshold

    def event(self, event: Timed) -> bytes:
        """A frame, compressed if that is worth it."""
        if len(event.text) < self._threshold:
            return text_frame(event.text)
        # Made anew for each message, so that nothing is held between two: level 1, the quickest.
        compressor = zlib.compressobj(1, zlib.DEFLATED, -self._window, 8)
        data = compressor.compress(event.text) + compressor.flush(zlib.Z_SYNC_FLUSH)
        return compressed_frame(data[:-4])  # section 7.2.1: without the empty block's 00 00 FF FF
