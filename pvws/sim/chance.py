"""Chance: one named random stream a cause, all hung on one seed, the same on every platform and Python.

Python promises the sequence of `random()` alone across versions, so every distribution is derived from it here;
logarithm and exponential are our own, since the C library's may differ in the last bit between platforms.
"""

import math
from hashlib import sha256
from random import Random
from typing import Protocol, TypeVar

__all__ = ["Chance", "Indexed", "Stream", "exp", "ln"]

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)

_LN2 = 0.6931471805599453
_SQRT_HALF = 0.7071067811865476


def ln(x: float) -> float:
    """The natural logarithm of a positive number, by + − × ÷ alone (relative error below 1e-14)."""
    mantissa, exponent = math.frexp(x)  # exact
    if mantissa < _SQRT_HALF:
        mantissa, exponent = mantissa * 2, exponent - 1
    s = (mantissa - 1) / (mantissa + 1)  # |s| < 0.172; ln m = 2 artanh s
    z = s * s
    series = 1 / 17
    for term in (1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1.0):
        series = series * z + term
    return 2 * s * series + exponent * _LN2


def exp(x: float) -> float:
    """e to the power of x, for |x| ≤ 700, by + − × ÷ alone (relative error below 1e-13)."""
    assert -700 <= x <= 700, "outside the range that a double can hold"
    exponent = math.floor(x / _LN2 + 0.5)
    rest = x - exponent * _LN2  # |rest| < 0.35
    series = 1.0
    for term in range(14, 0, -1):
        series = series * rest / term + 1
    return math.ldexp(series, exponent)  # exact


class Indexed(Protocol[_T_co]):
    """What can be drawn from: things with places from 0 on."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, place: int, /) -> _T_co:
        """The one at a place."""
        ...


class Stream:
    """Random values for one cause. Instants and sizes come out as whole microseconds and bytes."""

    __slots__ = ("random",)

    def __init__(self, seed: int, name: str) -> None:
        digest = sha256(f"{seed}\0{name}".encode()).digest()
        self.random = Random(int.from_bytes(digest, "big")).random
        """Uniform in [0, 1)."""

    def below(self, bound: int) -> int:
        """A whole number in [0, bound)."""
        return int(self.random() * bound)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.random() * (high - low + 1))

    def choice(self, among: Indexed[_T]) -> _T:
        """One of them, each as likely. Raises IndexError when there is none."""
        return among[int(self.random() * len(among))]

    def sample(self, among: Indexed[_T], number: int) -> list[_T]:
        """Different ones among them, in random order; all of them when there are no more than `number`.

        Costs what is taken, not what there is: a shuffle of which only the places that moved are written down.
        """
        size, moved, taken = len(among), dict[int, int](), list[_T]()
        for place in range(min(number, size)):
            other = place + int(self.random() * (size - place))
            taken.append(among[moved.get(other, other)])
            moved[other] = moved.get(place, place)
        return taken

    def exponential(self, mean: float) -> float:
        """Exponentially distributed with this mean: the gaps of a Poisson process."""
        return -mean * ln(1 - self.random())

    def normal(self, mean: float, deviation: float) -> float:
        """Normally distributed (Marsaglia and Bray's polar method; `sqrt` is exact to the last bit by IEEE 754)."""
        while True:
            u, v = 2 * self.random() - 1, 2 * self.random() - 1
            square = u * u + v * v
            if 0 < square < 1:
                return mean + deviation * u * math.sqrt(-2 * ln(square) / square)

    def lognormal(self, median: float, sigma: float) -> float:
        """Lognormally distributed: the logarithm is normal, around that of the median, with deviation sigma."""
        return median * exp(max(-700.0, min(700.0, self.normal(0, sigma))))


class Chance:
    """The source of all streams of one run. A stream depends on the seed and on its own name, on nothing else."""

    __slots__ = ("_seed", "_streams")

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._streams: dict[str, Stream] = {}

    def stream(self, name: str) -> Stream:
        """The stream of this name: the same one each time."""
        if name not in self._streams:
            self._streams[name] = Stream(self._seed, name)
        return self._streams[name]
