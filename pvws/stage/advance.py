"""What comes of moving a held clock: what was given out, where it stands, and who has not got everything."""

from typing import Literal, TypeAlias

from msgspec import Struct

from pvws.errors import PvwsError
from pvws.sim.agenda import Instant
from pvws.sim.source import Timed
from pvws.timestamp import Timestamp

__all__ = [
    "Advance",
    "CantGoBackError",
    "ClockError",
    "ClockTimeoutError",
    "ExchangedError",
    "NeverHappenedError",
    "NotHeldError",
    "Straggler",
    "Why",
]

Why: TypeAlias = Literal["stalled", "slow", "silent", "held"]
"""It took no byte for a second; it took some, but not all in time; it has everything, but did not answer a ping; or a
fault holds something back from it.
"""


class Straggler(Struct, frozen=True):
    """A client that has not got everything: the `client`-th connection of the stage.

    `messages` and `bytes` wait for it, what its transport holds counted among the bytes. `faults` are the ids of those
    that hold it. `node` is the server where it is, if that is another one of the same bus.
    """

    client: int
    client_id: str
    why: Why
    messages: int = 0
    bytes: int = 0
    faults: tuple[str, ...] = ()
    node: str = ""

    def __str__(self) -> str:
        waiting = f"{self.messages:,} messages, {self.bytes:,} bytes waiting"
        said = {
            "stalled": f"takes nothing, {waiting}",
            "slow": waiting,
            "silent": "did not answer a ping",
            "held": f"held by {' and '.join(self.faults) or 'a fault'}, {waiting}",
        }[self.why]
        where = f" of {self.node}" if self.node else ""
        return f"client {self.client} ({self.client_id[:8]}){where}: {said}"


class Advance(Struct, frozen=True):
    """The clock stands at `at`: what was due by then was handed to the socket of every subscriber but the stragglers.

    `count` messages were given out, of which `events` has the last 10,000, and `marks` the names of the marks that
    were passed. `matched` is the event that was waited for, if one was. `ended` says that nothing is left to play.
    `silent` are the nodes of a bus that have not said whether their clients have everything.
    """

    at: Instant
    count: int
    events: tuple[Timed, ...] = ()
    marks: tuple[str, ...] = ()
    matched: Timed | None = None
    ended: bool = False
    stragglers: tuple[Straggler, ...] = ()
    silent: tuple[str, ...] = ()

    @property
    def timestamp(self) -> Timestamp:
        """The instant as the API writes it."""
        return Timestamp(self.at)

    @property
    def complete(self) -> bool:
        """Whether every subscriber has got everything."""
        return not self.stragglers and not self.silent


class ClockError(PvwsError):
    """A clock can't do what it was asked for."""


class NotHeldError(ClockError):
    """Only a clock that is held can be moved by hand."""

    def __init__(self, trouble: str = "the clock runs; hold it before it is moved by hand") -> None:
        super().__init__(trouble)


class ExchangedError(ClockError):
    """What the clock was moved through plays no more."""

    def __init__(self) -> None:
        super().__init__("something else was loaded while the clock was moved by hand")


class CantGoBackError(ClockError):
    """What is played can't be played again, so there is no way back."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the clock can't be set back: {why}")


class ClockTimeoutError(ClockError):
    """Not all that was due could be given out in time. `advance` says how far it came."""

    def __init__(self, timeout: float, advance: Advance) -> None:
        self.timeout = timeout
        self.advance = advance
        super().__init__(f"after {timeout:g} s of real time the clock had come to {advance.timestamp} and no further")


class NeverHappenedError(ClockError):
    """What was waited for did not come. `advance` says how far it came."""

    def __init__(self, awaited: str, advance: Advance) -> None:
        self.awaited = awaited
        self.advance = advance
        until = "the end" if advance.ended else str(advance.timestamp)
        super().__init__(f"{awaited} did not happen until {until}, in {advance.count:,} events")
