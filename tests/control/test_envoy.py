"""What other servers ask is answered before anybody has connected, and no token is needed."""

import asyncio

from pvws.bus.local import LocalServer
from pvws.control.envoy import Envoy
from pvws.control.plane import Plane
from pvws.control.table import routes
from pvws.server.settings import Configuration
from pvws.stage.following import Following
from pvws.stage.leading import Leading
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from tests.support.staged import START, story
from tests.support.steered import steered


async def test_a_source_without_a_server_and_a_control_plane_is_steered_by_a_node() -> None:
    server, source = LocalServer(), story()
    leading, made = Leading(source, server.bus()), list[Plane]()
    await leading.begin()

    def plane() -> Plane:
        made.append(Plane(Venue(source, Configuration("127.0.0.1", 0)), routes()))
        return made[-1]

    async with Envoy(source.controller.company, plane):
        stage = Stage()
        node = Following(stage, server.bus())
        await node.begin()
        assert not made, "nothing is made before it is needed"
        async with steered(stage) as here:
            for _ in range(2):
                assert (await here.call("POST", "/v1/clock/advance", {"by": "1s"})).status == 200
        assert len(made) == 1
        await node.end()
    assert source.now().micros == START + 2_000_000
    await leading.end(1)


async def test_what_waits_at_the_source_ends_when_the_caller_of_the_node_goes() -> None:
    server, source, stage = LocalServer(), story(), Stage()
    leading, node = Leading(source, server.bus()), Following(stage, server.bus())
    await leading.begin()
    await node.begin()
    moving, ended = asyncio.Event(), asyncio.Event()

    async def advance(*given: object, **options: object) -> None:
        moving.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    source.clock.advance = advance  # type: ignore[method-assign, assignment]
    async with steered(source), steered(stage) as here:
        calling = asyncio.ensure_future(here.call("POST", "/v1/clock/advance", {"by": "1s"}))
        async with asyncio.timeout(20):
            await moving.wait()
            calling.cancel()
            await ended.wait()
    await node.end()
    await leading.end(1)


async def test_without_a_bus_it_does_nothing() -> None:
    async with Envoy(None, lambda: Plane(Venue(Stage(), Configuration("127.0.0.1", 0)), routes())):
        pass
