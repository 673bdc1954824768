"""slow_handshake: a handshake is answered late."""

from typing import Annotated

from msgspec import Meta

from pvws.scenario.faults.fault import HandshakeFault
from pvws.scenario.faults.latency import Delay
from pvws.sim.chance import Stream
from pvws.sim.distributions import Constant

__all__ = ["SlowHandshake"]


class SlowHandshake(HandshakeFault, frozen=True):
    """The handshake is answered late, in stage time; then the connection is as ever. Who still waits when the fault
    ends is answered.

    A client sees its handshake succeed, if it has not given up. Of several the times add up. Counted as `delayed`.
    """

    word = "delayed"

    takes: Annotated[Delay, Meta(description="How long the answer takes, in stage time.", examples=["3s", "2s +- 1s"])]

    @property
    def never(self) -> bool:
        """No time at all is no fault."""
        return isinstance(self.takes.distribution, Constant) and self.takes.distribution.value == 0

    def delay(self, chance: Stream) -> int:
        """As long as is drawn."""
        return self.takes.sampler().draw_whole(chance)
