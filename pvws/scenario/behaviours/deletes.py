"""Files go."""

from pvws.scenario.behaviours.arrivals import Process
from pvws.scenario.behaviours.choosing import Choosing, Touching
from pvws.scenario.play import Play

__all__ = ["Deletes"]


class Deletes(Touching, frozen=True, kw_only=True):
    """Files that are available are deleted; nothing happens while there is none."""

    def begin(self, name: str, play: Play) -> None:
        """Start it as part of a run."""
        _Deleting(self, name, play)


class _Deleting(Process):
    __slots__ = ("_choosing", "_store")

    def __init__(self, spec: Deletes, name: str, play: Play) -> None:
        super().__init__(spec, spec.profile(play.start), spec.arrivals, name, play)
        self._choosing = Choosing(spec, name, play)
        self._store = play.world.store

    def _act(self) -> None:
        file = self._choosing.choose()
        if file is not None:
            self._store.delete(file)
