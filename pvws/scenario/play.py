"""What behaviours and timeline steps act on: the parts of one run of a scenario."""

from typing import TYPE_CHECKING, Protocol, TypeAlias

from msgspec import Struct

from pvws.sim.agenda import Instant
from pvws.sim.chance import Chance
from pvws.sim.kernel import Kernel
from pvws.sim.source import ClientInput, Cue, Verbatim
from pvws.wire.events import Payload

# A server on which nothing plays knows the steps, for its faults and rules, and has no world.
if TYPE_CHECKING:
    from pvws.world.cast import Cast
    from pvws.world.world import World

__all__ = [
    "BEHAVIOURS",
    "MEASUREMENTS",
    "TIMELINE",
    "Hearing",
    "Holds",
    "Looking",
    "Play",
    "RawEvent",
    "RawMessage",
    "Running",
    "Told",
]

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


class RawMessage(Struct, frozen=True):
    """A message exactly as it is to go out, whatever the server's profile, to the subscribers of any of its topics.

    `fragments` are the sizes of its frames, where it is to go in several.
    """

    topics: tuple[str, ...]
    type: str
    text: bytes
    binary: bool = False
    fragments: tuple[int, ...] | None = None

    def at(self, at: Instant, sequence: int) -> Verbatim:
        """The same, due at an instant."""
        topics, fragments = self.topics, self.fragments
        return Verbatim(at, sequence, " ".join(topics), self.type, self.text, topics, self.binary, fragments)


Told: TypeAlias = Payload | RawEvent | RawMessage | Cue
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

    @property
    def asks(self) -> bool:
        """Whether it wants to know more than who did what: their words, and their names."""
        ...

    def hear(self, deed: ClientInput) -> None:
        """A client has done something."""
        ...


class Holds:
    """What several steps set for a while: who set it last counts, and when that ends, who set it before and still does.

    `what` is the thing that is set, `who` the step or behaviour that sets it; who sets it again is the last.
    """

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: dict[tuple[str, str | int], dict[str, float]] = {}

    def take(self, what: tuple[str, str | int], who: str, value: float) -> float:
        """Set it; what it is now is given back."""
        held = self._held.setdefault(what, {})
        held.pop(who, None)
        held[who] = value
        return value

    def release(self, what: tuple[str, str | int], who: str, usual: float) -> float:
        """Set it no longer; what it is now is given back, `usual` if nobody else sets it."""
        held = self._held.get(what, {})
        held.pop(who, None)
        if held:
            return next(reversed(held.values()))
        self._held.pop(what, None)
        return usual


class Play:
    """The parts of a run, put together by the director. `start` is its first instant in microseconds; `behaviours`
    has those that can be sped up, by name.
    """

    __slots__ = ("behaviours", "cast", "chance", "holds", "kernel", "listeners", "seed", "start", "watchers", "world")

    def __init__(self, kernel: Kernel, chance: Chance, world: "World", cast: "Cast", seed: int) -> None:
        self.kernel = kernel
        self.chance = chance
        self.world = world
        self.cast = cast
        self.seed = seed
        self.start = kernel.now
        self.behaviours: dict[str, Running] = {}
        self.holds = Holds()
        self.watchers: list[Looking] = []
        self.listeners: list[Hearing] = []
