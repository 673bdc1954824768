"""Deletes that run."""

from typing import TYPE_CHECKING

from mypy_extensions import mypyc_attr

from pvws.scenario.behaviours.choosing import Choosing
from pvws.scenario.behaviours.process import Process
from pvws.scenario.play import Play

if TYPE_CHECKING:
    from pvws.scenario.behaviours.deletes import Deletes

__all__ = ["Deleting"]


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Deleting(Process):
    """Deletes that run: at each arrival a file goes, if there is one."""

    __slots__ = ("_choosing", "_store")

    def __init__(self, spec: "Deletes", name: str, play: Play) -> None:
        super().__init__(spec, spec.profile(play.start), spec.arrivals, name, play)
        self._choosing = Choosing(spec, name, play)
        self._store = play.world.store

    def _act(self) -> None:
        file = self._choosing.choose()
        if file is not None:
            self._store.delete(file)
