"""Where values stand in a JSON text: their places by bytes, so that one can be replaced and the rest stays as it is.

The text need not be right, or one: what was cut off, broken or joined by newlines is walked through as far as it goes.
"""

import re
from collections.abc import Callable, Iterator

import msgspec

__all__ = ["Path", "Span", "spans"]

Path = tuple[str, ...]
"""Keys from the outside in; an element of an array is `[0]`, `[1]` and so on."""

Span = tuple[int, int]
"""First byte of a value, and the first behind it."""

# A string may end with the text: what was cut off in the middle of a secret shows the beginning of it.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"?|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_OPENING = {b"{": b"}", b"[": b"]"}


class _Level:
    """An object or an array that is open."""

    __slots__ = ("index", "is_object", "key", "start", "wanted")

    def __init__(self, start: int, *, is_object: bool, wanted: bool) -> None:
        self.start = start
        self.is_object = is_object
        self.wanted = wanted  # whether the whole is a value that was asked for
        self.key: str | None = None
        self.index = 0


def spans(text: bytes, wanted: Callable[[Path], bool]) -> Iterator[Span]:
    """The places of all values whose path is wanted, from the left; of those within each other the outer one.

    Keys that stand there twice are two values.
    """
    levels: list[_Level] = []
    path: list[str] = []
    inside = 0  # levels that belong to a value which is wanted as a whole
    for match in _TOKEN.finditer(text):
        token, start, end = match[0], match.start(), match.end()
        level = levels[-1] if levels else None
        if token in (b"}", b"]"):
            if level is None:
                continue
            levels.pop()
            if level.wanted:
                yield level.start, end
            inside -= level.wanted
            if levels and path:
                path.pop()
        elif token == b",":
            if level is not None:
                level.key, level.index = None, level.index + 1
        elif token != b":":
            if level is not None and level.is_object and level.key is None:
                level.key = _key(token)
                continue
            if level is not None:
                path.append(level.key or "" if level.is_object else f"[{level.index}]")
            is_wanted = bool(level) and not inside and wanted(tuple(path))
            if token in _OPENING:
                levels.append(_Level(start, is_object=token == b"{", wanted=is_wanted))
                inside += is_wanted
                continue
            if is_wanted:
                yield start, end
            if level is not None:
                path.pop()
    for level in levels:
        if level.wanted:
            yield level.start, len(text)  # it was cut off, and is all of it still


def _key(token: bytes) -> str:
    """The name that a key is, with what is escaped in it made out."""
    try:
        key: str = msgspec.json.decode(token, type=str)
    except (msgspec.DecodeError, UnicodeError):
        return token.strip(b'"').decode(errors="replace")
    return key
