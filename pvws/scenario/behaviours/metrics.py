"""The network is measured."""

from msgspec import Struct

from pvws.notation.quantities import Period
from pvws.scenario.play import BEHAVIOURS, Play, Repeater

__all__ = ["Metrics"]


class Metrics(Struct, frozen=True):
    """All four kinds of metrics are read off the world and sent, every so often."""

    every: Period = 5_000_000

    def begin(self, name: str, play: Play) -> None:
        """Start it as part of a run."""
        # Behind everything else of its instant, so that it measures what then is.
        Repeater(play.kernel, self.gap, play.world.measure, rank=BEHAVIOURS + 1).begin()

    def gap(self) -> int:
        """Microseconds from one measurement to the next."""
        return self.every
