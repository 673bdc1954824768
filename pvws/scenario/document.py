"""YAML texts as trees of values that know their line and column, by rules of our own (DESIGN, "Scenario language").

`null`, `true`, `false`, `on` and `off` are what they look like, decimal numbers are numbers, and everything else
is text: `1:30` stays `1:30`, `0123` stays `0123`, and `on` as a key is a word like any other.
"""

import re
from typing import TypeAlias, cast

import yaml

from pvws.errors import InputError, Problem
from pvws.limits import YAML_BYTES_MAX, YAML_DEPTH_MAX, YAML_NODES_MAX

__all__ = ["Node", "Value", "parse"]

Value: TypeAlias = "str | int | float | bool | list[Node] | dict[str, Node] | None"
"""What a node may hold."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})", re.ASCII)
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}", re.ASCII)
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
    """A value and where it stands: line and column, both from 1."""

    __slots__ = ("column", "key_places", "line", "value")

    def __init__(self, value: Value, line: int, column: int) -> None:
        self.value = value
        self.line = line
        self.column = column
        self.key_places: dict[str, tuple[int, int]] = {}
        """Of a mapping: line and column of each key."""

    def describe(self) -> str:
        """What stands here, as an error quotes it."""
        match self.value:
            case None:
                return "nothing"
            case bool():
                return "on" if self.value else "off"
            case dict():
                return "a mapping"
            case list():
                return "a list"
            case str():
                return f'"{self.value}"' if len(self.value) <= 60 else f'"{self.value[:60]}…"'
            case _:
                return str(self.value)


def parse(text: str, file: str) -> Node:
    """The tree of a document. Raises InputError with file, line and column of what is wrong."""
    if len(text) > YAML_BYTES_MAX:
        raise InputError(Problem("", f"at most {YAML_BYTES_MAX} characters", str(len(text)), file=file))
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (None, None) if mark is None else (mark.line + 1, mark.column + 1)
        said = " ".join(part for part in (error.context, error.problem) if part)
        raise InputError(Problem("", "YAML", said, file=file, line=place[0], column=place[1])) from None
    except yaml.YAMLError as error:
        raise InputError(Problem("", "YAML", " ".join(str(error).split()), file=file)) from None
    except RecursionError:
        raise InputError(Problem("", f"at most {YAML_DEPTH_MAX} levels of nesting", "more", file=file)) from None
    if root is None:
        return Node(None, 1, 1)
    return _Builder(file).build(root, 0)


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
            return Node(_scalar(node), line, column)
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
            if name in entries:
                raise self._problem(f'"{name}" once', f"it again (first in line {places[name][0]})", line, column)
            places[name] = (line, column)
            entries[name] = self.build(value, depth + 1)
        return entries

    def _problem(self, expected: str, found: str, line: int, column: int) -> InputError:
        return InputError(Problem("", expected, found, file=self._file, line=line, column=column))


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _scalar(node: yaml.ScalarNode) -> Value:
    text = str(node.value)
    if node.style is not None:  # quoted, or a block: always text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
