"""How many a second, lately: from counts that are looked at now and then. A pure fold."""

from collections import deque
from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

from pvws.limits import RATE_SECONDS_MAX

__all__ = ["Rates"]

_Name = TypeVar("_Name", bound=Hashable)

_PERIOD_S = 1.0  # of one bar of a sparkline
_RATED_PERIODS = 3  # the rate that is shown is the mean of so many: one alone jumps about


class Rates(Generic[_Name]):
    """Rates of some counts that only grow. They are exact however seldom they are looked at; an event costs nothing.

    `look` as often as you like. A period is closed once it has lasted a second; if nobody looked for longer, it is a
    long one, and stands for as many seconds.
    """

    def __init__(self) -> None:
        self._since: float | None = None
        self._before: dict[_Name, int] = {}
        self._periods: deque[dict[_Name, float]] = deque(maxlen=RATE_SECONDS_MAX)

    def look(self, counts: Mapping[_Name, int], at: float) -> None:
        """What the counts are at a moment, in seconds; a moment before the last one begins anew."""
        if self._since is None or at < self._since:
            self._since, self._before = at, dict(counts)
            return
        elapsed = at - self._since
        if elapsed < _PERIOD_S:
            return
        rates = {name: (count - self._before.get(name, 0)) / elapsed for name, count in counts.items()}
        self._periods.extend([rates] * min(int(elapsed / _PERIOD_S), RATE_SECONDS_MAX))
        self._since, self._before = at, dict(counts)

    def series(self, name: _Name) -> list[float]:
        """A second's rate each, the oldest first."""
        return [rates.get(name, 0.0) for rates in self._periods]

    def rate(self, name: _Name) -> float:
        """The rate of the last few seconds; 0 as long as there was no whole one."""
        lately = list(self._periods)[-_RATED_PERIODS:]
        return sum(rates.get(name, 0.0) for rates in lately) / len(lately) if lately else 0.0
