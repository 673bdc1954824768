"""Peers get slower for a while."""

from typing import Annotated

from msgspec import Meta, field

from pvws.scenario.behaviours.arrivals import Arriving
from pvws.scenario.behaviours.process import Process
from pvws.scenario.distributions import Quantity
from pvws.scenario.play import BEHAVIOURS, Play
from pvws.scenario.quantities import DurationDistribution, NumberDistribution
from pvws.sim.distributions import Exponential, Lognormal, draw_whole, fresh
from pvws.world.entities import Peer

__all__ = ["Slowdowns"]


class Slowdowns(Arriving, frozen=True, kw_only=True):
    """Random connected peers get slower, each for a while, and their health shows it. One that is slow is spared."""

    factor: Annotated[NumberDistribution, Meta(description="How many times slower.")] = Quantity(
        Lognormal(median=30, sigma=0.5, min=1)
    )
    lasting: Annotated[DurationDistribution, Meta(description="For how long.")] = field(
        default=Quantity(Exponential(mean=30_000_000)), name="for"
    )

    def begin(self, name: str, play: Play) -> None:
        """Start it as part of a run."""
        _Slowing(self, name, play)


class _Slowing(Process):
    __slots__ = ("_chance", "_factor", "_holds", "_lasting", "_name", "_world")

    def __init__(self, spec: Slowdowns, name: str, play: Play) -> None:
        super().__init__(spec, spec.profile(play.start), spec.arrivals, name, play)
        self._factor = fresh(spec.factor.distribution)
        self._lasting = fresh(spec.lasting.distribution)
        self._chance = play.chance.stream(f"peers of {name}")
        self._world = play.world
        self._holds = play.holds
        self._name = name

    def _act(self) -> None:
        chance = self._chance
        who, factor = chance.random(), self._factor.draw(chance)
        lasting = draw_whole(self._lasting, chance, 1)
        connected = self._world.store.connected
        if not connected:
            return
        peer = connected[int(who * len(connected))]
        if peer.slowness == 1 and factor > 0:
            self._world.burden(peer, slowness=self._holds.take(("slowness", peer.number), self._name, factor))
            self._kernel.after(lasting, self._relieve, peer, rank=BEHAVIOURS)

    def _relieve(self, peer: Peer) -> None:
        self._world.burden(peer, slowness=self._holds.release(("slowness", peer.number), self._name, 1.0))
