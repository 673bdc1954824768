"""What judging every kind of expectation has in common: what is owed until when, what was met, what failed. Pure."""

from collections import deque
from collections.abc import Callable, Hashable

from msgspec import Struct

from pvws.limits import EVIDENCE_FACTS_KEPT, FAILURES_TOLD_MAX
from pvws.scenario.expectations import Kind
from pvws.sim.agenda import Instant
from pvws.testing.judging.clients import Connection, Party
from pvws.testing.judging.facts import Fact, Landmark, line
from pvws.testing.judging.outages import Outage
from pvws.testing.judging.verdict import Failure, Verdict
from pvws.testing.verdict import Outcome

__all__ = ["Book", "Case", "Owed"]

_LINES_MAX = 12  # of evidence: what is around a failure


class Book:
    """What all cases of one judge know of the run: when it `began`, what was passed, how long this process stood."""

    def __init__(self, began: Instant) -> None:
        self.began = began
        self.stood: Instant = 0
        """Microseconds that this process had no turn, all in all."""
        self.landmarks: dict[str, Landmark] = {}
        """By name, as each was passed first."""
        self.history: deque[tuple[str, Fact]] = deque(maxlen=EVIDENCE_FACTS_KEPT)
        """The last facts, whoever they are about, with who that is."""
        self.connections: dict[int, Connection] = {}
        """Who is here, or at the door, by number."""
        self.seen = False
        """Whether anybody ever connected."""

    def lines(self, party: Party | None, since: Fact | None) -> tuple[str, ...]:
        """The evidence about a client, or about everybody, from what it began with."""
        if party is None:
            return tuple(line(fact, self.began, who) for who, fact in list(self.history)[-_LINES_MAX:])
        facts = list(party.history)[-_LINES_MAX:]
        if since is not None and since not in facts and since.real <= (facts[0].real if facts else since.real):
            facts = [since, *facts[1:]]
        return tuple(line(fact, self.began, _who(fact)) for fact in facts)


class Owed(Struct):
    """Something that is to have happened by a `deadline`, of real time, unless this process stands still meanwhile."""

    deadline: Instant
    stood: Instant
    party: Party | None
    connection: int
    since: Fact | None
    expected: str
    found: Callable[[], str]

    def until(self, book: Book) -> Instant:
        """The deadline, later by what the process stood still since."""
        return self.deadline + book.stood - self.stood


