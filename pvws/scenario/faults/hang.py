"""hang: a handshake is read and not answered."""

from pvws.scenario.faults.fault import HandshakeFault
from pvws.sim.chance import Stream

__all__ = ["Hang"]


class Hang(HandshakeFault, frozen=True):
    """The head of the handshake is read, and nothing is answered. Who still waits when the fault ends is answered.

    A client without a timeout for its handshake waits for ever. Counted as `hung`.
    """

    word = "hung"

    def delay(self, chance: Stream) -> None:
        """For as long as it lasts."""
        return
