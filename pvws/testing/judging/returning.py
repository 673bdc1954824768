"""Judges whether clients come back, with which pauses, and whether they stay away where they are not wanted. Pure."""

from collections import deque

from pvws.scenario.expectations import GivesUp, Reconnects
from pvws.sim.agenda import Instant
from pvws.testing.judging.case import Case
from pvws.testing.judging.clients import Connection, Party
from pvws.testing.judging.facts import Fact, Knocked, Refused, Subscribed, ToldToGo
from pvws.testing.judging.outages import Outage, Pause
from pvws.testing.judging.pauses import ALIKE_MIN, JITTERED_PAUSES_MIN, no_chance, no_growth, out_of_bounds
from pvws.testing.judging.verdict import period

__all__ = ["GivesUpCase", "ReconnectsCase"]

_FOR_GOOD = (401, 403)
_POLICY = 1008
_OUTAGES_KEPT = 8  # of a client, to see whether chance has a part in its pauses


class ReconnectsCase(Case):
    """A client that was disconnected connects again in time, and its attempts have pauses as they should be."""

    expected: Reconnects
    nothing = "no client was disconnected"

    def begin(self) -> None:
        """Nothing is owed from the start."""
        self._pauses: dict[Party, deque[list[Pause]]] = {}
        self._wrong: dict[Party, set[int]] = {}  # outages whose pauses were told already, by the lost connection
        self._in_a_row = 0  # the most pauses that were seen in one outage

    def lost(self, outage: Outage) -> None:
        """It was disconnected."""
        if not self.active:
            return
        within = period(self.expected.within) + (f" (and {period(self.tolerance)})" if self.tolerance else "")
        expected = f"that it connects again within {within} of being disconnected"
        deadline = outage.since + self.expected.within + self.tolerance
        self.owe(outage.number, deadline, expected, lambda: outage.story, outage.fact, party=outage.party)
        self.owed[outage.number].connection = outage.number
        if self.expected.backoff is not None:
            kept = self._pauses.setdefault(outage.party, deque(maxlen=_OUTAGES_KEPT))
            kept.append(outage.pauses)

    def tried(self, outage: Outage, fact: Fact) -> None:
        """It has begun an attempt."""
        backoff = self.expected.backoff
        kept = self._pauses.get(outage.party)
        if backoff is None or kept is None or not any(outage.pauses is each for each in kept):
            return
        self._in_a_row = max(self._in_a_row, len(outage.pauses))
        wrong = out_of_bounds(outage.pauses[-1], backoff, self.tolerance) or no_growth(outage.pauses, backoff)
        if wrong is None and backoff.jitter is True:
            wrong = no_chance(kept)
        told = self._wrong.get(outage.party, ())
        if wrong is not None and outage.number not in told:
            self._wrong.setdefault(outage.party, set()).add(outage.number)
            expected = f"pauses between attempts with {_backoff(self.expected)}"
            self.breach(fact, expected, wrong, party=outage.party)

    def back(self, outage: Outage, connection: Connection, fact: Fact) -> None:
        """It is connected again."""
        told = self._wrong.get(outage.party, set())
        if outage.number in told:
            told.discard(outage.number)
            self.owed.pop(outage.number, None)
        self.meet(outage.number)

    def forget(self, party: Party) -> None:
        """Its pauses."""
        self._pauses.pop(party, None)
        self._wrong.pop(party, None)

    def remark(self) -> str:
        """That pauses were too few to see whether they grow."""
        backoff = self.expected.backoff
        if backoff is None or not backoff.grows:
            return ""
        needed = {"any": ALIKE_MIN, True: JITTERED_PAUSES_MIN, False: 2}[backoff.jitter]
        if self._in_a_row >= needed:
            return ""
        return f"growth not judged: {self._in_a_row} pauses in a row were seen, and {needed} are needed"


class GivesUpCase(Case):
    """A client that was refused for good tries no more, but for the time that it is given to understand."""

    expected: GivesUp
    nothing = "no client was refused for good"

    def begin(self) -> None:
        """Nothing is owed from the start."""
        self._since: dict[Party, tuple[Instant, Instant, Fact]] = {}
        self._failed_of: set[Party] = set()

    def see(self, fact: Fact, connection: Connection | None, party: Party | None) -> None:
        """It is refused, tries again, or is let in after all."""
        if party is None:
            return
        if isinstance(fact, Knocked) or (isinstance(fact, Refused) and not fact.client):
            self._tries(fact, party)
        match fact:
            case ToldToGo(code=code) if connection is not None and code == _POLICY and connection.refused_for_good:
                self._refused(fact, party)
            case Refused(status=status) if status in _FOR_GOOD:
                self._refused(fact, party)
            case Subscribed() if self._since.pop(party, None) is not None:
                self.voided = "the client was let in later"
            case _:
                pass

    def forget(self, party: Party) -> None:
        """That it was refused."""
        self._since.pop(party, None)
        self._failed_of.discard(party)

    def _refused(self, fact: Fact, party: Party) -> None:
        if self.active and party not in self._since:
            self._since[party] = fact.real + self.expected.within + self.tolerance, self.book.stood, fact

    def _tries(self, fact: Fact, party: Party) -> None:
        given = self._since.get(party)
        if given is None or party in self._failed_of:
            return
        deadline, stood, since = given
        if fact.real > deadline + self.book.stood - stood:
            self._failed_of.add(party)
            after = period(self.expected.within)
            found = f"an attempt {(fact.real - since.real) / 1_000_000:.3f} s later"
            self.breach(fact, f"no attempt more than {after} after it was refused for good", found, party=party)

    def held_by(self, until: Instant) -> int:
        """Who has not tried any more."""
        waits = [(deadline + self.book.stood - stood) for party, (deadline, stood, _) in self._since.items()]
        return sum(1 for deadline in waits if deadline < until) if not self._failed_of else 0

    def pending(self, until: Instant) -> str:
        """Who may still try."""
        waits = [(deadline + self.book.stood - stood) for deadline, stood, _ in self._since.values()]
        return "the time in which it may try again is not over" if any(wait >= until for wait in waits) else ""


def _backoff(expected: Reconnects) -> str:
    backoff = expected.backoff
    assert backoff is not None, "it was looked at"
    words = ["growth"] * backoff.grows + ["jitter"] * (backoff.jitter is True)
    if backoff.least:
        words.append(f"at least {period(backoff.least)}")
    if backoff.most is not None:
        words.append(f"at most {period(backoff.most)}")
    return ", ".join(words) or "any length"
