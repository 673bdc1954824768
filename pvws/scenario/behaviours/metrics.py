"""The network is measured."""

from typing import Annotated

from msgspec import Meta

from pvws.notation.quantities import Period
from pvws.scenario.behaviours.arrivals import Lasting
from pvws.scenario.behaviours.process import Process
from pvws.scenario.play import MEASUREMENTS, Play
from pvws.sim.profile import Level
from pvws.world.metrics import METRICS_KINDS, MetricsKind, measure
from pvws.world.reading import Reading

__all__ = ["Metrics"]


class Metrics(Lasting, frozen=True, kw_only=True):
    """Metrics are read off the network and sent, every so often. Each has its own window: since it last looked."""

    every: Annotated[Period, Meta(description="From one measurement to the next.")] = 5_000_000
    kinds: Annotated[
        tuple[MetricsKind, ...], Meta(min_length=1, max_length=16, description="Which events are sent, in this order.")
    ] = METRICS_KINDS

    def begin(self, name: str, play: Play) -> None:
        """Start it as part of a run."""
        _Measuring(self, name, play)


class _Measuring(Process):
    __slots__ = ("_kinds", "_reading", "_world")

    rank = MEASUREMENTS

    def __init__(self, spec: Metrics, name: str, play: Play) -> None:
        super().__init__(spec, Level(1_000_000 / spec.every), "fixed", name, play)
        self._kinds = spec.kinds
        self._world = play.world
        self._reading: Reading = play.world.reading()

    def _begin(self, _: None) -> None:
        self._reading = self._world.reading()
        super()._begin(_)

    def _act(self) -> None:
        measure(self._world, self._reading, self._kinds)
