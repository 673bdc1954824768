"""YAML texts as trees of values that know their line and column, by rules of our own (DESIGN, "Scenario language").

`null`, `true`, `false`, `on` and `off` are what they look like, decimal numbers are numbers, and everything else
is text: `1:30` stays `1:30`, `0123` stays `0123`, and `on` as a key is a word like any other.
"""

import re
from typing import NoReturn, TypeAlias, cast

import yaml

from pvws.errors import InputError, Problem
from pvws.limits import EXCERPT_CHARACTERS_MAX, YAML_BYTES_MAX, YAML_DEPTH_MAX, YAML_NODES_MAX

__all__ = ["Node", "Value", "parse", "scalar"]

Value: TypeAlias = "str | int | float | bool | list[Node] | dict[str, Node] | None"
"""What a node may hold."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})", re.ASCII)
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "on": True,
    "false": False,
    "off": False,
}


class Node:
    """A value and where it stands: line and column, both from 1. `source` is what was written, of a scalar.

    What was not read from the document at hand says in `origin` where it comes from: `PEERVAULT_WS_PORT`, `--port`.
    """

    __slots__ = ("column", "key_places", "line", "origin", "source", "value")

    def __init__(
        self, value: Value, line: int = 1, column: int = 1, source: str = "", origin: str | None = None
    ) -> None:
        self.value = value
        self.origin = origin
        self.source = source
        self.line = line
        self.column = column
        self.key_places: dict[str, tuple[int, int]] = {}
        """Of a mapping: line and column of each key."""

    def describe(self) -> str:
        """What stands here, as an error quotes it."""
        match self.value:
            case None:
                return "nothing"
            case dict():
                return "a mapping"
            case list():
                return "a list"
            case str():
                return _quoted(self.value)
            case _:
                return self.source


def parse(text: str, file: str) -> Node:
    """The tree of a document. Raises InputError with file, line and column of what is wrong."""
    if len(text) > YAML_BYTES_MAX:
        raise _problem(f"at most {YAML_BYTES_MAX} characters", str(len(text)), file, 1, 1)
    try:
        loader = _Loader(text, file)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        raise _problem("printable characters", f"U+{ord(text[error.position]):04X}", file, line, column) from None
    root = loader.compose()
    return Node(None, 1, 1) if root is None else _Builder(file).build(root, 0)


def scalar(text: str, origin: str) -> Node:
    """The value that a text alone is, without YAML's syntax: that of a variable, where `*` is no alias."""
    return Node(_plain(text), source=text, origin=origin)


class _Loader(yaml.SafeLoader):
    """PyYAML's composer, which is recursive, with our bound on depth; it knows no tags, so it passes none over."""

    def __init__(self, text: str, file: str) -> None:
        super().__init__(text)
        self._file = file
        self._depth = 0

    def compose(self) -> yaml.Node | None:
        """The root of the only document; None if there is none. Raises InputError."""
        try:
            return self.get_single_node()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark or self.get_mark()
            self._refuse(mark, "YAML", hint=", ".join(part for part in (error.context, error.problem) if part))
        except (ValueError, OverflowError):  # PyYAML's, of "\UFFFFFFFF" and of a version of 5,000 digits
            self._refuse(self.get_mark(), "YAML", hint="a number here is out of range")

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """A node. Called by PyYAML, for every value and key."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._refuse(event.start_mark, "no tags", _quoted(str(tag)))
        if self._depth > YAML_DEPTH_MAX:
            self._refuse(event.start_mark, f"at most {YAML_DEPTH_MAX} levels of nesting", "more")
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def _refuse(self, mark: yaml.Mark, expected: str, found: str | None = None, hint: str | None = None) -> NoReturn:
        raise _problem(expected, found, self._file, mark.line + 1, mark.column + 1, hint) from None


class _Builder:
    """Makes a tree out of PyYAML's nodes, in which an alias is the very node of its anchor."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._count = 0

    def build(self, node: yaml.Node, depth: int) -> Node:
        self._count += 1
        line, column = _place(node)
        if self._count > YAML_NODES_MAX:
            raise self._problem(f"at most {YAML_NODES_MAX} values, aliases followed", "more", line, column)
        if depth > YAML_DEPTH_MAX:
            raise self._problem(f"at most {YAML_DEPTH_MAX} levels of nesting", "more", line, column)
        if isinstance(node, yaml.ScalarNode):
            if _SURROGATE.search(node.value):
                raise self._problem("whole characters", "half of one, a surrogate", line, column)
            return Node(_scalar(node), line, column, str(node.value))
        if isinstance(node, yaml.SequenceNode):
            return Node([self.build(each, depth + 1) for each in node.value], line, column)
        built = Node(None, line, column)
        built.value = self._mapping(cast(yaml.MappingNode, node), depth, built.key_places)
        return built

    def _mapping(self, node: yaml.MappingNode, depth: int, places: dict[str, tuple[int, int]]) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        for key, value in node.value:
            line, column = _place(key)
            if not isinstance(key, yaml.ScalarNode):
                raise self._problem("a word as key", "a list or a mapping", line, column)
            name = str(key.value)
            if not name or not name.isprintable():
                raise self._problem("a word as key", _quoted(name), line, column)
            if name in entries:
                found = f"it again (first in line {places[name][0]})"
                raise self._problem(f"{_quoted(name)} once", found, line, column)
            places[name] = (line, column)
            entries[name] = self.build(value, depth + 1)
        return entries

    def _problem(self, expected: str, found: str, line: int, column: int) -> InputError:
        return _problem(expected, found, self._file, line, column)


def _problem(
    expected: str, found: str | None, file: str, line: int, column: int, hint: str | None = None
) -> InputError:
    return InputError(Problem("", expected, found, file=file, line=line, column=column, hint=hint))


def _quoted(text: str) -> str:
    """A text as an error quotes it: not too long, on one line, and unable to steer a terminal."""
    cut = text[:EXCERPT_CHARACTERS_MAX] + ("…" if len(text) > EXCERPT_CHARACTERS_MAX else "")
    return f'"{cut}"' if cut.isprintable() else f'"{cut.encode("unicode_escape").decode("ascii")}"'


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _scalar(node: yaml.ScalarNode) -> Value:
    text = str(node.value)
    return text if node.style is not None else _plain(text)  # quoted, or a block: always text


def _plain(text: str) -> Value:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
