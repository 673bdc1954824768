"""A collection that adds, removes and picks at random in constant time, in an order that repeats."""

from collections.abc import Iterator
from typing import Generic, TypeVar

__all__ = ["Bag"]

_T = TypeVar("_T")


class Bag(Generic[_T]):
    """Different things, indexed from 0. Removing one puts the last in its place: the order is no insertion order,
    but the same operations give the same order in every run.
    """

    __slots__ = ("_places", "_things")

    def __init__(self) -> None:
        self._things: list[_T] = []
        self._places: dict[_T, int] = {}

    def __len__(self) -> int:
        return len(self._things)

    def __contains__(self, thing: _T) -> bool:
        return thing in self._places

    def __iter__(self) -> Iterator[_T]:
        return iter(self._things)

    def __getitem__(self, place: int) -> _T:
        return self._things[place]

    def add(self, thing: _T) -> None:
        """Put one more thing in. It must not be here already."""
        assert thing not in self._places, "a thing is in a bag once"
        self._places[thing] = len(self._things)
        self._things.append(thing)

    def remove(self, thing: _T) -> None:
        """Take a thing out. Raises KeyError if it is not here."""
        place = self._places.pop(thing)
        last = self._things.pop()
        if place < len(self._things):
            self._things[place] = last
            self._places[last] = place
