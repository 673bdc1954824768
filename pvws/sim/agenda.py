"""What is to happen when: the types of an agenda."""

from collections.abc import Callable
from typing import Any, TypeAlias

__all__ = ["Action", "Entry", "Instant"]

Instant: TypeAlias = int
"""A point in stage time: whole microseconds since 1970-01-01T00:00:00Z."""

Action: TypeAlias = Callable[[Any], Instant | None]
"""What happens: called with the argument it was put down with. It gives after how many microseconds it is to happen
again; None if it is not."""

Entry: TypeAlias = tuple[Instant, int, int, Action, Any]
"""When, rank, sequence, what, and with which argument."""
