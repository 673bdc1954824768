"""Peers go and come back."""

from msgspec import Struct

from pvws.notation.quantities import Duration, Rate
from pvws.scenario.behaviours.arrivals import Arrivals, Gaps
from pvws.scenario.play import BEHAVIOURS, Play, Repeater
from pvws.sim.chance import Stream
from pvws.wire.events import DisconnectReason
from pvws.world.entities import Peer

__all__ = ["Churn"]

_REASONS: tuple[DisconnectReason, ...] = ("timeout", "shutdown", "network_error")


class Churn(Struct, frozen=True):
    """Random peers leave, each for an exponentially distributed time around `downtime`. One peer always stays."""

    rate: Rate
    arrivals: Arrivals = "poisson"
    downtime: Duration = 45_000_000

    def begin(self, name: str, play: Play) -> None:
        """Start it as part of a run."""
        if self.rate > 0:
            chance = play.chance.stream(name)
            churning = _Churning(self, play, chance, links=play.chance.stream(f"links of {name}"))
            gaps = Gaps(self.rate, self.arrivals, chance)
            Repeater(play.kernel, gaps.next, churning.leave, rank=BEHAVIOURS).begin()


class _Churning:
    __slots__ = ("_chance", "_links", "_play", "_spec")

    def __init__(self, spec: Churn, play: Play, chance: Stream, *, links: Stream) -> None:
        self._spec = spec
        self._play = play
        self._chance = chance
        # How often it is drawn from depends on who is there: on its own it shifts no time.
        self._links = links

    def leave(self) -> None:
        draw, reason = self._chance.random(), self._chance.choice(_REASONS)
        downtime = max(1, round(self._chance.exponential(self._spec.downtime)))
        connected = self._play.world.connected
        if len(connected) > 1:
            peer = connected[int(draw * len(connected))]
            self._play.world.disconnect(peer, reason)
            self._play.kernel.after(downtime, self._come_back, peer, rank=BEHAVIOURS)

    def _come_back(self, peer: Peer) -> None:
        self._play.world.connect(peer, self._links)
