"""What behaviours and timeline steps act on: the parts of one run of a scenario."""

from typing import Protocol, TypeAlias

from msgspec import Struct

from pvws.sim.chance import Chance
from pvws.sim.kernel import Kernel
from pvws.sim.source import ClientInput, Cue
from pvws.wire.events import Payload
from pvws.world.cast import Cast
from pvws.world.world import World

__all__ = ["BEHAVIOURS", "MEASUREMENTS", "TIMELINE", "Hearing", "Looking", "Play", "RawEvent", "Running", "Told"]

TIMELINE = 1
"""Rank of what the timeline does: after the world's own processes of that instant, which have rank 0."""

BEHAVIOURS = 2
"""Rank of what behaviours do: behind the timeline."""

MEASUREMENTS = 3
"""Rank of what reads figures off the world: behind everything else of its instant, so that it sees what then is."""


class RawEvent(Struct, frozen=True):
    """A message as somebody wants it on the wire, right or wrong: it is sent as it stands to a topic's subscribers."""

    topic: str
    type: str
    text: bytes


Told: TypeAlias = Payload | RawEvent | Cue
"""What a run puts into the herald's outbox."""


class Running(Protocol):
    """A behaviour that runs, as the timeline sees it."""

    def set_factor(self, factor: float) -> None:
        """From now on it does so many times as much as it would; 1 is as much as the script says."""
        ...


class Looking(Protocol):
    """Something that looks at the run after every instant in which something was told."""

    def look(self) -> None:
        """Look now."""
        ...


class Hearing(Protocol):
    """Something that wants to know what clients do."""

    def hear(self, deed: ClientInput) -> None:
        """A client has done something."""
        ...


class Play:
    """The parts of a run, put together by the director. `start` is its first instant in microseconds; `behaviours`
    has those that can be sped up, by name.
    """

    __slots__ = ("behaviours", "cast", "chance", "kernel", "listeners", "seed", "start", "watchers", "world")

    def __init__(self, kernel: Kernel, chance: Chance, world: World, cast: Cast, seed: int) -> None:
        self.kernel = kernel
        self.chance = chance
        self.world = world
        self.cast = cast
        self.seed = seed
        self.start = kernel.now
        self.behaviours: dict[str, Running] = {}
        self.watchers: list[Looking] = []
        self.listeners: list[Hearing] = []
