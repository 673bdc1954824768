"""Outages: from when a client was disconnected until it is back, with the pauses between its attempts. Pure."""

from msgspec import Struct, field

from pvws.sim.agenda import Instant
from pvws.testing.judging.clients import Party
from pvws.testing.judging.facts import Fact

__all__ = ["Outage", "Pause"]


class Pause(Struct, frozen=True):
    """How long a client waited before an attempt, in microseconds of real time, from when it had to know that it was
    disconnected or refused. This process `stood` still for so long of that. It is not `seen` whole where the server
    took no connections meanwhile, so that attempts may have been missed.
    """

    micros: Instant
    stood: Instant = 0
    seen: bool = True


class Outage(Struct):
    """A client is without a connection that it has lost through no doing of its own.

    `since` is real time, `fact` how it was lost, `number` that of the lost connection, and `had` its topics.
    """

    party: Party
    number: int
    since: Instant
    fact: Fact
    had: frozenset[str]
    pauses: list[Pause] = field(default_factory=list)
    refusals: int = 0
    last_refusal: Fact | None = None
    idle_since: Instant | None = None
    """When its last attempt failed, or it was lost; None while an attempt is on."""
    idle_stood: Instant = 0
    idle_hidden: int = 0

    @property
    def story(self) -> str:
        """What it has done so far, in words."""
        if not self.pauses:
            return "no attempt"
        attempts = f"{len(self.pauses)} attempt{'s' if len(self.pauses) > 1 else ''}"
        if self.refusals:
            attempts += f", {self.refusals} of them refused"
        return attempts
