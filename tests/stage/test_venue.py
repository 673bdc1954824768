import asyncio
import json
import urllib.request

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK, InvalidStatus

from pvws.errors import ReachError
from pvws.limits import WORLDS_MAX
from pvws.scenario.director import Director
from pvws.server.settings import Configuration, Limits
from pvws.stage.shipped import find_scenario
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue

HERE = Configuration("127.0.0.1", 0)


def quickstart(name: str) -> Stage:
    scenario = find_scenario("quickstart")
    director = Director(scenario, start=0, seed=scenario.seed, duration=scenario.duration)
    return Stage(director, name=name, wait_for=frozenset(), start=0, speed=None)


async def urlopen_json(url: str) -> dict[str, dict[str, object]]:
    """What an HTTP endpoint tells."""

    def get() -> dict[str, dict[str, object]]:
        with urllib.request.urlopen(url) as response:
            told: dict[str, dict[str, object]] = json.load(response)
            return told

    return await asyncio.to_thread(get)


async def subscribed(url: str, world: str) -> ClientConnection:
    client = await connect(f"{url}?world={world}")
    await client.send('{"type":"subscribe","topic":"peer_network"}')
    return client


async def test_a_venue_serves_while_it_is_entered_and_says_goodbye() -> None:
    async with Venue(Stage(), HERE) as venue:
        client = await connect(venue.url)
        await client.send('{"type":"ping"}')
        assert '"pong"' in str(await client.recv())
        port = int(venue.url.split(":")[2].split("/")[0])
        with pytest.raises(ReachError):
            async with Venue(Stage(), Configuration("127.0.0.1", port)):
                pytest.fail("the port is taken")
    with pytest.raises(ConnectionClosedOK) as closed:
        await client.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001


async def test_each_world_has_the_scenario_for_itself_and_who_names_it_shares_it() -> None:
    async with Venue(Stage(), HERE, make=quickstart) as venue:
        first, second = await subscribed(venue.url, "one"), await subscribed(venue.url, "two")
        stories = [[str(await client.recv()) for _ in range(10)] for client in (first, second)]
        assert stories[0] == stories[1]
        third = await subscribed(venue.url, "one")
        await third.send('{"type":"ping"}')
        pong = json.loads(await third.recv())
        assert pong["type"] == "pong", "the story of that world is told already"
        assert pong["timestamp"] == "1970-01-01T00:00:30.000Z", "and its time is the stage's"
        for client in (first, second, third):
            await client.close()


async def test_a_world_ends_after_its_last_client_and_main_never() -> None:
    made: list[str] = []

    def make(name: str) -> Stage:
        made.append(name)
        return Stage(name=name)

    async with Venue(Stage(), HERE, make=make, linger=0.0) as venue:
        for _ in range(2):
            async with connect(f"{venue.url}?world=brief"), connect(f"{venue.url}?world=main"):
                pass
            while venue.find("brief") is not None:  # noqa: ASYNC110 - a world ends in silence
                await asyncio.sleep(0)
        assert made == ["brief", "brief"]
        assert venue.find("main") is venue.stage


async def test_who_comes_back_in_time_finds_the_world_as_it_was() -> None:
    async with Venue(Stage(), HERE) as venue:
        async with connect(f"{venue.url}?world=kept"):
            kept = venue.find("kept")
        async with connect(f"{venue.url}?world=kept"):
            assert venue.find("kept") is kept


async def test_there_are_at_most_so_many_worlds() -> None:
    limits = Limits(max_connections=None)
    async with Venue(Stage(), Configuration("127.0.0.1", 0, limits=limits)) as venue:
        for number in range(WORLDS_MAX):
            assert venue.enter(f"world-{number}") is not None
        async with connect(f"{venue.url}?world=one-more") as client:
            error = json.loads(await client.recv())
            assert error["data"]["code"] == "CONNECTION_REFUSED"
            assert error["data"]["message"].endswith(": there are 256 worlds, as many as there may be")
            with pytest.raises(ConnectionClosed) as closed:
                await client.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1013
        metrics = await urlopen_json(venue.url.replace("ws://", "http://") + "/metrics")
        assert metrics["websocket"]["active_connections"] == 0
        async with connect(f"{venue.url}?world=world-7"):
            pass


async def test_a_name_that_is_none_is_answered_400() -> None:
    async with Venue(Stage(), HERE) as venue:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{venue.url}?world=a%2Fb")
        assert refused.value.response.status_code == 400