class Case:
    """One expectation before the judge. Order of calls: facts and what follows of them in their order, with the time
    passed before each; `verdict` at any time.
    """

    nothing = "nobody has connected"
    """What has not happened where nothing was judged."""

    def __init__(self, expected: Kind, book: Book) -> None:
        self.expected = expected
        self.book = book
        self.held = 0
        self.failed = 0
        self.failures: list[Failure] = []
        self.voided = ""
        """Why something was not judged, the last time."""
        self.owed: dict[Hashable, Owed] = {}
        self._next: Instant | None = None  # before it nothing is overdue
        self.begin()

    def begin(self) -> None:
        """What is owed from the start."""

    @property
    def active(self) -> bool:
        """Whether what it counts from has been passed."""
        after = getattr(self.expected, "after", None)
        return after is None or after in self.book.landmarks

    @property
    def tolerance(self) -> Instant:
        """In microseconds."""
        return int(getattr(self.expected, "tolerance", 0))

    # What is seen

    def see(self, fact: Fact, connection: Connection | None, party: Party | None) -> None:
        """Something happened; what it is about is as it was left by that."""

    def passed(self, landmark: Landmark) -> None:
        """What it counts from has been passed, for the first time."""

    def lost(self, outage: Outage) -> None:
        """A client was disconnected, not of its own accord."""

    def tried(self, outage: Outage, fact: Fact) -> None:
        """It has begun an attempt to connect again; its pause is the last of the outage."""

    def back(self, outage: Outage, connection: Connection, fact: Fact) -> None:
        """It is connected again."""

    def forget(self, party: Party) -> None:
        """A client is not known any more: drop what is kept of it, but not what came of that."""

    def pass_time(self, now: Instant) -> None:
        """Time has come to `now`, without anything else: what is overdue has failed."""
        if self._next is None or now <= self._next:
            return
        for key, owed in list(self.owed.items()):
            if owed.until(self.book) < now:
                del self.owed[key]
                self._failed(self._failure(owed))
        self._next = min((owed.deadline for owed in self.owed.values()), default=None)

    # What comes of it

    def owe(
        self,
        key: Hashable,
        deadline: Instant,
        expected: str,
        found: Callable[[], str],
        since: Fact | None = None,
        connection: Connection | None = None,
        party: Party | None = None,
    ) -> None:
        """Something is to happen by a deadline."""
        if connection is not None:
            party = connection.party
        number = 0 if connection is None else connection.number
        self.owed[key] = Owed(deadline, self.book.stood, party, number, since, expected, found)
        self._next = deadline if self._next is None else min(self._next, deadline)

    def meet(self, key: Hashable) -> None:
        """What was owed has happened."""
        if self.owed.pop(key, None) is not None:
            self.held += 1

    def void(self, key: Hashable, why: str) -> None:
        """What was owed can't be judged any more."""
        if self.owed.pop(key, None) is not None:
            self.voided = why

    def fail(self, key: Hashable) -> None:
        """What was owed will not happen any more."""
        owed = self.owed.pop(key, None)
        if owed is not None:
            self._failed(self._failure(owed))

    def breach(
        self, fact: Fact, expected: str, found: str, connection: Connection | None = None, party: Party | None = None
    ) -> None:
        """Something happened that was not to."""
        if connection is not None:
            party = connection.party
        number = fact.client if connection is None else connection.number
        who = "somebody" if party is None else str(party)
        self._failed(Failure(who, number, fact.real, expected, found, self.book.lines(party, None)))

    def held_by(self, until: Instant) -> int:
        """How much more will have been met by then, if nothing else happens."""
        return 0

    def pending(self, until: Instant) -> str:
        """What is not decided by then, in words; empty if nothing is."""
        waiting = [owed for owed in self.owed.values() if owed.until(self.book) >= until]
        if not waiting:
            return ""
        left = min(owed.until(self.book) for owed in waiting) - until
        return f"{waiting[0].expected}: there are {left / 1_000_000:.3f} s left for that"

    def remark(self) -> str:
        """What was not judged although the rest was; empty if nothing."""
        return ""

    def verdict(self, until: Instant) -> Verdict:
        """What comes of it if nothing else happens until then. Changes nothing."""
        overdue = [owed for owed in self.owed.values() if owed.until(self.book) < until]
        failures = [*self.failures, *map(self._failure, overdue)]
        failed = self.failed + len(overdue)
        if any(failure.connection or failure.client != _NOBODY for failure in failures):
            theirs = [failure for failure in failures if failure.client != _NOBODY]
            failed -= len(failures) - len(theirs)  # that nobody did it is said by who did not
            failures = theirs
        held = self.held + self.held_by(until)
        why = self.remark()
        if failed:
            outcome = Outcome.FAILED
        elif held:
            outcome = Outcome.HELD
        else:
            outcome = Outcome.NOT_JUDGED
            after = getattr(self.expected, "after", None)
            missed = f"“{after}” was not reached" if not self.active else ""
            why = missed or self.pending(until) or self.voided or self.nothing
        return Verdict(self.expected, outcome, why, held, failed, tuple(failures[:FAILURES_TOLD_MAX]))

    def _failure(self, owed: Owed) -> Failure:
        who = _NOBODY if owed.party is None else str(owed.party)
        evidence = self.book.lines(owed.party, owed.since)
        return Failure(who, owed.connection, owed.until(self.book), owed.expected, owed.found(), evidence)

    def _failed(self, failure: Failure) -> None:
        self.failed += 1
        if len(self.failures) < FAILURES_TOLD_MAX:
            self.failures.append(failure)


_NOBODY = "nobody"


def _who(fact: Fact) -> str:
    return f"[{fact.client}]" if fact.client else ""
