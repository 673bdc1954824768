"""rate_limit: a client is told that it sent too much, though it kept to the rules."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from msgspec import Meta

from pvws.notation.quantities import Duration
from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import ConnectionFault
from pvws.scenario.faults.victim import Victim
from pvws.sim.chance import Stream

__all__ = ["RateLimit"]


class RateLimit(ConnectionFault, frozen=True):
    """What the client sends is discarded, and answered with `RATE_LIMIT_EXCEEDED`, though it kept to the rules.

    As with the limit itself, the first message is answered at once and later ones at most once a second; `retryAfter`
    is what is left in whole seconds. Events keep coming. It ends with the penalty, or with the fault.

    A client is to keep quiet for as long as it is told. Counted as `penalised`, and each such error as `refused`.
    """

    renewed = True

    retry_after: Annotated[
        Duration, Meta(description="How long the penalty lasts, in real time.", examples=["60s", "5s"])
    ]

    @property
    def never(self) -> bool:
        """A penalty of no time is none."""
        return self.retry_after == 0

    def begin(self, victim: Victim, chance: Stream, did: Did) -> Callable[[], None]:
        """Begin a penalty."""
        did("penalised")
        return victim.penalise(self.retry_after / 1_000_000, partial(did, "refused"))
