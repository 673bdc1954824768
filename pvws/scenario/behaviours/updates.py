"""Files change."""

from typing import Annotated

from msgspec import Meta

from pvws.notation.quantities import Percentage
from pvws.scenario.behaviours.choosing import Choosing
from pvws.scenario.behaviours.process import Process
from pvws.scenario.behaviours.touching import Touching
from pvws.scenario.play import Play

__all__ = ["Updates"]


class Updates(Touching, frozen=True, kw_only=True):
    """Files get other tags, and some of them other content of the same size, at all their copies."""

    content: Annotated[Percentage, Meta(description="The share that changes the content, and so the checksum.")] = 0.2

    def begin(self, name: str, play: Play) -> None:
        """Start it as part of a run."""
        _Updating(self, name, play)


class _Updating(Process):
    __slots__ = ("_changes", "_choosing", "_content", "_world")

    def __init__(self, spec: Updates, name: str, play: Play) -> None:
        super().__init__(spec, spec.profile(play.start), spec.arrivals, name, play)
        self._choosing = Choosing(spec, name, play)
        self._changes = play.chance.stream(f"changes of {name}")
        self._content = spec.content
        self._world = play.world

    def _act(self) -> None:
        changes = self._changes
        content = changes.random() < self._content
        tags = self._world.descriptions.new_tags(changes)
        file = self._choosing.choose()
        if file is not None:
            self._world.store.update(file, tags, content=content)
