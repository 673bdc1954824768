"""Judges what clients do about what comes: pings, close frames, events that they can't know. Pure."""

from collections import deque
from itertools import count

from pvws.scenario.expectations import AnswersPings, ClosesProperly, IgnoresUnknownTypes
from pvws.sim.agenda import Instant
from pvws.testing.judging.case import Case
from pvws.testing.judging.clients import Connection, Party
from pvws.testing.judging.facts import Closed, Ended, Fact, Given, Hindered, Knocked, Pinged, Ponged, ToldToGo
from pvws.testing.judging.verdict import period

__all__ = ["AnswersPingsCase", "ClosesProperlyCase", "IgnoresUnknownTypesCase"]

_STALL = "stall"
_LEAVING = (1000, 1001, None)  # codes of who goes of its own accord


class AnswersPingsCase(Case):
    """Each ping is answered in time by a pong with its payload, or a later one's is (RFC 6455, section 5.5.3)."""

    expected: AnswersPings
    nothing = "no ping was sent: timeouts.ping_period says how often one is"

    def begin(self) -> None:
        """No ping was sent."""
        self._numbers = count(1)
        self._open: dict[int, deque[tuple[int, bytes]]] = {}

    def see(self, fact: Fact, connection: Connection | None, party: Party | None) -> None:
        """Pings and pongs, and what makes them impossible."""
        if connection is None:
            return
        match fact:
            case Pinged() if _STALL not in connection.hindered and not fact.delayed:
                number = next(self._numbers)
                expected = f"a pong within {period(self.expected.within)} of the ping"
                deadline = fact.real + self.expected.within + self.tolerance
                self.owe(number, deadline, expected, lambda: "none by then", fact, connection)
                self._open.setdefault(connection.number, deque()).append((number, fact.payload))
            case Ponged():
                self._answered(connection, fact.payload)
            case ToldToGo(reason="no pong"):
                for number, _ in self._open.pop(connection.number, ()):
                    self.fail(number)
            case Hindered(by=by) if by == _STALL:
                self._void(connection, "the fault stall kept the ping or its pong")
            case ToldToGo() | Closed() | Ended():
                self._void(connection, "the connection ended before the time was over")
            case _:
                pass

    def pass_time(self, now: Instant) -> None:
        """What is overdue has failed, and is waited for no more."""
        super().pass_time(now)
        for pings in self._open.values():
            while pings and pings[0][0] not in self.owed:
                pings.popleft()

    def _answered(self, connection: Connection, payload: bytes) -> None:
        pings = self._open.get(connection.number, deque())
        if any(sent == payload for _, sent in pings):
            while pings:
                number, sent = pings.popleft()
                self.meet(number)
                if sent == payload:
                    break

    def _void(self, connection: Connection, why: str) -> None:
        for number, _ in self._open.pop(connection.number, ()):
            self.void(number, why)


class ClosesProperlyCase(Case):
    """A client sends a close frame before it ends the connection, and answers the server's in time."""

    expected: ClosesProperly
    nothing = "no connection has ended by close frames"

    def see(self, fact: Fact, connection: Connection | None, party: Party | None) -> None:
        """How connections end."""
        if connection is None:
            return
        key = connection.number
        match fact:
            case ToldToGo() if not connection.is_hindered(fact.real):
                within, tolerance = self.expected.within, self.tolerance
                expected = f"a close frame in answer within {period(within)}"
                self.owe(key, fact.real + within + tolerance, expected, lambda: "none by then", fact, connection)
            case Hindered():
                self.void(key, f"the fault {fact.by} touched the connection")
            case Closed():
                self.meet(key)
            case Ended(how="eof" | "reset") if key in self.owed:
                self.fail(key)
            case Ended(how="cut") if key in self.owed:
                self._cut(fact, key)
            case Ended(how="closed") if connection.told_to_go is None:
                self.held += 1
            case Ended(how="eof" | "reset") if connection.told_to_go is None and not connection.is_hindered(fact.real):
                self.breach(fact, "a close frame before the end of the connection", str(fact), connection)
            case _:
                pass

    def _cut(self, fact: Ended, key: int) -> None:
        """The server has waited no longer: that is enough if it was as long as the client is given."""
        since = self.owed[key].since
        assert since is not None, "that is the close frame"
        if fact.real - since.real >= self.expected.within:
            self.fail(key)
        else:
            waited = (fact.real - since.real) / 1_000_000
            self.void(key, f"the server has cut the connection after {waited:.3f} s ({fact.why})")


