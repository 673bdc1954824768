"""Judges how many: attempts in any second, and connections at once. Pure."""

from collections import deque
from math import floor

from pvws.scenario.expectations import NeverHolds, NeverTries
from pvws.sim.agenda import Instant
from pvws.testing.judging.case import Case
from pvws.testing.judging.clients import Connection, Party
from pvws.testing.judging.facts import Closed, Ended, Fact, Hindered, Knocked, Landmark, Opened, Refused, ToldToGo
from pvws.testing.judging.verdict import period

__all__ = ["NeverHoldsCase", "NeverTriesCase", "Window"]

_SECOND = 1_000_000
_STALL = "stall"
_EXCESS = "excess"


class Window:
    """Counts what happens in any stretch of so many microseconds. `rate` is how often a second is too often if it is
    exceeded; where that is less than once in the stretch, it is as long as one takes.
    """

    __slots__ = ("_arrivals", "_micros", "most")

    def __init__(self, rate: float, over: Instant = _SECOND) -> None:
        most = rate * over / _SECOND
        self.most = max(1, floor(most))
        self._micros = over if most >= 1 else floor(_SECOND / rate)
        self._arrivals = deque[Instant]()

    @property
    def span(self) -> str:
        """How long the stretch is, in words."""
        return f"any {self._micros / _SECOND:g} s" if self._micros != _SECOND else "any second"

    def add(self, now: Instant) -> str | None:
        """One more, at an instant; what is found if those are too many. Each burst is told once."""
        arrivals = self._arrivals
        while arrivals and now - arrivals[0] >= self._micros:
            arrivals.popleft()
        arrivals.append(now)
        if len(arrivals) <= self.most:
            return None
        found = f"{len(arrivals):,} within {(now - arrivals[0]) / _SECOND:.3f} s"
        arrivals.clear()
        arrivals.append(now)
        return found


class NeverTriesCase(Case):
    """No client begins more handshakes in any stretch than that, whether they succeed or not."""

    expected: NeverTries
    nothing = "nobody has tried to connect"

    def begin(self) -> None:
        """Nobody has come."""
        self._windows: dict[Party, Window] = {}

    def see(self, fact: Fact, connection: Connection | None, party: Party | None) -> None:
        """Somebody tries."""
        is_attempt = isinstance(fact, Knocked) or (isinstance(fact, Refused) and not fact.client)
        if party is None or not self.active or not is_attempt:
            return
        window = self._windows.get(party)
        if window is None:
            window = self._windows[party] = Window(self.expected.more_than, self.expected.over)
        # While this process stood still, who knocked waited at the door: they were let in one by one, but at once.
        found = window.add(fact.real + self.book.stood)
        if found is not None:
            self.breach(fact, f"no more than {window.most:,} attempts in {window.span}", found, party=party)

    def forget(self, party: Party) -> None:
        """When it tried."""
        self._windows.pop(party, None)

    def held_by(self, until: Instant) -> int:
        """Whoever was here has not."""
        return int(self.book.seen and self.active)


class NeverHoldsCase(Case):
    """There are never more connections at once than so many, but for the time that it takes to replace one.

    One that the server has told to go, or that a fault stalls, does not count: its client may take it for lost.
    """

    expected: NeverHolds

    def begin(self) -> None:
        """Nobody is here."""
        self._open: set[int] = set()
        self._most = self.expected.more_than
        self._told = False  # each time that there are too many is told once

    def passed(self, landmark: Landmark) -> None:
        """Who is here then is to be all."""
        if self._most is None:
            self._most = max(1, len(self._open))
        self._look(landmark, None)

    def see(self, fact: Fact, connection: Connection | None, party: Party | None) -> None:
        """Somebody comes, or goes."""
        if connection is None:
            return
        match fact:
            case Opened():
                self._open.add(fact.client)
            case ToldToGo() | Closed() | Ended():
                self._open.discard(fact.client)
            case Hindered(by=by, begins=True) if by == _STALL:
                self._open.discard(fact.client)
            case Hindered(by=by) if by == _STALL and connection.told_to_go is None and connection.closed is None:
                self._open.add(fact.client)
            case _:
                return
        self._look(fact, connection)

    def held_by(self, until: Instant) -> int:
        """Whoever was here was not too many."""
        return int(self.book.seen and self.active and _EXCESS not in self.owed)

    def _look(self, fact: Fact, connection: Connection | None) -> None:
        if self._most is None or not self.active:
            return
        if len(self._open) <= self._most:
            self._told = False
            self.void(_EXCESS, "there were more for a moment")
        elif not self._told:
            self._told = True
            tolerance = self.expected.tolerance
            longer = f", but for {period(tolerance)}" if tolerance else ""
            expected = f"no more than {self._most:,} connection{'s' if self._most > 1 else ''} at once{longer}"
            self.owe(_EXCESS, fact.real + tolerance, expected, lambda: f"{len(self._open):,}", fact, connection)
