"""Judges what becomes of clients whom something befalls: they go on, or end the connection as they must. Pure."""

from pvws.scenario.expectations import FailsConnection, GoesOn
from pvws.sim.agenda import Instant
from pvws.testing.judging.case import Case
from pvws.testing.judging.clients import Connection, Party
from pvws.testing.judging.facts import Closed, Ended, Fact, Hindered, Landmark, Ponged, Sent, Subscribed, ToldToGo
from pvws.testing.judging.verdict import period

__all__ = ["FailsConnectionCase", "GoesOnCase"]

_UNFIT = ("no pong", "slow consumer")  # reasons of a server that has given its client up
_NO_SIGN = "it is still there, and has given no sign of life: neither a pong, nor an answer to a close frame"


class _Watch:
    """One connection, from the landmark on."""

    __slots__ = ("alive", "end")

    def __init__(self, end: Instant) -> None:
        self.end = end
        self.alive = False


class GoesOnCase(Case):
    """A client that was connected at the landmark is still so some time later, and has done something since.

    A sign of life is whatever needs a client that reads: a pong, a message, the answer to a close frame. One that has
    merely kept its connection may have died inside, and one that ends it without one has not gone on, however late
    that is seen. So a machine that is busy does not hide the end of a client, nor is it taken for one.
    """

    expected: GoesOn
    nothing = "nobody was connected then"

    def begin(self) -> None:
        """Nobody is watched."""
        self._watched: dict[int, _Watch] = {}

    def passed(self, landmark: Landmark) -> None:
        """Whoever is connected is watched from now on."""
        for number, connection in self.book.connections.items():
            if _stands(connection):
                self._watched[number] = _Watch(landmark.real + self.expected.within)

    def see(self, fact: Fact, connection: Connection | None, party: Party | None) -> None:
        """A sign of life, or an end."""
        watch = self._watched.get(fact.client)
        if connection is None or watch is None:
            return
        match fact:
            case Ponged() | Sent() | Subscribed():
                watch.alive = True
            case ToldToGo(reason=reason) if reason in _UNFIT:
                self._ends(fact, connection)
            case ToldToGo() if fact.real <= watch.end:
                self._drop(fact.client, "the server has ended the connection before the time was over")
            case Hindered():
                self._drop(fact.client, f"the fault {fact.by} touched the connection")
            case Closed() | Ended() if connection.told_to_go is None:
                self._left(fact, connection, watch)
            case Closed():
                self._met(fact.client)
            case Ended(how="cut") if not watch.alive:
                self._ends(fact, connection)
            case Ended():
                self._met(fact.client)
            case _:
                pass

    def held_by(self, until: Instant) -> int:
        """Who is still there by then, and alive."""
        return sum(1 for watch in self._watched.values() if watch.alive and watch.end < until)

    def pending(self, until: Instant) -> str:
        """Who is watched still."""
        if any(until <= watch.end for watch in self._watched.values()):
            return "the time for which clients are watched is not over"
        return _NO_SIGN if any(not watch.alive for watch in self._watched.values()) else ""

    def _left(self, fact: Fact, connection: Connection, watch: _Watch) -> None:
        """It has ended the connection itself, or something else than client and server has."""
        if isinstance(fact, Ended) and fact.how == "cut":
            self._drop(fact.client, "the server has ended the connection")
        elif watch.alive and fact.real > watch.end:
            self._met(fact.client)
        else:
            self._ends(fact, connection)

    def _ends(self, fact: Fact, connection: Connection) -> None:
        del self._watched[fact.client]
        expected = self.expected
        wanted = f"that it goes on for {period(expected.within)} after “{expected.after}”, and gives a sign of life"
        self.breach(fact, wanted, str(fact), connection)

    def _met(self, number: int) -> None:
        del self._watched[number]
        self.held += 1

    def _drop(self, number: int, why: str) -> None:
        del self._watched[number]
        self.voided = why


class FailsConnectionCase(Case):
    """A client that was connected at the landmark closes its connection with the code in time (RFC 6455, section
    7.1.7).
    """

    expected: FailsConnection
    nothing = "nobody was connected then"

    def passed(self, landmark: Landmark) -> None:
        """Whoever is connected is to close."""
        deadline = landmark.real + self.expected.within + self.tolerance
        for number, connection in self.book.connections.items():
            if _stands(connection):
                self.owe(number, deadline, self._wanted, lambda: "none by then", landmark, connection)

    def see(self, fact: Fact, connection: Connection | None, party: Party | None) -> None:
        """An end, of whatever kind."""
        if connection is None or fact.client not in self.owed:
            return
        match fact:
            case ToldToGo():
                self.void(fact.client, "the server has closed the connection before")
            case Hindered():
                self.void(fact.client, f"the fault {fact.by} touched the connection")
            case Closed(code=self.expected.code):
                self.meet(fact.client)
            case Ended(how="cut"):
                self.void(fact.client, "the server has ended the connection before")
            case Closed() | Ended():
                del self.owed[fact.client]
                self.breach(fact, self._wanted, str(fact), connection)
            case _:
                pass

    @property
    def _wanted(self) -> str:
        within = period(self.expected.within)
        return f"a close frame with the code {self.expected.code} within {within} of “{self.expected.after}”"


def _stands(connection: Connection) -> bool:
    """Whether it is open, as far as anybody knows."""
    gone = connection.told_to_go is not None or connection.closed is not None
    return connection.opened is not None and not gone and not connection.hindered
