"""Distributions: what sizes, lifetimes and downtimes are drawn from.

Each is a value that runs may share, finite and in its range when it is made: the reader of scenarios has seen to that.
`min` and `max` clamp: a value beyond is drawn as the bound itself, not drawn again, so that a bound changes neither how
many numbers a draw takes nor any value within it. (But it gathers what would lie beyond.)
"""

from bisect import bisect_right
from functools import cached_property
from itertools import accumulate
from math import floor, fsum, inf, isfinite
from typing import Literal, Protocol

from msgspec import Struct

from pvws.limits import INTEGER_MAX
from pvws.sim.chance import Stream
from pvws.sim.logarithm import exp

__all__ = [
    "Choice",
    "Constant",
    "Cycle",
    "Distribution",
    "Exponential",
    "Lognormal",
    "Normal",
    "Pareto",
    "Uniform",
    "Values",
    "draw_whole",
    "fresh",
]


class Distribution(Protocol):
    """What values are drawn from. Order of calls: `fresh(distribution)` once a run, then `draw` on what that gave."""

    def draw(self, chance: Stream) -> float:
        """One value."""
        ...

    def draws(self, chance: Stream, number: int) -> list[float]:
        """So many values, the same as one by one."""
        ...

    def average(self) -> float | None:
        """What values are on average, but for the bounds; None where the average has no limit."""
        ...


_INTEGER_MAX = INTEGER_MAX - 0.5  # a float, since those are compared with it


def fresh(distribution: Distribution) -> Distribution:
    """What one run draws from: the distribution itself, unless it has to remember where it is."""
    if isinstance(distribution, Values) and distribution.order == "cycle":
        return Cycle(distribution)
    return distribution


def draw_whole(distribution: Distribution, chance: Stream, least: int) -> int:
    """One value in whole units, the nearest: at least `least`, and at most what a JavaScript client can read."""
    value = distribution.draw(chance)
    return least if value < least else floor(value + 0.5) if value < _INTEGER_MAX else INTEGER_MAX


class _Bounded(Struct, frozen=True, kw_only=True):
    min: float | None = None
    max: float | None = None

    def __post_init__(self) -> None:
        assert self.min is None or self.max is None or self.min <= self.max, "bounds the wrong way round"

    def draw(self, chance: Stream) -> float:
        """One value."""
        raise NotImplementedError(f"{type(self).__name__} has none")

    def draws(self, chance: Stream, number: int) -> list[float]:
        """So many values, the same as one by one."""
        return [self.draw(chance) for _ in range(number)]

    def _clamped(self, value: float) -> float:
        if self.min is not None and value < self.min:
            return self.min
        if self.max is not None and value > self.max:
            return self.max
        return value


class Constant(_Bounded, frozen=True):
    """Always the same."""

    value: float

    def draw(self, chance: Stream) -> float:
        """The value, without a number from the stream."""
        return self._clamped(self.value)

    def average(self) -> float:
        """The value."""
        return self.value


class Uniform(_Bounded, frozen=True):
    """From `low` to `high`, each as likely."""

    low: float
    high: float

    def __post_init__(self) -> None:
        assert self.low <= self.high, "low and high the wrong way round"
        super().__post_init__()

    def draw(self, chance: Stream) -> float:
        """One value."""
        return self._clamped(self.low + (self.high - self.low) * chance.random())

    def average(self) -> float:
        """Half way."""
        return (self.low + self.high) / 2


class Normal(_Bounded, frozen=True):
    """Around `mean`, two thirds of all within one deviation from it."""

    mean: float
    deviation: float

    def __post_init__(self) -> None:
        assert self.deviation >= 0, "a deviation is not negative"
        super().__post_init__()

    def draw(self, chance: Stream) -> float:
        """One value."""
        return self._clamped(chance.normal(self.mean, self.deviation))

    def average(self) -> float:
        """The mean."""
        return self.mean


class Lognormal(_Bounded, frozen=True):
    """Many small ones, a few large ones, as sizes of files are. `sigma` is the deviation of the logarithm."""

    median: float
    sigma: float

    def __post_init__(self) -> None:
        assert self.median > 0, "only positive numbers have a logarithm"
        assert 0 <= self.sigma < 30, "the average is to be a number"
        super().__post_init__()

    def draw(self, chance: Stream) -> float:
        """One value."""
        return self._clamped(chance.lognormal(self.median, self.sigma))

    def draws(self, chance: Stream, number: int) -> list[float]:
        """So many values, the same as one by one."""
        low, high = self.min or 0.0, inf if self.max is None else self.max
        values = chance.lognormals(self.median, self.sigma, number)
        return [low if value < low else high if value > high else value for value in values]

    def average(self) -> float:
        """Above the median, the more the wider it is spread."""
        return self.median * exp(self.sigma * self.sigma / 2)


