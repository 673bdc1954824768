"""Whole values of a distribution: sizes in bytes, times in microseconds."""

from math import floor

from mypy_extensions import mypyc_attr

from pvws.limits import INTEGER_MAX
from pvws.sim.chance import Stream
from pvws.sim.distributions import Distribution, fresh

__all__ = ["Wholes"]

_DRAWN_AT_ONCE = 64
_INTEGER_MAX = INTEGER_MAX - 0.5  # a float, since those are compared with it


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Wholes:
    """Whole values of a distribution for one cause, one after the other, as `draw_whole` gives them.

    They are drawn some at a time, which makes one cheap: so nobody else may draw from their stream.
    """

    __slots__ = ("_chance", "_distribution", "_least", "_ready")

    def __init__(self, distribution: Distribution, chance: Stream, least: int) -> None:
        self._distribution = fresh(distribution)
        self._chance = chance
        self._least = least
        self._ready: list[int] = []  # the next one is the last

    def next(self) -> int:
        """One more value."""
        if not self._ready:
            self._fill()
        return self._ready.pop()

    def _fill(self) -> None:
        least = self._least
        values = self._distribution.draws(self._chance, _DRAWN_AT_ONCE)
        self._ready = [
            least if value < least else floor(value + 0.5) if value < _INTEGER_MAX else INTEGER_MAX
            for value in reversed(values)
        ]
