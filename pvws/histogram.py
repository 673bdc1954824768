"""A histogram of durations in buckets that grow with them: a fixed amount of memory, and a stated relative error."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

__all__ = ["HIGHEST_MICROS", "RELATIVE_ERROR", "Histogram", "Spread", "bucket_of", "spread_of"]

_SUB_BITS = 5  # 32 buckets for each doubling, the arrangement of HdrHistogram
_SUB = 1 << _SUB_BITS
_EXACT = 2 * _SUB  # up to here each value has a bucket of its own
_RANGE_BITS = 40

RELATIVE_ERROR = 1 / _SUB
"""A quantile is never below the true value, and above it by less than this share of it; below 64 µs it is exact."""

HIGHEST_MICROS = (1 << _RANGE_BITS) - 1
"""Twelve days: what is longer counts as this."""

_BUCKETS = (_RANGE_BITS - _SUB_BITS - 1) * _SUB + _EXACT


class Spread(Struct, frozen=True):
    """How `count` durations are spread: their median, 99th percentile and worst, in microseconds."""

    count: int = 0
    p50: int = 0
    p99: int = 0
    worst: int = 0


class Histogram:
    """Counts durations in whole microseconds. `worst` is exact, quantiles are so within `RELATIVE_ERROR`.

    A value costs a shift and some additions, whatever was counted before, and all of it takes 9 KiB for ever.
    """

    __slots__ = ("_counts", "count", "total", "worst")

    def __init__(self) -> None:
        self._counts = [0] * _BUCKETS
        self.count = 0
        self.total = 0
        """The sum of all durations."""
        self.worst = 0

    def record(self, micros: int, times: int = 1) -> None:
        """Count a duration so many times; one below 0 counts as 0."""
        if micros > HIGHEST_MICROS:
            micros = HIGHEST_MICROS
        elif micros < 0:
            micros = 0
        self._counts[bucket_of(micros)] += times
        self.count += times
        self.total += micros * times
        if micros > self.worst:
            self.worst = micros

    def record_all(self, durations: Sequence[int]) -> None:
        """Count each of some durations, of which there is at least one: a third of the price of `record` for each."""
        least, worst = min(durations), max(durations)
        if least < 0 or worst > HIGHEST_MICROS:
            for micros in durations:
                self.record(micros)
            return
        counts = self._counts
        for micros in durations:
            if micros < _EXACT:
                counts[micros] += 1
            else:
                shift = micros.bit_length() - _SUB_BITS - 1
                counts[(shift << _SUB_BITS) + (micros >> shift)] += 1
        self.count += len(durations)
        self.total += sum(durations)
        if worst > self.worst:
            self.worst = worst

    def counts(self) -> dict[int, int]:
        """How many there are in each bucket that holds some, by the bucket's number."""
        used = self._counts[: bucket_of(self.worst) + 1]
        return {bucket: number for bucket, number in enumerate(used) if number}

    @property
    def spread(self) -> Spread:
        """How what was counted is spread."""
        return spread_of(self.counts(), self.worst)


def bucket_of(micros: int) -> int:
    """The number of the bucket of a duration, from 0 to `HIGHEST_MICROS`."""
    if micros < _EXACT:
        return micros
    shift = micros.bit_length() - _SUB_BITS - 1
    return (shift << _SUB_BITS) + (micros >> shift)


def spread_of(counts: Mapping[int, int], worst: int | None = None) -> Spread:
    """How durations are spread of which only the buckets are known; `worst` is the longest, where that is known."""
    total = sum(counts.values())
    if not total:
        return Spread()
    ordered = sorted(counts)
    highest = _highest(ordered[-1]) if worst is None else worst
    found: list[int] = []
    seen, places = 0, iter(ordered)
    bucket = next(places)
    for wanted in (0.5 * total, 0.99 * total):
        while seen + counts[bucket] < wanted:
            seen += counts[bucket]
            bucket = next(places)
        found.append(min(_highest(bucket), highest))
    return Spread(total, found[0], found[1], highest)


def _highest(bucket: int) -> int:
    """The longest duration that a bucket takes."""
    if bucket < _EXACT:
        return bucket
    shift = (bucket >> _SUB_BITS) - 1
    return ((bucket - (shift << _SUB_BITS) + 1) << shift) - 1
