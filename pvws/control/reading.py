"""Reads what a request says into typed structs, by the same schemas and with the same errors as scripts are read."""

import math
from collections.abc import Iterable
from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from pvws.answers import Mistake
from pvws.control.problems import Refusal
from pvws.errors import InputError
from pvws.limits import MESSAGE_DEPTH_MAX
from pvws.notation.document import Node, Value, scalar
from pvws.notation.forms import Form
from pvws.notation.reader import INVALID, Reader

__all__ = [
    "BodyReader",
    "Json",
    "JsonObject",
    "Nothing",
    "body_of",
    "node_of",
    "plain",
    "query_of",
    "refused",
    "tree_of",
    "value_of",
]

_S = TypeVar("_S", bound=Struct)

_NOUNS: dict[Any, str] = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


class Nothing(Struct, frozen=True):
    """A body or a query that says nothing."""


class BodyReader(Reader):
    """Reads JSON, where a text is a text and a number is a number."""

    def _scalar(self, node: Node, kind: Any, path: str) -> Any:
        value = node.value
        if isinstance(value, bool):
            right = kind is bool
        else:
            right = isinstance(value, int | float) if kind is float else isinstance(value, kind)
        if not right:
            return self.problem(node, path, _NOUNS[kind])
        return float(value) if kind is float and isinstance(value, int) else value


def _json(reader: Reader, node: Node, path: str) -> Any:
    return plain(node)


Json: TypeAlias = Annotated[Any, Form(_json, label="JSON value", schema={"description": "Any JSON value."})]
"""A value that is passed on as it stands."""


def _object(reader: Reader, node: Node, path: str) -> Any:
    return plain(node) if isinstance(node.value, dict) else reader.problem(node, path, "an object")


JsonObject: TypeAlias = Annotated[
    dict[str, Any], Form(_object, label="JSON object", schema={"description": "Any JSON object.", "type": "object"})
]
"""An object that is passed on as it stands."""


def tree_of(content: bytes) -> Node:
    """A body as a tree to be read; an empty one is an empty object. Raises Refusal for what is no JSON."""
    return node_of(value_of(content)) if content.strip() else Node({})


def body_of(content: bytes, kind: type[_S]) -> _S:
    """What a body says. An empty one says nothing. Raises Refusal with every mistake and where it is."""
    reader = BodyReader("")
    found = reader.struct(tree_of(content), kind, "")
    if reader.problems or found is INVALID:
        raise refused("invalid", InputError(*reader.problems))
    return found


def query_of(pairs: Iterable[tuple[str, str]], kind: type[_S]) -> _S:
    """What a query says. Raises Refusal with every mistake and the parameter it is in."""
    entries: dict[str, Node] = {}
    mistakes = []
    for name, text in pairs:
        if name in entries:
            mistakes.append(Mistake(name, "it once", "it twice"))
        node = scalar(text, "")
        node.origin, node.source = None, text
        entries[name] = node
    reader = Reader("")
    found = reader.struct(Node(dict(entries)), kind, "")
    if reader.problems:
        raise refused("query", InputError(*reader.problems), mistakes)
    if mistakes:
        raise Refusal("query", f"{mistakes[0].path}: expected it once, got it twice", mistakes)
    return found


def value_of(content: bytes) -> Any:
    """The value of a JSON text. Raises Refusal that says at which line and column it is none."""
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        raise _no_json(content, str(error)) from None
    except UnicodeDecodeError as error:
        raise Refusal("syntax", f"the body is not UTF-8: other bytes at {error.start}") from None
    except RecursionError:
        raise _too_deep() from None


def node_of(value: Any) -> Node:
    """A value of JSON as a tree to be read. Raises Refusal for one that is nested too deeply."""
    _check_depth(value)
    return _Tree(value)


def plain(node: Node) -> Any:
    """The value that a tree was made of."""
    if isinstance(node, _Tree):
        return node.plain
    match node.value:
        case dict():
            return {key: plain(each) for key, each in node.value.items()}
        case list():
            return [plain(each) for each in node.value]
        case _:
            return node.value


class _Tree(Node):
    """A value of JSON, whose parts become nodes when somebody looks at them: most are only passed on."""

    __slots__ = ("_parts", "plain")

    def __init__(self, plain: Any) -> None:
        self.plain = plain
        self._parts: Value | None = None
        is_word = isinstance(plain, bool)
        number = "" if is_word or not isinstance(plain, int | float) else _number(plain)
        word = "true" if plain else "false"
        super().__init__(None, source=plain if isinstance(plain, str) else word if is_word else number)

    @property
    def value(self) -> Value:
        """What it holds."""
        if not isinstance(self.plain, dict | list):
            found: Value = self.plain
            return found
        if self._parts is None:
            if isinstance(self.plain, dict):
                self._parts = {key: _Tree(each) for key, each in self.plain.items()}
            else:
                self._parts = [_Tree(each) for each in self.plain]
        return self._parts

    @value.setter
    def value(self, value: Value) -> None:
        """It is what it was made of."""


def _check_depth(value: Any) -> None:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MESSAGE_DEPTH_MAX + 1):
        level = [
            each
            for outer in level
            for each in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(each, dict | list)
        ]
        if not level:
            return
    raise _too_deep()


def _number(value: float) -> str:
    """A number as our notations read it: without an exponent, where it has but few digits."""
    if isinstance(value, int):
        return str(value)
    if math.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = repr(value)
    return f"{value:.9f}".rstrip("0") if "e-" in text else text


def refused(kind: str, error: InputError, others: Iterable[Mistake] = ()) -> Refusal:
    """The refusal of what a request said: all mistakes, with their paths in it."""
    mistakes = [*others, *(Mistake(each.path, each.expected, each.found, each.hint) for each in error.problems)]
    first = error.problems[0]
    said = f"expected {first.expected}" + ("" if first.found is None else f", got {first.found}")
    where = f"{first.path}: " if first.path else ""
    hint = "" if first.hint is None else f" ({first.hint})"
    more = "" if len(mistakes) == 1 else f" (and {len(mistakes) - 1} more)"
    return Refusal(kind, f"{where}{said}{hint}{more}", mistakes)


def _no_json(content: bytes, trouble: str) -> Refusal:
    """Says where a text stops being JSON: msgspec gives the byte, a person looks for the line."""
    said, _, place = trouble.partition(" (byte ")
    at = int(place.removesuffix(")")) if place else len(content)
    before = content[:at]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    said = said.removeprefix("JSON is malformed: ").replace("Input data was truncated", "its end")
    mistake = Mistake("", "JSON", said, line=line, column=column)
    return Refusal("syntax", f"line {line}, column {column} of the body: expected JSON, got {said}", [mistake])


def _too_deep() -> Refusal:
    return Refusal("invalid", f"the body is nested deeper than {MESSAGE_DEPTH_MAX} levels")
