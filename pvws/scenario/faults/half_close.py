"""half_close: the server ends its half of the connection."""

from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import ConnectionFault
from pvws.scenario.faults.victim import Victim
from pvws.sim.chance import Stream

__all__ = ["HalfClose"]


class HalfClose(ConnectionFault, frozen=True):
    """The server sends the end of its stream (FIN) without a close frame, and goes on reading; nothing is answered.

    With TLS, which knows no half-closed connection, both halves end. A client sees 1006; what it sends still arrives,
    and has no effect. Counted as `half_closed`.
    """

    momentary = True

    def begin(self, victim: Victim, chance: Stream, did: Did) -> None:
        """End our half."""
        did("half_closed")
        victim.half_close()
