"""Values that the tests of expressions look into."""

from enum import StrEnum
from typing import Any

from msgspec import UNSET, Struct, UnsetType


class Color(StrEnum):
    """A member is its value."""

    RED = "red"


class File(Struct, rename="camel"):
    """Fields have other names on the wire."""

    used_space: int
    tags: tuple[str, ...] = ()
    node: str | UnsetType = UNSET
    _secret: str = "secret"


class Peer:
    """A thing that says which names may be used of it."""

    public = "not read"

    def __init__(self, names: dict[str, object]) -> None:
        self._names = names

    def look_up(self, name: str) -> object:
        return self._names[name]


class Plain:
    """A thing that offers no names."""

    size = 3

    def method(self) -> int:
        raise AssertionError("nobody calls this")


def nested(levels: int) -> list[Any]:
    """Lists in lists."""
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value
