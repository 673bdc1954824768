"""Traffic: what moved and how it went, in total and since the metrics were last read."""

from msgspec import Struct

__all__ = ["Traffic", "Window"]


class Window(Struct, frozen=True):
    """What happened between two readings: rates a second, a mean response time in seconds, shares from 0 to 1."""

    requests_per_second: float
    average_response_time: float
    bytes_per_second: float
    error_rate: float


class Traffic:
    """Counts requests, failures, bytes, and the time that answers took. Instants in microseconds."""

    __slots__ = ("_bytes", "_failures", "_requests", "_response_micros", "_since", "bytes_transferred")

    def __init__(self, now: int) -> None:
        self.bytes_transferred = 0
        """All bytes since the beginning."""
        self._since = now
        self._requests = self._failures = self._response_micros = self._bytes = 0

    def request(self, size: int, response_micros: int) -> None:
        """A request was answered: so many bytes, after so long."""
        self._requests += 1
        self._response_micros += response_micros
        self._bytes += size
        self.bytes_transferred += size

    def failure(self) -> None:
        """A request failed."""
        self._requests += 1
        self._failures += 1

    def read(self, now: int) -> Window:
        """What has happened since the last reading."""
        seconds = max(now - self._since, 1) / 1_000_000
        answered = self._requests - self._failures
        window = Window(
            requests_per_second=round(self._requests / seconds, 6),
            average_response_time=round(self._response_micros / answered / 1_000_000, 6) if answered else 0.0,
            bytes_per_second=round(self._bytes / seconds, 6),
            error_rate=round(self._failures / self._requests, 6) if self._requests else 0.0,
        )
        self._since = now
        self._requests = self._failures = self._response_micros = self._bytes = 0
        return window
