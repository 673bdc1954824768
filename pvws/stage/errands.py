"""What a stage has to do at instants of its time that no source knows of: faults end, and what they held leaves."""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from pvws.sim.agenda import Instant

__all__ = ["Errand", "Errands"]


class Errand:
    """Something to be done at an instant, unless it is called off before."""

    __slots__ = ("act", "at")

    def __init__(self, at: Instant, act: Callable[[Instant], None]) -> None:
        self.at = at
        self.act: Callable[[Instant], None] | None = act

    def cancel(self) -> None:
        """Think better of it."""
        self.act = None


class Errands:
    """Errands in the order of their instants. `sooner` is told whenever there is an earlier first one."""

    __slots__ = ("_heap", "_numbers", "_sooner")

    def __init__(self, sooner: Callable[[], None] = lambda: None) -> None:
        self._heap: list[tuple[Instant, int, Errand]] = []
        self._numbers = count()
        self._sooner = sooner

    def put(self, at: Instant, act: Callable[[Instant], None]) -> Errand:
        """Have something done at an instant; it is told which, be the clock further by then."""
        errand = Errand(at, act)
        first = self.peek()
        heappush(self._heap, (at, next(self._numbers), errand))
        if first is None or at < first:
            self._sooner()
        return errand

    def peek(self) -> Instant | None:
        """When the next one is due; None if there is none."""
        while self._heap and self._heap[0][2].act is None:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run(self, until: Instant) -> None:
        """Do what is due up to and including an instant, and what that puts down meanwhile."""
        while (at := self.peek()) is not None and at <= until:
            errand = heappop(self._heap)[2]
            assert errand.act is not None, "those that were called off are passed over"
            act, errand.act = errand.act, None
            act(at)
