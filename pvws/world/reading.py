"""Readings of traffic: what happened between two looks at it."""

from msgspec import Struct

from pvws.world.traffic import Traffic

__all__ = ["Reading", "Window"]


class Window(Struct, frozen=True):
    """What happened between two looks: rates a second, a mean response time in seconds, shares from 0 to 1."""

    requests_per_second: float
    average_response_time: float
    bytes_per_second: float
    error_rate: float
    requests: int = 0
    failures: int = 0


class Reading:
    """Looks at traffic every now and then. Each reading has a window of its own, so that none disturbs another."""

    __slots__ = ("_at", "_before", "_traffic")

    def __init__(self, traffic: Traffic, now: int) -> None:
        self._traffic = traffic
        self._at = now
        self._before = (traffic.requests, traffic.failures, traffic.bytes, traffic.response_micros)

    def look(self, now: int) -> Window:
        """What has happened since the last look. Instants in microseconds."""
        traffic = self._traffic
        figures = (traffic.requests, traffic.failures, traffic.bytes, traffic.response_micros)
        requests, failures, size, micros = (figure - old for figure, old in zip(figures, self._before, strict=True))
        seconds = max(now - self._at, 1) / 1_000_000
        answered = requests - failures
        self._at, self._before = now, figures
        return Window(
            requests_per_second=round(requests / seconds, 6),
            average_response_time=round(micros / answered / 1_000_000, 6) if answered else 0.0,
            bytes_per_second=round(size / seconds, 6),
            error_rate=round(failures / requests, 6) if requests else 0.0,
            requests=requests,
            failures=failures,
        )
