"""Chance: one named random stream a cause, all hung on one seed, the same on every platform and Python.

Python promises the sequence of `random()` alone across versions, so every distribution is derived from it here;
logarithm and exponential are our own, since the C library's may differ in the last bit between platforms. Several
values are drawn for every event of a run, so what is drawn is written out here rather than called; and `floor` is used
where `int` would do, which takes three times as long.
"""

from hashlib import sha256, shake_256
from math import floor
from random import Random
from typing import Protocol, TypeVar

from mypy_extensions import mypyc_attr

from pvws.sim.logarithm import exp, ln
from pvws.sim.ziggurat import EXPONENTIAL, NORMAL, exponential_seldom, normal_seldom

__all__ = ["Chance", "Indexed", "Keys", "Stream", "exp", "ln"]

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)

_KEY_BYTES = 32
_KEYS_PER_BLOCK = 64  # many at once are what makes one cheap; and they are 4 KB, in a pickle too


class Indexed(Protocol[_T_co]):
    """What can be drawn from: things with places from 0 on."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, place: int, /) -> _T_co:
        """The one at a place."""
        ...


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Stream:
    """Random values for one cause. How many numbers a value takes is up to chance too, but for `random`, `below`,
    `between`, `choice` and `sample`.

    A copy, made by `pickle` or `copy.deepcopy`, goes on where this one is, and on its own from there.
    """

    __slots__ = ("_generator", "random")

    def __init__(self, seed: int, name: str) -> None:
        digest = sha256(f"{seed}\0{name}".encode()).digest()
        self.__setstate__(Random(int.from_bytes(digest, "big")))

    # Left alone, a deep copy would share the generator, since `copy` takes a bound method of C for a constant.
    def __getstate__(self) -> Random:
        return self._generator

    def __setstate__(self, generator: Random) -> None:
        self._generator = generator
        self.random = generator.random
        """Uniform in [0, 1)."""

    def below(self, bound: int) -> int:
        """A whole number in [0, bound)."""
        return floor(self.random() * bound)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + floor(self.random() * (high - low + 1))

    def choice(self, among: Indexed[_T]) -> _T:
        """One of them, each as likely. Raises IndexError when there is none."""
        return among[floor(self.random() * len(among))]

    def sample(self, among: Indexed[_T], number: int) -> list[_T]:
        """Different ones among them, in random order; all of them when there are no more than `number`.

        Costs what is taken, not what there is: a shuffle of which only the places that moved are written down.
        """
        moved: dict[int, int] = {}
        taken: list[_T] = []
        random, left = self.random, len(among)
        for place in range(number if number < left else left):
            other = place + floor(random() * left)
            taken.append(among[moved.get(other, other)])
            moved[other] = moved.get(place, place)
            left -= 1
        return taken

    def exponential(self, mean: float) -> float:
        """Exponentially distributed with this mean: the gaps of a Poisson process."""
        random = self.random
        value = random() * 256.0
        layer = floor(value)
        part = value - layer
        share, width = EXPONENTIAL[layer]
        if part < share:
            return mean * (part * width)
        return mean * exponential_seldom(layer, part, random)

    def exponentials(self, number: int) -> list[float]:
        """So many of mean 1, the same as one by one: where many will be needed, each costs less."""
        random, drawn = self.random, list[float]()
        for _ in range(number):
            value = random() * 256.0
            layer = floor(value)
            part = value - layer
            share, width = EXPONENTIAL[layer]
            drawn.append(part * width if part < share else exponential_seldom(layer, part, random))
        return drawn

    def normal(self, mean: float, deviation: float) -> float:
        """Normally distributed."""
        random = self.random
        value = random() * 512.0
        layer = floor(value)
        part = value - layer
        share, width = NORMAL[layer]
        if part < share:
            return mean + deviation * (part * width)
        return mean + deviation * normal_seldom(layer, part, random)

    def lognormal(self, median: float, sigma: float) -> float:
        """Lognormally distributed: the logarithm is normal, around that of the median, with deviation sigma.

        Never more than e^600 from the median, so that it stays finite whatever sigma is.
        """
        x = self.normal(0.0, sigma)
        if not -600.0 < x < 600.0:
            x = 600.0 if x > 0.0 else -600.0
        return median * exp(x)

    def lognormals(self, median: float, sigma: float, number: int) -> list[float]:
        """So many of them, the same as one by one."""
        random, drawn = self.random, list[float]()
        for _ in range(number):
            value = random() * 512.0
            layer = floor(value)
            part = value - layer
            share, width = NORMAL[layer]
            x = sigma * (part * width if part < share else normal_seldom(layer, part, random))
            if not -600.0 < x < 600.0:
                x = 600.0 if x > 0.0 else -600.0
            drawn.append(median * exp(x))
        return drawn


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Keys:
    """Keys of 64 hexadecimal digits for one cause, one after the other: what SHA-256 of a content would look like.

    They depend on the seed and the name alone, and no two are ever the same in practice.
    """

    __slots__ = ("_block", "_name", "_ready", "_seed")

    def __init__(self, seed: int, name: str) -> None:
        self._seed = seed
        self._name = name
        self._block = 0
        self._ready: list[str] = []  # the next one is the last

    def next(self) -> str:
        """One more key."""
        if not self._ready:
            self._fill()
        return self._ready.pop()

    def _fill(self) -> None:
        seed = f"{self._seed}\0{self._name}\0{self._block}".encode()
        self._block += 1
        self._ready = shake_256(seed).digest(_KEYS_PER_BLOCK * _KEY_BYTES).hex(" ", _KEY_BYTES).split()[::-1]


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Chance:
    """The source of all streams and keys of one run. Each depends on the seed and on its own name, on nothing else."""

    __slots__ = ("_seed", "_streams")

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._streams: dict[str, Stream] = {}

    def stream(self, name: str) -> Stream:
        """The stream of this name: the same one each time."""
        if name not in self._streams:
            self._streams[name] = Stream(self._seed, name)
        return self._streams[name]

    def forget(self, name: str) -> None:
        """Nobody will ask for the stream of this name again, nor for one called `… of` it: they are not kept here."""
        whose = f" of {name}"
        for each in [each for each in self._streams if each == name or each.endswith(whose)]:
            del self._streams[each]

    def keys(self, name: str) -> Keys:
        """The keys of this name, from the first one on."""
        return Keys(self._seed, name)
