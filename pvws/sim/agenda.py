"""What is to happen when, in a total order."""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, TypeAlias

__all__ = ["Action", "Agenda", "Instant"]

Instant: TypeAlias = int
"""A point in stage time: whole microseconds since 1970-01-01T00:00:00Z."""

Action: TypeAlias = Callable[[Any], None]
"""What happens: called with the argument it was put down with."""


class Agenda:
    """A heap of (at, rank, sequence, action, argument): no two entries compare equal, so the order is total.

    At one instant the lower rank comes first, and within a rank what was put down first. Actions are bound
    methods and arguments plain values, so that an agenda can be pickled with the world it belongs to.
    """

    __slots__ = ("_entries", "_sequence")

    def __init__(self) -> None:
        self._entries: list[tuple[Instant, int, int, Action, Any]] = []
        self._sequence = 0  # a plain number, since Python 3.14 no longer pickles itertools.count

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, at: Instant, action: Action, argument: Any = None, *, rank: int = 0) -> None:
        """Put down an action for an instant."""
        heappush(self._entries, (at, rank, self._sequence, action, argument))
        self._sequence += 1

    def peek(self) -> Instant | None:
        """When the next entry is due; None when there is none."""
        return self._entries[0][0] if self._entries else None

    def pop(self) -> tuple[Instant, Action, Any]:
        """Take the next entry: when, what, and with which argument. Raises IndexError when there is none."""
        at, _, _, action, argument = heappop(self._entries)
        return at, action, argument
