"""How busy this machine is: for how long it let nobody of this process have a turn.

A checker that was not given the processor sees a server late, or is seen late by it. That says nothing of the server.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType

__all__ = ["Pulse"]

_BEAT_S = 0.02
_LATE_KEPT = 10_000  # late beats: of more, nobody asks about the earliest


class Pulse:
    """Beats while it is entered, and remembers when a beat was late. Times are seconds on `clock`.

    `late` is called with when a beat was due and when it came, as soon as that is known. In place of entering it there
    are `begin` and `end`.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        late: Callable[[float, float], None] = lambda due, came: None,
    ) -> None:
        self._clock = clock
        self._told = late
        self._due = clock()
        self._late = deque[tuple[float, float]](maxlen=_LATE_KEPT)  # when a late beat came, and how late it was
        self._beating: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Beat from now on, on the event loop that runs."""
        self._next()

    def end(self) -> None:
        """Beat no more."""
        if self._beating is not None:
            self._beating.cancel()
            self._beating = None

    async def __aenter__(self) -> "Pulse":
        self.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end()

    def now(self) -> float:
        """To ask about later."""
        return self._clock()

    def worst_since(self, began: float) -> float:
        """The longest time since then that a beat had to wait, one that waits now among them."""
        waiting = max(self._clock() - self._due, 0.0)
        return max([waiting, *(late for came, late in self._late if came >= began)])

    def look(self) -> None:
        """Take notice of a beat that is late, before it comes."""
        now = self._clock()
        if self._beating is not None and now - self._due > _BEAT_S:
            self._note(now)
            self._due = now  # what it waits from here on is another wait

    def _next(self) -> None:
        self._due = self._clock() + _BEAT_S
        self._beating = asyncio.get_running_loop().call_later(_BEAT_S, self._beat)

    def _beat(self) -> None:
        now = self._clock()
        if now - self._due > _BEAT_S:
            self._note(now)
        self._next()

    def _note(self, now: float) -> None:
        self._late.append((now, now - self._due))
        self._told(self._due, now)
