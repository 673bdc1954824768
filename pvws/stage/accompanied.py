"""A source that takes no orders, with one beside it that does: a replay into which a controller says something."""

from msgspec import structs

from pvws.scenario.director import Director
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Order, Source, Timed

__all__ = ["Accompanied"]


class Accompanied:
    """A `Source` of two: `main` plays, and `director`, on which nothing plays, obeys. Numbers go on through both."""

    def __init__(self, main: Source, director: Director, sequence: int = 0) -> None:
        self.main = main
        self.director = director
        self._added = 0  # messages of the director so far
        self._last = sequence - 1  # the number of the last message of the other

    def peek(self) -> Instant | None:
        """When the next thing happens, in either."""
        ours, theirs = self.director.peek(), self.main.peek()
        return theirs if ours is None else ours if theirs is None else min(ours, theirs)

    def take(self, until: Instant | None, limit: int) -> list[Timed | Cue]:
        """What happens up to and including an instant; see `Source`. What was ordered comes first at its instant."""
        ours, theirs = self.director.peek(), self.main.peek()
        if ours is not None and (theirs is None or ours <= theirs):
            if until is not None and ours > until:
                return []
            given = self.director.take(ours, limit)
            return [self._numbered(each) for each in given]
        last = until if ours is None else ours - 1 if until is None else min(until, ours - 1)
        given = self.main.take(last, limit)
        self._last = max((each.sequence for each in given if isinstance(each, Timed)), default=self._last)
        if not self._added:
            return given
        return [
            structs.replace(each, sequence=each.sequence + self._added) if isinstance(each, Timed) else each
            for each in given
        ]

    def tell(self, deed: ClientInput) -> ClientInput | None:
        """A client has done something."""
        told, heard = self.main.tell(deed), self.director.tell(deed)
        return heard if told is None else told

    def order(self, order: Order) -> Order | None:
        """A controller has done something; see `Director`."""
        return self.director.order(order)

    def _numbered(self, given: Timed | Cue) -> Timed | Cue:
        if isinstance(given, Cue):
            return given
        self._added += 1
        return structs.replace(given, sequence=self._last + self._added)
