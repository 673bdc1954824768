from pvws.testing.trial.staging import staged
from tests.support.tried import scenario


async def test_each_stage_plays_the_scenario_from_its_beginning() -> None:
    make = staged(scenario("timeline:\n  - {at: 5s, do: mark, name: five}\n"))
    stages = make("main"), make("other")
    for stage in stages:
        stage.clock.pause()
        await stage.clock.run_until(mark="five")
    assert [stage.name for stage in stages] == ["main", "other"]
    assert [stage.now().text for stage in stages] == ["2024-01-01T00:00:05.000Z"] * 2


async def test_its_clock_can_be_set_back_and_its_world_asked() -> None:
    stage = staged(scenario())("main")
    stage.clock.pause()
    await stage.clock.advance("10s")
    await stage.clock.seek("2024-01-01T00:00:02Z")
    assert len(stage.controller.truth().peers) == 3
