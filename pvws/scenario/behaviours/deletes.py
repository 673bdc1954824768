"""Files go."""

from pvws.scenario.behaviours.deleting import Deleting
from pvws.scenario.behaviours.touching import Touching
from pvws.scenario.play import Play

__all__ = ["Deletes"]


class Deletes(Touching, frozen=True, kw_only=True):
    """Files that are available are deleted; nothing happens while there is none."""

    def begin(self, name: str, play: Play) -> None:
        """Start it as part of a run."""
        Deleting(self, name, play)
