"""What a server sends, on its way to a client through the faults that touch that client. Without I/O."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct
from websockets.frames import Opcode

from pvws.client.inference import BROADCAST, types_of
from pvws.proxy.cutter import Cut, Cutter
from pvws.proxy.frame_tap import MESSAGE_BYTES_MAX
from pvws.scenario.faults.chain import Chain
from pvws.scenario.faults.message import Message
from pvws.server.encoder import frames_of
from pvws.sim.agenda import Instant
from pvws.wire.events import EVENT_TYPES

__all__ = ["Sieve", "message_of"]

_REPLIES = ("pong", "error")


class _Envelope(Struct, gc=False):
    type: str = ""
    topic: str = ""
    data: Raw = Raw(b"")


_decode = msgspec.json.Decoder(_Envelope).decode
_decode_data = msgspec.json.Decoder(dict[str, Any]).decode


def message_of(payload: bytes, *, binary: bool = False, fragments: tuple[int, ...] | None = None) -> Message:
    """A server's message as faults see it: of which topic and type it is, as far as that can be told, in either
    profile.
    """
    try:
        envelope = _decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        envelope = _Envelope()
    kind, topic = envelope.type, envelope.topic
    if kind in _REPLIES:
        return Message(payload, "reply", type=kind, binary=binary, fragments=fragments)
    if kind == BROADCAST:
        kinds = types_of(topic, _data(envelope.data))
        kind = kinds[0] if len(kinds) == 1 else ""
    elif kind in EVENT_TYPES:
        topic = topic or EVENT_TYPES[kind].topic
    topics = (topic,) if topic else ()
    return Message(payload, topics=topics, type=kind, events=1, binary=binary, fragments=fragments)


def _data(raw: Raw) -> Mapping[str, object]:
    try:
        return _decode_data(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


class Sieve:
    """Takes the server's bytes behind its 101, and gives those for the client. What no fault is about passes byte for
    byte. Times are microseconds that never fall.

    Order of calls: `feed` as bytes come, `release` whenever something is `due`, `flush` in the end.
    """

    def __init__(self) -> None:
        self.chain = Chain()
        """The faults on the way."""
        self.muted = False
        """Whether the server's control pongs are kept from the client."""
        self.pause = False
        """Whether what has passed so far is to leave before what follows is looked at."""
        self._cutter = Cutter()
        self._parts: list[Cut] = []
        self._size = 0
        self._within = False  # a message of which the client has got a part

    @property
    def between_messages(self) -> bool:
        """Whether a message of ours could be put in here."""
        return not self._cutter.blind and not self._within

    def feed(self, data: bytes, now: Instant) -> Iterator[bytes]:
        """The server has sent bytes; what leaves for the client now, in pieces between which something is to be done:
        whoever is called from within sets `pause` for that.
        """
        out = bytearray(self.release(now))
        for cut in self._cutter.feed(data):
            if cut.opcode == Opcode.PONG and self.muted:
                continue
            if not self.chain or cut.opcode < 0:
                out += self._passed(cut)
            elif cut.is_control:
                out += self._taken(Message(cut.raw, "control"), now)
            else:
                out += self._data_frame(cut, now)
            if self.pause:
                self.pause = False
                yield bytes(out)
                out.clear()
        yield bytes(out)

    def due(self) -> Instant | None:
        """When something is to leave by itself."""
        return self.chain.due()

    def release(self, now: Instant) -> bytes:
        """What is due by now."""
        return _framed(self.chain.release(now)) if self.chain else b""

    def remove(self, name: str, now: Instant) -> bytes:
        """A fault ends: what it held and leaves now."""
        return _framed(self.chain.remove(name, now))

    def flush(self, now: Instant) -> bytes:
        """Everything that is held."""
        return _framed(self.chain.flush(now))

    @property
    def holds(self) -> bool:
        """Whether faults hold something."""
        return self.chain.waiting()[0] > 0

    def _passed(self, cut: Cut) -> bytes:
        """The bytes of a frame that no fault is about, behind those of its message that were kept."""
        kept, self._parts = self._parts, []
        if not cut.is_control:
            self._within = not cut.final
        return b"".join([*(part.raw for part in kept), cut.raw])

    def _data_frame(self, cut: Cut, now: Instant) -> bytes:
        if not self._parts and cut.opcode == Opcode.CONT:
            return self._passed(cut)  # of a message that began before there was a fault
        self._parts.append(cut)
        self._size += len(cut.payload)
        if not cut.final and self._size <= MESSAGE_BYTES_MAX:
            return b""
        parts, self._parts, self._size = self._parts, [], 0
        if not cut.final:  # what is larger just passes, and what follows of it
            self._within = True
            return b"".join(part.raw for part in parts)
        sizes = tuple(len(part.payload) for part in parts) if len(parts) > 1 else None
        payload = b"".join(part.payload for part in parts)
        message = message_of(payload, binary=parts[0].opcode == Opcode.BINARY, fragments=sizes)
        return self._taken(message, now)

    def _taken(self, message: Message, now: Instant) -> bytes:
        return _framed(self.chain.take(message, now))


def _framed(messages: Iterable[Message]) -> bytes:
    return b"".join(message.text if message.kind == "control" else frames_of(message) for message in messages)
