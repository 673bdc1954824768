"""Reads a tree of values into the typed structs of the schema, and collects every problem on the way.

A schema is msgspec Structs whose fields are annotated with plain types, `Literal`s, lists, mappings, other Structs,
or `Annotated[T, Unit(…)]` and `Annotated[T, Form(…)]` for what has a notation or a shape of its own.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Meta, Struct

from pvws.errors import Problem
from pvws.notation.document import Node

__all__ = ["INVALID", "Form", "Reader", "Unit", "nearest"]

_S = TypeVar("_S", bound=Struct)


class _Invalid:
    """Stands for a value that has a problem; it never leaves the reader's caller."""


INVALID: Any = _Invalid()
"""What reading gives where there was a problem, which has been noted."""


class Unit:
    """A scalar with a notation, such as `30s`: `read` makes the value of its text, or raises ValueError saying
    what was expected. Numbers are given to it as text, too.
    """

    __slots__ = ("read",)

    def __init__(self, read: Callable[[str], Any]) -> None:
        self.read = read


class Form:
    """A value with a shape of its own: `read` gets the reader, the node and its path, and gives the value."""

    __slots__ = ("read",)

    def __init__(self, read: "Callable[[Reader, Node, str], Any]") -> None:
        self.read = read


class Reader:
    """Reads one file. After everything has been read `problems` says whether any of it can be used.

    What stands at a path that is `secret` is never quoted.
    """

    def __init__(self, file: str, secret: Callable[[str], bool] = lambda path: False) -> None:
        self._file = file
        self._secret = secret
        self.problems: list[Problem] = []

    def problem(self, node: Node, path: str, expected: str, found: str | None = None, hint: str | None = None) -> Any:
        """Note a problem with a node; gives INVALID."""
        if found is None:
            found = "something else" if self._secret(path) else node.describe()
        if node.origin is None:
            place = Problem(path, expected, found, hint=hint, file=self._file, line=node.line, column=node.column)
        else:
            place = Problem(path, expected, found, hint=hint, file=node.origin)
        self.problems.append(place)
        return INVALID

    def read(self, node: Node, kind: Any, path: str) -> Any:
        """The value of a node as a type of the schema, or INVALID."""
        origin = get_origin(kind)
        if origin is Annotated:
            return self._annotated(node, kind, path)
        if origin in (types.UnionType, Union):
            return self._optional(node, kind, path)
        if origin is Literal:
            return self.word(node, get_args(kind), path)
        if origin is list:
            return self._list(node, get_args(kind)[0], path)
        if origin is tuple:
            values = self._list(node, get_args(kind)[0], path)
            return INVALID if values is INVALID else tuple(values)
        if origin is dict:
            return self._dict(node, get_args(kind)[1], path)
        if isinstance(kind, type) and issubclass(kind, Struct):
            return self.struct(node, kind, path)
        return self._scalar(node, kind, path)

    def struct(self, node: Node, kind: type[_S], path: str, beside: tuple[str, ...] = ()) -> _S:
        """A mapping as a Struct: every key known, every required one there. Keys in `beside` are someone else's."""
        entries = self.mapping(node, path)
        if entries is None:
            return INVALID  # type: ignore[no-any-return]
        fields = msgspec.structs.fields(kind)
        hints = get_type_hints(kind, include_extras=True)
        self._unknown(node, entries, [field.encode_name for field in fields] + list(beside), path)
        values: dict[str, Any] = {}
        for field in fields:
            inner = f"{path}.{field.encode_name}" if path else field.encode_name
            if field.encode_name in entries:
                values[field.name] = self.read(entries[field.encode_name], hints[field.name], inner)
            elif field.default is NODEFAULT and field.default_factory is NODEFAULT:
                values[field.name] = self.problem(node, inner, "a value", "nothing")
        if any(value is INVALID for value in values.values()):
            return INVALID  # type: ignore[no-any-return]
        return kind(**values)

    def mapping(self, node: Node, path: str) -> dict[str, Node] | None:
        """The entries of a mapping; None, and a problem, if it is none."""
        if isinstance(node.value, dict):
            return node.value
        self.problem(node, path, "a mapping")
        return None

    def word(self, node: Node, words: Sequence[str], path: str) -> str:
        """One of some words, or INVALID with the nearest as a hint."""
        if isinstance(node.value, str) and node.value in words:
            return node.value
        expected = f"one of {', '.join(words)}"
        return self.problem(node, path, expected, hint=nearest(node.value, words))  # type: ignore[no-any-return]

    def _unknown(self, node: Node, entries: Mapping[str, Node], known: Sequence[str], path: str) -> None:
        for key in entries:
            if key not in known:
                line, column = node.key_places[key]
                place = Node(key, line, column)
                self.problem(place, path, f"one of {', '.join(known)}", hint=nearest(key, known))

    def _annotated(self, node: Node, kind: Any, path: str) -> Any:
        base, *notes = get_args(kind)
        for note in notes:
            if isinstance(note, Form):
                return note.read(self, node, path)
            if isinstance(note, Unit):
                return self._unit(node, note, path)
        value = self.read(node, base, path)
        for note in notes:
            if value is not INVALID and isinstance(note, Meta):
                value = self._bounded(node, value, note, path)
        return value

    def _bounded(self, node: Node, value: Any, bounds: Meta, path: str) -> Any:
        if isinstance(value, list):
            most = bounds.max_length
            if most is not None and len(value) > most:
                return self.problem(node, path, f"at most {most} of them", str(len(value)))
        elif not (bounds.ge is None or value >= bounds.ge) or not (bounds.le is None or value <= bounds.le):
            noun = "a whole number" if isinstance(value, int) else "a number"
            end = "on" if bounds.le is None else f"to {bounds.le}"
            one = bounds.ge == bounds.le
            return self.problem(node, path, f"{bounds.ge}" if one else f"{noun} from {bounds.ge} {end}")
        return value

    def _unit(self, node: Node, unit: Unit, path: str) -> Any:
        if isinstance(node.value, str | int | float) and not isinstance(node.value, bool):
            try:
                return unit.read(node.source)
            except ValueError as error:
                return self.problem(node, path, str(error))
        try:
            unit.read("")
        except ValueError as error:
            return self.problem(node, path, str(error))
        raise AssertionError("no unit takes an empty text")

    def _optional(self, node: Node, kind: Any, path: str) -> Any:
        kinds = [each for each in get_args(kind) if each is not type(None)]
        if node.value is None and len(kinds) < len(get_args(kind)):
            return None
        assert len(kinds) == 1, "a choice between types has a Form of its own"
        return self.read(node, kinds[0], path)

    def _list(self, node: Node, kind: Any, path: str) -> Any:
        if not isinstance(node.value, list):
            return self.problem(node, path, "a list")
        values = [self.read(each, kind, f"{path}[{place}]") for place, each in enumerate(node.value)]
        return INVALID if any(value is INVALID for value in values) else values

    def _dict(self, node: Node, kind: Any, path: str) -> Any:
        entries = self.mapping(node, path)
        if entries is None:
            return INVALID
        values = {key: self.read(each, kind, f"{path}.{key}" if path else key) for key, each in entries.items()}
        return INVALID if any(value is INVALID for value in values.values()) else values

    def _scalar(self, node: Node, kind: Any, path: str) -> Any:
        value = node.value
        match kind:
            case _ if kind is str and isinstance(value, str | int | float) and not isinstance(value, bool):
                return node.source  # as it was written: 1.10 stays 1.10
            case _ if kind is int and isinstance(value, int) and not isinstance(value, bool):
                return value
            case _ if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
                return float(value)
            case _ if kind is bool and isinstance(value, bool):
                return value
        nouns = {str: "a text", int: "a whole number", float: "a number", bool: "on or off"}
        return self.problem(node, path, nouns[kind])


def nearest(word: object, words: Sequence[str]) -> str | None:
    """A hint with the word that was probably meant."""
    near = get_close_matches(word, words, 1) if isinstance(word, str) else []
    return f'did you mean "{near[0]}"?' if near else None
