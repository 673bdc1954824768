"""Reads a tree of values into the typed structs of the schema, and collects every problem on the way.

A schema is msgspec Structs whose fields are annotated with plain types, `Literal`s, lists, mappings, other Structs,
or `Annotated[T, Unit(…)]` and `Annotated[T, Form(…)]` for what has a notation or a shape of its own. Bounds and
descriptions stand beside any of them, as `Meta(…)`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from msgspec import Meta, Struct

from pvws.errors import Problem
from pvws.notation.document import Node
from pvws.notation.forms import Builder, Form, Unit, alternatives, bounded, fields, notes
from pvws.notation.nearest import nearest, suggestion

__all__ = ["INVALID", "Builder", "Form", "Reader", "Unit", "nearest"]

_S = TypeVar("_S", bound=Struct)

_HINTS_MAX = 100  # problems that get a hint: to look for what was meant takes longer than to read on


class _Invalid:
    """Stands for a value that has a problem; it never leaves the reader's caller."""


INVALID: Any = _Invalid()
"""What reading gives where there was a problem, which has been noted."""


class Reader:
    """Reads one tree. After everything has been read `problems` says whether any of it can be used.

    `file` is told of nodes that don't know theirs. What stands at a path that is `secret` is never quoted.
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
            file = node.file or self._file
            place = Problem(path, expected, found, hint=hint, file=file, line=node.line, column=node.column)
        else:
            place = Problem(path, expected, found, hint=hint, file=node.origin)
        self.problems.append(place)
        return INVALID

    def read(self, node: Node, kind: Any, path: str) -> Any:
        """The value of a node as a type of the schema, or INVALID."""
        origin = get_origin(kind)
        if origin is Annotated:
            return self._annotated(node, kind, path)
        if len(alternatives(kind)) > 1:
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
        known = fields(kind)
        self._unknown(node, entries, [field.key for field in known] + list(beside), path)
        values: dict[str, Any] = {}
        for field in known:
            if field.key in entries:
                values[field.name] = self.read(entries[field.key], field.kind, _inner(path, field.key))
            elif field.is_required:
                values[field.name] = self.problem(node, _inner(path, field.key), "a value", "nothing")
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
        return self.problem(node, path, expected, hint=self._nearest(node.value, words))  # type: ignore[no-any-return]

    def _nearest(self, word: object, words: Sequence[str]) -> str | None:
        return nearest(word, words) if len(self.problems) < _HINTS_MAX else None

    def _unknown(self, node: Node, entries: Mapping[str, Node], known: Sequence[str], path: str) -> None:
        for key, value in entries.items():
            if key not in known:
                line, column = node.key_places.get(key, (value.line, value.column))
                place = Node(key, line, column, origin=value.origin, file=value.file)
                expected = f"one of {', '.join(known)}" if known else "no key"
                self.problem(place, path, expected, hint=self._nearest(key, known))

    def _annotated(self, node: Node, kind: Any, path: str) -> Any:
        base, own, metas = notes(kind)
        match own:
            case Form():
                value = own.read(self, node, path)
            case Unit():
                value = self._unit(node, own, path)
            case None:
                value = self.read(node, base, path)
        for meta in metas:
            if value is not INVALID and value is not None:
                value = self._bounded(node, value, meta, path, own)
        return value

    def _bounded(self, node: Node, value: Any, meta: Meta, path: str, own: Unit | Form | None) -> Any:
        if isinstance(value, str | Sequence | Mapping):
            least, most = meta.min_length or 0, meta.max_length
            if len(value) < least:
                return self.problem(node, path, f"at least {_counted(least, value)}", str(len(value)))
            if most is not None and len(value) > most:
                return self.problem(node, path, f"at most {_counted(most, value)}", str(len(value)))
        elif isinstance(value, int | float) and not _is_within(value, meta):
            if isinstance(own, Unit) and own.label:
                return self.problem(node, path, bounded(f"a {own.label}", meta, own.write or str))
            return self.problem(node, path, bounded("a whole number" if isinstance(value, int) else "a number", meta))
        return value

    def _unit(self, node: Node, unit: Unit, path: str) -> Any:
        if isinstance(node.value, str | int | float) and not isinstance(node.value, bool):
            try:
                return unit.read(node.source)
            except ValueError as error:
                return self.problem(node, path, str(error), hint=self._near(unit, node.source, path))
        try:
            unit.read("")
        except ValueError as error:
            return self.problem(node, path, str(error))
        raise AssertionError("no unit takes an empty text")

    def _near(self, unit: Unit, text: str, path: str) -> str | None:
        if unit.near is None or len(self.problems) >= _HINTS_MAX or self._secret(path):
            return None
        near = unit.near(text)
        try:
            unit.read(near or "")
        except ValueError:  # a period is no duration of 0
            return None
        return suggestion(near) if near else None

    def _optional(self, node: Node, kind: Any, path: str) -> Any:
        kinds = [each for each in alternatives(kind) if each is not type(None)]
        if node.value is None and len(kinds) < len(alternatives(kind)):
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
        values = {key: self.read(each, kind, _inner(path, key)) for key, each in entries.items()}
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


def _inner(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _counted(number: int, value: str | Sequence[Any] | Mapping[str, Any]) -> str:
    if not isinstance(value, str):
        return f"{number} of them"
    return f"{number} character" if number == 1 else f"{number} characters"


def _is_within(value: float, meta: Meta) -> bool:
    return (
        (meta.ge is None or value >= meta.ge)
        and (meta.gt is None or value > meta.gt)
        and (meta.le is None or value <= meta.le)
        and (meta.lt is None or value < meta.lt)
    )
