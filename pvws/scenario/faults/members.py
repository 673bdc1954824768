"""Where the members of a JSON text stand, so that one is changed and all else stays byte for byte the same. Pure."""

import json
import re
from typing import NamedTuple

__all__ = ["Member", "members", "set_value"]

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


class Member(NamedTuple):
    """A member of an object: from its key to the end of its value, at places of the text.

    `path` are the keys and places in lists that lead to it, its own key last.
    """

    path: tuple[str | int, ...]
    start: int
    value: int
    end: int


class _Open:
    """An object or list that is not closed yet."""

    __slots__ = ("is_object", "key", "key_start", "path", "place", "value_start")

    def __init__(self, path: tuple[str | int, ...], *, is_object: bool) -> None:
        self.path = path
        self.is_object = is_object
        self.key: str | None = None
        self.key_start = 0
        self.value_start = 0
        self.place = 0

    def inner(self) -> tuple[str | int, ...]:
        return (*self.path, self.key if self.is_object and self.key is not None else self.place)


def members(text: bytes) -> list[Member] | None:
    """The members of all objects in a text, those of one within another behind it; None if it is no JSON object."""
    try:
        if not isinstance(json.loads(text), dict):
            return None
    except (ValueError, RecursionError):
        return None
    found: list[Member] = []
    stack: list[_Open] = []
    for token in _TOKEN.finditer(text):
        word, start, end = token[0], token.start(), token.end()
        top = stack[-1] if stack else None
        if word in (b"}", b"]"):
            stack.pop()
            _ended(stack, end, found)
        elif word == b",":
            assert top is not None, "it is JSON"
            top.key = None
            top.place += 1
        elif word == b":":
            continue
        elif top is not None and top.is_object and top.key is None:
            top.key, top.key_start = json.loads(word), start
        else:
            if top is not None:
                top.value_start = start
            if word in (b"{", b"["):
                stack.append(_Open(() if top is None else top.inner(), is_object=word == b"{"))
            else:
                _ended(stack, end, found)
    return sorted(found, key=lambda member: member.start)


def _ended(stack: list[_Open], end: int, found: list[Member]) -> None:
    """A value has ended: it is that of a member, if an object is open."""
    if stack and stack[-1].is_object:
        top = stack[-1]
        found.append(Member(top.inner(), top.key_start, top.value_start, end))


def set_value(text: bytes, member: Member, value: bytes) -> bytes:
    """A text with another value for a member of it."""
    return text[: member.value] + value + text[member.end :]
