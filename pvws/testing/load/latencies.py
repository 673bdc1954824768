"""How long something took, very often: counted in steps, so that any number of them takes the same memory. Pure."""

from collections.abc import Iterator

__all__ = ["Latencies"]

_FINE_MICROS = 10  # a step up to a tenth of a second, and a hundred times that up to a minute
_FINE_STEPS = 10_000
_COARSE_STEPS = 60_000


class Latencies:
    """Durations in microseconds, of which shares can be asked for."""

    def __init__(self) -> None:
        self.count = 0
        self.worst = 0
        """The longest, exactly."""
        self._counts = [0] * (_FINE_STEPS + _COARSE_STEPS)

    def add(self, micros: int, times: int = 1) -> None:
        """Count one; what is below 0, since two clocks may differ a little, is 0."""
        micros = max(0, micros)
        self.count += times
        self.worst = max(self.worst, micros)
        step = micros // _FINE_MICROS
        if step >= _FINE_STEPS:
            step = min(_FINE_STEPS + micros // (100 * _FINE_MICROS), len(self._counts) - 1)
        self._counts[step] += times

    def share(self, share: float) -> int:
        """How long it took at most in this share of all, 0.5 being the median: to the step, rounded up; 0 for none."""
        wanted, seen = share * self.count, 0
        for upper, count in self._steps():
            seen += count
            if count and seen >= wanted:
                return min(upper, self.worst)
        return self.worst

    def _steps(self) -> Iterator[tuple[int, int]]:
        for step, count in enumerate(self._counts):
            fine = step < _FINE_STEPS
            yield (step + 1) * _FINE_MICROS if fine else (step - _FINE_STEPS + 1) * 100 * _FINE_MICROS, count
