"""Popularity: which of n things is touched, when some are touched more often than others.

Things come and go all the time, so nothing is remembered that grows with their number: a pick takes one number from
the stream and the same time for ten things as for a million.
"""

from bisect import bisect_right
from itertools import accumulate
from math import floor
from typing import Protocol

from mypy_extensions import mypyc_attr

from pvws.sim.chance import Stream
from pvws.sim.logarithm import exp, ln

__all__ = ["Popularity", "Uniform", "Zipf"]

_HEAD = 64  # ranks whose weights are exact: 40 µs once, and what is off behind them is too little to be noticed
_EXPONENT_MAX = 10.0  # past 5 or so nothing but the first few is ever touched
_NEARLY_1 = 1e-7  # so near to an exponent of 1 the power's integral is lost in rounding, and the logarithm is right


class Popularity(Protocol):
    """Says which thing is touched."""

    def pick(self, number: int, chance: Stream) -> int:
        """The place of one of `number` things, of which there is at least one: 0 is the most popular."""
        ...


class Uniform:
    """Each as popular as the other."""

    __slots__ = ()

    def pick(self, number: int, chance: Stream) -> int:
        """The place of one of `number` things."""
        assert number > 0, "a pick of nothing"
        return floor(chance.random() * number)


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Zipf:
    """The k-th thing is touched k^−exponent times as often as the first, for exponents from 0 to 10.

    By inversion, from one number a pick. The weights of the first 64 are exact. That of the k-th after them is the
    integral of x^−s from k − ½ to k + ½, larger than k^−s by a share of about s (s + 1) / (24 k²): for s = 1 at most
    2 in 100,000, for s = 2 at most 6 in 100,000.
    """

    __slots__ = ("_ends", "_head", "_number", "_power", "_start", "_stop", "_total")

    def __init__(self, exponent: float) -> None:
        assert 0 <= exponent <= _EXPONENT_MAX, f"an exponent from 0 to {_EXPONENT_MAX}"
        self._power = 0.0 if abs(1.0 - exponent) < _NEARLY_1 else 1.0 - exponent
        self._ends = list(accumulate(exp(-exponent * ln(rank)) for rank in range(1, _HEAD + 1)))
        self._start = self._integral(_HEAD + 0.5)
        self._measure(1)

    def pick(self, number: int, chance: Stream) -> int:
        """The place of one of `number` things."""
        if number != self._number:
            self._measure(number)
        weight = self._total * chance.random()
        if weight < self._head:
            return bisect_right(self._ends, weight)
        integral = self._start + (weight - self._head)
        if integral >= self._stop:  # by rounding, or because all is head
            return number - 1
        power = self._power
        rank = exp(ln(power * integral) / power if power else integral)
        place = floor(rank - 0.5)
        return place if place < number else number - 1

    def _measure(self, number: int) -> None:
        """Weigh so many things: the head, and the tail from its start to its stop."""
        assert number > 0, "a pick of nothing"
        self._number = number
        self._head = self._ends[min(number, _HEAD) - 1]
        self._stop = self._integral(number + 0.5) if number > _HEAD else self._start
        self._total = self._head + (self._stop - self._start)

    def _integral(self, x: float) -> float:
        """Of x^−exponent, up to a constant."""
        return exp(self._power * ln(x)) / self._power if self._power else ln(x)
