"""The coin of the test-bed, and what gives it out: a scenario's director, or a recording's replayer."""

from typing import Protocol

from msgspec import Struct

from pvws.sim.agenda import Instant

__all__ = ["Source", "Timed"]


class Timed(Struct, frozen=True, gc=False):
    """A message due at an instant of stage time.

    `sequence` counts from 0 and, with `at`, never falls. `text` is the whole message as the documented profile
    sends it, encoded once; `topic` and `type` say whom it concerns without reading it.
    """

    at: Instant
    sequence: int
    topic: str
    type: str
    text: bytes


class Source(Protocol):
    """Gives out messages in the order of stage time; knows no clock.

    Order of calls: `peek`, then `step`, until `peek` gives None: then the source has ended. A step may well
    give out nothing.
    """

    def peek(self) -> Instant | None:
        """When the next step is due; None at the end."""
        ...

    def step(self) -> list[Timed]:
        """Take the next step: the messages due at that instant. Raises IndexError at the end."""
        ...
