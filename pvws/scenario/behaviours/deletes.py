"""Files go."""

from msgspec import Struct

from pvws.notation.quantities import Rate
from pvws.scenario.behaviours.arrivals import Arrivals, Gaps
from pvws.scenario.play import BEHAVIOURS, Play, Repeater
from pvws.sim.chance import Stream
from pvws.world.world import World

__all__ = ["Deletes"]


class Deletes(Struct, frozen=True):
    """Random files that are available are deleted; nothing happens while there is none."""

    rate: Rate
    arrivals: Arrivals = "poisson"

    def begin(self, name: str, play: Play) -> None:
        """Start it as part of a run."""
        if self.rate > 0:
            chance = play.chance.stream(name)
            deleting = _Deleting(play.world, chance)
            gaps = Gaps(self.rate, self.arrivals, chance)
            Repeater(play.kernel, gaps.next, deleting.delete, rank=BEHAVIOURS).begin()


class _Deleting:
    __slots__ = ("_chance", "_world")

    def __init__(self, world: World, chance: Stream) -> None:
        self._world = world
        self._chance = chance

    def delete(self) -> None:
        # Drawn even when there is nothing to delete, so that the draws that follow stay the same.
        draw = self._chance.random()
        files = self._world.available
        if len(files):
            self._world.delete(files[int(draw * len(files))])
