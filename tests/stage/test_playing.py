"""A scenario is played with its own seed, duration and names, from any instant on."""

import pytest

from pvws.errors import InputError
from pvws.sim.source import ClientInput, Timed
from pvws.stage.playing import director_of, loop_of
from tests.support.playing import SECOND, START, read_scenario, rest
from tests.support.playing import director_of as played

SCENARIO = read_scenario(
    "seed: 3\nduration: 5s\nnetwork: {peers: 3}\nbehaviours: {uploads: {rate: 2/s}}\n"
    "timeline: [{when: {client: subscribes}, do: burst, files: 2}]"
)


def test_a_run_is_that_of_the_scenarios_own_seed_and_duration() -> None:
    events = rest(director_of(SCENARIO, START))
    assert events == rest(played(SCENARIO))
    assert events[-1].at <= START + 5 * SECOND


def test_a_run_knows_its_inputs_and_begins_with_the_number_that_is_said() -> None:
    deed = ClientInput(START + SECOND, 1, "subscribes", "alerts")
    director = director_of(SCENARIO, START)
    director.tell(deed)
    again = director_of(SCENARIO, START, (deed,), sequence=0)
    assert rest(director) == rest(again) != rest(director_of(SCENARIO, START))
    first = director_of(SCENARIO, START, sequence=100).take(None, 1)[0]
    assert isinstance(first, Timed)
    assert first.sequence == 100


def test_a_loop_begins_again_when_it_has_ended() -> None:
    loop, rounds = loop_of(SCENARIO, START), set[int]()
    while (at := loop.peek()) is not None and len(rounds) < 3:
        loop.take(at, 100)
        rounds.add((at - START) // (5 * SECOND + 1))
    assert rounds == {0, 1, 2}


def test_a_locale_that_is_none_is_told() -> None:
    scenario = read_scenario("duration: 1s\nnetwork: {peers: 2, names: {locale: xx_YY}}")
    with pytest.raises(InputError, match="xx_YY"):
        director_of(scenario, START)