class _Watch:
    """Since when a connection is watched, and until when at least."""

    __slots__ = ("end", "last", "since")

    def __init__(self, since: Given, end: Instant) -> None:
        self.since = since
        self.last: Given = since
        self.end = end


class IgnoresUnknownTypesCase(Case):
    """A client that is given an event of an unknown type is still connected some time later.

    One that leaves meanwhile as clients do that are done (1000, 1001, or no code) is not judged, unless it comes back.
    """

    expected: IgnoresUnknownTypes
    nothing = "no event of an unknown type was sent"

    def begin(self) -> None:
        """Nobody is watched."""
        self._watched: dict[int, _Watch] = {}
        self._left: dict[Party, tuple[_Watch, Connection, Fact]] = {}

    def see(self, fact: Fact, connection: Connection | None, party: Party | None) -> None:
        """Somebody is given such an event, or goes."""
        if isinstance(fact, Knocked) and party is not None and party in self._left:
            watch, left, end = self._left.pop(party)
            self._went(fact, watch, left, f"{end}, and came back")
        if connection is None:
            return
        number = connection.number
        match fact:
            case Given() if self.active:
                self._give(fact, number)
            case ToldToGo() | Hindered():
                if self._watched.pop(number, None) is not None:
                    self.voided = "the server has ended the connection before the time was over"
            case Closed(code=code) if code in _LEAVING and number in self._watched:
                watch = self._watched.pop(number)
                if self._within(watch, fact.real):
                    self._left[connection.party] = watch, connection, fact
                    self.voided = f"the client has left {self._after(watch, fact)}, properly"
                else:
                    self.held += 1
            case Closed() | Ended() if number in self._watched:
                watch = self._watched.pop(number)
                if isinstance(fact, Ended) and fact.how == "cut":
                    self.voided = "the server has ended the connection before the time was over"
                elif self._within(watch, fact.real):
                    self._went(fact, watch, connection, str(fact))
                else:
                    self.held += 1
            case _:
                pass

    def held_by(self, until: Instant) -> int:
        """Who is still there by then."""
        return sum(1 for watch in self._watched.values() if watch.end < until)

    def pending(self, until: Instant) -> str:
        """Who is watched still."""
        waits = any(watch.end >= until for watch in self._watched.values())
        return "the time for which clients are watched is not over" if waits else ""

    def forget(self, party: Party) -> None:
        """That it has left."""
        self._left.pop(party, None)

    def _give(self, fact: Given, number: int) -> None:
        watch = self._watched.get(number)
        if watch is not None and watch.end < fact.real:  # it went on after the one before
            self.held += 1
            watch = None
        if watch is None:
            self._watched[number] = _Watch(fact, fact.real + self.expected.within)
        else:
            watch.last = fact

    def _within(self, watch: _Watch, real: Instant) -> bool:
        return real <= watch.last.real + self.expected.within

    def _after(self, watch: _Watch, fact: Fact) -> str:
        return f"{(fact.real - watch.last.real) / 1_000_000:.3f} s after one"

    def _went(self, fact: Fact, watch: _Watch, connection: Connection, how: str) -> None:
        expected = f'that it goes on for {period(self.expected.within)} after an event of the type "{watch.last.type}"'
        self.breach(fact, expected, f"{how}, {self._after(watch, fact)}", connection)
