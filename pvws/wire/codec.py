"""Messages to and from JSON texts. Every decoder is built once, at import; a wrong message is a `MessageError`.

What goes out has the contract's key order and no blanks; what comes in may have any order and unknown fields.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from operator import attrgetter
from typing import Annotated, Any, Literal, NoReturn, TypeAlias, assert_never, get_args, get_origin

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from pvws.errors import MessageError
from pvws.limits import EXCERPT_CHARACTERS_MAX, MESSAGE_DEPTH_MAX
from pvws.timestamp import Timestamp, timestamp_text
from pvws.wire.events import EVENT_TYPES, Payload
from pvws.wire.messages import (
    Auth,
    ClientMessage,
    ErrorCode,
    ErrorMessage,
    Event,
    Ping,
    Pong,
    ServerMessage,
    Subscribe,
    Unsubscribe,
)
from pvws.wire.topics import TOPICS, Topic

__all__ = [
    "CLIENT_TYPES",
    "PAYLOADS",
    "Text",
    "decode_client_message",
    "decode_payload",
    "decode_server_message",
    "encode_client_message",
    "encode_event",
    "encode_events",
    "encode_payload",
    "encode_server_message",
]

Text: TypeAlias = str | bytes
"""The JSON text of a message, as it came."""

CLIENT_TYPES: tuple[str, ...] = ("subscribe", "unsubscribe", "auth", "connection_init", "ping")
"""The message types a client may send."""


def _read_timestamp(kind: type, value: object) -> Timestamp:
    if kind is Timestamp and isinstance(value, str):
        return Timestamp.parse(value)
    raise ValueError("an RFC 3339 time such as 2024-01-01T00:00:00.000Z")


class _ServerEnvelope(Struct, gc=False, rename="camel"):
    type: str
    timestamp: Timestamp
    topic: str | UnsetType = UNSET
    data: Raw | UnsetType = UNSET
    client_id: str | UnsetType = UNSET


class _ErrorData(Struct, gc=False, rename="camel"):
    code: ErrorCode
    message: str
    retry_after: int | UnsetType = UNSET


class _ErrorEnvelope(Struct, gc=False, rename="camel"):
    type: str
    data: _ErrorData
    timestamp: Timestamp
    client_id: str | UnsetType = UNSET


class _PongEnvelope(Struct, gc=False, rename="camel"):
    type: str
    timestamp: Timestamp
    client_id: str | UnsetType = UNSET


# The hook is called for every timestamp of every event, and is no Python function for that reason: of all that a
# message can hold only a Timestamp needs it, and anything else has no `text`.
_encode = msgspec.json.Encoder(enc_hook=attrgetter("text")).encode
_decode_envelope = msgspec.json.Decoder(_ServerEnvelope, dec_hook=_read_timestamp)
_decode_error_data = msgspec.json.Decoder(_ErrorData)
_decoders: dict[str, msgspec.json.Decoder[Payload]] = {
    name: msgspec.json.Decoder(payload, dec_hook=_read_timestamp) for name, payload in EVENT_TYPES.items()
}


PAYLOADS = frozenset(EVENT_TYPES.values())
"""The Python types of all payloads."""

_HEADS = {
    payload: f'{{"type":"{name}","topic":"{payload.topic}","data":'.encode() for name, payload in EVENT_TYPES.items()
}


def _tail(timestamp: str) -> bytes:
    return f',"timestamp":"{timestamp}"}}'.encode()


def encode_event(data: Payload, timestamp: Timestamp) -> bytes:
    """The JSON text of a broadcast event: the one encoding it costs, however many clients there are."""
    return _HEADS[type(data)] + _encode(data) + _tail(timestamp.text)


def encode_events(payloads: Sequence[Payload], instants: Sequence[int]) -> Iterable[bytes]:
    """The JSON texts of many events at instants that never fall, in microseconds: what `encode_event` gives for each,
    without a step of the interpreter for each, and the end of a text made once a millisecond.
    """
    tails: list[bytes] = []
    while (number := len(tails)) < len(instants):
        millis = instants[number] // 1_000
        alike = bisect_left(instants, millis * 1_000 + 1_000, number) - number
        tails += [_tail(timestamp_text(millis))] * alike
    heads = map(_HEADS.__getitem__, map(type, payloads))
    return map(b"".join, zip(heads, map(_encode, payloads), tails, strict=True))


encode_payload: Callable[[Payload], bytes] = _encode
"""The JSON text of a payload alone, as it stands under `data`."""


def encode_server_message(message: ServerMessage) -> bytes:
    """The JSON text of a message a server sends."""
    match message:
        case Event(client_id=None):
            return encode_event(message.data, message.timestamp)
        case Event():
            text = encode_event(message.data, message.timestamp)
            return b'%b,"clientId":%b}' % (text[:-1], _encode(message.client_id))
        case Pong():
            return _encode(_PongEnvelope("pong", message.timestamp, _present(message.client_id)))
        case ErrorMessage():
            data = _ErrorData(message.code, message.message, _present(message.retry_after))
            return _encode(_ErrorEnvelope("error", data, message.timestamp, _present(message.client_id)))
        case _:
            assert_never(message)


def encode_client_message(message: ClientMessage) -> bytes:
    """The JSON text of a message a client sends, in the documented form."""
    match message:
        case Subscribe():
            return _encode({"type": "subscribe", "topic": message.topic})
        case Unsubscribe():
            return _encode({"type": "unsubscribe", "topic": message.topic})
        case Auth():
            return _encode({"type": "auth", "data": {"token": message.token}})
        case Ping():
            return _encode({"type": "ping"})
        case _:
            assert_never(message)


def decode_server_message(text: Text) -> ServerMessage:
    """The event, pong or error in a JSON text; timestamps in any RFC 3339 form, unknown fields ignored.

    Raises MessageError, and nothing else, for everything that is not of the contract.
    """
    envelope = _typed(_decode_envelope, text, "")
    client_id = None if envelope.client_id is UNSET else envelope.client_id
    if envelope.type == "pong":
        return Pong(envelope.timestamp, client_id)
    if envelope.type == "error":
        data = _typed(_decode_error_data, _required(envelope.data, "data", "an object"), "data")
        retry_after = None if data.retry_after is UNSET else data.retry_after
        return ErrorMessage(data.code, data.message, envelope.timestamp, retry_after, client_id)
    payload = EVENT_TYPES.get(envelope.type)
    if payload is None:
        raise MessageError("type", f"one of {', '.join(EVENT_TYPES)}, pong, error", _shown(envelope.type))
    topic = _required(envelope.topic, "topic", "a string")
    if topic != payload.topic:
        raise MessageError("topic", f'"{payload.topic}" for {envelope.type}', _shown(topic))
    raw = _required(envelope.data, "data", "an object")
    return Event(decode_payload(envelope.type, raw), envelope.timestamp, client_id)


def decode_payload(event_type: str, text: Text | Raw) -> Payload:
    """The payload of an event of this type, from the JSON text under its `data`.

    Raises MessageError whose path begins with `data`; KeyError for an event type that does not exist.
    """
    payload: Payload = _typed(_decoders[event_type], text, "data")
    return payload


def decode_client_message(text: Text) -> ClientMessage:
    """What a client asks for, by the rules of the contract's "Envelope" and "Client messages".

    A `connection_init` is an `Auth`. Raises MessageError, and nothing else, for everything else.
    """
    fields = _object(text)
    kind = _string(fields, "type", f"one of {', '.join(CLIENT_TYPES)}")
    match kind:
        case "subscribe":
            return Subscribe(_topic(fields))
        case "unsubscribe":
            return Unsubscribe(_topic(fields))
        case "ping":
            return Ping()
        case "auth" | "connection_init":
            data = fields.get("data")
            if not isinstance(data, dict):
                raise MessageError("data", "an object with the token", _kind(data) if "data" in fields else "nothing")
            token = data.get("token")
            if not isinstance(token, str):
                # Its value is never shown: a token that is a number by mistake is a secret all the same.
                raise MessageError("data.token", "a string", _kind(token) if "token" in data else "nothing")
            return Auth(token)
        case _:
            raise MessageError("type", f"one of {', '.join(CLIENT_TYPES)}", _shown(kind))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


# The standard library's reader, for a client may put anything JSON allows into fields that nobody looks at
# (1e999, half a surrogate pair), and because with duplicate keys the last is the one that counts.
_read_json = json.JSONDecoder(parse_constant=_no_constant).decode


def _object(text: Text) -> dict[str, Any]:
    """The one JSON object in a text. Complaints name the place but never quote: the text may hold a token."""
    try:
        text = text if isinstance(text, str) else text.decode()
        value = _read_json(text)
    except json.JSONDecodeError as error:
        raise MessageError("", "one JSON object", f"none at character {error.pos} ({error.msg})") from None
    except UnicodeDecodeError as error:
        raise MessageError("", "text in UTF-8", f"other bytes at {error.start} ({error.reason})") from None
    except RecursionError:
        raise MessageError("", f"at most {MESSAGE_DEPTH_MAX} levels of nesting", "more") from None
    except ValueError:  # NaN and the infinities, and integers past the interpreter's limit of digits
        raise MessageError("", "one JSON object", "a number that JSON does not have") from None
    if not isinstance(value, dict):
        raise MessageError("", "one JSON object", _kind(value))
    if text.count("{") + text.count("[") > MESSAGE_DEPTH_MAX and _deeper_than(value, MESSAGE_DEPTH_MAX):
        raise MessageError("", f"at most {MESSAGE_DEPTH_MAX} levels of nesting", "more")
    return value


def _deeper_than(value: Any, levels: int) -> bool:
    layer = [value]
    for _ in range(levels):
        layer = [
            inner
            for outer in layer
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not layer:
            return False
    return True


def _string(fields: dict[str, Any], name: str, expected: str) -> str:
    if name not in fields:
        raise MessageError(name, expected, "nothing")
    value = fields[name]
    if not isinstance(value, str):
        raise MessageError(name, expected, _shown(value))
    return value


def _topic(fields: dict[str, Any]) -> Topic:
    expected = f"one of {', '.join(TOPICS)}"
    name = _string(fields, "topic", expected)
    try:
        return Topic(name)
    except ValueError:
        raise MessageError("topic", expected, _shown(name)) from None


def _typed(decoder: msgspec.json.Decoder[Any], text: Text | Raw, prefix: str) -> Any:
    """What the decoder makes of the text; its complaints as a MessageError whose path begins with `prefix`."""
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        raise _wrong(str(error), decoder.type, text, prefix) from None
    except msgspec.DecodeError as error:
        raise MessageError(prefix, "JSON", str(error).removeprefix("JSON is malformed: ")) from None
    except RecursionError:
        raise MessageError(prefix, f"at most {MESSAGE_DEPTH_MAX} levels of nesting", "more") from None
    except UnicodeError:
        raise MessageError(prefix, "text in UTF-8", "other bytes") from None


# msgspec has the facts of a validation error in its text alone; the tests hold every form of it that we read.
_COMPLAINT = re.compile(r"(?P<what>.*?)(?: - at `(?P<path>\$[^`]*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]*)`")
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")
_NOUNS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a string",
    "bool": "true or false",
    "array": "an array",
    "object": "an object",
}


def _wrong(complaint: str, kind: Any, text: Text | Raw, prefix: str) -> MessageError:
    """A validation error in our own words: path, expected, and the value that stands there."""
    match = _COMPLAINT.fullmatch(complaint)
    assert match is not None, "the pattern takes any text"
    what = match["what"]
    steps = [step["name"] or int(step["index"]) for step in _STEP.finditer(match["path"] or "$")]
    missing = _MISSING.fullmatch(what)
    path = prefix
    for step in [*steps, missing["field"]] if missing else steps:
        path = f"{path}[{step}]" if isinstance(step, int) else f"{path}.{step}" if path else step
    if missing:
        return MessageError(path, _noun(_part(kind, [*steps, missing["field"]])), "nothing")
    found = _value_at(text, steps)
    if what.endswith("out of range"):
        return MessageError(path, "a number that a double can hold")
    if what.startswith("Invalid enum value"):
        return MessageError(path, _noun(_part(kind, steps)), found)
    noun, _, rest = what.removeprefix("Expected ").split(", got ")[0].replace("`", "").partition(" ")
    return MessageError(path, " ".join(part for part in (_NOUNS.get(noun, noun), rest) if part), found)


def _part(kind: Any, steps: list[str | int]) -> Any:
    """The type annotated at the end of a path through a Struct type."""
    for step in steps:
        if isinstance(step, int):
            kind = get_args(kind)[0]
        else:
            kind = next(field.type for field in msgspec.structs.fields(kind) if field.encode_name == step)
    return kind


def _noun(kind: Any) -> str:
    """What a value of this type is called in an error."""
    if get_origin(kind) is Literal:
        return f"one of {', '.join(get_args(kind))}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"one of {', '.join(kind)}"
    if kind is Timestamp:
        return "an RFC 3339 time"
    if get_origin(kind) is Annotated:
        return _noun(get_args(kind)[0])
    word = "array" if get_origin(kind) is list else getattr(kind, "__name__", "")
    return _NOUNS.get(word, "an object")


def _value_at(text: Text | Raw, steps: list[str | int]) -> str | None:
    """The value a complaint is about. None where it can't be shown: the text may be broken further on, hold a
    number that no double can, or have the same key again with something else."""
    try:
        value = msgspec.json.decode(bytes(text) if isinstance(text, Raw) else text)
        for step in steps:
            value = value[step]
    except (msgspec.DecodeError, UnicodeError, RecursionError, LookupError, TypeError):
        return None
    return _shown(value)


def _required(value: Any, path: str, expected: str) -> Any:
    if value is UNSET:
        raise MessageError(path, expected, "nothing")
    return value


def _present(value: Any) -> Any:
    return UNSET if value is None else value


def _shown(value: Any) -> str:
    """A wrong value as JSON, cut to what is needed to recognise it."""
    try:
        text = msgspec.json.encode(value).decode()
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can only write escaped
        text = json.dumps(value, separators=(",", ":"))
    return text if len(text) <= EXCERPT_CHARACTERS_MAX else f"{text[:EXCERPT_CHARACTERS_MAX]}…"


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"
