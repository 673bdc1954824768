"""Worlds over HTTP: made, leased, renewed, ended."""

import asyncio
import threading

import pytest

from pvws.scenario.schema import Scenario
from pvws.sim.source import Exchange
from pvws.stage.journal import Journal
from pvws.stage.loading import Loading
from pvws.stage.observer import Observer
from pvws.stage.stage import Stage
from tests.support.staged import story
from tests.support.steered import Steered, steered


async def test_a_world_is_made_leased_and_renewed(quiet: Steered) -> None:
    reply = await quiet.call("PUT", "/v1/worlds/mine", {"ttl": "5s"})
    assert (reply.status, reply.body["url"]) == (201, f"{quiet.venue.url}?world=mine")
    first = reply.body["expires"]
    async with quiet.client("alerts", path="/ws?world=mine"):
        reply = await quiet.call("PUT", "/v1/worlds/mine")
        assert (reply.status, reply.body["clients"], reply.body["leased"]) == (200, 1, True)
        assert reply.body["expires"] > first
        assert (await quiet.call("GET", "/v1/state?world=mine")).body["clients"] == 1
        assert (await quiet.call("GET", "/v1/state")).body["clients"] == 0
    assert [each["name"] for each in (await quiet.call("GET", "/v1/worlds")).body["worlds"]] == ["main", "mine"]
    assert (await quiet.call("GET", "/v1/worlds/mine")).status == 200


async def test_a_world_that_is_ended_says_goodbye_and_is_gone(quiet: Steered) -> None:
    await quiet.call("PUT", "/v1/worlds/mine")
    async with quiet.client("alerts", path="/ws?world=mine") as client:
        assert (await quiet.call("DELETE", "/v1/worlds/mine")).body["clients"] == 1
        assert await client.read_close() == (1001, "the world has ended")
    reply = await quiet.call("DELETE", "/v1/worlds/mine")
    assert (reply.status, reply.kind) == (404, "unknown-world")
    assert (await quiet.call("GET", "/v1/worlds/mine")).status == 404
    assert (await quiet.call("PUT", "/v1/worlds/mine")).status == 201


async def test_a_lease_that_is_not_renewed_runs_out(quiet: Steered) -> None:
    await quiet.call("PUT", "/v1/worlds/mine", {"ttl": "1ms"})
    reply = await quiet.call("GET", "/v1/worlds/mine")  # it lingers
    while reply.body["leased"]:
        reply = await quiet.call("GET", "/v1/worlds/mine")
    assert reply.body["expires"] is None


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_main_is_there_for_ever(quiet: Steered, method: str) -> None:
    reply = await quiet.call(method, "/v1/worlds/main")
    assert (reply.status, reply.kind) == (409, "conflict")


async def test_what_is_no_name_is_refused(quiet: Steered) -> None:
    reply = await quiet.call("PUT", "/v1/worlds/no%20name")
    assert (reply.status, reply.kind) == (422, "invalid")
    assert reply.mistakes[0][:2] == ("world", "up to 64 letters, digits, dots, hyphens and underscores")


async def test_a_wrong_ttl_is_refused(quiet: Steered) -> None:
    for ttl in ("0s", "a while", 5, "3000h"):
        reply = await quiet.call("PUT", "/v1/worlds/mine", {"ttl": ttl})
        assert (reply.status, reply.mistakes[0][0]) == (422, "ttl"), ttl
    assert (await quiet.call("GET", "/v1/worlds/mine")).status == 404


async def test_a_world_plays_what_is_wished_for_held_from_its_beginning(quiet: Steered) -> None:
    wish = {"ttl": "1m", "scenario": "quickstart", "seed": 7, "held": True}
    reply = await quiet.call("PUT", "/v1/worlds/mine", wish)
    assert reply.status == 201, reply.content
    state = (await quiet.call("GET", "/v1/state?world=mine")).body
    assert (state["scenario"]["name"], state["scenario"]["seed"]) == ("quickstart", 7)
    assert state["clock"]["held"]
    assert state["clock"]["at"] == state["clock"]["start"] == "2024-01-01T00:00:00.000000Z"
    moved = (await quiet.call("POST", "/v1/clock/advance?world=mine", {"by": "5s"})).body
    assert moved["count"] > 0
    assert (await quiet.call("PUT", "/v1/worlds/mine", wish)).status == 200  # who says the same renews it
    assert (await quiet.call("PUT", "/v1/worlds/mine", {"ttl": "2m"})).status == 200
    assert (await quiet.call("GET", "/v1/clock?world=mine")).body["at"] == "2024-01-01T00:00:05.000000Z"


