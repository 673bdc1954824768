"""How long to wait before the next try: exponential backoff with full jitter. Pure."""

from collections.abc import Callable

__all__ = ["RETRY_AFTER_S_MAX", "Backoff", "asked_wait_s"]

RETRY_AFTER_S_MAX = 86_400.0
"""A server that asks for more than a day has made a mistake, and an event loop can't wait for ever."""


def asked_wait_s(seconds: float) -> float:
    """How long to wait where a server asks for so many seconds: not less than nothing, and a day at most."""
    return min(max(0.0, seconds), RETRY_AFTER_S_MAX)


class Backoff:
    """Delays that grow, each drawn evenly between nothing and a ceiling that doubles.

    Full jitter, since clients that were cut together must not come back together (Brooker, "Exponential Backoff
    And Jitter", AWS Architecture Blog, 2015). The ceiling begins at `first_s` and never passes `most_s`. `chance`
    gives a number in [0, 1). Call `next_s` after every failure, `reset` after a success.
    """

    def __init__(self, chance: Callable[[], float], *, first_s: float, most_s: float) -> None:
        assert 0 < first_s <= most_s, "a ceiling grows from first_s to most_s"
        self._chance = chance
        self._first_s = first_s
        self._most_s = most_s
        self._ceiling_s = first_s

    def next_s(self) -> float:
        """Seconds to wait now; the ceiling of the next wait is twice as high."""
        delay_s = self._chance() * self._ceiling_s
        self._ceiling_s = min(self._ceiling_s * 2, self._most_s)
        return delay_s

    def reset(self) -> None:
        """Begin anew: it worked."""
        self._ceiling_s = self._first_s
