"""What is so in the simulated network, and what was, as the stage that plays it tells."""

import pytest

from pvws.stage.advance import CantGoBackError
from pvws.stage.oracle import NothingPlaysError, network_of, truth_of, world_of
from pvws.stage.stage import Stage
from pvws.world.truth import Truth
from tests.support.listed import Listed
from tests.support.staged import START, story


async def test_the_network_is_told_as_it_is_by_now() -> None:
    stage = story()
    await stage.clock.advance("5s")
    network, truth = network_of(stage), truth_of(stage)
    assert (network.at, network.peers, network.alerts) == (truth.at, truth.peers, truth.alerts)
    assert network.at == stage.now()
    assert len(network.links) == network.active_connections == 3
    world = world_of(stage)
    assert world is not None
    assert len(world.peers) == 3


async def test_what_was_true_then_is_what_was_true_then_with_all_that_a_controller_did() -> None:
    stage, truths = story(), dict[int, Truth]()
    for number in range(12):
        await stage.clock.advance("700ms")
        if number % 4 == 2:
            stage.controller.do({"do": "burst", "files": 3})
            await stage.clock.advance(1)
        truths[stage.now().micros] = truth_of(stage)
    assert len({truth.file_count for truth in truths.values()}) > 3
    for at, then in truths.items():
        assert truth_of(stage, at) == then


async def test_where_nothing_plays_there_is_nothing_to_tell() -> None:
    listed = Stage(Listed(START), start=START)
    listed.controller.do({"do": "mark", "name": "obeyed"})  # by somebody beside what plays, who has no network
    for stage in (Stage(), listed):
        assert world_of(stage) is None
        for ask in (network_of, truth_of):
            with pytest.raises(NothingPlaysError, match="no scenario plays"):
                ask(stage)
        with pytest.raises(CantGoBackError):
            truth_of(stage, 0)
