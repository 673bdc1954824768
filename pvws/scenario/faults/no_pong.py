"""no_pong: the server answers no control pings."""

from collections.abc import Callable

from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import ConnectionFault
from pvws.scenario.faults.victim import Victim
from pvws.sim.chance import Stream

__all__ = ["NoPong"]


class NoPong(ConnectionFault, frozen=True):
    """Control pings (RFC 6455, section 5.5.2) stay unanswered, while all else goes on.

    The API's own `pong` still comes; `drop: 100%, types: [pong]` has that one lost.

    A client with a heartbeat takes the connection for dead, and makes another one. Counted as `muted`.
    """

    def begin(self, victim: Victim, chance: Stream, did: Did) -> Callable[[], None]:
        """Answer no more."""
        did("muted")
        return victim.mute()
