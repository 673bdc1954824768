"""What the routes act on: stages by name, leases that are renewed, and the end of all of it."""

import asyncio

import pytest

from pvws.bus.local import LocalServer
from pvws.control.plane import Plane
from pvws.control.problems import Refusal
from pvws.control.table import routes
from pvws.server.settings import Configuration
from pvws.stage.following import Following
from pvws.stage.leading import Leading
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from tests.support.staged import story
from tests.support.steered import steered


async def test_a_world_is_leased_renewed_and_released() -> None:
    async with Venue(Stage(), Configuration("127.0.0.1", 0), linger=0.0) as venue:
        plane = Plane(venue, routes())
        assert plane.leased("one") is None
        first = plane.lease("one", 60)
        assert plane.stage("one") is first.lease.stage
        assert plane.lease("one", None) is first
        assert first.expires is None
        plane.release("one")
        await asyncio.sleep(0.001)
        with pytest.raises(Refusal, match='there is no world "one"; there is main'):
            plane.stage("one")
        plane.release("one")


async def test_a_lease_that_has_run_out_is_none() -> None:
    async with Venue(Stage(), Configuration("127.0.0.1", 0)) as venue:
        plane = Plane(venue, routes())
        plane.lease("one", 60).lease.release()
        assert plane.leased("one") is None
        again = plane.lease("one", 60)
        assert again.lease.holds
        plane.close()
        assert not again.lease.holds


async def test_a_world_that_was_ended_and_made_again_is_another() -> None:
    async with Venue(Stage(), Configuration("127.0.0.1", 0)) as venue:
        plane = Plane(venue, routes())
        first = plane.lease("one", 60)
        venue.end("one", 1001)
        assert plane.leased("one") is None
        assert plane.lease("one", 60).lease.stage is not first.lease.stage


async def test_the_ledger_of_a_source_has_what_it_and_its_nodes_delivered_together() -> None:
    server, stage = LocalServer(), story()
    leading, node = Leading(stage, server.bus()), Following(Stage(), server.bus())
    await leading.begin()
    await node.begin()
    await asyncio.sleep(0)
    async with steered(stage) as here:
        together = (await here.call("GET", "/v1/ledger")).body["together"]
        assert (together["nodes"], together["silent"], together["clients"]) == (1, [], 0)
    await node.end()
    await leading.end(1)
