"""stall: the server neither reads nor writes, and says nothing of it."""

from collections.abc import Callable

from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import ConnectionFault
from pvws.scenario.faults.victim import Victim
from pvws.sim.chance import Stream

__all__ = ["Stall"]


class Stall(ConnectionFault, frozen=True):
    """Nothing comes and nothing is read, without an end of the stream: a connection that is half-open, or a server that
    hangs. When the fault ends, what was held comes.

    Neither the pong wait nor the write timeout is judged meanwhile; the backlog's bound is, but what that decides is
    told afterwards. A client that pings finds out, any other waits for ever. Counted as `stalled`.
    """

    def begin(self, victim: Victim, chance: Stream, did: Did) -> Callable[[], None]:
        """Stall it."""
        did("stalled")
        return victim.stall()
