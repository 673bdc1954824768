"""YAML texts as trees of values that know their line and column, by rules of our own (DESIGN, "Scenario language").

`null`, `true`, `false`, `on` and `off` are what they look like, decimal numbers are numbers, and everything else
is text: `1:30` stays `1:30`, `0123` stays `0123`, and `on` as a key is a word like any other.
"""

import re
from typing import Any, NoReturn, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

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
# YAML 1.1, section 5.1, but for U+FEFF: it can't be seen, and the two loaders don't agree on what it is.
_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_COLON = re.compile(r"\s*:|")

_DUPLICATES_MAX = 100  # told of at once: whoever repeats more keys has pasted the whole file
_SECOND_LOOK_CHARACTERS_MAX = 262_144  # of a wrong text: the slow loader takes a second for so many

_COMMON = {
    "mapping values are not allowed here": "a colon too many: quote the value, or indent less",
    "found character '\\t'": "a tab: indent with spaces",
    "expected ',' or '}'": "a comma or } is missing before this",
    "expected ',' or ']'": "a comma or ] is missing before this",
    "expected <block end>": "it belongs to nothing above: indentation, or quotes that end early",
}
"""What people mostly did, by what PyYAML and libyaml say of it."""

_SYNTAX_ERRORS = (yaml.YAMLError, ValueError, OverflowError)

_FAST: Any = getattr(yaml, "CSafeLoader", None)
"""libyaml's loader, twelve times as fast as PyYAML's own; None where there is none."""


class Node:
    """A value and where it stands: line and column, both from 1. `source` is what was written, of a scalar.

    `file` is the file it was read from, if it was. What was not read from a file says in `origin` where it comes
    from: `PEERVAULT_WS_PORT`, `--port`. A key of a mapping has the file and the origin of its value.
    """

    __slots__ = ("column", "file", "inset", "key_places", "line", "origin", "source", "value")

    def __init__(
        self,
        value: Value,
        line: int = 1,
        column: int = 1,
        source: str = "",
        origin: str | None = None,
        file: str | None = None,
    ) -> None:
        self.value = value
        self.origin = origin
        self.source = source
        self.line = line
        self.column = column
        self.file = file
        self.key_places: dict[str, tuple[int, int]] = {}
        """Of a mapping: line and column of each key."""
        self.inset: int | None = None
        """Of a text that stands in the file letter by letter: how far behind the node's place it begins."""

    def letter(self, number: int) -> "Node | None":
        """The same at the place of one of the letters of its text, from 1; None where that can't be told."""
        if self.inset is None:
            return None
        return Node(self.value, self.line, self.column + self.inset + number - 1, self.source, self.origin, self.file)

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
    """The tree of a document. An alias is a copy of its anchor's value, and stands where that does.

    Raises InputError with file, line and column of what is wrong: of every key that is there twice, and of the
    first of all else.
    """
    if len(text) > YAML_BYTES_MAX:
        raise InputError(_problem(f"at most {YAML_BYTES_MAX} characters", str(len(text)), file, (1, 1)))
    text = text.removeprefix("\ufeff")
    if unprintable := _UNPRINTABLE.search(text):
        place = _end(text[: unprintable.start()])
        raise InputError(_problem("printable characters", f"U+{ord(unprintable[0]):04X}", file, place))
    loader = (_FAST or yaml.SafeLoader)(text)
    try:
        return _Composer(loader, text, file).compose()
    except _SYNTAX_ERRORS as error:
        problem = _syntax_problem(error, loader, text, file)
    if _FAST is not None:
        return _second_look(text, file, problem)
    raise InputError(problem)


def scalar(text: str, origin: str) -> Node:
    """The value that a text alone is, without YAML's syntax: that of a variable, where `*` is no alias."""
    return Node(_plain(text), source=text, origin=origin)


class _Open:
    """A list or mapping whose end has not come yet, and of a mapping the key that waits for its value."""

    __slots__ = ("anchor", "entries", "items", "key", "key_end", "node")

    def __init__(self, node: Node, anchor: str | None, *, is_mapping: bool) -> None:
        self.node = node
        self.anchor = anchor
        self.entries: dict[str, Node] | None = {} if is_mapping else None
        self.items: list[Node] = []
        self.key: str | None = None
        self.key_end: Any = None  # a mark, of either loader


