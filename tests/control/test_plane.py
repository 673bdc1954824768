"""What the routes act on: stages by name, leases that are renewed, and the end of all of it."""

import asyncio
from typing import Any

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


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/clock/hold", {}),
        ("POST", "/v1/clock/speed", {"speed": 2}),
        ("POST", "/v1/mark", {"name": "here"}),
        ("PUT", "/v1/scenario", {"scenario": "quickstart"}),
        ("DELETE", "/v1/scenario", None),
        ("POST", "/v1/emit", {"type": "storage_alert"}),
    ],
)
async def test_what_a_node_of_a_bus_shows_is_steered_where_it_plays(method: str, path: str, body: Any) -> None:
    stage = Stage()
    stage.controller.followed = "nats://localhost:4222"
    async with steered(stage) as server:
        reply = await server.call(method, path, body)
        assert (reply.status, reply.kind) == (409, "conflict")
        assert "plays elsewhere, on nats://localhost:4222: steer it by the control plane of pvws simulate" in str(
            reply.body["detail"]
        )


async def test_a_node_is_asked_about_itself_and_its_own_clients_and_faults_are_its_own() -> None:
    stage = Stage()
    stage.controller.followed = "nats://localhost:4222"
    async with steered(stage) as server:
        for method, path, body in (
            ("GET", "/v1/clock", None),
            ("POST", "/v1/clock/settle", {}),
            ("POST", "/v1/faults", {"latency": "1s"}),
            ("POST", "/v1/disconnect", {"clients": "all"}),
            ("GET", "/v1/state", None),
        ):
            reply = await server.call(method, path, body)
            assert reply.status < 300, (path, reply.content)


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


async def test_all_nodes_are_reached_by_their_source_alone() -> None:
    async with steered(Stage()) as server:
        reply = await server.call("POST", "/v1/faults?nodes=all", {"latency": "1s"})
        assert (reply.status, reply.kind) == (409, "conflict")
        assert "only the source of a bus, pvws simulate --bus, reaches all nodes" in reply.body["detail"]
    source = story()
    leading = Leading(source, LocalServer().bus())
    await leading.begin()
    async with steered(source) as server:
        assert (await server.call("POST", "/v1/faults?nodes=all", {"latency": "1s"})).status == 201
        assert (await server.call("POST", "/v1/disconnect?nodes=all", {"clients": "all"})).status == 200
    await leading.end(1)
