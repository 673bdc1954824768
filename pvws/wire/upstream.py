"""What the real server sends: from the documented text of a message to its own, and from texts to its frames.

Each quirk works by itself. B1 and the like are the rows of docs/upstream-profile.md.
"""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from pvws.timestamp import Timestamp
from pvws.wire.codec import encode_server_message
from pvws.wire.events import EVENT_TYPES
from pvws.wire.frames import Opcode, data_frame, text_frame
from pvws.wire.golang import go_json, go_timestamp, zone_named
from pvws.wire.messages import ErrorMessage, Pong
from pvws.wire.profiles import Quirks

__all__ = ["upstream_frames", "upstream_reply", "upstream_text"]

# The names under which a payload has an instant, whatever its type: `timestamp` and `lastHeartbeat`.
_INSTANTS = tuple(
    dict.fromkeys(
        field.encode_name
        for payload in EVENT_TYPES.values()
        for field in msgspec.structs.fields(payload)
        if field.type is Timestamp
    )
)

# gorilla/websocket keeps room for the longest frame header, mask included, in front of its write buffer.
_GORILLA_HEADER_BYTES = 14


class _Envelope(Struct, gc=False, rename="camel", forbid_unknown_fields=True):
    type: str
    timestamp: str
    topic: str | UnsetType = UNSET
    data: Raw | UnsetType = UNSET
    client_id: str | UnsetType = UNSET


_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def upstream_text(text: bytes, sequence: int, quirks: Quirks, *, at: int | None = None, to_all: bool = False) -> bytes:
    """What a server with these quirks sends instead of a documented text (`encode_event`, `encode_server_message`).

    With a topic it says `broadcast` (B1), unless it goes `to_all`: then it keeps its type and loses its topic (B2).
    Without a topic it keeps its type, so pongs and errors do. `at` is the instant, in microseconds since the epoch,
    of which the text has the milliseconds; the three digits below the microseconds are the end of `sequence`.

    What was not made by our encoder, since a scenario may send raw texts, is treated as far as it is alike. Any
    `type` and any `data` will do, and texts that already are the real server's come out as they went in. A timestamp
    is rewritten only where it has the contract's own form, so one that someone chose stands. And what is no such
    envelope, with its five fields and no others, is given back as it is: never an error.
    """
    if not (quirks.broadcast_envelope or quirks.go_json or quirks.go_timestamps):
        return text
    try:
        return _rewritten(_decode_envelope(text), _Stamp(sequence, quirks, at), quirks, to_all=to_all)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return text


def upstream_reply(message: Pong | ErrorMessage, sequence: int, quirks: Quirks) -> bytes:
    """The text of a message for one client; `sequence` as in `upstream_text`, of whatever the caller counts."""
    return upstream_text(encode_server_message(message), sequence, quirks, at=message.timestamp.micros)


class _Stamp:
    """Rewrites the instants of one message; with the quirk off it gives every value back."""

    __slots__ = ("_at", "_documented", "_nanos", "_zone")

    def __init__(self, sequence: int, quirks: Quirks, at: int | None) -> None:
        self._zone: tzinfo | None = zone_named(quirks.zone) if quirks.go_timestamps else None
        self._nanos = sequence % 1000
        self._at = at
        self._documented = None if at is None else Timestamp(at).text

    def __call__(self, value: Any) -> Any:
        if self._zone is None or not isinstance(value, str):
            return value
        if self._at is not None and value == self._documented:
            return go_timestamp(self._at, self._nanos, self._zone)
        try:
            instant = Timestamp.parse(value)
        except ValueError:
            return value
        return go_timestamp(instant.micros, self._nanos, self._zone) if instant.text == value else value


def _rewritten(envelope: _Envelope, stamp: _Stamp, quirks: Quirks, *, to_all: bool) -> bytes:
    """The envelope with its fields in the documented order, which is the real server's as well (B3)."""
    write = go_json if quirks.go_json else _encode
    kind, topic, data = envelope.type, envelope.topic, envelope.data
    if quirks.broadcast_envelope and topic is not UNSET:
        if to_all:
            topic = UNSET
        else:
            kind = "broadcast"
    parts = [b'{"type":', write(kind)]
    if topic is not UNSET and (topic or not quirks.go_json):
        parts += (b',"topic":', write(topic))
    if data is not UNSET and (bytes(data) != b"null" or not quirks.go_json):
        parts += (b',"data":', _data(data, stamp, quirks))
    parts += (b',"timestamp":', write(stamp(envelope.timestamp)))
    if envelope.client_id is not UNSET:
        parts += (b',"clientId":', write(envelope.client_id))
    return b"".join([*parts, b"}"])


def _data(data: Raw, stamp: _Stamp, quirks: Quirks) -> bytes:
    if not (quirks.go_json or quirks.go_timestamps):
        return bytes(data)
    value = _decode(data)
    if isinstance(value, dict):
        for name in _INSTANTS:
            if name in value:
                value[name] = stamp(value[name])
    return go_json(value) if quirks.go_json else _encode(value)


def upstream_frames(texts: Sequence[bytes], quirks: Quirks) -> list[bytes]:
    """The frames, each ready to be written, for the texts that a client is given in one write, in order.

    With `coalesce` they are joined by newlines into one message (B6), or into several where there are more than
    `queue` and one: the real server takes a first one from the queue and then what that still holds. With
    `fragment` a message is cut into frames (B7). Pongs to control pings may go between any two frames (B8).
    """
    if quirks.coalesce:
        together = len(texts) if quirks.queue is None else quirks.queue + 1
        messages = [texts[start : start + together] for start in range(0, len(texts), together or 1)]
    else:
        messages = [(text,) for text in texts]
    if quirks.fragment is None:
        return [text_frame(b"\n".join(message)) for message in messages]
    return [frame for message in messages for frame in _fragments(message, quirks.fragment)]


def _fragments(texts: Sequence[bytes], size: int) -> list[bytes]:
    """One message as gorilla/websocket 1.5.3 cuts it: the buffer is sent when it is full and more has come.

    So a message of exactly one buffer is one frame. A single write of more than twice the buffer, header included,
    goes out at once, behind what the buffer holds; then the frame that ends the message may be empty.
    """
    payloads: list[bytes] = []
    held = bytearray()
    for number, text in enumerate(texts):
        for piece in (b"\n", text) if number else (text,):
            if len(piece) > 2 * (size + _GORILLA_HEADER_BYTES):
                payloads.append(bytes(held) + piece)
                held.clear()
                continue
            start = 0
            while start < len(piece):
                if len(held) == size:
                    payloads.append(bytes(held))
                    held.clear()
                end = start + size - len(held)
                held += piece[start:end]
                start = end
    payloads.append(bytes(held))
    last = len(payloads) - 1
    return [
        data_frame(Opcode.CONTINUATION if number else Opcode.TEXT, payload, final=number == last)
        for number, payload in enumerate(payloads)
    ]
