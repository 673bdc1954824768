"""The judge: folds what was seen of clients into a verdict on each expectation. Pure."""

from collections.abc import Iterable, Sequence

from pvws.scenario.expectations import Kind
from pvws.sim.agenda import Instant
from pvws.testing.judging.answering import AnswersPingsCase, ClosesProperlyCase, IgnoresUnknownTypesCase
from pvws.testing.judging.arriving import ConnectsCase, ResubscribesCase, SubscribesCase
from pvws.testing.judging.case import Book, Case
from pvws.testing.judging.clients import Clients, Connection, Party
from pvws.testing.judging.counting import NeverHoldsCase, NeverTriesCase
from pvws.testing.judging.enduring import FailsConnectionCase, GoesOnCase
from pvws.testing.judging.facts import (
    Closed,
    Ended,
    Fact,
    GoneAway,
    Hidden,
    Hindered,
    Knocked,
    Landmark,
    Opened,
    Refused,
    Stood,
    Subscribed,
    ToldError,
    ToldToGo,
)
from pvws.testing.judging.outages import Outage, Pause
from pvws.testing.judging.returning import GivesUpCase, ReconnectsCase
from pvws.testing.judging.speaking import HonoursRetryAfterCase, NeverSendsCase, SendsValidMessagesCase
from pvws.testing.judging.verdict import Verdict
from pvws.testing.verdict import Outcome

__all__ = ["CASES", "Judge", "judge"]

CASES: dict[str, type[Case]] = {
    "Connects": ConnectsCase,
    "Subscribes": SubscribesCase,
    "Reconnects": ReconnectsCase,
    "Resubscribes": ResubscribesCase,
    "AnswersPings": AnswersPingsCase,
    "HonoursRetryAfter": HonoursRetryAfterCase,
    "NeverSends": NeverSendsCase,
    "NeverTries": NeverTriesCase,
    "NeverHolds": NeverHoldsCase,
    "SendsValidMessages": SendsValidMessagesCase,
    "ClosesProperly": ClosesProperlyCase,
    "IgnoresUnknownTypes": IgnoresUnknownTypesCase,
    "GoesOn": GoesOnCase,
    "FailsConnection": FailsConnectionCase,
    "GivesUp": GivesUpCase,
}
"""Who judges a kind of expectation, by the name of its Struct."""

_AUTH_FAILED = "AUTH_FAILED"
_CONNECTION_REFUSED = "CONNECTION_REFUSED"
_STALL = "stall"
_WORTH_TELLING = 250_000  # microseconds that this process stood still: a busy machine does for less all the time


