"""Files come in."""

from msgspec import Struct

from pvws.notation.quantities import Rate
from pvws.scenario.behaviours.arrivals import Arrivals, Gaps
from pvws.scenario.play import BEHAVIOURS, Play, Repeater
from pvws.scenario.quantities import Lognormal, SizeDistribution, draw_size
from pvws.sim.chance import Stream

__all__ = ["Uploads"]


class Uploads(Struct, frozen=True):
    """Files come in at a random peer that has room, and are copied from there."""

    rate: Rate
    arrivals: Arrivals = "poisson"
    size: SizeDistribution = Lognormal(median=2 * 1024**2, sigma=1.5)

    def begin(self, name: str, play: Play) -> None:
        """Start it as part of a run."""
        if self.rate > 0:
            chance = play.chance.stream(name)
            uploading = _Uploading(self, name, play, chance)
            gaps = Gaps(self.rate, self.arrivals, chance)
            Repeater(play.kernel, gaps.next, uploading.upload, rank=BEHAVIOURS).begin()


class _Uploading:
    __slots__ = ("_chance", "_name", "_number", "_places", "_spec", "_world")

    def __init__(self, spec: Uploads, name: str, play: Play, chance: Stream) -> None:
        self._spec = spec
        self._name = name
        self._world = play.world
        self._chance = chance
        # How often it is drawn from depends on who has room: on its own it shifts no time and no size.
        self._places = play.chance.stream(f"places of {name}")
        self._number = 0

    def upload(self) -> None:
        self._number += 1
        self._world.upload(f"{self._name}/{self._number}", draw_size(self._spec.size, self._chance), self._places)
