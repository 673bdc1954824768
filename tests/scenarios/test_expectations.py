"""What the shipped scenarios expect of clients, of the client that pvws ships."""

import pytest

import pvws
from pvws.scenario.director import Director
from pvws.stage.journal import Wanted
from pvws.stage.shipped import find_scenario, names_of
from pvws.stage.stage import Stage
from pvws.testing.judging.witness import Witness
from pvws.testing.verdict import Outcome
from pvws.wire.topics import TOPICS
from tests.support.staged import START, venue_of


@pytest.mark.parametrize("name", ["rolling-restart", "security-incident"])
async def test_our_own_client_does_what_scenarios_that_disconnect_expect(name: str) -> None:
    scenario = find_scenario(name, [])
    director = Director(scenario, start=START, seed=scenario.seed, duration=scenario.duration, names=names_of(scenario))
    stage = Stage(director, start=START, end=START + scenario.duration, held=True)
    async with venue_of(stage) as venue:
        with Witness(stage, scenario.expect) as witness:
            async with pvws.connect(venue.url, TOPICS, retry_first_s=0.001, overflow="drop_oldest"):
                journal = stage.controller.journal
                await journal.wait(Wanted(did="subscribes"), count=len(TOPICS))
                await stage.clock.advance(scenario.duration)
                await journal.wait(Wanted(did="subscribes"), count=2 * len(TOPICS), timeout=30)
            await journal.wait(Wanted(did="disconnects"), count=2)
            verdicts = witness.verdicts(stage.real() + 60_000_000)
    lines = [line for each in verdicts for line in each.lines]
    assert {each.outcome for each in verdicts} == {Outcome.HELD}, "\n".join(lines)
