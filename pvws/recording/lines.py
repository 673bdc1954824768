"""One line of a recording, key by key: what it is, or everything that is wrong with it."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Any, TypeAlias, get_args

import msgspec
from msgspec import Raw

from pvws.errors import Problem
from pvws.limits import CONTROL_BYTES_MAX, INTEGER_MAX
from pvws.notation.nearest import nearest
from pvws.recording.format import (
    ENTRY_KINDS,
    FORMAT,
    SECONDS_MAX,
    VERSION,
    Close,
    Direction,
    Entry,
    Gap,
    Header,
    Headers,
    Mark,
    Message,
    Open,
    Ping,
    Pong,
)
from pvws.recording.shown import shown
from pvws.recording.versions import is_known
from pvws.timestamp import Timestamp

__all__ = ["Lines"]

_Fields: TypeAlias = dict[str, Raw]

_decode_fields = msgspec.json.Decoder(_Fields).decode
_decode = msgspec.json.Decoder().decode

_TEXTS = ("by", "url", "server", "profile", "scenario", "note")
_LISTS = ("topics", "redacted")
_INSTANTS = ("recorded", "start")
_HEADER_KEYS = ("format", "version", "seed")
_KEYS = ("t", "conn", "dir", *ENTRY_KINDS, "opcode", "fragments")


class Lines:
    """Reads lines of one file and collects the problems of each. With `strict` an unknown key is one of them."""

    def __init__(self, file: str | None = None, *, strict: bool = False) -> None:
        self._file = file
        self._strict = strict
        self._line = 0
        self._problems: list[Problem] = []
        self.is_no_json = False
        """Whether the line read last was no JSON object at all, as one that was cut short is."""

    def header(self, line: bytes, number: int) -> tuple[Header | None, int, list[Problem]]:
        """The header in a line and its version, or the problems that it has. Unknown keys are nothing."""
        fields = self._fields(line, number)
        if fields is None:
            return None, 0, self._problems
        if (named := self._value(fields, "format")) != FORMAT:
            self._wrong("format", f'"{FORMAT}"', _found(fields, "format", named))
            return None, 0, self._problems  # of whatever other format it is, nothing else is to be said of it
        self._known(fields, (*_HEADER_KEYS, *_TEXTS, *_LISTS, *_INSTANTS))
        version = self._value(fields, "version")
        if not isinstance(version, int) or isinstance(version, bool) or not is_known(version):
            expected = f"a version that this pvws knows, at most {VERSION}"
            self._wrong("version", expected, _found(fields, "version", version))
            return None, 0, self._problems
        known: dict[str, Any] = {name: self._text(fields, name) for name in _TEXTS}
        known |= {name: self._texts(fields, name) for name in _LISTS}
        known |= {name: self._instant(fields, name) for name in _INSTANTS}
        seed = self._whole(fields, "seed", -(2**63), 2**64)
        return None if self._problems else Header(seed=seed, **known), version, self._problems

    def entry(self, line: bytes, number: int) -> tuple[Entry | None, list[Problem]]:
        """The entry in a line, or the problems that it has. Unknown keys are nothing."""
        fields = self._fields(line, number)
        if fields is None:
            return None, self._problems
        if "format" in fields and self._value(fields, "format") == FORMAT:
            self._wrong("", "an entry", "another header", "a recording has one; replay takes several files")
            return None, self._problems
        self._known(fields, _KEYS)
        t = self._seconds(fields, "t")
        kinds = [kind for kind in ENTRY_KINDS if kind in fields]
        if len(kinds) != 1:
            self._wrong("", f"one of {', '.join(ENTRY_KINDS)}", " and ".join(kinds) or "none of them")
            return None, self._problems
        entry = self._of_kind(kinds[0], t, fields)
        return None if self._problems else entry, self._problems

    def _of_kind(self, kind: str, t: int, fields: _Fields) -> Entry:
        if kind == "mark":
            return self._mark(t, fields)
        if kind == "gap":
            return self._gap(t, fields)
        conn = self._whole(fields, "conn", 1, INTEGER_MAX)
        conn = 1 if conn is None else conn
        if kind == "open":
            return self._open(t, conn, fields)
        direction = self._direction(fields)
        match kind:
            case "ping":
                return Ping(t, direction, self._payload(fields, "ping"), conn)
            case "pong":
                return Pong(t, direction, self._payload(fields, "pong"), conn)
            case "close":
                inner = self._object(fields, "close", ("code", "reason"))
                code = self._whole(inner, "code", 0, 65_535, "close.")
                return Close(t, direction, code, self._text(inner, "reason", "close."), conn)
            case _:
                return self._message(kind, t, direction, conn, fields)

    def _message(self, kind: str, t: int, direction: Direction, conn: int, fields: _Fields) -> Message:
        is_text = True
        match kind:
            case "message":
                data = self._spliced(fields)
            case "text":
                data = self._text(fields, "text").encode()
            case _:
                data = self._base64(fields, "base64")
                if "opcode" in fields and (opcode := self._value(fields, "opcode")) not in ("text", "binary"):
                    self._wrong("opcode", "text or binary", _found(fields, "opcode", opcode))
                is_text = "opcode" in fields and self._value(fields, "opcode") == "text"
        fragments = self._fragments(fields, len(data))
        return Message(t, direction, data, conn, "text" if is_text else "binary", fragments)

    def _spliced(self, fields: _Fields) -> bytes:
        data = bytes(fields["message"])
        try:
            data.decode()
        except UnicodeDecodeError as error:
            self._wrong("message", "text in UTF-8", f"other bytes at {error.start}")
        return data

    def _mark(self, t: int, fields: _Fields) -> Mark:
        return Mark(t, self._needed(self._object(fields, "mark", ("name",)), "mark", "name"))

    def _gap(self, t: int, fields: _Fields) -> Gap:
        inner = self._object(fields, "gap", ("reason", "messages", "bytes", "seconds"))
        seconds = self._seconds(inner, "seconds", "gap.") if "seconds" in inner else None
        return Gap(
            t,
            self._needed(inner, "gap", "reason"),
            self._whole(fields, "conn", 1, INTEGER_MAX),
            self._whole(inner, "messages", 0, INTEGER_MAX, "gap."),
            self._whole(inner, "bytes", 0, INTEGER_MAX, "gap."),
            seconds,
        )

    def _open(self, t: int, conn: int, fields: _Fields) -> Open:
        inner = self._object(fields, "open", ("url", "status", "address", "subprotocol", "request", "response"))
        status = self._whole(inner, "status", 100, 599, "open.")
        return Open(
            t,
            conn,
            self._text(inner, "url", "open."),
            101 if status is None else status,
            self._text(inner, "address", "open."),
            self._text(inner, "subprotocol", "open."),
            self._headers(inner, "request"),
            self._headers(inner, "response"),
        )

    # One value each. What is wrong is noted, and some right value given back in its place.

    def _fields(self, line: bytes, number: int) -> _Fields | None:
        self._line, self._problems, self.is_no_json = number, [], False
        try:
            line.decode()
            return _decode_fields(line)
        except UnicodeDecodeError as error:
            trouble = f"bytes that are not UTF-8 at {error.start}"
        except msgspec.ValidationError:
            self._wrong("", "one JSON object", "something else")
            return None
        except msgspec.DecodeError as error:
            trouble = f"none ({str(error).removeprefix('JSON is malformed: ').lower()})"
        except RecursionError:
            trouble = "nesting without end"
        self.is_no_json = True
        self._wrong("", "one JSON object", trouble)
        return None

    def _value(self, fields: _Fields, name: str) -> Any:
        """The value under a key; None where there is none, and of one that Python can't hold."""
        if name not in fields:
            return None
        try:
            return _decode(fields[name])
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None

    def _object(self, fields: _Fields, name: str, known: tuple[str, ...]) -> _Fields:
        try:
            inner = _decode_fields(fields[name])
            self._known(inner, known, f"{name}.")
            return inner
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            expected = f"an object with {', '.join(known)}"
            self._wrong(name, expected, _found(fields, name, self._value(fields, name)))
            return {}

    def _known(self, fields: _Fields, known: tuple[str, ...], where: str = "") -> None:
        for name in fields if self._strict else ():
            if name not in known:
                hint = nearest(name, known)
                self._wrong(f"{where}{name}", f"one of the keys {', '.join(known)}", "an unknown one", hint)

    def _seconds(self, fields: _Fields, name: str, where: str = "") -> int:
        value = self._value(fields, name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= SECONDS_MAX:
            return int(value * 1_000_000 + 0.5)
        self._wrong(f"{where}{name}", f"seconds from 0 to {SECONDS_MAX}", _found(fields, name, value))
        return 0

    def _direction(self, fields: _Fields) -> Direction:
        value = self._value(fields, "dir")
        if value == "send":
            return "send"
        if value != "recv":
            self._wrong("dir", f"one of {', '.join(get_args(Direction))}", _found(fields, "dir", value))
        return "recv"

    def _whole(self, fields: _Fields, name: str, least: int, most: int, where: str = "") -> int | None:
        value = self._value(fields, name)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        if name in fields:
            self._wrong(f"{where}{name}", f"a whole number from {least} to {most}", _found(fields, name, value))
        return None

    def _needed(self, fields: _Fields, outer: str, name: str) -> str:
        if name not in fields and not self._problems:  # of what is no object, all was said
            self._wrong(f"{outer}.{name}", "a string", "nothing")
        return self._text(fields, name, f"{outer}.")

    def _text(self, fields: _Fields, name: str, where: str = "") -> str:
        value = self._value(fields, name)
        if isinstance(value, str):
            return value
        if name in fields:
            self._wrong(f"{where}{name}", "a string", _found(fields, name, value))
        return ""

    def _texts(self, fields: _Fields, name: str) -> tuple[str, ...]:
        value = self._value(fields, name)
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        if name in fields:
            self._wrong(name, "an array of strings", _found(fields, name, value))
        return ()

    def _instant(self, fields: _Fields, name: str) -> Timestamp | None:
        if not (text := self._text(fields, name)):
            return None
        try:
            return Timestamp.parse(text)
        except ValueError as error:
            self._wrong(name, str(error), shown(text))
            return None

    def _base64(self, fields: _Fields, name: str, where: str = "") -> bytes:
        value = self._value(fields, name)
        try:
            if isinstance(value, str):
                return b64decode(value, validate=True)
        except (Base64Error, ValueError):
            pass
        self._wrong(f"{where}{name}", "a string in base64", _found(fields, name, value))
        return b""

    def _payload(self, fields: _Fields, name: str) -> bytes:
        inner = self._object(fields, name, ("text", "base64"))
        where = f"{name}."
        data = self._base64(inner, "base64", where) if "base64" in inner else self._text(inner, "text", where).encode()
        if len(data) > CONTROL_BYTES_MAX:
            self._wrong(name, f"a payload of at most {CONTROL_BYTES_MAX} bytes", str(len(data)))
        return data

    def _headers(self, fields: _Fields, name: str) -> Headers:
        value = self._value(fields, name)
        if name not in fields:
            return ()
        if isinstance(value, list) and all(map(_is_pair, value)):
            return tuple((pair[0], pair[1]) for pair in value)
        self._wrong(f"open.{name}", "an array of pairs of strings, name and value", _found(fields, name, value))
        return ()

    def _fragments(self, fields: _Fields, size: int) -> tuple[int, ...] | None:
        if "fragments" not in fields:
            return None
        value = self._value(fields, "fragments")
        if value is None and bytes(fields["fragments"]) == b"null":
            return None
        if not isinstance(value, list) or not value or not all(map(_is_size, value)):
            self._wrong("fragments", "an array of frame sizes in bytes", _found(fields, "fragments", value))
            return None
        if sum(value) != size:
            self._wrong("fragments", f"sizes that add up to the {size} bytes of the message", str(sum(value)))
        return tuple(value)

    def _wrong(self, path: str, expected: str, found: str, hint: str | None = None) -> None:
        self._problems.append(Problem(path, expected, found, file=self._file, line=self._line, hint=hint))


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= INTEGER_MAX


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(each, str) for each in value)


def _found(fields: Mapping[str, Raw], name: str, value: Any) -> str:
    """What stands under a key, in a few words; it may be what Python can't hold."""
    if name not in fields:
        return "nothing"
    if value is None and bytes(fields[name]) != b"null":
        return "what can't be read"
    return shown(value)
