"""Security incidents: how many of a kind there were lately, which is what alarms."""

from collections import deque

from pvws.wire.events import SecurityCategory

__all__ = ["INCIDENT_WINDOW_MICROS", "Incidents"]

INCIDENT_WINDOW_MICROS = 60_000_000
"""Incidents count for so long: figures are for the last minute."""


class Incidents:
    """The incidents of one category within the last minute, and where the latest came from."""

    __slots__ = ("_attempts", "_recent", "category", "source")

    def __init__(self, category: SecurityCategory) -> None:
        self.category = category
        self.source = ""
        """A peer's id or an address."""
        self._recent: deque[tuple[int, int]] = deque()
        self._attempts = 0

    def add(self, now: int, source: str, attempts: int) -> None:
        """So many attempts at an instant, in microseconds."""
        self._recent.append((now, attempts))
        self._attempts += attempts
        self.source = source

    def lately(self, now: int) -> int:
        """Attempts within the minute before an instant."""
        while self._recent and self._recent[0][0] <= now - INCIDENT_WINDOW_MICROS:
            self._attempts -= self._recent.popleft()[1]
        return self._attempts
