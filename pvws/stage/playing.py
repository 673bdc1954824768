"""What plays a scenario as it was read: its director, or one round after the other, with the names that it draws."""

from collections.abc import Sequence

from pvws.scenario.director import Director
from pvws.scenario.loop import Loop
from pvws.scenario.schema import Scenario
from pvws.sim.agenda import Instant
from pvws.sim.source import Input
from pvws.stage.shipped import names_of

__all__ = ["director_of", "loop_of"]


def director_of(
    scenario: Scenario, start: Instant, inputs: Sequence[Input] = (), *, sequence: int = 0, paranoid: bool = False
) -> Director:
    """A run of a scenario from `start` on, for which these inputs are known; its first event has the number `sequence`.

    With `paranoid` the invariants of the network are checked after every step. Raises InputError for a locale that
    Faker does not know.
    """
    return Director(
        scenario,
        start=start,
        seed=scenario.seed,
        duration=scenario.duration,
        names=names_of(scenario),
        inputs=inputs,
        sequence=sequence,
        paranoid=paranoid,
    )


def loop_of(scenario: Scenario, start: Instant, *, sequence: int = 0, paranoid: bool = False) -> Loop:
    """The same, over and over: a round begins when the one before it has ended."""
    return Loop(
        scenario,
        start=start,
        seed=scenario.seed,
        duration=scenario.duration,
        names=names_of(scenario),
        sequence=sequence,
        paranoid=paranoid,
    )
