"""The stages of `serve` and `simulate` that play a scenario: the main one, and worlds beside it."""

from collections.abc import Sequence
from functools import partial

from msgspec import Struct

from pvws.cli.performance import Deaf, Performance
from pvws.scenario.director import Director
from pvws.scenario.loop import Loop
from pvws.scenario.schema import Scenario
from pvws.sim.agenda import Instant
from pvws.sim.source import Input
from pvws.stage.loading import Loading
from pvws.stage.playing import director_of, loop_of
from pvws.stage.sequel import Sequel, exchanges
from pvws.stage.stage import Stage
from pvws.stage.steering import Remake
from pvws.wire.topics import TOPICS

__all__ = ["Staging"]


class Staging(Struct, frozen=True):
    """How scenarios are put on stages: from `start` on (microseconds), over and over with `loop`.

    `inputs` are what clients and controllers did in the run that the main stage is to play again, and None where it is
    a new one. The main stage waits for a client, `wait_for_client`, or, where it is `shown`, for one that hears
    everything. `loading` is how the scenario is read again.
    """

    start: Instant
    loop: bool = False
    paranoid: bool = False
    inputs: tuple[Input, ...] | None = None
    wait_for_client: bool = False
    shown: bool = False
    loading: Loading | None = None

    def source(self, scenario: Scenario) -> Director | Loop | Deaf | Sequel:
        """What plays on the main stage. Raises InputError for inputs that can't be played again."""
        return self._afresh(scenario) if self.inputs is None else self._replayed(scenario, self.inputs)

    def main(self, performance: Performance) -> Stage:
        """The main stage, with what plays in a performance."""
        awaited = frozenset(TOPICS) if self.shown else None
        return self._stage(
            performance.scenario,
            Stage(
                performance.source,
                wait_for=frozenset() if self.wait_for_client else awaited,
                start=self.start,
                end=self._end(performance.scenario),
                speed=performance.scenario.speed,
                seed=performance.scenario.seed,
                remake=self._remake(performance.scenario),
                observers=(performance,),
                held_up=performance.full,
            ),
        )

    def world(self, scenario: Scenario, name: str) -> Stage:
        """A stage beside the main one, on which the same is played afresh."""
        return self._stage(
            scenario,
            Stage(
                self._afresh(scenario),
                name=name,
                wait_for=frozenset() if self.wait_for_client else None,
                start=self.start,
                end=self._end(scenario),
                speed=scenario.speed,
                seed=scenario.seed,
                remake=None if self.loop else partial(self._director, scenario),
            ),
        )

    def _stage(self, scenario: Scenario, stage: Stage) -> Stage:
        stage.controller.plays(scenario, self.start, self.loading, loop=self.loop)
        return stage

    def _afresh(self, scenario: Scenario) -> Director | Loop:
        if self.loop:
            return loop_of(scenario, self.start, paranoid=self.paranoid)
        return self._director(scenario)

    def _director(self, scenario: Scenario, inputs: Sequence[Input] = ()) -> Director:
        return director_of(scenario, self.start, inputs, paranoid=self.paranoid)

    def _replayed(self, scenario: Scenario, inputs: Sequence[Input]) -> Deaf | Sequel:
        """The scenario with what clients and controllers did, also if they loaded others."""
        if exchanges(inputs):
            return Sequel(partial(self._director, scenario), inputs)
        return Deaf(self._director(scenario, inputs))

    def _end(self, scenario: Scenario) -> Instant | None:
        """When the scenario is over, be there nothing left to happen before; a loop never is."""
        return None if self.loop or exchanges(self.inputs or ()) else self.start + scenario.duration

    def _remake(self, scenario: Scenario) -> Remake | None:
        """What makes the source of the main stage afresh, so that its clock can be set back."""
        if self.loop:
            return None
        known = self.inputs
        if known is None:
            return partial(self._director, scenario)
        return lambda inputs: self._replayed(scenario, known)
