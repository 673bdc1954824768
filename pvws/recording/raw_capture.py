"""Reads `raw-ws-capture`, the format in which streams of the real server were recorded (recordings/upstream/).

JSON Lines: a header, then a line for each WebSocket message as the client saw it. A message that came in several
frames is put together, with the sizes of its frames under `fragments`, and its time is that of its last frame.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any, Literal, NoReturn, TypeAlias, get_args

from msgspec import Struct

from pvws.errors import InputError, Problem
from pvws.limits import INTEGER_MAX
from pvws.recording.shown import shown
from pvws.timestamp import Timestamp

__all__ = ["CaptureHeader", "CapturedMessage", "Direction", "RawCapture", "WireOpcode", "read_raw_capture"]

Direction: TypeAlias = Literal["in", "out"]
"""As seen from the client."""

WireOpcode: TypeAlias = Literal["text", "binary", "ping", "pong", "close"]
"""What kind of message it is."""

_SECONDS_MAX = 1_000_000_000  # thirty years: past it, a double no longer has the microseconds
_WRONG_LINES_MAX = 20  # a file of another format is wrong in every line, and nobody reads a million complaints
_CLOSE = re.compile(r"(?:(\d{1,5})(?: (.*))?)?", re.ASCII | re.DOTALL)


class CaptureHeader(Struct, frozen=True):
    """What was recorded, and of whom. Only the format has to be said; what is missing is `""` or None."""

    version: int
    url: str = ""
    captured_at: Timestamp | None = None
    server: str = ""
    scenario: str = ""
    note: str = ""


class CapturedMessage(Struct, frozen=True, gc=False):
    """One message. `at` is microseconds since the recording began, `line` where it stands in the file.

    `data` is the payload as text; of a close frame it is `CODE REASON`, `CODE` or nothing. `fragments` are the sizes
    in bytes of its frames where it came in several.
    """

    line: int
    at: int
    dir: Direction
    opcode: WireOpcode
    data: str
    fragments: tuple[int, ...] | None = None

    @property
    def close(self) -> tuple[int | None, str]:
        """Code and reason of a close frame; `(None, "")` where it has none, and of every other message."""
        match = _CLOSE.fullmatch(self.data) if self.opcode == "close" else None
        if match is None or match[1] is None:
            return None, ""
        return int(match[1]), match[2] or ""


class RawCapture(Struct, frozen=True):
    """A whole recording. `cut_short`: its last line had no end and was left out, as after a crash of the recorder."""

    header: CaptureHeader
    messages: tuple[CapturedMessage, ...]
    cut_short: bool = False


def read_raw_capture(source: str | bytes, file: str | PurePath | None = None) -> RawCapture:
    """The recording in the text of a file, messages in the order of the file; unknown keys are ignored.

    Raises InputError, and nothing else, with every problem of every wrong line (of the first twenty), each with
    `file` and its line. A last line that was cut short is no problem but told in the result.
    """
    return _Reader(file).read(source)


class _NoJson(str):
    """What a line is instead of JSON."""

    __slots__ = ()


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


_decode = json.JSONDecoder(parse_constant=_no_constant).decode


class _Reader:
    """Reads one file; collects problems instead of stopping at the first."""

    def __init__(self, file: str | PurePath | None) -> None:
        self._file = file
        self._line = 1
        self._problems: list[Problem] = []
        self._cut_short = False

    def read(self, source: str | bytes) -> RawCapture:
        header: CaptureHeader | None = None
        messages: list[CapturedMessage] = []
        wrong_lines = 0
        for value in self._values(source):
            before = len(self._problems)
            fields = self._object(value)
            if header is None:
                header = self._header(fields)
                if self._problems:
                    break  # of whatever other format this is, its lines are no messages
            elif fields is not None:
                messages += self._message(fields)
            wrong_lines += len(self._problems) > before
            if wrong_lines == _WRONG_LINES_MAX:
                break
        if header is None and not self._problems:
            self._wrong("", "a header line", "a line that is cut short" if self._cut_short else "nothing")
        if self._problems or header is None:
            raise InputError(*self._problems)
        return RawCapture(header, tuple(messages), self._cut_short)

    def _values(self, source: str | bytes) -> Iterator[Any]:
        """What the lines that are not blank hold: JSON values, or the complaint about one that is none."""
        lines: Sequence[str | bytes] = source.split("\n") if isinstance(source, str) else source.split(b"\n")
        for number, line in enumerate(lines, 1):
            self._line = number
            if not line.strip():
                continue
            try:
                yield _decode(line if isinstance(line, str) else line.decode())
            except (ValueError, RecursionError) as error:
                if number == len(lines):  # what ends with a newline has an empty last line
                    self._cut_short = True
                    return
                yield _NoJson(_trouble(error))

    def _object(self, value: Any) -> dict[str, Any] | None:
        if isinstance(value, dict):
            return value
        self._wrong("", "one JSON object", value if isinstance(value, _NoJson) else shown(value))
        return None

    def _header(self, fields: dict[str, Any] | None) -> CaptureHeader:
        if fields is None:
            return CaptureHeader(1)
        if fields.get("format") != "raw-ws-capture":
            self._wrong("format", '"raw-ws-capture"', _found(fields, "format"))
        elif fields.get("version") != 1 or isinstance(fields["version"], bool):
            self._wrong("version", "1", _found(fields, "version"))
        texts = {name: self._text(fields, name) for name in ("url", "server", "scenario", "note")}
        captured_at = None
        if text := self._text(fields, "captured_at"):
            try:
                captured_at = Timestamp.parse(text)
            except ValueError as error:
                self._wrong("captured_at", str(error), shown(text))
        return CaptureHeader(1, captured_at=captured_at, **texts)

    def _text(self, fields: dict[str, Any], name: str) -> str:
        value = fields.get(name, "")
        if isinstance(value, str):
            return value
        self._wrong(name, "a string", shown(value))
        return ""

    def _message(self, fields: dict[str, Any]) -> list[CapturedMessage]:
        """The message of a line; none where there is something wrong with it."""
        before = len(self._problems)
        at = self._at(fields)
        direction = self._one_of(fields, "dir", get_args(Direction))
        opcode = self._one_of(fields, "opcode", get_args(WireOpcode))
        data = self._data(fields, opcode)
        fragments = self._fragments(fields, opcode, data)
        if len(self._problems) > before:
            return []
        return [CapturedMessage(self._line, at, direction, opcode, data, fragments)]

    def _at(self, fields: dict[str, Any]) -> int:
        value = fields.get("t")
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _SECONDS_MAX:
            return round(value * 1_000_000)
        self._wrong("t", f"seconds since the recording began, 0 to {_SECONDS_MAX}", _found(fields, "t"))
        return 0

    def _one_of(self, fields: dict[str, Any], name: str, words: tuple[str, ...]) -> Any:
        value = fields.get(name)
        if isinstance(value, str) and value in words:
            return value
        self._wrong(name, f"one of {', '.join(words)}", _found(fields, name))
        return None

    def _data(self, fields: dict[str, Any], opcode: WireOpcode | None) -> str:
        value = fields.get("data")
        if not isinstance(value, str):
            self._wrong("data", "a string", _found(fields, "data"))
            return ""
        if opcode == "close":
            match = _CLOSE.fullmatch(value)
            if match is None or int(match[1] or 0) > 0xFFFF:
                self._wrong("data", '"CODE REASON", "CODE" or "" of a close frame', shown(value))
        return value

    def _fragments(self, fields: dict[str, Any], opcode: WireOpcode | None, data: str) -> tuple[int, ...] | None:
        value = fields.get("fragments")
        if value is None:
            return None
        if not isinstance(value, list) or not value or not all(map(_is_size, value)):
            self._wrong("fragments", "a list of frame sizes in bytes", shown(value))
            return None
        if opcode not in (None, "text", "binary"):
            self._wrong("fragments", f"none, since a {opcode} frame comes whole", shown(value))
        if opcode == "text" and isinstance(fields.get("data"), str):
            # Half a surrogate pair can't have come over the wire, and would have had three bytes.
            size = len(data.encode("utf-8", "surrogatepass"))
            if sum(value) != size:
                self._wrong("fragments", f"sizes that add up to the {size} bytes of data", str(sum(value)))
        return tuple(value)

    def _wrong(self, path: str, expected: str, found: str) -> None:
        self._problems.append(Problem(path, expected, found, file=self._file, line=self._line))


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= INTEGER_MAX


def _trouble(error: Exception) -> str:
    match error:
        case json.JSONDecodeError():
            return f"none at character {error.pos} ({error.msg})"
        case UnicodeDecodeError():
            return f"bytes that are not UTF-8 at {error.start}"
        case RecursionError():
            return "nesting without end"
        case _:  # NaN and the infinities, and integers past the interpreter's limit of digits
            return "a number that JSON does not have"


def _found(fields: dict[str, Any], name: str) -> str:
    return shown(fields[name]) if name in fields else "nothing"
