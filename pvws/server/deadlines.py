"""One timer queue for all deadlines of a server: no task and no timer of the loop's per connection."""

import asyncio
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from itertools import count

__all__ = ["Deadline", "Deadlines"]

_SWEEP_AT = 1_024  # cancelled entries that may lie in the heap before it is made anew


class Deadline:
    """Something that is to happen unless it is cancelled before."""

    __slots__ = ("_queue", "_reached")

    def __init__(self, queue: "Deadlines", reached: Callable[[], None]) -> None:
        self._queue = queue
        self._reached: Callable[[], None] | None = reached

    @property
    def pending(self) -> bool:
        """Whether it is neither cancelled nor past."""
        return self._reached is not None

    def cancel(self) -> None:
        """Let it not happen; nothing, if it has happened or was cancelled."""
        if self._reached is not None:
            self._reached = None
            self._queue._cancelled()

    def _reach(self) -> None:
        reached, self._reached = self._reached, None
        if reached is not None:
            reached()


class Deadlines:
    """The queue: a heap, and one timer of the loop for its earliest entry."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._heap: list[tuple[float, int, Deadline]] = []
        self._sequence = count()
        self._timer: asyncio.TimerHandle | None = None
        self._dead = 0

    def __len__(self) -> int:
        return len(self._heap)

    def after(self, seconds: float, reached: Callable[[], None]) -> Deadline:
        """Call `reached` in so many seconds of real time."""
        deadline = Deadline(self, reached)
        at = self._loop.time() + seconds
        heappush(self._heap, (at, next(self._sequence), deadline))
        if self._heap[0][2] is deadline:
            self._arm()
        return deadline

    def close(self) -> None:
        """Let nothing of it happen any more."""
        self._heap.clear()
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._heap[0][0], self._ring) if self._heap else None

    def _ring(self) -> None:
        now = self._loop.time()
        try:
            while self._heap and self._heap[0][0] <= now:
                deadline = heappop(self._heap)[2]
                if deadline.pending:
                    deadline._reach()
                else:
                    self._dead -= 1
        finally:
            self._arm()

    def _cancelled(self) -> None:
        self._dead += 1
        if self._dead > _SWEEP_AT and self._dead > len(self._heap) // 2:
            self._heap = [entry for entry in self._heap if entry[2].pending]
            heapify(self._heap)
            self._dead = 0
            self._arm()
