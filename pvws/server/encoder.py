"""How messages become bytes on a connection: plain frames, or compressed ones that all of a window size share."""

import zlib
from collections.abc import Sequence
from typing import Protocol

from pvws.scenario.faults.message import Message
from pvws.sim.source import Timed, Verbatim
from pvws.wire.frames import Opcode, compressed_frame, cut, data_frame, text_frame
from pvws.wire.profiles import Quirks
from pvws.wire.upstream import upstream_frames, upstream_text

__all__ = ["Deflate", "Encoder", "Plain", "ReadyFrame", "Upstream", "frames_of", "verbatim_frames"]


class ReadyFrame(bytes):
    """A frame that goes as it is, between messages that are still to be joined and cut."""


class Encoder(Protocol):
    """What subscribers with the same encoding share. An audience's log holds what `event` makes."""

    def event(self, event: Timed) -> bytes:
        """What the log keeps of an event, made once however many subscribe."""
        ...

    def reply(self, payload: bytes, opcode: Opcode) -> bytes:
        """The same of a message for one client."""
        ...

    def control(self, frame: bytes) -> bytes:
        """The same of a control frame."""
        ...

    def said(self, event: Timed) -> bytes:
        """The text of an event as its profile has it, before it is made a frame."""
        ...

    def message(self, message: Message) -> bytes:
        """What is to be kept of a message that has come past faults."""
        ...

    def joined(self, kept: Sequence[bytes]) -> bytes:
        """The bytes to write for what the log kept, in order."""
        ...


def verbatim_frames(event: Timed) -> bytes:
    """The frames of a message that goes as it stands."""
    assert isinstance(event, Verbatim), "every other event is made by its encoder"
    opcode = Opcode.BINARY if event.binary else Opcode.TEXT
    return data_frame(opcode, event.text) if event.fragments is None else cut(opcode, event.text, event.fragments)


def frames_of(message: Message) -> bytes:
    """The uncompressed frames of a message that has come past faults."""
    opcode = Opcode.BINARY if message.binary else Opcode.TEXT
    sizes: Sequence[int] | None = message.fragments
    if message.frame_size is not None:
        sizes = _evenly(len(message.text), message.frame_size)
    if sizes is None:
        return data_frame(opcode, message.text)
    return cut(opcode, message.text, sizes, illegal=message.illegal)


class Plain:
    """One uncompressed frame a message."""

    def event(self, event: Timed) -> bytes:
        """A frame; of a verbatim message as many as it says."""
        return text_frame(event.text) if type(event) is Timed else verbatim_frames(event)

    def reply(self, payload: bytes, opcode: Opcode) -> bytes:
        """A frame."""
        return data_frame(opcode, payload)

    def control(self, frame: bytes) -> bytes:
        """The frame."""
        return frame

    def said(self, event: Timed) -> bytes:
        """The text as it is."""
        return event.text

    def message(self, message: Message) -> bytes:
        """A frame, or as many as it says."""
        return frames_of(message)

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
            return super().event(event)
        if isinstance(event, Verbatim) and (event.binary or event.fragments is not None):
            return verbatim_frames(event)
        return compressed_frame(self._compressed(event.text))

    def message(self, message: Message) -> bytes:
        """The same of what has come past faults: a message in fragments is compressed as a whole, then cut."""
        whole = message.binary or message.fragments is not None
        if message.kind != "event" or whole or len(message.text) < self._threshold:
            return frames_of(message)
        data = self._compressed(message.text)
        if message.frame_size is None:
            return compressed_frame(data)
        sizes = _evenly(len(data), message.frame_size)
        return cut(Opcode.TEXT, data, sizes, compressed=True, illegal=message.illegal)

    def _compressed(self, text: bytes) -> bytes:
        # Made anew for each message, so that nothing is held between two: level 1, the quickest.
        compressor = zlib.compressobj(1, zlib.DEFLATED, -self._window, 8)
        data = compressor.compress(text) + compressor.flush(zlib.Z_SYNC_FLUSH)
        return data[:-4]  # section 7.2.1: without the empty block's 00 00 FF FF


class Upstream:
    """The shipped server's way: texts are kept, and made frames when it is known which ones go together (B6 to B8)."""

    def __init__(self, quirks: Quirks) -> None:
        self._quirks = quirks

    def event(self, event: Timed) -> bytes:
        """The text that the shipped server would send; a verbatim message goes as it is, joined with no other."""
        if type(event) is not Timed:
            return ReadyFrame(verbatim_frames(event))
        return self.said(event)

    def said(self, event: Timed) -> bytes:
        """The text that the shipped server would send; of a verbatim message its own."""
        if type(event) is not Timed:
            return event.text
        return upstream_text(event.text, event.sequence, self._quirks, at=event.at)

    def message(self, message: Message) -> bytes:
        """The text, to be joined with others; what goes as it stands, or in frames of its own, is not."""
        if message.verbatim or message.binary or message.frame_size is not None:
            return ReadyFrame(frames_of(message))
        return message.text

    def reply(self, payload: bytes, opcode: Opcode) -> bytes:
        """The text, which the session has made; a binary message goes as it is."""
        return payload if opcode is Opcode.TEXT else ReadyFrame(data_frame(opcode, payload))

    def control(self, frame: bytes) -> bytes:
        """The frame, marked as one."""
        return ReadyFrame(frame)

    def joined(self, kept: Sequence[bytes]) -> bytes:
        """The texts joined and cut, and between them, or between two of their frames, what goes as it is."""
        frames: list[bytes] = []
        texts: list[bytes] = []
        for each in kept:
            if isinstance(each, ReadyFrame):
                message = upstream_frames(texts, self._quirks) if texts else []
                pong = each[0] & 0x0F == Opcode.PONG
                place = 1 if pong and len(message) > 1 and self._quirks.interleave_pongs else len(message)
                frames += [*message[:place], each, *message[place:]]
                texts = []
            else:
                texts.append(each)
        if texts:
            frames += upstream_frames(texts, self._quirks)
        return b"".join(frames)


def _evenly(length: int, size: int) -> list[int]:
    """The sizes of frames for so many bytes, none of more than a size."""
    return [min(size, length - start) for start in range(0, length, size)] or [0]
