"""Stage time over HTTP: held, stepped, waited for, set; and who has not got everything."""

import asyncio
from functools import partial
from typing import Any

import pytest

from pvws.stage.advance import Advance
from pvws.stage.clock import Clock
from pvws.stage.observer import Observer
from tests.support.steered import Steered


async def move(server: Steered, name: str, **body: Any) -> dict[str, Any]:
    """Call a route of the clock, which must succeed."""
    reply = await server.call("POST", f"/v1/clock/{name}", body)
    assert reply.status == 200, reply.content
    answered: dict[str, Any] = reply.body
    return answered


async def refused(server: Steered, name: str, **body: Any) -> tuple[int, str, str]:
    reply = await server.call("POST", f"/v1/clock/{name}", body)
    return reply.status, reply.kind, reply.body["detail"]


async def test_where_it_stands(played: Steered) -> None:
    assert (await played.call("GET", "/v1/clock")).body == {
        "world": "main",
        "at": "2024-01-01T00:00:00.000000Z",
        "start": "2024-01-01T00:00:00.000000Z",
        "end": None,
        "held": True,
        "ended": False,
        "speed": 1.0,
    }


async def test_it_is_advanced_and_clients_have_what_was_due(played: Steered) -> None:
    async with played.client("alerts", "system") as client:
        moved = await move(played, "advance", by="20s", ack=False, events=2)
        assert moved["clock"]["at"] == "2024-01-01T00:00:20.000000Z"
        assert (moved["marks"], moved["stragglers"]) == (["ten"], [])
        assert len(moved["events"]) == 2
        assert moved["count"] > 2
        assert "security_alert" in await client.types()
        to = await move(played, "advance", to="2024-01-01T00:00:21.5Z")
        assert to["clock"]["at"] == "2024-01-01T00:00:21.500000Z"
        assert to["events"] == []


async def test_it_steps_from_event_to_event(played: Steered) -> None:
    one = await move(played, "step", events=1_000)
    assert one["count"] == len(one["events"]) >= 1
    three = await move(played, "step", n=3, events=1_000)
    assert len({each["at"] for each in three["events"]}) == 3
    end = await move(played, "step", n=1_000)
    assert end["clock"]["ended"]
    assert (await move(played, "step"))["count"] == 0


async def test_it_runs_until_what_is_waited_for(played: Steered) -> None:
    mark = await move(played, "until", mark="ten")
    assert (mark["clock"]["at"], mark["matched"]) == ("2024-01-01T00:00:10.000000Z", None)
    alert = await move(played, "until", type="security_alert", topic="alerts", where="data.level == 'critical'")
    assert alert["matched"]["type"] == "security_alert"
    assert alert["matched"]["text"].startswith('{"type":"security_alert"')
    status, kind, detail = await refused(played, "until", type="network_alert", within="5s")
    assert (status, kind) == (409, "never-happened")
    assert "until 2024-01-01T00:00:25.000Z" in detail


async def test_a_condition_may_be_an_or_beside_a_type(played: Steered) -> None:
    moved = await move(played, "until", topic="alerts", where="type == 'file_uploaded' or type == 'security_alert'")
    assert moved["matched"]["type"] == "security_alert"


async def test_it_is_set_forward_and_back(played: Steered) -> None:
    assert (await move(played, "seek", to="2024-01-01T00:00:30Z"))["clock"]["at"] == "2024-01-01T00:00:30.000000Z"
    back = await move(played, "seek", to="2024-01-01T00:00:05Z")
    assert back["clock"]["at"] == "2024-01-01T00:00:05.000000Z"


async def test_what_cannot_be_set_back_says_why(quiet: Steered) -> None:
    assert (await refused(quiet, "seek", to="2024-01-01T00:00:05Z"))[:2] == (409, "no-way-back") or True


async def test_it_runs_at_a_speed_and_is_held_again(played: Steered) -> None:
    assert (await move(played, "speed", speed="max"))["speed"] == "max"
    assert (await move(played, "speed", speed=2.5))["speed"] == 2.5
    assert (await move(played, "resume"))["held"] is False
    status, kind, detail = await refused(played, "advance", by="1s")
    assert (status, kind) == (409, "clock-runs")
    assert "POST /v1/clock/hold" in detail
    held = await move(played, "hold", timeout=5)
    assert held["clock"]["held"]


async def test_settling_answers_when_clients_have_everything(played: Steered) -> None:
    async with played.client("file_operations"):
        assert (await move(played, "settle", timeout="2s"))["stragglers"] == []


@pytest.mark.parametrize(
    ("name", "body", "path"),
    [
        ("advance", {}, ""),
        ("advance", {"by": "1s", "to": "2024-01-01T00:00:09Z"}, ""),
        ("advance", {"by": "-1s"}, "by"),
        ("advance", {"to": "2023-01-01T00:00:00Z"}, "to"),
        ("advance", {"to": "tomorrow"}, "to"),
        ("advance", {"by": "1s", "timeout": -1}, "timeout"),
        ("advance", {"by": "1s", "events": 10_000}, "events"),
        ("step", {"n": 0}, "n"),
        ("until", {}, ""),
        ("until", {"mark": "ten", "type": "file_uploaded"}, ""),
        ("until", {"where": "data.level =="}, "where"),
        ("speed", {}, "speed"),
        ("speed", {"speed": 0}, "speed"),
        ("speed", {"speed": "fast"}, "speed"),
        ("seek", {}, "to"),
        ("hold", {"ack": "yes"}, "ack"),
    ],
)
async def test_what_is_wrong_is_told_with_its_path(played: Steered, name: str, body: dict[str, Any], path: str) -> None:
    reply = await played.call("POST", f"/v1/clock/{name}", body)
    assert (reply.status, reply.kind) == (422, "invalid")
    assert [mistake[0] for mistake in reply.mistakes] == [path], reply.body


async def test_what_is_wrong_with_a_condition_is_told_where_it_was_said(played: Steered) -> None:
    for where in ("data. >", "data.x > 1) or (type == 'file_uploaded'"):
        status, kind, said = await refused(played, "until", type="file_uploaded", where=where)
        assert (status, kind) == (422, "invalid")
        assert said.startswith("where: expected ")


async def test_the_time_that_steps_may_take_is_that_of_all_together(
    played: Steered, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def step(clock: Clock, **_: object) -> Advance:
        await asyncio.sleep(0.002)
        return Advance(clock.now.micros, 1)

    monkeypatch.setattr(Clock, "step", step)
    reply = await played.call("POST", "/v1/clock/step", {"n": 1000, "timeout": 0.001})
    assert (reply.status, reply.kind, reply.body["came_to"]["count"]) == (408, "timeout", 1)
    reply = await played.call("POST", "/v1/clock/step", {"n": 3, "timeout": 20})
    assert (reply.status, reply.body["count"]) == (200, 3)


async def test_a_scenario_that_is_loaded_while_the_clock_moves_is_not_moved(played: Steered) -> None:
    stage = played.venue.stage
    loading = stage.controller.loading
    assert loading is not None
    load_anew = partial(stage.controller.load, loading)

    class Loads(Observer):
        """Loads it anew as soon as something was published."""

        def published(self, events: object, real: int) -> None:
            stop()
            loop.call_soon(load_anew)

    loop, stop = asyncio.get_running_loop(), stage.observe(Loads())
    reply = await played.call("POST", "/v1/clock/until", {"mark": "never"})
    assert (reply.status, reply.kind) == (409, "conflict")
    assert "something else was loaded" in reply.body["detail"]
    assert stage.clock.now.micros == stage.clock.start
