"""What behaviours and timeline steps act on: the parts of one run of a scenario."""

from collections.abc import Callable

from pvws.sim.agenda import Instant
from pvws.sim.chance import Chance
from pvws.sim.kernel import Kernel
from pvws.world.cast import Cast
from pvws.world.world import World

__all__ = ["BEHAVIOURS", "TIMELINE", "Play", "Repeater"]

TIMELINE = 1
"""Rank of what the timeline does: after the world's own processes of that instant, which have rank 0."""

BEHAVIOURS = 2
"""Rank of what behaviours do: last."""


class Play:
    """The parts of a run, put together by the director."""

    __slots__ = ("cast", "chance", "kernel", "world")

    def __init__(self, kernel: Kernel, chance: Chance, world: World, cast: Cast) -> None:
        self.kernel = kernel
        self.chance = chance
        self.world = world
        self.cast = cast


class Repeater:
    """Has something done again and again: first a gap, then `act`, and so on. `gap` gives microseconds."""

    __slots__ = ("_act", "_gap", "_kernel", "_rank")

    def __init__(self, kernel: Kernel, gap: Callable[[], Instant], act: Callable[[], None], *, rank: int) -> None:
        self._kernel = kernel
        self._gap = gap
        self._act = act
        self._rank = rank

    def begin(self) -> None:
        """Begin with the first gap."""
        self._kernel.after(self._gap(), self._repeat, rank=self._rank)

    def _repeat(self, _: None) -> None:
        self._act()
        self.begin()
