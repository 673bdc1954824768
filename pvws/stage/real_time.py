"""Real time, in microseconds: the wall clock's, and one that begins with it and is never set back."""

import time
from collections.abc import Callable

from pvws.sim.agenda import Instant

__all__ = ["steady_clock", "wall"]


def wall() -> Instant:
    """The wall clock's time, in microseconds since the epoch."""
    return time.time_ns() // 1000


def steady_clock() -> Callable[[], Instant]:
    """A clock that shows the wall clock's time now, and goes on from there whatever is done to that."""
    # Not the loop's: uvloop's goes in milliseconds, and stands within a turn.
    monotonic = time.monotonic_ns
    offset = time.time_ns() - monotonic()
    return lambda: (monotonic() + offset) // 1000
