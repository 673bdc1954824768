"""How late messages come, by their own timestamps. A pure fold; every moment is an argument."""

from collections.abc import Sequence

from pvws.limits import LATENESS_SAMPLES_MAX

__all__ = ["Lateness"]

_SPAN_S_MIN = 1.0  # of a stretch from which a speed can be told at all
_SPEED_OFF_MAX = 0.1  # a clock whose seconds are longer or shorter than ours by more is no clock to be late by
_JITTER_S = 0.5  # by so much what is late may make a stretch look longer or shorter
_SAME_CLOCK_S = 10.0  # clocks that are no further apart both tell the time of day, and go at one speed


class Lateness:
    """How much longer than the promptest of them messages took, in seconds.

    The sender's clock may be any clock that goes as fast as ours, a simulated one too: what counts is how much the
    distance between the two grows. Where the clocks go at different speeds nothing can be said, and nothing is: see
    `speed`. A simulated clock that is slow can't be told from messages that come later and later; one that tells the
    time of day can. Quantiles are those of a sample that is thinned out evenly, the worst is that of all.
    """

    def __init__(self) -> None:
        self._sample: list[float] = []
        """Lateness in the stretches that are over."""
        self._worst = 0.0
        self._stride = 1
        self._begin()

    def _begin(self) -> None:
        self._distances: list[float] = []
        self._count = 0
        self._first: tuple[float, float] | None = None  # our moment, theirs
        self._last = (0.0, 0.0)
        self._least = self._most = 0.0

    def saw(self, micros: int, at: float) -> None:
        """A message that was sent at an instant (microseconds, of the sender's clock) came at a moment of ours."""
        sent = micros / 1_000_000
        distance = at - sent
        if self._first is None:
            self._first = (at, sent)
            self._least = self._most = distance
        elif distance < self._least:
            self._least = distance
        elif distance > self._most:
            self._most = distance
        self._last = (at, sent)
        if self._count % self._stride == 0:
            self._distances.append(distance)
            if len(self._distances) + len(self._sample) > LATENESS_SAMPLES_MAX:
                self._thin()
        self._count += 1

    def _thin(self) -> None:
        del self._sample[1::2]
        del self._distances[1::2]
        self._stride *= 2

    def begin_anew(self) -> None:
        """The connection is another one, and behind it there may be another clock."""
        if self._tellable:
            self._sample += [distance - self._least for distance in self._distances]
            self._worst = max(self._worst, self._most - self._least)
        self._begin()

    @property
    def speed(self) -> float | None:
        """Seconds of the sender's clock to one of ours; None where too little was seen."""
        if self._first is None or (span := self._last[0] - self._first[0]) < _SPAN_S_MIN:
            return None
        return (self._last[1] - self._first[1]) / span

    @property
    def _tellable(self) -> bool:
        speed = self.speed
        if speed is None or self._first is None or abs(self._first[0] - self._first[1]) <= _SAME_CLOCK_S:
            return True
        return abs(speed - 1) <= _SPEED_OFF_MAX + _JITTER_S / (self._last[0] - self._first[0])

    @property
    def latest(self) -> float | None:
        """Of the last message; None where there was none, or where the clocks go at different speeds."""
        if self._first is None or not self._tellable:
            return None
        return self._last[0] - self._last[1] - self._least

    def quantiles(self, shares: Sequence[float]) -> list[float]:
        """The lateness that such a share of messages does not exceed, for each share; then the worst.

        An empty list where nothing can be said.
        """
        values, worst = list(self._sample), self._worst
        if self._tellable:
            values += [distance - self._least for distance in self._distances]
            worst = max(worst, self._most - self._least)
        if not values:
            return []
        values.sort()
        return [*(values[min(int(share * len(values)), len(values) - 1)] for share in shares), worst]
