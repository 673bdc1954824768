"""How fast the engine makes events of a scenario, without a server."""

import time
from collections.abc import Callable

from msgspec import Struct

from pvws.scenario.schema import DEFAULT_START, Scenario
from pvws.sim.agenda import Instant
from pvws.sim.compiled import COMPILED
from pvws.sim.source import Timed
from pvws.stage.playing import director_of

__all__ = ["Made", "measure_engine"]

_SLICE = 256  # events between two looks at the clock, as between two turns of a server at speed max


class Made(Struct, frozen=True):
    """What was made in so many `seconds` of real time, `cpu_s` of which the processor was ours; `played` microseconds
    of the scenario; whether by a `compiled` engine.
    """

    scenario: str
    events: int
    size: int
    seconds: float
    cpu_s: float
    played: Instant
    ended: bool
    compiled: bool = COMPILED

    @property
    def events_a_second(self) -> float:
        """Events a second of real time."""
        return self.events / self.seconds if self.seconds else 0.0


def measure_engine(
    scenario: Scenario, seconds: float, tell: Callable[[int, float], None] = lambda events, seconds: None
) -> Made:
    """Play a scenario as fast as it goes, for so long or to its end; `tell` hears of the events and seconds so far."""
    start = DEFAULT_START if scenario.start is None else scenario.start
    director = director_of(scenario, start)
    events = size = 0
    at = start
    cpu, began = time.process_time(), time.monotonic()
    took = 0.0
    while took < seconds and director.peek() is not None:
        for event in director.take(None, _SLICE):
            at = event.at
            if isinstance(event, Timed):
                events += 1
                size += len(event.text)
        took = time.monotonic() - began
        tell(events, took)
    return Made(scenario.scenario, events, size, took, time.process_time() - cpu, at - start, director.peek() is None)
