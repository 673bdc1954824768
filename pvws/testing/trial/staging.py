"""What plays in a trial: a scenario, made into a stage as often as one is wanted."""

import time
from collections.abc import Callable, Iterable
from functools import partial

from pvws.scenario.expectations import AnswersPings, Kind
from pvws.scenario.schema import Scenario
from pvws.stage.loading import Loading
from pvws.stage.playing import director_of
from pvws.stage.stage import Stage

__all__ = ["judged_soon", "staged"]

_PINGS_EVERY = "1s"  # so that also a short run has some: left to itself the server sends the first after 54 s


def judged_soon(expected: Iterable[Kind]) -> dict[tuple[str, ...], tuple[str, str]]:
    """What of a server is shorter than it usually is, unless somebody says how long it is, so that what is expected of
    a client can be judged in a run of seconds: the keys of the configuration by their paths, with who asks for it.
    """
    if any(isinstance(each, AnswersPings) for each in expected):
        return {("timeouts", "ping_period"): ("answers_pings", _PINGS_EVERY)}
    return {}


def staged(scenario: Scenario, loading: Loading | None = None) -> Callable[[str], Stage]:
    """What makes a stage, of a name, on which a scenario is played from its beginning.

    `loading` is how it was read, for whoever wants to read it again through the control plane.
    """

    def make(name: str) -> Stage:
        start = time.time_ns() // 1000 if scenario.start is None else scenario.start
        stage = Stage(
            director_of(scenario, start),
            name=name,
            start=start,
            end=start + scenario.duration,
            speed=scenario.speed,
            seed=scenario.seed,
            remake=partial(director_of, scenario, start),
        )
        stage.controller.plays(scenario, start, loading)
        return stage

    return make