class _Composer:
    """Makes a tree of the events of a loader. It is not recursive, and what is wrong stops it where it stands."""

    def __init__(self, loader: Any, text: str, file: str) -> None:
        self._loader = loader
        self._text = text
        self._file = file
        self._root: Node | None = None
        self._stack: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._open_anchors: dict[str, Node] = {}
        self._count = 0
        self._problems: list[Problem] = []

    def compose(self) -> Node:
        """The root of the only document. Raises InputError, and what the loader raises."""
        while True:
            event = self._loader.get_event()
            kind = type(event)
            if kind is ScalarEvent:
                self._scalar(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._start(event, is_mapping=kind is MappingStartEvent)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._finish()
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is DocumentStartEvent and self._root is not None:
                self._refuse("one document", "another", self._place(event))
            elif kind is StreamEndEvent:
                break
        if self._problems:
            raise InputError(*self._problems)
        return self._root or Node(None, file=self._file)

    def _scalar(self, event: ScalarEvent) -> None:
        place = self._place(event)
        is_key = self._check(event, place)
        text: str = event.value
        if _SURROGATE.search(text):
            self._refuse("whole characters", "half of one, a surrogate", place)
        # What is quoted, or a block, is always text; that it is neither libyaml says in another way.
        value = text if event.style else _plain(text)
        node = Node(value, *place, text, file=self._file)
        inset = 1 if event.style in ("'", '"') else 0
        start: Any = event.start_mark
        if "\n" not in text and self._text.startswith(text, start.index + inset):
            node.inset = inset
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        if is_key:
            self._key(text, event, place)
            return
        if not text and not event.style and event.anchor is None:
            node.line, node.column = self._place_of_nothing(place)
        self._count_one(place)
        self._add(node)

    def _start(self, event: MappingStartEvent | SequenceStartEvent, *, is_mapping: bool) -> None:
        place = self._place(event)
        if self._check(event, place):
            self._refuse("a word as key", "a list or a mapping", place)
        self._count_one(place)
        node = Node(None, *place, file=self._file)
        if event.anchor is not None:
            self._open_anchors[event.anchor] = node
        self._stack.append(_Open(node, event.anchor, is_mapping=is_mapping))

    def _finish(self) -> None:
        done = self._stack.pop()
        done.node.value = done.items if done.entries is None else done.entries
        if done.anchor is not None:
            self._anchors[done.anchor] = self._open_anchors.pop(done.anchor)
        self._add(done.node)

    def _alias(self, event: AliasEvent) -> None:
        place = self._place(event)
        is_key = self._is_key()
        anchor = str(event.anchor)
        node = self._anchors.get(anchor) or self._open_anchors.get(anchor)
        if node is None:
            self._refuse("an alias of an anchor that stands above", _quoted(f"*{anchor}"), place)
        elif is_key and (anchor in self._open_anchors or isinstance(node.value, dict | list)):
            self._refuse("a word as key", "a list or a mapping", place)
        elif anchor in self._open_anchors:
            self._refuse_depth((node.line, node.column))
        elif is_key:
            self._key(node.source, event, place)
        else:
            self._add(self._copy(node, len(self._stack), place))

    def _copy(self, node: Node, depth: int, place: tuple[int, int]) -> Node:
        """A tree like another, for an alias at a place: whoever changes one does not change both."""
        self._count_one(place)
        if depth > YAML_DEPTH_MAX:
            self._refuse_depth(place)
        copy = Node(node.value, node.line, node.column, node.source, file=node.file)
        copy.inset = node.inset
        if isinstance(node.value, dict):
            copy.value = {key: self._copy(each, depth + 1, place) for key, each in node.value.items()}
            copy.key_places = dict(node.key_places)
        elif isinstance(node.value, list):
            copy.value = [self._copy(each, depth + 1, place) for each in node.value]
        return copy

    def _key(self, name: str, event: NodeEvent, place: tuple[int, int]) -> None:
        top = self._stack[-1]
        assert top.entries is not None, "only mappings have keys"
        if not name or not name.isprintable():
            self._refuse("a word as key", _quoted(name), place)
        top.key, top.key_end = name, event.end_mark
        if name not in top.entries:
            top.node.key_places[name] = place
            return
        found = f"it again (first in line {top.node.key_places[name][0]})"
        self._problems.append(_problem(f"{_quoted(name)} once", found, self._file, place))
        if len(self._problems) >= _DUPLICATES_MAX:
            raise InputError(*self._problems)

    def _add(self, node: Node) -> None:
        if not self._stack:
            self._root = node
            return
        top = self._stack[-1]
        if top.entries is None:
            top.items.append(node)
        else:
            assert top.key is not None, "a value follows its key"
            top.entries.setdefault(top.key, node)
            top.key = None

    def _is_key(self) -> bool:
        """Whether what comes next is the key of a mapping."""
        return bool(self._stack) and self._stack[-1].entries is not None and self._stack[-1].key is None

    def _check(self, event: NodeEvent, place: tuple[int, int]) -> bool:
        """Refuse what no node may have; says whether this one is a key."""
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._refuse("no tags", _quoted(str(tag)), place)
        if len(self._stack) > YAML_DEPTH_MAX:
            self._refuse_depth(place)
        anchor = event.anchor
        if anchor is not None and (first := self._anchors.get(anchor) or self._open_anchors.get(anchor)):
            found = f"it again (first in line {first.line})"
            self._refuse(f"the anchor {_quoted(f'&{anchor}')} once", found, place)
        return self._is_key()

    def _count_one(self, place: tuple[int, int]) -> None:
        self._count += 1
        if self._count > YAML_NODES_MAX:
            self._refuse(f"at most {YAML_NODES_MAX} values, aliases followed", "more", place)

    def _place(self, event: Any) -> tuple[int, int]:
        mark = event.start_mark
        return mark.line + 1, mark.column + 1

    def _place_of_nothing(self, place: tuple[int, int]) -> tuple[int, int]:
        """Where a value that was left out would begin, whatever the loader says: behind the colon of its key."""
        end = self._stack[-1].key_end if self._stack else None
        if end is None:
            return place if self._stack else (1, 1)
        colon = _COLON.match(self._text, end.index)
        lines, column = _end(colon[0] if colon else "")
        return end.line + lines, column + (end.column if lines == 1 else 0)

    def _refuse_depth(self, place: tuple[int, int]) -> NoReturn:
        self._refuse(f"at most {YAML_DEPTH_MAX} levels of nesting", "more", place)

    def _refuse(self, expected: str, found: str, place: tuple[int, int]) -> NoReturn:
        raise InputError(*self._problems, _problem(expected, found, self._file, place))


def _second_look(text: str, file: str, problem: Problem) -> Node:
    """What the slow loader makes of a text that libyaml has refused with a problem. Raises InputError.

    It has the better sentences, for they quote what was found; and it takes some texts more. Of a long text it sees
    the beginning alone, so that what it says of the last line there says nothing.
    """
    cut = text[:_SECOND_LOOK_CHARACTERS_MAX]
    loader = yaml.SafeLoader(cut)
    try:
        root = _Composer(loader, cut, file).compose()
    except _SYNTAX_ERRORS as error:
        better = _syntax_problem(error, loader, cut, file)
        if cut == text or (better.line or 0) < _end(cut)[0]:
            problem = better
    else:
        if cut == text:
            return root
    raise InputError(problem)


def _syntax_problem(error: Exception, loader: Any, text: str, file: str) -> Problem:
    hint, mark = "a number here is out of range", None  # PyYAML: of "\UFFFFFFFF", and of a version of 5,000 digits
    if isinstance(error, yaml.MarkedYAMLError):
        words = ", ".join(part for part in (error.context, error.problem) if part)
        hint = next((mistake for said, mistake in _COMMON.items() if said in words), words)
        mark = error.problem_mark or error.context_mark
    if mark is None and isinstance(loader, yaml.SafeLoader):
        mark = loader.get_mark()
    # libyaml puts what is missing at the end into a line that isn't there.
    place = _end(text) if mark is None else min((mark.line + 1, mark.column + 1), _end(text))
    return _problem("valid YAML", None, file, place, hint)


def _end(text: str) -> tuple[int, int]:
    """Line and column of where a text ends."""
    lines = _LINE_BREAK.split(text)
    return len(lines), len(lines[-1]) + 1


def _problem(expected: str, found: str | None, file: str, place: tuple[int, int], hint: str | None = None) -> Problem:
    return Problem("", expected, found, file=file, line=place[0], column=place[1], hint=hint)


def _quoted(text: str) -> str:
    """A text as an error quotes it: not too long, on one line, and unable to steer a terminal."""
    cut = text[:EXCERPT_CHARACTERS_MAX] + ("…" if len(text) > EXCERPT_CHARACTERS_MAX else "")
    return f'"{cut}"' if cut.isprintable() else f'"{cut.encode("unicode_escape").decode("ascii")}"'


def _plain(text: str) -> Value:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
