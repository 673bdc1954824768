"""The rate limit: a sliding window, and a penalty for whoever exceeds it (contract, "Connection life")."""

from collections import deque
from math import ceil

__all__ = ["RateLimit"]

_REMINDER_S = 1.0  # the contract: a client that sends on is told at most once a second


class RateLimit:
    """Judges the messages of one client. Times are seconds of real time that are never set back.

    A message is over the limit when the `messages`-th before it came less than a second earlier. From then on
    everything is discarded for `penalty` seconds; sending on doesn't lengthen them. With `messages` None there is no
    limit, and only `penalise` begins one.
    """

    __slots__ = ("_arrivals", "_free_at", "_penalty", "_reminded_at")

    def __init__(self, messages: int | None, penalty: float) -> None:
        self._arrivals: deque[float] | None = None if messages is None else deque(maxlen=messages)
        self._penalty = penalty
        self._free_at: float | None = None
        self._reminded_at = 0.0

    def admit(self, now: float) -> bool:
        """Count a message; whether it may be heard."""
        arrivals, over = self._arrivals, False
        if arrivals is not None:
            over = len(arrivals) == arrivals.maxlen and now - arrivals[0] < 1.0
            arrivals.append(now)
        if self._free_at is not None:
            if now < self._free_at:
                return False
            self._free_at = None
        if over:
            self.penalise(now, self._penalty)
        return not over

    def penalise(self, now: float, seconds: float) -> None:
        """Begin a penalty of so many seconds, whatever was sent before; of several the longest counts."""
        self._free_at = now + seconds if self._free_at is None else max(self._free_at, now + seconds)
        self._reminded_at = now - _REMINDER_S

    def pardon(self) -> None:
        """End a penalty."""
        self._free_at = None

    def reminder(self, now: float) -> int | None:
        """After a message that was not admitted: the whole seconds left to tell the client, or None to keep silent."""
        assert self._free_at is not None, "only within a penalty"
        if now - self._reminded_at < _REMINDER_S:
            return None
        self._reminded_at = now
        return ceil(round(self._free_at - now, 6))  # what a float adds to the end of a whole number is no second more
