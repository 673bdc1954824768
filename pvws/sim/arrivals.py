"""When things arrive: the gaps between them, for a rate that may go up and down.

Every gap takes one draw, of how much of the integrated rate passes before the next arrival: an exponential variate for
a Poisson process, 1 for even arrivals. Then the integral is inverted. No draw is ever rejected, so a behaviour meets
the same chance whatever becomes of its rate.
"""

from math import floor, inf, sqrt
from typing import Literal, TypeAlias

from mypy_extensions import mypyc_attr

from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream
from pvws.sim.profile import FOREVER, Piece, Profile

__all__ = ["Arrivals", "Gaps"]

Arrivals: TypeAlias = Literal["poisson", "fixed"]
"""By chance, as from many independent people, or evenly."""

_DRAWN_AT_ONCE = 64  # which makes one cheap
_BEHIND_MAX = 100.0  # arrivals that a rate near 1,000,000/s may be behind: they are made up for, more are given up
_ROUNDING = 1e-9  # of an arrival: so little is not left over for the time after a silence
_NOTHING = 1e-30  # of an arrival: so little is none, and quotients stay numbers
_BEFORE_ALL = Piece(-FOREVER, -FOREVER, 0.0, 0.0)  # no instant lies in it


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Gaps:
    """Gaps in whole microseconds, at least 1; what rounding takes from one is given to the next.

    The profile's values are arrivals a second; nothing arrives after `end`. Draws are taken ahead, so nobody else may
    draw from the stream. Order of calls: `next` at the start and at every arrival; `set_factor` at any time. A gap
    costs one step for each piece of the profile that it reaches across, but, where the profile repeats itself, not many
    more than two periods have.
    """

    __slots__ = (
        "_ahead",
        "_asked",
        "_chance",
        "_end",
        "_level_until",
        "_mass",
        "_masses",
        "_mean",
        "_period",
        "_piece",
        "_profile",
        "_scale",
        "_settled",
    )

    def __init__(self, profile: Profile, arrivals: Arrivals, chance: Stream, end: Instant = FOREVER) -> None:
        self._chance = chance if arrivals == "poisson" else None
        self._end = end
        self._profile = profile
        self._settled, self._period = profile.settled, profile.period
        self._piece = _BEFORE_ALL
        self._scale = 1 / 1_000_000  # makes arrivals a microsecond of the profile's values
        self._mean = 1.0  # microseconds from one to the next, until an instant: the rate is level as long
        self._level_until: Instant = -FOREVER
        self._ahead = 0.0  # how much of an arrival the last one came too early; below 0, too late
        self._asked: Instant | None = None  # when the gap began, and the integrated rate that it takes
        self._mass = 0.0
        self._masses: list[float] = []  # drawn ahead; the next one is the last

    def next(self, now: Instant) -> Instant | None:
        """The gap from now until the next arrival; None if there is none before the end."""
        masses = self._masses
        if not masses:
            chance, number = self._chance, _DRAWN_AT_ONCE
            masses += [1.0] * number if chance is None else chance.exponentials(number)[::-1]
        self._asked = now
        self._mass = mass = masses.pop() + self._ahead
        mean = self._mean
        gap = mass * mean
        whole = floor(gap + 0.5)
        if whole < 1 or now + whole >= self._level_until:
            return self._reach(now, mass)
        self._ahead = (gap - whole) / mean
        return whole

    def set_factor(self, now: Instant, factor: float) -> Instant | None:
        """Multiply the profile by a factor from now on, in place of the last one (1 at first).

        Gives the gap from now until the arrival that is waited for: it is the one that was drawn, but comes sooner or
        later, so that the last answer holds no more. None if it never comes, or `next` was not called yet.
        """
        assert 0 <= factor < inf, "a rate is not negative"
        if self._asked is not None:
            self._mass -= self._passed(self._asked, now)
            self._asked = now
        self._scale = factor / 1_000_000
        self._level_until = -FOREVER
        return None if self._asked is None or factor == 0 else self._reach(now, self._mass)

    def _passed(self, at: Instant, until: Instant) -> float:
        """The integrated rate between two instants."""
        mass = 0.0
        while at < until and self._scale > 0.0:
            piece = self._profile.piece(at)
            end = min(piece.end, until)
            mass += (piece.at(at) + piece.at(end)) * 0.5 * self._scale * (end - at)
            at = end
        return mass

    def _reach(self, now: Instant, mass: float) -> Instant | None:
        """The gap from now until so much of the integrated rate has passed; None if it never does."""
        at, piece, scale = now, self._piece, self._scale
        mark: Instant | None = None  # the first corner from which the profile repeats itself, and what was left there
        mark_mass = 0.0
        while at < FOREVER:
            if not piece.begin <= at < piece.end:
                self._piece = piece = self._profile.piece(at)
            rate, last, length = piece.at(at) * scale, piece.last * scale, piece.end - at
            area = (rate + last) * 0.5 * length
            if area > _NOTHING:
                if mass <= area + _ROUNDING:
                    gap = self._arrive(at - now, min(mass, area), rate, (last - rate) / length)
                    return gap if now + gap <= self._end else None
                mass -= area
            at = piece.end
            if mark is None:
                if at >= self._settled:
                    mark, mark_mass = at, mass
            elif 0 < self._period <= at - mark:
                # A whole period was not enough: leave out as many as are not enough either.
                per_period = mark_mass - mass
                periods = FOREVER
                if per_period > 0.0 and mass < per_period * FOREVER:
                    periods = max(0, floor((mass - _ROUNDING) / per_period))
                at, mass, mark = at + periods * (at - mark), mass - periods * per_period, None
        return None

    def _arrive(self, since: Instant, mass: float, rate: float, slope: float) -> Instant:
        """The gap up to an arrival `mass` into a piece, `since` microseconds after now, where the rate is as given."""
        if mass <= 0.0:
            within = 0.0
        elif slope == 0.0:
            within = mass / rate
        else:
            within = 2.0 * mass / (rate + sqrt(max(rate * rate + 2.0 * slope * mass, 0.0)))
        gap = since + within
        whole = max(1, floor(gap + 0.5))
        self._ahead = max(min(mass, 0.0) + (gap - whole) * (rate + slope * within), -_BEHIND_MAX)
        if slope == 0.0 and rate * FOREVER > 1.0:
            self._mean = 1.0 / rate
            self._level_until = min(self._piece.end, self._end + 1)
        else:
            self._level_until = -FOREVER
        return whole
