"""close: the server closes the connection, with any code and reason."""

from typing import Annotated

from msgspec import Meta

from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import ConnectionFault, Victim
from pvws.scenario.timeline.telling import CloseCode, CloseReason
from pvws.sim.chance import Stream

__all__ = ["Close"]


class Close(ConnectionFault, frozen=True):
    """The server closes the connection with a close frame, behind everything that was sent before."""

    momentary = True

    code: Annotated[CloseCode, Meta(description="The code of the close frame.", examples=[1012, 4000])]
    reason: Annotated[CloseReason, Meta(description="The reason in the close frame.")] = ""

    def begin(self, victim: Victim, chance: Stream, did: Did) -> None:
        """Close it."""
        did("closed")
        victim.close(self.code, self.reason)
