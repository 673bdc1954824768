"""A behaviour that does nothing but note when it would."""

from typing import Any

from pvws.notation.document import parse
from pvws.notation.reader import Reader
from pvws.scenario.behaviours.arrivals import Arriving
from pvws.scenario.behaviours.process import Process


class Ticking(Process):
    """Notes when something arrives, in microseconds since the start."""

    def __init__(self, script: str, play: Any, name: str = "behaviours.ticks") -> None:
        reader = Reader("f.yaml")
        spec = reader.read(parse(script, "f.yaml"), Arriving, "")
        assert not reader.problems
        super().__init__(spec, spec.profile(play.start), spec.arrivals, name, play)
        self.start = play.start
        self.ticks: list[int] = []

    def _act(self) -> None:
        self.ticks.append(self._kernel.now - self.start)

    def until(self, micros: int) -> list[int]:
        self._kernel.run(self.start + micros)
        return self.ticks
