"""Which messages are meant: by topic, by type, by an expression. Pure."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from fnmatch import translate
from typing import Any

from msgspec import DecodeError, json

from pvws.expression.expression import Expression
from pvws.terminal.head import Head
from pvws.wire.events import EVENT_TYPES
from pvws.wire.topics import Topic

__all__ = ["NAMES", "Selection", "holds", "nearest_type"]

NAMES: tuple[str, ...] = ("type", "topic", "data", "timestamp", "clientId")
"""What an expression may ask of a message: the fields of its envelope."""

_TYPES = (*EVENT_TYPES, "pong", "error")


class Selection:
    """Takes messages whose type is like one of the globs, whose topic is on, and for which the expression holds.

    What is left out takes everything. A message that names no topic is always on; a text that can't be read passes
    neither globs nor an expression.
    """

    def __init__(self, types: Sequence[str] = (), where: Expression | None = None) -> None:
        self.types = tuple(types)
        self.where = where
        self.off: frozenset[str] = frozenset()
        """Topics that are switched off."""
        self._like = re.compile("|".join(translate(glob) for glob in types)).match if types else None

    @property
    def filters(self) -> bool:
        """Whether there is a glob or an expression."""
        return self._like is not None or self.where is not None

    @property
    def takes_all(self) -> bool:
        """Whether there is nothing that it leaves out."""
        return self._like is None and self.where is None and not self.off

    def switch(self, topic: Topic) -> None:
        """Switch a topic off, or on again."""
        self.off ^= {topic}

    def takes(self, head: Head | None, text: str) -> bool:
        """Whether a message is meant; `head` is its envelope, None where it has none."""
        if head is None:
            return self._like is None and self.where is None
        if self.off and head.topic in self.off:
            return False
        if self._like is not None and self._like(head.type) is None:
            return False
        return self.where is None or holds(self.where, head, text)


def holds(expression: Expression, head: Head | None, text: str) -> bool:
    """Whether an expression is true of a message. Type and topic are those of the head, whatever the text has there."""
    try:
        fields: Any = json.decode(text)
    except (DecodeError, UnicodeError, RecursionError):
        return False
    if not isinstance(fields, dict):
        return False
    if head is not None:
        fields["type"] = head.type
        if head.topic is not None:
            fields["topic"] = head.topic
    return expression.holds(fields)


def nearest_type(glob: str) -> str | None:
    """None if some type of the contract is like the glob; else the nearest one, or `""` where none is near."""
    if any(map(re.compile(translate(glob)).match, _TYPES)):
        return None
    return next(iter(get_close_matches(glob, _TYPES, 1)), "")
