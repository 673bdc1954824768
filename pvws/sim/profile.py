"""How a rate goes up and down over stage time.

Every profile is made of straight pieces, level or sloped, so that its integral can be inverted exactly by + − × ÷ and
`sqrt`. One profile may give a rate a second and the others factors: a product of them is a profile again.
"""

from math import lcm, sqrt
from typing import Protocol

from msgspec import Struct

from pvws.sim.agenda import Instant
from pvws.timestamp import LAST_INSTANT

__all__ = ["DAY", "FOREVER", "Bursts", "Daily", "Level", "Piece", "Product", "Profile", "Ramp"]

DAY: Instant = 86_400_000_000
"""A day in microseconds."""

FOREVER: Instant = LAST_INSTANT
"""The end of the last piece: what lies behind it has no timestamp."""


class Piece(Struct, frozen=True, gc=False):
    """One straight piece: from `begin` to just before `end` the value goes evenly from `first` to `last`."""

    begin: Instant
    end: Instant
    first: float
    last: float

    def at(self, instant: Instant) -> float:
        """The value at an instant of the piece."""
        if self.first == self.last:
            return self.first
        return self.first + (self.last - self.first) * ((instant - self.begin) / (self.end - self.begin))


class Profile(Protocol):
    """A value at least 0 for each instant, in straight pieces without end."""

    @property
    def settled(self) -> Instant:
        """From when on it repeats itself."""
        ...

    @property
    def period(self) -> Instant:
        """After how many microseconds it then repeats itself; 0 when it stays as it is."""
        ...

    def piece(self, at: Instant) -> Piece:
        """The piece that an instant before `FOREVER` lies in: the same for all instants of the piece."""
        ...


class Level(Struct, frozen=True):
    """Always the same."""

    value: float

    def __post_init__(self) -> None:
        assert self.value >= 0, "a rate is not negative"

    @property
    def settled(self) -> Instant:
        """From the beginning."""
        return -FOREVER

    @property
    def period(self) -> Instant:
        """It stays as it is."""
        return 0

    def piece(self, at: Instant) -> Piece:
        """The only one."""
        return Piece(-FOREVER, FOREVER, self.value, self.value)


class Bursts(Struct, frozen=True):
    """`factor` during the first `length` microseconds of each `every`, counted from `begin`; otherwise 1."""

    factor: float
    every: Instant
    length: Instant
    begin: Instant = 0

    def __post_init__(self) -> None:
        assert self.factor >= 0, "a rate is not negative"
        assert 0 < self.length < self.every, "a burst is shorter than the time from one to the next"

    @property
    def settled(self) -> Instant:
        """From the beginning."""
        return -FOREVER

    @property
    def period(self) -> Instant:
        """From one burst to the next."""
        return self.every

    def piece(self, at: Instant) -> Piece:
        """A burst, or the time between two."""
        since = (at - self.begin) % self.every
        begin = at - since
        if since < self.length:
            return Piece(begin, begin + self.length, self.factor, self.factor)
        return Piece(begin + self.length, begin + self.every, 1.0, 1.0)


# Of 0, 15, … 90 degrees, from what is known of the triangles: no cosine of the C library's.
_QUARTER = (1.0, (sqrt(6.0) + sqrt(2.0)) / 4, sqrt(3.0) / 2, sqrt(2.0) / 2, 0.5, (sqrt(6.0) - sqrt(2.0)) / 4, 0.0)
_COSINES = (
    *_QUARTER,
    *(-value for value in _QUARTER[-2::-1]),
    *(-value for value in _QUARTER[1:]),
    *_QUARTER[-2:0:-1],
)
_HOURS = len(_COSINES)


class Daily(Struct, frozen=True):
    """The wave of day and night, 1 on average: `low` at the quietest, 2 − `low` at `peak`, and each period the same.

    A cosine drawn with a straight line for each hour, that is a 24th of the period: off by less than 1% of the wave,
    and over a whole period by nothing. `peak` is any of the instants at which it is highest.
    """

    low: float
    peak: Instant
    period: Instant = DAY

    def __post_init__(self) -> None:
        assert 0 <= self.low <= 1, "at the quietest there is no more than on average"
        assert self.period >= _HOURS, "each of 24 hours lasts a microsecond at least"

    @property
    def settled(self) -> Instant:
        """From the beginning."""
        return -FOREVER

    def piece(self, at: Instant) -> Piece:
        """An hour."""
        since = (at - self.peak) % self.period
        hour = since * _HOURS // self.period
        peak = at - since
        return Piece(
            peak - -hour * self.period // _HOURS,  # rounded up, as the hour is rounded down
            peak - -(hour + 1) * self.period // _HOURS,
            1.0 + (1.0 - self.low) * _COSINES[hour],
            1.0 + (1.0 - self.low) * _COSINES[(hour + 1) % _HOURS],
        )


class Ramp(Struct, frozen=True):
    """`first` until `begin`, then evenly to `last` within `over` microseconds, and `last` ever after."""

    first: float
    last: float
    begin: Instant
    over: Instant

    def __post_init__(self) -> None:
        assert self.first >= 0, "a rate is not negative"
        assert self.last >= 0, "a rate is not negative"
        assert self.over > 0, "a ramp takes time"

    @property
    def settled(self) -> Instant:
        """At its end."""
        return self.begin + self.over

    @property
    def period(self) -> Instant:
        """It stays as it is."""
        return 0

    def piece(self, at: Instant) -> Piece:
        """What comes before it, the ramp, or what comes after it."""
        if at < self.begin:
            return Piece(-FOREVER, self.begin, self.first, self.first)
        if at < self.begin + self.over:
            return Piece(self.begin, self.begin + self.over, self.first, self.last)
        return Piece(self.begin + self.over, FOREVER, self.last, self.last)


class Product(Struct, frozen=True):
    """Several at once. Right at every corner of any of them; between two corners a straight line, here too.

    So where two slopes meet it is a little off, by a quarter of the product of what both change there.
    """

    factors: tuple[Profile, ...]

    def __post_init__(self) -> None:
        assert self.factors, "a product of nothing"

    @property
    def settled(self) -> Instant:
        """When all are."""
        return max(factor.settled for factor in self.factors)

    @property
    def period(self) -> Instant:
        """When all repeat themselves at once, or a hundred times the longest: by then it does so nearly."""
        periods = [factor.period for factor in self.factors if factor.period]
        return min(lcm(*periods), 100 * max(periods)) if periods else 0

    def piece(self, at: Instant) -> Piece:
        """From the last corner of any of them to the next one."""
        pieces = [factor.piece(at) for factor in self.factors]
        begin, end = max(piece.begin for piece in pieces), min(piece.end for piece in pieces)
        first = last = 1.0
        for piece in pieces:
            first *= piece.at(begin)
            last *= piece.at(end)
        return Piece(begin, end, first, last)