class Judge:
    """Judges as it goes: `see` each fact in its order, `verdicts` at any time, as often as wanted.

    Real time counts from `began`. What it keeps is bounded by how many clients are there, not by how long it goes on:
    of each it knows the last facts. What has failed stays so, whatever comes; what has held may still fail.
    """

    def __init__(self, expectations: Iterable[Kind], began: Instant) -> None:
        self._book = Book(began)
        self._clients = Clients(self._forget_client)
        self._outages: dict[Party, list[Outage]] = {}
        self._leaving: dict[Party, list[Connection]] = {}  # told to go, and neither gone nor heard of since
        self._hidden = 0  # how often the server began to take no connections
        self._is_hidden = False
        self.cases: Sequence[Case] = [CASES[type(each).__name__](each, self._book) for each in expectations]

    def see(self, fact: Fact) -> None:
        """Something happened, at no earlier time than all that was seen before."""
        now = fact.since if isinstance(fact, Stood) else fact.real
        for case in self.cases:
            case.pass_time(now)
        match fact:
            case Stood():
                self._book.stood += fact.real - fact.since
                if fact.real - fact.since >= _WORTH_TELLING:
                    self._book.history.append(("", fact))
            case Hidden():
                self._hidden += fact.begins
                self._is_hidden = fact.begins
                self._book.history.append(("", fact))
            case Landmark():
                self._pass(fact)
            case Knocked():
                self._knock(fact)
            case Refused() if not fact.client:
                self._refuse_unread(fact)
            case _:
                connection = self._book.connections.get(fact.client)
                if connection is not None:
                    self._happen(fact, connection)

    def verdicts(self, until: Instant) -> list[Verdict]:
        """What comes of each expectation, in their order, if nothing else happens until then."""
        return [case.verdict(until) for case in self.cases]

    def settled(self, until: Instant) -> bool:
        """Whether nothing is waited for by then: each expectation has failed, or no time that it gives is running."""
        return all(not case.pending(until) or case.verdict(until).outcome is Outcome.FAILED for case in self.cases)

    @property
    def failed(self) -> bool:
        """Whether something has failed, for good."""
        return any(case.failed for case in self.cases)

    def _pass(self, landmark: Landmark) -> None:
        self._book.history.append(("", landmark))
        if landmark.name in self._book.landmarks:
            return
        self._book.landmarks[landmark.name] = landmark
        for case in self.cases:
            if getattr(case.expected, "after", None) == landmark.name:
                case.passed(landmark)

    def _knock(self, fact: Knocked) -> None:
        party = self._clients.party(fact.name)
        connection = Connection(fact.client, party)
        self._book.connections[fact.client] = connection
        party.live.add(fact.client)
        party.attempts += 1
        self._keep(fact, party)
        # Whoever comes again knows that it has to leave, although the connection's end was not seen yet.
        for left in self._leaving.pop(party, ()):
            told = left.told_to_go
            self._lose(left, fact.real if told is None else told, known=told is not None)
        for case in self.cases:
            case.see(fact, connection, party)
        self._try(fact, party)

    def _refuse_unread(self, fact: Refused) -> None:
        """A handshake was refused that no room was asked about."""
        party = self._clients.party(fact.name)
        party.attempts += 1
        party.free_since = fact.real
        self._keep(fact, party)
        for case in self.cases:
            case.see(fact, None, party)
        self._try(fact, party)
        self._failed_attempt(fact, party)

    def _happen(self, fact: Fact, connection: Connection) -> None:
        party = connection.party
        self._keep(fact, party)
        outage = self._note(fact, connection)
        for case in self.cases:
            case.see(fact, connection, party)
        if outage is not None:
            for case in self.cases:
                case.back(outage, connection, fact)
        self._see_loss(fact, connection)

    def _note(self, fact: Fact, connection: Connection) -> Outage | None:
        """Bring what is known of a connection up to date; the outage that is over with it."""
        party = connection.party
        match fact:
            case Opened():
                connection.opened = fact.real
                party.openings += 1
                self._book.seen = True
                outages = self._outages.get(party)
                if outages:
                    outage = outages.pop(0)
                    if not outages:
                        del self._outages[party]
                    return outage
            case Subscribed():
                (connection.topics.add if fact.to else connection.topics.discard)(fact.topic)
            case Hindered():
                self._hinder(fact, connection)
            case ToldError(code=code) if code == _AUTH_FAILED:
                connection.refused_for_good = True
            case ToldError(code=code) if code == _CONNECTION_REFUSED and connection.opened is None:
                self._failed_attempt(fact, party)
            case ToldToGo():
                connection.told_to_go = fact.real
                connection.going = fact
                self._clients.leaves(connection, fact.real)
            case Closed():
                connection.closed = fact.real
                self._clients.leaves(connection, fact.real)
            case Refused() | GoneAway():
                self._forget(connection, fact.real)
                self._failed_attempt(fact, party)
            case Ended():
                self._forget(connection, fact.real)
            case _:
                pass
        return None

    def _see_loss(self, fact: Fact, connection: Connection) -> None:
        """Whether with this the client has lost a connection through no doing of its own."""
        if connection.opened is None or connection.lost:
            return
        party, told = connection.party, connection.told_to_go is not None
        match fact:
            case ToldToGo():
                self._leaves_no_more(connection)
                self._leaving.setdefault(party, []).append(connection)
            case Closed() | Ended() if told:
                self._leaves_no_more(connection)
                self._lose(connection, fact.real)
            case Ended(how="cut") if connection.closed is None:
                self._leaves_no_more(connection)
                connection.going = fact
                self._lose(connection, fact.real)
            case Ended() if connection.is_hindered(fact.real):  # it gave up what a fault has kept from working
                self._leaves_no_more(connection)
                connection.going = fact
                self._lose(connection, fact.real)
            case _:
                pass

    def _hinder(self, fact: Hindered, connection: Connection) -> None:
        (connection.hindered.add if fact.begins else connection.hindered.discard)(fact.by)
        party = connection.party
        leaving = self._leaving.get(party, [])
        if not fact.begins:
            connection.freed = fact.real
        if fact.by != _STALL or connection.told_to_go is not None or connection.lost:
            return
        if fact.begins:
            connection.going = fact
            self._clients.leaves(connection, fact.real)
            self._leaving.setdefault(party, []).append(connection)
        elif connection in leaving:
            self._leaves_no_more(connection)
            party.live.add(connection.number)

    def _lose(self, connection: Connection, since: Instant, *, known: bool = True) -> None:
        """A connection is lost. Where it is not `known` since when the client knows, its pause is not measured."""
        connection.lost = True
        assert connection.going is not None, "something has told it"
        if connection.refused_for_good:
            return  # it is not expected back
        outage = Outage(
            connection.party,
            connection.number,
            since,
            connection.going,
            frozenset(connection.topics),
            idle_since=since if known else None,
            idle_stood=self._book.stood,
            idle_hidden=self._hidden,
        )
        self._outages.setdefault(connection.party, []).append(outage)
        for case in self.cases:
            case.lost(outage)

    def _leaves_no_more(self, connection: Connection) -> None:
        leaving = self._leaving.get(connection.party, [])
        if connection in leaving:
            leaving.remove(connection)
            if not leaving:
                del self._leaving[connection.party]

    def _try(self, fact: Fact, party: Party) -> None:
        """An attempt begins: if the client is without a connection that it had, it has paused before."""
        outages = self._outages.get(party)
        if not outages or outages[0].idle_since is None:
            return
        outage = outages[0]
        assert outage.idle_since is not None, "it was looked at"
        stood = self._book.stood - outage.idle_stood
        seen = not self._is_hidden and self._hidden == outage.idle_hidden
        outage.pauses.append(Pause(fact.real - outage.idle_since, stood, seen))
        outage.idle_since = None
        for case in self.cases:
            case.tried(outage, fact)

    def _failed_attempt(self, fact: Fact, party: Party) -> None:
        outages = self._outages.get(party)
        if outages:
            outage = outages[0]
            outage.refusals += 1
            outage.idle_since, outage.idle_stood = fact.real, self._book.stood
            outage.idle_hidden = self._hidden - self._is_hidden

    def _forget_client(self, party: Party) -> None:
        """There are too many names: what this one did before is not known any more, should it come again."""
        self._outages.pop(party, None)
        self._leaving.pop(party, None)
        for case in self.cases:
            case.forget(party)

    def _forget(self, connection: Connection, real: Instant) -> None:
        self._clients.leaves(connection, real)
        self._book.connections.pop(connection.number, None)

    def _keep(self, fact: Fact, party: Party) -> None:
        party.history.append(fact)
        self._book.history.append((f"{party} [{fact.client}]" if fact.client else str(party), fact))


def judge(expectations: Iterable[Kind], evidence: Iterable[Fact], until: Instant) -> list[Verdict]:
    """The verdict on each expectation from all the evidence there is up to and including an instant of real time."""
    told = Judge(expectations, 0)
    for fact in evidence:
        if fact.real <= until:
            told.see(fact)
    return told.verdicts(until)
