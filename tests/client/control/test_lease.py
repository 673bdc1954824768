"""Worlds of one's own, on a real server."""

import asyncio

import pytest

import pvws
from pvws.client.control.control import Control
from pvws.errors import InputError
from tests.support.steered import Steered


async def test_a_world_is_there_while_it_is_entered(test_bed: Steered, control: Control) -> None:
    async with control.world("w1") as world:
        assert world.url == f"{test_bed.venue.url}?world=w1"
        assert (await world.control.state()).world == "w1"
        async with test_bed.client("alerts", path="/ws?world=w1"):
            assert (await world.control.state()).clients == 1
            assert (await control.state()).clients == 0
        assert [each.name for each in await control.worlds()] == ["main", "w1"]
        assert (await control.world_info("w1")).leased
    assert [each.name for each in await control.worlds()] == ["main"]


async def test_worlds_without_a_name_are_each_by_itself(control: Control) -> None:
    async with control.world() as one, control.world() as other:
        assert one.name != other.name
        assert len(await control.worlds()) == 3


async def test_a_world_plays_what_was_asked_for(control: Control) -> None:
    async with control.world(scenario="quickstart", seed=5, held=True) as world:
        state = await world.control.state()
        assert state.scenario is not None
        assert (state.scenario.name, state.scenario.seed, state.clock.held) == ("quickstart", 5, True)
        assert (await world.control.clock.advance("5s")).count > 0


async def test_a_lease_is_renewed_while_it_is_held(control: Control) -> None:
    async with control.world("w1", ttl="60ms"):
        first = await _expires(control)
        while await _expires(control) == first:  # noqa: ASYNC110 - each turn asks the server
            await asyncio.sleep(0.005)
        assert [each.name for each in await control.worlds()] == ["main", "w1"]


async def _expires(control: Control) -> object:
    return [each.expires for each in await control.worlds() if each.name == "w1"]


async def test_a_world_that_has_ended_meanwhile_is_no_error(control: Control) -> None:
    async with control.world("w1"):
        await control.end_world("w1")
    with pytest.raises(pvws.ControlError, match="w1"):
        await control.end_world("w1")


async def test_a_wrong_name_is_refused(control: Control) -> None:
    with pytest.raises(pvws.ControlError, match="world"):
        async with control.world("a b"):
            pass


@pytest.mark.parametrize("ttl", ["soon", "0s"])
def test_a_wrong_time_is_refused(ttl: str) -> None:
    with pytest.raises(InputError, match=r"^ttl: expected a duration"):
        Control(":1").world(ttl=ttl)
