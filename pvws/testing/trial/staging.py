"""What plays in a trial: a scenario, made into a stage as often as one is wanted."""

import time
from collections.abc import Callable, Sequence
from functools import partial

from pvws.scenario.director import Director
from pvws.scenario.schema import Scenario
from pvws.sim.agenda import Instant
from pvws.sim.source import Input
from pvws.stage.loading import Loading
from pvws.stage.shipped import names_of
from pvws.stage.stage import Stage

__all__ = ["staged"]


def staged(scenario: Scenario, loading: Loading | None = None) -> Callable[[str], Stage]:
    """What makes a stage, of a name, on which a scenario is played from its beginning.

    `loading` is how it was read, for whoever wants to read it again through the control plane.
    """

    def make(name: str) -> Stage:
        start = time.time_ns() // 1000 if scenario.start is None else scenario.start
        stage = Stage(
            _director(scenario, start, ()),
            name=name,
            start=start,
            end=start + scenario.duration,
            speed=scenario.speed,
            seed=scenario.seed,
            remake=partial(_director, scenario, start),
        )
        stage.controller.plays(scenario, start, loading)
        return stage

    return make


def _director(scenario: Scenario, start: Instant, inputs: Sequence[Input]) -> Director:
    return Director(
        scenario,
        start=start,
        seed=scenario.seed,
        duration=scenario.duration,
        names=names_of(scenario),
        inputs=inputs,
    )
