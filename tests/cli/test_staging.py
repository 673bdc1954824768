"""What plays on the stages of a test-bed, and whether their clocks can be set back."""

import pytest

from pvws.cli.performance import Deaf, Performance
from pvws.cli.staging import Staging
from pvws.scenario.director import Director
from pvws.scenario.loader import load
from pvws.scenario.loop import Loop
from pvws.scenario.schema import DEFAULT_START, Scenario
from pvws.sim.source import ClientInput, Exchange
from pvws.stage.advance import CantGoBackError
from pvws.stage.sequel import Sequel

START = DEFAULT_START
DEED = ClientInput(START + 100_000, 1, "subscribes", "alerts")


@pytest.fixture
def scenario() -> Scenario:
    """One second, in which a client that subscribes is answered."""
    return load(
        "scenario: short\nduration: 1s\nnetwork: {peers: 2}\n"
        "timeline: [{when: {client: subscribes}, do: emit, type: security_alert}]",
        "short.yaml",
    )


def test_what_plays_is_a_run_a_loop_or_one_of_which_all_is_known(scenario: Scenario) -> None:
    assert type(Staging(START).source(scenario)) is Director
    assert type(Staging(START, loop=True).source(scenario)) is Loop
    assert type(Staging(START, inputs=(DEED,)).source(scenario)) is Deaf
    assert type(Staging(START, inputs=(DEED, Exchange(START + 200_000, None))).source(scenario)) is Sequel


async def test_the_main_stage_plays_what_is_performed_and_its_clock_can_be_set_back(scenario: Scenario) -> None:
    for inputs in (None, (DEED,)):
        staging = Staging(START, inputs=inputs)
        stage = staging.main(Performance(scenario, START, staging.source(scenario)))
        stage.clock.pause()
        there = await stage.clock.advance("1s")
        assert there.ended
        alerts = [event for event in there.events if event.type == "security_alert"]
        assert len(alerts) == len(inputs or ())
        await stage.clock.seek(START)
        assert (await stage.clock.advance("1s")).events == there.events


async def test_a_loop_never_ends_and_there_is_no_way_back(scenario: Scenario) -> None:
    staging = Staging(START, loop=True)
    stage = staging.main(Performance(scenario, START, staging.source(scenario)))
    stage.clock.pause()
    assert not (await stage.clock.advance("3s")).ended
    with pytest.raises(CantGoBackError):
        await stage.clock.seek(START)


async def test_a_world_beside_it_has_its_name_and_hears_of_no_journal(scenario: Scenario) -> None:
    stage = Staging(START, inputs=(DEED,)).world(scenario, "other")
    assert stage.name == "other"
    playing = stage.controller.playing
    assert playing is not None
    assert (playing.name, playing.start) == ("short", START)
    stage.clock.pause()
    assert not [event for event in (await stage.clock.advance("1s")).events if event.type == "security_alert"]
