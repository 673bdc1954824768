"""Evidence that is written down beforehand, for tests of the judge: times in milliseconds."""

from collections.abc import Sequence
from typing import Any

from pvws.scenario.expectations import Kind
from pvws.testing.judging import facts
from pvws.testing.judging.facts import Fact
from pvws.testing.judging.judge import judge
from pvws.testing.judging.verdict import Verdict
from pvws.testing.verdict import Outcome
from tests.support.playing import read_scenario

MS = 1_000
HELD, FAILED, NOT_JUDGED = Outcome.HELD, Outcome.FAILED, Outcome.NOT_JUDGED


def expectation(said: str) -> Kind:
    """What a script says: `reconnects, within: 5s`. The timeline has the mark "there" and a disconnection."""
    timeline = "timeline:\n  - {at: 1s, do: mark, name: there}\n  - {at: 2s, do: disconnect}\n"
    (found,) = read_scenario(f"{timeline}expect:\n  - {{client: {said}}}\n").expect
    return found


def at(ms: float, kind: type[Fact], client: int = 1, **fields: Any) -> Fact:
    """A fact, so many milliseconds after the beginning."""
    return kind(real=int(ms * MS), client=client, **fields)


def comes(ms: float, client: int = 1, *topics: str, name: str = "") -> list[Fact]:
    """A client connects, and subscribes at once."""
    arrival = [at(ms, facts.Knocked, client, name=name), at(ms, facts.Opened, client)]
    return [*arrival, *(at(ms, facts.Subscribed, client, topic=topic) for topic in topics)]


def sent_away(ms: float, client: int = 1, code: int = 1012) -> list[Fact]:
    """The server closes a connection, the client answers, and it ends."""
    return [
        at(ms, facts.ToldToGo, client, code=code),
        at(ms, facts.Closed, client, code=code),
        at(ms, facts.Ended, client, how="closed"),
    ]


def leaves(ms: float, client: int = 1) -> list[Fact]:
    """A client goes of its own accord."""
    return [at(ms, facts.Closed, client, code=1000), at(ms, facts.Ended, client, how="closed")]


def refused(ms: float, client: int, status: int = 503, **fields: Any) -> list[Fact]:
    """An attempt is refused."""
    return [at(ms, facts.Knocked, client), at(ms, facts.Refused, client, status=status, **fields)]


def verdict(said: str, evidence: Sequence[Fact], until: float) -> Verdict:
    """The verdict on one expectation."""
    (found,) = judge([expectation(said)], evidence, int(until * MS))
    return found


def outcome(said: str, evidence: Sequence[Fact], until: float) -> Outcome:
    """What comes of it."""
    return verdict(said, evidence, until).outcome
