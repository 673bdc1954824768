"""Files are read."""

from pvws.scenario.behaviours.choosing import Choosing
from pvws.scenario.behaviours.process import Process
from pvws.scenario.behaviours.touching import Touching
from pvws.scenario.play import Play

__all__ = ["Reads"]


class Reads(Touching, frozen=True, kw_only=True):
    """Files are read from one of their copies. No event tells of it: metrics show it, and corrupt copies are found."""

    def begin(self, name: str, play: Play) -> None:
        """Start it as part of a run."""
        _Reading(self, name, play)


class _Reading(Process):
    __slots__ = ("_choosing", "_copies", "_store")

    def __init__(self, spec: Reads, name: str, play: Play) -> None:
        super().__init__(spec, spec.profile(play.start), spec.arrivals, name, play)
        self._choosing = Choosing(spec, name, play)
        self._copies = play.chance.stream(f"copies of {name}")
        self._store = play.world.store

    def _act(self) -> None:
        file = self._choosing.choose()
        if file is not None:
            self._store.read(file, self._copies)
