"""What a stage has to do at instants of its time that no source knows of: faults end, and what they held leaves."""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from itertools import count

from pvws.sim.agenda import Instant

__all__ = ["Errand", "Errands"]

_SWEEP_AT = 1_024  # errands that were called off and may lie in the heap before it is made anew


class Errand:
    """Something to be done at an instant, unless it is called off before."""

    __slots__ = ("_queue", "act", "at")

    def __init__(self, queue: "Errands", at: Instant, act: Callable[[Instant], None]) -> None:
        self._queue = queue
        self.at = at
        self.act: Callable[[Instant], None] | None = act

    def cancel(self) -> None:
        """Think better of it; nothing, if it is done or was called off."""
        if self.act is not None:
            self.act = None
            self._queue._called_off()


class Errands:
    """Errands in the order of their instants. `sooner` is told whenever there is an earlier first one."""

    __slots__ = ("_dead", "_heap", "_numbers", "_sooner")

    def __init__(self, sooner: Callable[[], None] = lambda: None) -> None:
        self._heap: list[tuple[Instant, int, Errand]] = []
        self._numbers = count()
        self._dead = 0
        self._sooner = sooner

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, at: Instant, act: Callable[[Instant], None]) -> Errand:
        """Have something done at an instant; it is told which, be the clock further by then."""
        errand = Errand(self, at, act)
        first = self.peek()
        heappush(self._heap, (at, next(self._numbers), errand))
        if first is None or at < first:
            self._sooner()
        return errand

    def peek(self) -> Instant | None:
        """When the next one is due; None if there is none."""
        while self._heap and self._heap[0][2].act is None:
            heappop(self._heap)
            self._dead -= 1
        return self._heap[0][0] if self._heap else None

    def run(self, until: Instant) -> None:
        """Do what is due up to and including an instant, and what that puts down meanwhile."""
        while (at := self.peek()) is not None and at <= until:
            errand = heappop(self._heap)[2]
            assert errand.act is not None, "those that were called off are passed over"
            act, errand.act = errand.act, None
            act(at)

    def _called_off(self) -> None:
        """A fault that is for an hour may end at once, and another begin, as often as somebody likes."""
        self._dead += 1
        if self._dead > _SWEEP_AT and self._dead > len(self._heap) // 2:
            self._heap = [entry for entry in self._heap if entry[2].act is not None]
            heapify(self._heap)
            self._dead = 0
