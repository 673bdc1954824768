"""Peers go and come back, at a rate."""

from pvws.scenario.behaviours.absences import (
    DEFAULT_DOWNTIME,
    DEFAULT_REASONS,
    Absences,
    Crashing,
    Downtime,
    Reasons,
    Replaced,
    Staying,
)
from pvws.scenario.behaviours.arrivals import Arriving
from pvws.scenario.behaviours.process import Process
from pvws.scenario.play import Play

__all__ = ["Churn"]


class Churn(Arriving, frozen=True, kw_only=True):
    """Random peers go, so many in a time however many there are, and come back after a while with what they hold."""

    downtime: Downtime = DEFAULT_DOWNTIME
    reasons: Reasons = DEFAULT_REASONS
    crash: Crashing = 0.0
    newcomers: Replaced = 0.0
    least: Staying = 1

    def begin(self, name: str, play: Play) -> None:
        """Start it as part of a run."""
        _Churning(self, name, play)


class _Churning(Process):
    __slots__ = ("_absences", "_chance", "_world")

    def __init__(self, spec: Churn, name: str, play: Play) -> None:
        super().__init__(spec, spec.profile(play.start), spec.arrivals, name, play)
        self._absences = Absences(spec, name, play)
        self._chance = play.chance.stream(f"absences of {name}")
        self._world = play.world

    def _act(self) -> None:
        who, absence = self._chance.random(), self._absences.draw(self._chance)
        connected = self._world.store.connected
        if connected:
            self._absences.send(connected[int(who * len(connected))], absence)
