"""JSON documents of other programs, walked through by hand: what is wrong in one is told with its path and line."""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from typing import Any, NoReturn

from pvws.errors import InputError, Problem
from pvws.recording.shown import shown
from pvws.recording.spans import Path, spans
from pvws.timestamp import Timestamp

__all__ = ["PROBLEMS_MAX", "Document", "Value"]

PROBLEMS_MAX = 20
"""A file of another format is wrong everywhere, and nobody reads a million complaints."""


class Document:
    """One JSON text; `line` is where in its file it begins. Collects problems until somebody calls `check`.

    Raises InputError, with file and line, for what is no JSON, and when there are too many problems.
    """

    def __init__(self, source: bytes, file: str | None = None, line: int = 1) -> None:
        self.file = file
        self._source = source
        self._line = line
        self._problems: list[Problem] = []
        self.root = Value(self, (), self._parsed())

    def check(self) -> None:
        """Raise InputError if there was a problem."""
        if self._problems:
            raise InputError(*self._problems)

    def problem(self, path: Path, expected: str, found: str | None = None, hint: str | None = None) -> None:
        """Note what is wrong with the value at a path; of what is not there, the line is that of what lacks it."""
        shown = "".join(key if key.startswith("[") else f".{key}" for key in path).removeprefix(".")
        self._problems.append(Problem(shown, expected, found, file=self.file, line=self._line_of(path), hint=hint))
        if len(self._problems) == PROBLEMS_MAX:
            self.check()

    def _line_of(self, path: Path) -> int:
        while path:
            for start, _ in spans(self._source, lambda each, wanted=path: each == wanted):  # type: ignore[misc]
                return self._line + self._source.count(b"\n", 0, start)
            path = path[:-1]
        return self._line

    def _parsed(self) -> Any:
        try:
            return _parse(self._source.decode("utf-8-sig"))
        except json.JSONDecodeError as error:
            self._no_json(error.lineno, f"none at character {error.colno} ({error.msg.lower()})")
        except UnicodeDecodeError as error:
            line = 1 + self._source.count(b"\n", 0, error.start)
            self._no_json(line, f"bytes that are not UTF-8 at {error.start}")
        except RecursionError:
            self._no_json(1, "nesting without end")
        except ValueError:  # NaN and the infinities, and integers past the interpreter's limit of digits
            self._no_json(1, "a number that JSON does not have")

    def _no_json(self, line: int, found: str) -> NoReturn:
        raise InputError(Problem("", "one JSON text", found, file=self.file, line=self._line + line - 1)) from None


class Value:
    """A value in a document. What is asked for and isn't there, or is something else, is a problem of the document,
    and a right value is given back in its place.
    """

    __slots__ = ("_document", "path", "value")

    def __init__(self, document: Document, path: Path, value: Any) -> None:
        self._document = document
        self.path = path
        self.value = value

    def __contains__(self, name: str) -> bool:
        return isinstance(self.value, dict) and name in self.value

    def has(self, name: str) -> bool:
        """Whether there is something under a name; null is nothing."""
        return isinstance(self.value, dict) and self.value.get(name) is not None

    def inner(self, name: str) -> "Value":
        """What stands under a name of an object; null where there is nothing."""
        inner = self.value.get(name) if isinstance(self.value, dict) else None
        return Value(self._document, (*self.path, name), inner)

    def object(self, name: str) -> "Value":
        """The object under a name, which must be there."""
        return self.inner(name).as_object()

    def as_object(self) -> "Value":
        """Itself, which must be an object."""
        if isinstance(self.value, dict):
            return self
        self.wrong("an object")
        return Value(self._document, self.path, {})

    def items(self, name: str) -> Iterator["Value"]:
        """The elements of the array under a name, which must be there."""
        inner = self.inner(name)
        if isinstance(inner.value, list):
            yield from inner.elements()
        else:
            inner.wrong("an array")

    def elements(self) -> Iterator["Value"]:
        """Its own elements, of which what is no array has none."""
        for index, each in enumerate(self.value if isinstance(self.value, list) else ()):
            yield Value(self._document, (*self.path, f"[{index}]"), each)

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """The names and strings in the object under a name, where there is one."""
        inner = self.inner(name)
        if inner.value is None:
            return ()
        return tuple((_clean(key), inner.text(key)) for key in inner.as_object().value)

    def text(self, name: str, default: str | None = None) -> str:
        """The string under a name; where there is none, the default, without which it must be there.

        Half a surrogate pair, which JSON can have and UTF-8 can't, is replaced.
        """
        inner = self.inner(name)
        if inner.value is None and default is not None:
            return default
        if not isinstance(inner.value, str):
            inner.wrong("a string")
            return default or ""
        return _clean(inner.value)

    def bytes_of(self, name: str) -> bytes:
        """The string under a name in UTF-8; half a surrogate pair is a problem, for it can't have been in a message."""
        text, inner = self.text(name), self.inner(name)
        if isinstance(inner.value, str) and text != inner.value:
            inner.wrong("a string of whole Unicode characters", "half of one")
        return text.encode()

    def base64(self, name: str) -> bytes:
        """The bytes that are under a name in base64."""
        text = self.text(name)
        try:
            return b64decode(text, validate=True)
        except (Base64Error, ValueError):
            self.inner(name).wrong("a string in base64")
            return b""

    def number(self, name: str, default: float | None = None) -> float:
        """The number under a name; where there is none, the default, without which it must be there."""
        inner = self.inner(name)
        value = inner.value
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
            inner.wrong("a number")
            return default or 0
        return value

    def whole(self, name: str, least: int, most: int, default: int | None = None) -> int:
        """The whole number under a name; where there is none, the default, without which it must be there."""
        value = self.number(name, default)
        if value == int(value) and least <= value <= most:
            return int(value)
        if value != default:
            self.inner(name).wrong(f"a whole number from {least} to {most}")
        return least

    def word(self, name: str, words: tuple[str, ...], default: str | None = None) -> str:
        """The string under a name, which is one of some words."""
        inner = self.inner(name)
        if inner.value is None and default is not None:
            return default
        if not isinstance(inner.value, str) or inner.value not in words:
            inner.wrong(f"one of {', '.join(words)}")
            return words[0]
        return inner.value

    def instant(self, name: str) -> Timestamp | None:
        """The RFC 3339 time under a name, if there is one."""
        text = self.text(name, "")
        if not text:
            return None
        try:
            return Timestamp.parse(text)
        except ValueError as error:
            self.inner(name).wrong(str(error))
            return None

    def wrong(self, expected: str, found: str | None = None, hint: str | None = None) -> None:
        """Note that it is wrong. What is there instead is found out if nobody says it."""
        self._document.problem(self.path, expected, self._shown() if found is None else found, hint)

    def _shown(self) -> str:
        match self.value:
            case None:
                return "nothing"
            case list():
                return "an array"
            case _:
                return shown(self.value)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


_parse = json.JSONDecoder(parse_constant=_no_constant).decode
