import asyncio
import gc
import json
import urllib.request
import weakref
from typing import Any, cast

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK, InvalidStatus

from pvws.errors import InputError, PvwsError, ReachError, TooManyError
from pvws.limits import WORLDS_MAX
from pvws.scenario.director import Director
from pvws.server.settings import Configuration, Limits
from pvws.sim.source import ClientInput, Cue, Timed
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
            client.transport.abort()  # to say goodbye it would first have to read all the rest


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


async def test_of_a_world_that_has_ended_nothing_is_left() -> None:
    made: list[weakref.ref[Stage]] = []

    def make(name: str) -> Stage:
        stage = quickstart(name)
        made.append(weakref.ref(stage))
        return stage

    async with Venue(Stage(), HERE, make=make, linger=0.0) as venue:
        for number in range(5):
            client = await subscribed(venue.url, f"world-{number}")
            await client.recv()
            client.transport.abort()
        while len(venue.stages) > 1:  # noqa: ASYNC110 - a world ends in silence
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        gc.collect()
        assert [stage() for stage in made] == [None] * 5


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


async def test_who_has_a_lease_holds_a_world_open_until_it_is_released() -> None:
    async with Venue(Stage(), HERE, linger=0.0) as venue:
        with venue.lease("kept") as lease:
            assert venue.stages == {"main": venue.stage, "kept": lease.stage}
            async with connect(f"{venue.url}?world=kept"):
                assert lease.stage.connections == 1
            await urlopen_json(venue.url.replace("ws://", "http://") + "/metrics?world=kept")
            assert venue.find("kept") is lease.stage
            other = venue.lease("kept")
            assert other.stage is lease.stage
        await asyncio.sleep(0.01)
        assert venue.find("kept") is not None, "the other lease still holds it"
        other.release()
        other.release()
        await asyncio.sleep(0.01)
        assert venue.find("kept") is None
        assert not other.holds


async def test_a_lease_that_is_not_renewed_in_time_ends() -> None:
    async with Venue(Stage(), HERE, linger=0.0) as venue:
        lease = venue.lease("brief", seconds=60)
        lease.renew(0.0)
        await asyncio.sleep(0.01)
        assert not lease.holds
        assert venue.find("brief") is None
        lease.renew(60)
        assert not lease.holds, "what has ended can't be renewed"


async def test_a_lease_of_the_main_stage_changes_nothing_and_a_wrong_name_is_told() -> None:
    async with Venue(Stage(), HERE, linger=0.0) as venue:
        venue.lease("main").release()
        assert venue.find("main") is venue.stage
        with pytest.raises(InputError, match="world: expected up to 64 letters"):
            venue.lease("a/b")
        for number in range(WORLDS_MAX):
            venue.enter(f"world-{number}")
        with pytest.raises(TooManyError, match="there are 256 worlds"):
            venue.lease("one-more")


async def test_metrics_of_a_world_are_its_own() -> None:
    async with Venue(Stage(), HERE, make=quickstart) as venue:
        client = await subscribed(venue.url, "one")
        for _ in range(10):
            await client.recv()
        url = venue.url.replace("ws://", "http://") + "/metrics"
        main, world = await urlopen_json(url), await urlopen_json(url + "?world=one")
        exposed = urllib.request.Request(url + "?world=one", headers={"Accept": "text/plain"})
        lines = (await asyncio.to_thread(lambda: urllib.request.urlopen(exposed).read().decode())).splitlines()
        client.transport.abort()
    assert (main["stage"]["name"], world["stage"]["name"]) == ("main", "one")
    assert main["stage"]["deliveries"] == {"owed": 0, "written": 0, "pending": 0, "lost": 0}
    deliveries = cast(dict[str, int], world["stage"]["deliveries"])
    assert deliveries["written"] == deliveries["owed"] >= 10
    assert f'pvws_deliveries_written_total{{world="one"}} {deliveries["written"]}' in lines
    assert world["stage"]["clients"] == 1
    (slowest,) = cast(list[dict[str, Any]], world["stage"]["slowest_clients"])
    assert slowest["written"] == deliveries["written"]
    assert 0 < slowest["lateness_ms"]["p50"] <= slowest["lateness_ms"]["p99"] <= slowest["lateness_ms"]["worst"]
    assert world["stage"]["timestamp"] == "1970-01-01T00:00:30.000Z"


async def test_what_is_counted_of_clients_is_told_of_a_world_by_itself_and_of_all_together() -> None:
    async with Venue(Stage(), HERE, make=quickstart, linger=0.0) as venue:
        url = venue.url.replace("ws://", "http://") + "/metrics"
        async with connect(venue.url) as other, connect(f"{venue.url}?world=one") as client:
            for each, message in ((client, "no JSON"), (client, "[]"), (other, '{"type":"ping"}')):
                await each.send(message)
                await each.recv()
            one, main, everywhere = [
                (await urlopen_json(url + query))["websocket"] for query in ("?world=one", "?world=main", "")
            ]
        counts = ("active_connections", "total_connections", "messages_received", "errors_sent")
        assert [one[count] for count in counts] == [1, 1, 2, {"INVALID_MESSAGE": 2}]
        assert [main[count] for count in counts] == [1, 1, 1, {}]
        assert [everywhere[count] for count in counts] == [2, 2, 3, {"INVALID_MESSAGE": 2}]


async def test_events_of_a_world_that_has_ended_still_count_for_the_server() -> None:
    async with Venue(Stage(), HERE, make=quickstart, linger=0.0) as venue:
        url = venue.url.replace("ws://", "http://") + "/metrics"
        with venue.lease("one") as lease:
            lease.stage.clock.pause()
            await lease.stage.clock.advance("5s")
            published = dict(lease.stage.hub.published)
        while len(venue.stages) > 1:  # noqa: ASYNC110 - a world ends in silence
            await asyncio.sleep(0)
        assert sum(published.values()) > 10
        assert (await urlopen_json(url))["websocket"]["events_published"] == published
        main = (await urlopen_json(url + "?world=main"))["websocket"]["events_published"]
        assert set(cast(dict[str, int], main).values()) == {0}


class Broken:
    """What is played on well until somebody subscribes."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self._broken = False

    def peek(self) -> int | None:
        return 0 if self._broken else None

    def take(self, until: int | None, limit: int) -> list[Timed | Cue]:
        raise self._error

    def tell(self, deed: ClientInput) -> ClientInput | None:
        self._broken = self._broken or deed.did == "subscribes"
        return deed


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PvwsError("storm.yaml:7: there is no peer"), "world broken has ended: storm.yaml:7: there is no peer"),
        (KeyError("seven"), "world broken has ended by a mistake of pvws: KeyError('seven')"),
    ],
)
async def test_a_world_that_cannot_be_played_on_ends_alone_with_a_sentence_in_the_log(
    error: Exception, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    def make(name: str) -> Stage:
        return Stage(Broken(error) if name == "broken" else None, name=name)

    async with Venue(Stage(), HERE, make=make) as venue, connect(f"{venue.url}?world=well") as well:
        lease = venue.lease("broken")
        async with connect(f"{venue.url}?world=broken") as client:
            await client.send('{"type":"subscribe","topic":"alerts"}')
            with pytest.raises(ConnectionClosed) as closed:
                await client.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1011, "the world has failed")
        assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [said]
        await well.send('{"type":"ping"}')
        assert '"pong"' in str(await well.recv())
        async with connect(f"{venue.url}?world=broken") as again:
            lease.release()  # it was one of the world that has ended, not of its successor
            await again.send('{"type":"ping"}')
            assert '"pong"' in str(await again.recv())
            assert venue.find("broken") is not lease.stage
