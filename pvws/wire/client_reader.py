"""What a server with quirks makes of the messages of its clients.

Each quirk works by itself; with none it is `decode_client_message`. A1 and the like are the rows of
docs/upstream-profile.md.
"""

import json
from typing import Any, NoReturn

from pvws.errors import MessageError
from pvws.limits import EXCERPT_CHARACTERS_MAX
from pvws.wire.codec import CLIENT_TYPES, Text, decode_client_message
from pvws.wire.golang import is_go_time
from pvws.wire.messages import Auth, ClientMessage, Ping, Subscribe, Unsubscribe
from pvws.wire.profiles import Quirks
from pvws.wire.topics import TOPICS, Topic

__all__ = ["ClientReader"]

_STRINGS = ("type", "topic", "clientId")  # fields that the real server reads into Go strings
_FIELDS = {name.lower(): name for name in (*_STRINGS, "data", "timestamp")}

# A Go string is UTF-8: its reader puts a replacement character for each byte, or half of a pair, that is not.
_REPLACED = dict.fromkeys(range(55296, 57344), "�")


class _Object(dict[str, Any]):
    """A JSON object that remembers its keys as they came, twice if they came twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


_read_json = json.JSONDecoder(object_pairs_hook=_Object, parse_constant=_no_constant).decode


class ClientReader:
    """Reads what clients send, for as many of them as you like: it keeps nothing of a message."""

    __slots__ = ("_as_documented", "_quirks")

    def __init__(self, quirks: Quirks) -> None:
        self._quirks = quirks
        self._as_documented = not (
            quirks.subscribe_by_data
            or quirks.any_topic
            or quirks.silent
            or quirks.strict_timestamps
            or quirks.fold_keys
        )

    def read(self, text: Text) -> ClientMessage | None:
        """What a client asks for; None for what is dropped in silence.

        A topic is a `Topic`, unless any string is one (A5). Raises MessageError, and nothing else, for a bad
        message, unless the server is silent (A10–A12). Bytes that are not UTF-8 are a bad message, unless they are
        read all the same (A15). An `auth` is read as ever: whether tokens are looked at is not for the reader.

        A silent server judges as Go does: a wrong type of `topic` or `clientId` spoils the message (A12), a null in
        the place of a string changes nothing, and nesting is bounded by the interpreter alone.
        """
        try:
            return self._message(text)
        except MessageError:
            if self._quirks.silent:
                return None
            raise

    def _message(self, text: Text) -> ClientMessage:
        if self._quirks.lenient_utf8 and isinstance(text, bytes):
            text = text.decode("utf-8", "surrogateescape").translate(_REPLACED)
        if self._as_documented:
            return decode_client_message(text)
        fields = self._fields(self._object(text))
        expected = f"one of {', '.join(CLIENT_TYPES)}"
        match fields.get("type"):
            case "subscribe":
                return Subscribe(self._topic(fields))
            case "unsubscribe":
                return Unsubscribe(self._topic(fields))
            case "ping":
                return Ping()
            case "auth" | "connection_init":
                return Auth(_token(fields))
            case _:
                raise MessageError("type", expected, _found(fields, "type"))

    def _object(self, text: Text) -> _Object:
        """The one JSON object in a text."""
        if not self._quirks.silent:
            _refuse_what_is_no_object(text)
        try:
            value = _read_json(text if isinstance(text, str) else text.decode())
        except (ValueError, RecursionError):
            raise MessageError("", "one JSON object") from None
        if not isinstance(value, _Object):
            raise MessageError("", "one JSON object")
        return value

    def _fields(self, message: _Object) -> dict[str, Any]:
        """The message's fields by their documented names; of those that came twice the last one."""
        fields: dict[str, Any] = {}
        for key, value in message.pairs:
            name = _unfolded(key) if self._quirks.fold_keys else key
            if self._quirks.silent and name in _STRINGS:
                if value is None:
                    continue
                if not isinstance(value, str):
                    raise MessageError(name, "a string")
            fields[name] = value
            if name == "timestamp" and self._quirks.strict_timestamps and not _is_time(value):
                raise MessageError(name, "a time that Go takes, such as 2024-01-01T00:00:00Z", _found(fields, name))
        return fields

    def _topic(self, fields: dict[str, Any]) -> str:
        """The topic of a (un)subscription, from where it stands (A2, A3)."""
        name = "data" if self._quirks.subscribe_by_data else "topic"
        value = fields.get(name)
        if self._quirks.any_topic:
            if isinstance(value, str):
                return value.translate(_REPLACED)
            raise MessageError(name, "a topic, as a string", _found(fields, name))
        if value not in TOPICS:
            raise MessageError(name, f"one of {', '.join(TOPICS)}", _found(fields, name))
        return Topic(value)


def _refuse_what_is_no_object(text: Text) -> None:
    """Raise what the documented decoder has to say of a text that is not one JSON object at all."""
    try:
        decode_client_message(text)
    except MessageError as error:
        if not error.path:
            raise


def _unfolded(key: str) -> str:
    """The field that a key means whatever its case (A14); other keys as they are.

    Go folds one letter to one letter, which for these names adds the long s to what lower case does.
    """
    return _FIELDS.get(key.lower().replace("ſ", "s"), key)


def _is_time(value: Any) -> bool:
    return value is None or (isinstance(value, str) and is_go_time(value))


def _token(fields: dict[str, Any]) -> str:
    data = fields.get("data")
    if not isinstance(data, dict):
        raise MessageError("data", "an object with the token", _found(fields, "data", secret=True))
    if not isinstance(data.get("token"), str):
        raise MessageError("data.token", "a string", _found(data, "token", secret=True))
    token: str = data["token"]
    return token


def _found(fields: dict[str, Any], name: str, *, secret: bool = False) -> str:
    """What stands where something else was expected; of a secret only what kind of value it is."""
    if name not in fields:
        return "nothing"
    match fields[name]:
        case None:
            return "null"
        case list():
            return "an array"
        case dict():
            return "an object"
        case bool() if secret:
            return "a boolean"
        case int() | float() if secret:
            return "a number"
        case str() if secret:
            return "a string"
        case value:
            text = json.dumps(value)
            return text if len(text) <= EXCERPT_CHARACTERS_MAX else f"{text[:EXCERPT_CHARACTERS_MAX]}…"
