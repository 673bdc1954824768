"""Judges whether clients connect, subscribe, and subscribe again. Pure."""

from collections import Counter

from pvws.scenario.expectations import Connects, Resubscribes, Subscribes
from pvws.sim.agenda import Instant
from pvws.testing.judging.case import Case
from pvws.testing.judging.clients import Connection, Party
from pvws.testing.judging.facts import Closed, Ended, Fact, Landmark, Opened, Subscribed, ToldToGo
from pvws.testing.judging.outages import Outage
from pvws.testing.judging.verdict import period
from pvws.wire.topics import TOPICS

__all__ = ["ConnectsCase", "ResubscribesCase", "SubscribesCase"]

_ANYBODY = "anybody"


class ConnectsCase(Case):
    """Somebody is connected in time: counted from the start, or from `after`."""

    expected: Connects

    def begin(self) -> None:
        """From the start."""
        if self.expected.after is None:
            self._begin(self.book.began, None)

    def passed(self, landmark: Landmark) -> None:
        """From a landmark. Who is connected then is so in time."""
        self._begin(landmark.real, landmark)
        if any(connection.opened is not None for connection in self.book.connections.values()):
            self.meet(_ANYBODY)

    def see(self, fact: Fact, connection: Connection | None, party: Party | None) -> None:
        """Somebody has connected."""
        if isinstance(fact, Opened):
            self.meet(_ANYBODY)

    def _begin(self, began: Instant, since: Fact | None) -> None:
        within = self.expected.within + self.tolerance
        expected = (
            f"a client that connects within {_time(self.expected.within, self.tolerance)} of {_of(self.expected)}"
        )
        self.owe(_ANYBODY, began + within, expected, lambda: "none by then", since)


class SubscribesCase(Case):
    """Somebody subscribes in time, counted as above, and each client does, counted from when it first connected."""

    expected: Subscribes
    nothing = "nobody has connected"

    def begin(self) -> None:
        """From the start."""
        if self.expected.after is None:
            self._begin(self.book.began, None)

    def passed(self, landmark: Landmark) -> None:
        """From a landmark: whoever is subscribed then is so in time."""
        self._begin(landmark.real, landmark)
        for connection in list(self.book.connections.values()):
            if connection.opened is not None:
                self._owed_by(connection, landmark, landmark.real)
                self._look(connection)

    def see(self, fact: Fact, connection: Connection | None, party: Party | None) -> None:
        """A client has come, has subscribed, or has left."""
        if not self.active or connection is None:
            return
        match fact:
            case Opened() if connection.party.openings == 1:
                self._owed_by(connection, fact, fact.real)
            case Subscribed():
                self._look(connection)
            case Closed() | Ended() if connection.told_to_go is None and getattr(fact, "how", "") != "cut":
                self.void(connection.party, "the client has left before the time was over")

    def _look(self, connection: Connection) -> None:
        wanted = self.expected.topics
        if connection.topics if wanted is None else connection.topics.issuperset(wanted):
            self.meet(_ANYBODY)
            self.meet(connection.party)

    def _begin(self, began: Instant, since: Fact | None) -> None:
        expected = f"a client that subscribes to {_topics(self.expected.topics)} within {self._within}"
        expected += f" of {_of(self.expected)}"
        self.owe(_ANYBODY, began + self.expected.within + self.tolerance, expected, lambda: "none by then", since)

    def _owed_by(self, connection: Connection, since: Fact, began: Instant) -> None:
        expected = f"that it subscribes to {_topics(self.expected.topics)} within {self._within} of {since}"
        party = connection.party
        deadline = began + self.expected.within + self.tolerance
        self.owe(party, deadline, expected, lambda: _found(connection), since, connection)

    @property
    def _within(self) -> str:
        return _time(self.expected.within, self.tolerance)


class ResubscribesCase(Case):
    """A client that is connected again subscribes to all it had, or to `topics`.

    Of several that have no names, and come back at the same time, it can't be seen which is which: together they have
    to subscribe as often to each topic as they had.
    """

    expected: Resubscribes
    nothing = "no client that had subscribed was disconnected and came back"

    def back(self, outage: Outage, connection: Connection, fact: Fact) -> None:
        """It is connected again."""
        wanted = outage.had if self.expected.topics is None else frozenset(self.expected.topics)
        if not self.active or not wanted:
            return
        names = tuple(topic for topic in TOPICS if topic in wanted)
        within = _time(self.expected.within, self.tolerance)
        expected = f"that it subscribes to {_topics(names)} again within {within} of being connected again"
        deadline = fact.real + self.expected.within + self.tolerance
        self.owe(connection.number, deadline, expected, lambda: _found(connection), outage.fact, connection)
        self._wanted(connection.number, wanted)

    def begin(self) -> None:
        """Nothing is owed from the start."""
        self._topics: dict[int, frozenset[str]] = {}

    def see(self, fact: Fact, connection: Connection | None, party: Party | None) -> None:
        """It has subscribed, or is disconnected before the time is over."""
        if connection is None:
            return
        wanted = self._topics.get(connection.number)
        if wanted is None:
            return
        match fact:
            case Subscribed() if connection.topics.issuperset(wanted):
                self._meet(connection.number)
            case Subscribed() if not connection.party.name:
                self._look_at_nameless()
            case ToldToGo() | Closed() | Ended():
                self.void(connection.number, "the new connection ended before the time was over")
                del self._topics[connection.number]
            case _:
                pass

    def _wanted(self, number: int, wanted: frozenset[str]) -> None:
        self._topics[number] = wanted

    def _meet(self, number: int) -> None:
        self.meet(number)
        del self._topics[number]

    def _look_at_nameless(self) -> None:
        """Whether those that have no names have, all together, what all together they had."""
        found = [(number, self.book.connections[number]) for number in self._topics if number in self.owed]
        nameless = [(number, connection) for number, connection in found if not connection.party.name]
        has = Counter(topic for _, connection in nameless for topic in connection.topics)
        if has >= Counter(topic for number, _ in nameless for topic in self._topics[number]):
            for number, _ in nameless:
                self._meet(number)


def _found(connection: Connection) -> str:
    has = tuple(topic for topic in TOPICS if topic in connection.topics)
    return f"only {', '.join(has)}" if has else "no subscription"


def _topics(topics: tuple[str, ...] | None) -> str:
    return "a topic" if topics is None else ", ".join(topics)


def _of(expected: Connects | Subscribes) -> str:
    return "the start" if expected.after is None else f"“{expected.after}”"


def _time(within: Instant, tolerance: Instant) -> str:
    return period(within) + (f" (and {period(tolerance)} of tolerance)" if tolerance else "")
