"""How busy this machine is: for how long it let nobody of this process have a turn.

A checker that was not given the processor sees a server late, or is seen late by it. That says nothing of the server.
"""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType

__all__ = ["Pulse"]

_BEAT_S = 0.02


class Pulse:
    """Beats while it is entered, and remembers when a beat was late. Times are seconds on `clock`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due = clock()
        self._late: list[tuple[float, float]] = []  # when a late beat came, and how late it was
        self._beating: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> "Pulse":
        self._next()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._beating is not None:
            self._beating.cancel()

    def now(self) -> float:
        """To ask about later."""
        return self._clock()

    def worst_since(self, began: float) -> float:
        """The longest time since then that a beat had to wait, one that waits now among them."""
        waiting = max(self._clock() - self._due, 0.0)
        return max([waiting, *(late for came, late in self._late if came >= began)])

    def _next(self) -> None:
        self._due = self._clock() + _BEAT_S
        self._beating = asyncio.get_running_loop().call_later(_BEAT_S, self._beat)

    def _beat(self) -> None:
        now = self._clock()
        if now - self._due > _BEAT_S:
            self._late.append((now, now - self._due))
        self._next()
