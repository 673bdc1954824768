"""What is counted of clients: of a whole server's, and of those of each room."""

from collections import Counter
from typing import Literal, TypeAlias

__all__ = ["Counted", "Tally"]

Counted: TypeAlias = Literal["message", "error", "disconnect"]
"""A message that a client sent, an error message that it was sent, or that the server ended a connection."""


class Tally:
    """Counts that only grow, but for `active`."""

    __slots__ = ("active", "connections", "dropped", "of")

    def __init__(self) -> None:
        self.active = 0
        """How many WebSocket connections are open."""
        self.connections = 0
        """How many there ever were."""
        self.dropped = 0
        """Messages that those who have gone were never sent, because they were too slow."""
        self.of: dict[Counted, Counter[str]] = {"message": Counter(), "error": Counter(), "disconnect": Counter()}
        """How often, by kind: errors by their code, disconnects by why."""

    def opened(self) -> None:
        """A client has come."""
        self.active += 1
        self.connections += 1

    def closed(self, dropped: int) -> None:
        """One has gone, which was never sent so many messages."""
        self.active -= 1
        self.dropped += dropped
