"""Who suffers what faults do: one connection, or a whole server."""

from collections.abc import Callable
from typing import Protocol

__all__ = ["House", "Victim"]


class Victim(Protocol):
    """A connection, as a fault acts upon it. What is given back undoes it, once."""

    def stall(self) -> Callable[[], None]:
        """Neither read nor write from now on; what waits meanwhile comes when it is over."""
        ...

    def mute(self) -> Callable[[], None]:
        """Leave control pings unanswered."""
        ...

    def part(self, code: int | None, reason: str = "") -> None:
        """Close with any code, or none, behind all that was queued; what may not be sent is sent as it stands."""
        ...

    def reset(self) -> None:
        """End with a TCP reset."""
        ...

    def half_close(self) -> None:
        """Send the end of the stream behind all that was queued, and go on reading."""
        ...

    def revoke(self) -> None:
        """Have it told that its token is good no more, and close it."""
        ...

    def penalise(self, seconds: float, told: Callable[[], object]) -> Callable[[], None]:
        """Discard its messages for so many seconds of real time; `told` is called with each error that it gets."""
        ...


class House(Protocol):
    """A whole server, as a fault acts upon it."""

    def refuse(self) -> None:
        """Have the kernel refuse connections, until as many calls of `accept` have followed."""
        ...

    def accept(self) -> None:
        """Take connections again, on the same port."""
        ...

    def dismiss(self, code: int | None, reason: str = "") -> int:
        """End every connection, with a close frame or without a word; how many there were."""
        ...
