"""reset: the connection ends with a TCP reset."""

from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import ConnectionFault
from pvws.scenario.faults.victim import Victim
from pvws.sim.chance import Stream

__all__ = ["Reset"]


class Reset(ConnectionFault, frozen=True):
    """The connection ends with a TCP reset (RST), without a close frame; what was not sent yet is lost.

    A client sees 1006, and often an error of its socket. Counted as `reset`.
    """

    momentary = True

    def begin(self, victim: Victim, chance: Stream, did: Did) -> None:
        """Reset it."""
        did("reset")
        victim.reset()
