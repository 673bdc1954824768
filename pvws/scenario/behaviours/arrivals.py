"""When things arrive: the gaps between them."""

from typing import Literal, TypeAlias

from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream

__all__ = ["Arrivals", "Gaps"]

Arrivals: TypeAlias = Literal["poisson", "fixed"]
"""By chance, as from many independent people, or evenly."""


class Gaps:
    """Gaps in whole microseconds, at least 1, for a rate above 0 a second."""

    __slots__ = ("_arrivals", "_chance", "_mean")

    def __init__(self, rate: float, arrivals: Arrivals, chance: Stream) -> None:
        self._mean = 1_000_000 / rate
        self._arrivals = arrivals
        self._chance = chance

    def next(self) -> Instant:
        """The gap until the next arrival."""
        gap = self._mean if self._arrivals == "fixed" else self._chance.exponential(self._mean)
        return max(1, round(gap))
