"""From the text of a message to what it says, in either profile. Pure."""

from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from pvws.client.inference import BROADCAST, types_of
from pvws.errors import MessageError
from pvws.timestamp import Timestamp
from pvws.wire.codec import decode_payload, decode_server_message
from pvws.wire.events import EVENT_TYPES
from pvws.wire.messages import Event, ServerMessage

__all__ = ["Outline", "may_be_answer", "outline", "read_message"]

_BROADCAST_HEAD = f'{{"type":"{BROADCAST}"'
_HEAD = '{"type":"'  # how every message begins, from either server
_ANSWER_HEADS = ('{"type":"pong"', '{"type":"error"')
_ANSWER_CHARACTERS_MAX = 1024  # a longer text is none: an error has a sentence and a detail


class _Envelope(Struct, gc=False):
    type: str
    timestamp: str
    topic: str | UnsetType = UNSET
    data: Raw | UnsetType = UNSET


class Outline(NamedTuple):
    """What can be said of a text that is no message of the contract: its fields, as far as they are what they should
    be, and its data as plain JSON values (the whole value, where the text is no object; None where it is no JSON).
    """

    type: str
    topic: str | None
    timestamp: Timestamp | None
    data: Any


_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_decode_fields = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_any = msgspec.json.Decoder().decode


def may_be_answer(text: str) -> bool:
    """Whether it is worth decoding a text to see if it is a pong or an error: most are events, and this is quick."""
    if text.startswith(_HEAD):
        return text.startswith(_ANSWER_HEADS)
    return len(text) < _ANSWER_CHARACTERS_MAX and ('"pong"' in text or '"error"' in text)


def read_message(text: str) -> tuple[ServerMessage | MessageError, bool]:
    """The event, pong or error in a text, and whether its type was inferred, since it was not on the wire.

    Takes what a documented server sends and what the shipped one does: broadcasts, whose type follows from topic and
    data, and events without a topic, which go to every client (docs/upstream-profile.md, B1 and B2). A text that is
    neither gives the MessageError that says why; nothing is raised.
    """
    if text.startswith(_BROADCAST_HEAD):
        return _shipped(text, None)
    try:
        return decode_server_message(text), False
    except MessageError as error:
        return _shipped(text, error) if error.path in ("type", "topic") else (error, False)


def _shipped(text: str, why: MessageError | None) -> tuple[ServerMessage | MessageError, bool]:
    """What the shipped server means by a text; `why` is what is wrong with it by the documentation, if it is known."""
    try:
        envelope = _decode_envelope(text)
        timestamp = Timestamp.parse(envelope.timestamp)
        if envelope.type == BROADCAST and envelope.topic is not UNSET and envelope.data is not UNSET:
            return _broadcast(envelope.topic, envelope.data, timestamp)
        if envelope.type in EVENT_TYPES and envelope.topic is UNSET and envelope.data is not UNSET:
            return Event(decode_payload(envelope.type, envelope.data), timestamp), False
    except MessageError as error:
        return error, False
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass  # decoding it by the documentation says what is wrong
    return why or _complaint(text), False


def _broadcast(topic: str, data: Raw, timestamp: Timestamp) -> tuple[ServerMessage | MessageError, bool]:
    try:
        fields: dict[str, Any] = dict(_decode_fields(data))
    except msgspec.ValidationError:
        return MessageError("data", "an object"), False
    for name in ("type", "metric"):  # the two whose values tell something, and not only their being there
        if name in fields:
            fields[name] = _decode_any(fields[name])
    types = types_of(topic, fields)
    if len(types) != 1:
        return MessageError("data", "fields that tell the type of a broadcast", _found(types)), False
    return Event(decode_payload(types[0], data), timestamp), True


def _found(types: tuple[str, ...]) -> str:
    return f"those of {' and '.join(types)} alike" if types else "those of none"


def _complaint(text: str) -> MessageError:
    try:
        decode_server_message(text)
    except MessageError as error:
        return error
    return MessageError("", "a message of the API")


def outline(text: str) -> Outline:
    """What can be said of a text that is no message of the contract. Raises nothing."""
    try:
        value = _decode_any(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Outline("", None, None, None)
    if not isinstance(value, dict):
        return Outline("", None, None, value)
    kind, topic, written = value.get("type"), value.get("topic"), value.get("timestamp")
    try:
        timestamp = Timestamp.parse(written) if isinstance(written, str) else None
    except ValueError:
        timestamp = None
    return Outline(
        kind if isinstance(kind, str) else "", topic if isinstance(topic, str) else None, timestamp, value.get("data")
    )