class Pareto(_Bounded, frozen=True):
    """Never below `minimum`, and how many are beyond x falls as x to the power of −`shape`: a heavy tail."""

    minimum: float
    shape: float

    def __post_init__(self) -> None:
        assert self.minimum > 0, "nothing is a multiple of 0"
        assert self.shape > 0, "a tail has to fall"
        super().__post_init__()

    def draw(self, chance: Stream) -> float:
        """One value; at most e^600 times the minimum, so that it is finite whatever the shape is."""
        power = chance.exponential(1.0) / self.shape
        return self._clamped(self.minimum * exp(power if power < 600.0 else 600.0))

    def average(self) -> float | None:
        """None for a shape of 1 and below: the more values, the larger their average."""
        return self.minimum * self.shape / (self.shape - 1) if self.shape > 1 else None


class Exponential(_Bounded, frozen=True):
    """As long as one waits for what may happen at any moment."""

    mean: float

    def __post_init__(self) -> None:
        assert self.mean >= 0, "nobody waits for less than no time"
        super().__post_init__()

    def draw(self, chance: Stream) -> float:
        """One value."""
        return self._clamped(chance.exponential(self.mean))

    def average(self) -> float:
        """The mean."""
        return self.mean


class Choice(_Bounded, frozen=True, dict=True):  # a dict, for the table that is made once
    """One of the values, each as likely as its weight says; without weights, each as likely."""

    values: tuple[float, ...]
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        assert self.values, "a choice of nothing"
        assert len(self.weights) in (0, len(self.values)), "a weight for each value"
        assert not self.weights or (min(self.weights) >= 0 and fsum(self.weights) > 0), "weights are not negative"
        assert isfinite(fsum(self.weights)), "weights that can be added up"
        super().__post_init__()

    @cached_property
    def _table(self) -> tuple[list[float], list[float], float]:
        """The values that can be drawn, where in the sum of weights each ends (but the last), and that sum."""
        weighted = [(value, weight) for value, weight in self._weighted() if weight > 0]
        *ends, total = accumulate(weight for _, weight in weighted)
        return [value for value, _ in weighted], ends, total

    def _weighted(self) -> list[tuple[float, float]]:
        return list(zip(self.values, self.weights or [1.0] * len(self.values), strict=True))

    def draw(self, chance: Stream) -> float:
        """One value."""
        values, ends, total = self._table
        return self._clamped(values[bisect_right(ends, total * chance.random())])

    def average(self) -> float:
        """Each as often as it is drawn."""
        values = self._weighted()
        return fsum(value * weight for value, weight in values) / fsum(weight for _, weight in values)


class Values(_Bounded, frozen=True):
    """Values of a list, such as measured ones: any of them, or one after the other and again from the first."""

    values: tuple[float, ...]
    order: Literal["random", "cycle"] = "random"

    def __post_init__(self) -> None:
        assert self.values, "a list of nothing"
        super().__post_init__()

    def draw(self, chance: Stream) -> float:
        """Any of them. Who goes through them in order draws from what `fresh` gives."""
        assert self.order == "random", "a list that is shared does not know where a run is in it"
        return self._clamped(chance.choice(self.values))

    def average(self) -> float:
        """Each as often."""
        return fsum(self.values) / len(self.values)


class Cycle:
    """The values of a list, one after the other and again from the first: where one run is in it."""

    __slots__ = ("_list", "_place")

    def __init__(self, values: Values) -> None:
        self._list = values
        self._place = 0

    def draw(self, chance: Stream) -> float:
        """The next value, without a number from the stream."""
        value = self._list.values[self._place]
        self._place = (self._place + 1) % len(self._list.values)
        return self._list._clamped(value)

    def draws(self, chance: Stream, number: int) -> list[float]:
        """The next values."""
        return [self.draw(chance) for _ in range(number)]

    def average(self) -> float:
        """Each as often."""
        return self._list.average()
