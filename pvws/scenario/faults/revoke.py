"""revoke: what a client may do is taken from it in mid-connection."""

from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import ConnectionFault
from pvws.scenario.faults.victim import Victim
from pvws.sim.chance import Stream

__all__ = ["Revoke"]


class Revoke(ConnectionFault, frozen=True):
    """The client's token is good no more, as if it had expired: an error `AUTH_FAILED`, then close 1008.

    It happens whether the server asks for tokens or not. With `for` it happens to everybody who connects meanwhile,
    too.

    A client is to ask for another token, and not to come back with the same. Counted as `revoked`.
    """

    momentary = True

    def begin(self, victim: Victim, chance: Stream, did: Did) -> None:
        """Take it away."""
        did("revoked")
        victim.revoke()