async def test_a_world_that_is_there_does_not_take_another_wish(quiet: Steered) -> None:
    await quiet.call("PUT", "/v1/worlds/mine", {"scenario": "quickstart", "held": True})
    reply = await quiet.call("PUT", "/v1/worlds/mine", {"scenario": "mass-churn", "held": True})
    assert (reply.status, reply.kind) == (409, "conflict")
    assert "PUT /v1/scenario?world=mine" in reply.body["detail"]


async def test_a_wish_that_is_wrong_makes_no_world(quiet: Steered) -> None:
    for wish in ({"scenario": "quickstrat"}, {"seed": 5}, {"files": {"a": "x: 1"}, "main": "a"}, {"speed": "fast"}):
        reply = await quiet.call("PUT", "/v1/worlds/mine", wish)
        assert (reply.status, reply.kind) == (422, "invalid"), wish
        assert (await quiet.call("GET", "/v1/worlds/mine")).status == 404


async def test_a_world_may_be_held_with_what_the_server_plays(quiet: Steered) -> None:
    assert (await quiet.call("PUT", "/v1/worlds/mine", {"held": True})).status == 201
    assert (await quiet.call("GET", "/v1/clock?world=mine")).body["held"]


async def test_what_the_server_plays_is_not_heard_in_a_world_that_is_to_play_something_else() -> None:
    told: list[str] = []

    class Tells(Observer):
        """Tells what becomes of a world."""

        def published(self, events: object, real: int) -> None:
            told.append("published")

        def exchanged(self, exchange: Exchange) -> None:
            told.append("exchanged")

    def make(name: str) -> Stage:
        return story(name=name, held=False, speed=None, observers=[Tells()])

    async with steered(make=make) as server:
        assert (await server.call("PUT", "/v1/worlds/mine", {"scenario": "quickstart"})).status == 201
        clock = (await server.call("GET", "/v1/clock?world=mine")).body
        assert (clock["held"], clock["speed"]) == (False, 1.0)
        assert told[0] == "exchanged"


async def test_who_waits_in_a_world_that_ends_is_told(quiet: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = asyncio.Event()

    async def wait(*_: object, **__: object) -> None:
        waits.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Journal, "wait", wait)
    assert (await quiet.call("PUT", "/v1/worlds/mine", {})).status == 201
    path = "/v1/journal/wait?world=mine"
    waiting = asyncio.ensure_future(quiet.call("POST", path, {"type": "ping", "timeout": "1m"}))
    await waits.wait()
    assert (await quiet.call("DELETE", "/v1/worlds/mine")).status == 200
    reply = await waiting
    assert (reply.status, reply.kind) == (404, "unknown-world")
    assert "has ended meanwhile" in reply.body["detail"]


async def test_two_that_ask_for_the_same_world_at_once_both_have_it_as_they_wish(quiet: Steered) -> None:
    wish = {"scenario": "quickstart", "held": True}
    replies = await asyncio.gather(*(quiet.call("PUT", "/v1/worlds/mine", wish) for _ in range(2)))
    assert sorted(reply.status for reply in replies) == [200, 201]
    wrong = {"scenario": "quickstart", "set": {"nothing": 5}}
    replies = await asyncio.gather(*(quiet.call("PUT", "/v1/worlds/other", wrong) for _ in range(2)))
    assert all(reply.status in (404, 422) for reply in replies), [reply.content for reply in replies]


async def test_a_world_is_there_for_others_only_when_it_plays(quiet: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    reads, may_read = asyncio.Event(), threading.Event()
    loop, read = asyncio.get_running_loop(), Loading.read

    def slowly(loading: Loading) -> Scenario:
        loop.call_soon_threadsafe(reads.set)
        may_read.wait(20)
        return read(loading)

    monkeypatch.setattr(Loading, "read", slowly)
    wish = {"scenario": "quickstart", "held": True}
    first = asyncio.ensure_future(quiet.call("PUT", "/v1/worlds/mine", wish))
    await reads.wait()
    second = asyncio.ensure_future(quiet.call("PUT", "/v1/worlds/mine", wish))
    assert (await quiet.call("GET", "/v1/clock?world=mine")).body["held"]
    assert not second.done()
    may_read.set()
    assert [(await each).status for each in (first, second)] == [201, 200]


async def test_nothing_is_loaded_into_a_world_that_has_ended_meanwhile(
    quiet: Steered, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, read, venue = asyncio.get_running_loop(), Loading.read, quiet.venue
    assert (await quiet.call("PUT", "/v1/worlds/mine", {})).status == 201

    def ends(loading: Loading) -> Scenario:
        loop.call_soon_threadsafe(venue.end, "mine", 1001)
        return read(loading)

    monkeypatch.setattr(Loading, "read", ends)
    reply = await quiet.call("PUT", "/v1/scenario?world=mine", {"scenario": "quickstart"})
    assert (reply.status, reply.kind) == (404, "unknown-world")
