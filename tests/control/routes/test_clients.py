"""Clients over HTTP: who is here, what they are sent, and goodbye."""

import asyncio
import base64
import json
from typing import Any

import pytest
from websockets.frames import Opcode

from pvws.control.reading import Nothing
from pvws.control.route import Call
from pvws.control.routes import clients
from tests.support.steered import Reply, Steered


async def emit(server: Steered, **said: Any) -> Reply:
    return await server.call("POST", "/v1/emit", said)


async def test_everybody_is_listed_in_their_order(quiet: Steered) -> None:
    async with quiet.client("alerts", path="/ws?client=first"), quiet.client("alerts", "system"):
        found = (await quiet.call("GET", "/v1/clients")).body["clients"]
        assert [(each["number"], each["name"]) for each in found] == [(1, "first"), (2, None)]
        assert found[0]["topics"] == ["alerts"]
        assert set(found[1]["topics"]) == {"alerts", "system"}
        assert found[1]["received"] == 3  # two subscriptions and a ping
        assert found[0]["backlog"] == {"messages": 0, "bytes": 0}
        assert found[0]["address"] == "127.0.0.1"
        page = (await quiet.call("GET", "/v1/clients?after=1&limit=1")).body["clients"]
        assert [each["number"] for each in page] == [2]
        for which in ("first", "1", found[0]["id"], found[0]["id"][:6]):
            assert (await quiet.call("GET", f"/v1/clients/{which}")).body["number"] == 1
    assert (await quiet.call("GET", "/v1/clients")).body["clients"] == []


async def test_a_long_list_is_made_a_slice_at_a_time(quiet: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "_SLICE", 1)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with quiet.client("alerts"), quiet.client("alerts"), quiet.client("alerts"):
        counting = asyncio.ensure_future(count())
        await asyncio.sleep(0)
        before = turns
        call = Call(quiet.plane, {}, clients._Listed(), Nothing(), {})
        assert [each.number for each in (await clients._clients(call)).clients] == [1, 2, 3]
        assert turns - before >= 3
        counting.cancel()


async def test_an_unknown_client_is_answered_with_who_is_here(quiet: Steered) -> None:
    async with quiet.client("alerts", path="/ws?client=dashboard"):
        reply = await quiet.call("GET", "/v1/clients/dashbord")
        assert (reply.status, reply.kind) == (404, "unknown")
        assert "1 dashboard" in reply.body["detail"]


async def test_one_client_is_told_goodbye(quiet: Steered) -> None:
    async with quiet.client("alerts", path="/ws?client=a") as one, quiet.client("alerts") as other:
        reply = await quiet.call("POST", "/v1/disconnect", {"client": "a", "code": 4001, "reason": "enough"})
        assert len(reply.body["clients"]) == 1
        assert await one.read_close() == (4001, "enough")
        assert await other.catch_up()


async def test_a_share_of_them_is_told_goodbye(quiet: Steered) -> None:
    async with quiet.client("alerts") as one, quiet.client("alerts") as other:
        assert (await quiet.call("POST", "/v1/disconnect", {"clients": "0%"})).body["clients"] == []
        reply = await quiet.call("POST", "/v1/disconnect", {"clients": "all"})
        assert len(reply.body["clients"]) == 2
        assert await one.read_close() == await other.read_close() == (1000, "")


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({}, ""),
        ({"client": 1, "clients": "all"}, ""),
        ({"clients": "half"}, "clients"),
        ({"clients": "all", "code": 1006}, "code"),
        ({"clients": "all", "code": 1000, "reason": "x" * 200}, "reason"),
    ],
)
async def test_no_goodbye_without_a_right_word(quiet: Steered, said: dict[str, Any], path: str) -> None:
    reply = await quiet.call("POST", "/v1/disconnect", said)
    assert (reply.status, reply.kind, reply.mistakes[0][0]) == (422, "invalid", path), reply.body


async def test_an_event_is_filled_in_and_sent_to_its_topic(quiet: Steered) -> None:
    async with quiet.client("alerts") as hearer, quiet.client("system") as other:
        reply = await emit(quiet, type="storage_alert", data={"level": "critical", "value": 97})
        assert (reply.status, reply.body["reached"]) == (200, 1)
        message = json.loads(await hearer.read_until("storage_alert"))
        assert (message["data"]["level"], message["data"]["value"]) == ("critical", 97)
        assert message["data"]["metric"]
        assert await other.types() == []


async def test_one_client_alone_gets_it(quiet: Steered) -> None:
    async with quiet.client("alerts", path="/ws?client=a") as one, quiet.client("alerts") as other:
        reply = await emit(quiet, type="storage_alert", topic="alerts", client="a")
        assert (reply.status, reply.body["reached"]) == (200, 1)
        await one.read_until("storage_alert")
        assert await other.types() == []


async def test_what_stands_for_itself_goes_as_it_is(quiet: Steered) -> None:
    async with quiet.client("alerts") as client:
        assert (await emit(quiet, text="{broken", topics=["alerts"])).body["reached"] == 1
        assert await client.read_until("broken") == "{broken"
        assert (await emit(quiet, text="${no} template")).body["reached"] == 1
        assert await client.read_until("template") == "${no} template"
        assert (await emit(quiet, base64=base64.b64encode(b"\xff\x00").decode(), topics=["alerts"])).status == 200
        assert await client.read_frame() == (Opcode.BINARY, b"\xff\x00")


async def test_it_leaves_also_while_the_clock_is_held(played: Steered) -> None:
    async with played.client("alerts") as client:
        reply = await emit(played, type="security_alert")
        assert reply.body["at"] == "2024-01-01T00:00:00.000000Z"
        await client.read_until("security_alert")


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({}, ""),
        ({"type": "storage_alert", "text": "x"}, ""),
        ({"text": "x", "base64": "eA=="}, ""),
        ({"type": "storage_alert", "topics": ["alerts"]}, ""),
        ({"base64": "x"}, "base64"),
        ({"type": "storage_alrt"}, "type"),
        ({"type": "storage_alert", "topic": "system"}, "topic"),
        ({"type": "storage_alert", "data": {"level": "bad"}}, "data.level"),
        ({"type": "storage_alert", "data": {"levle": "info"}}, "data.levle"),
        ({"type": "storage_alert", "data": []}, "data"),
        ({"text": "x", "topics": ["alrts"]}, "topics[0]"),
        ({"text": "x", "topics": ["alerts"], "fragments": [5, 5]}, "fragments"),
    ],
)
async def test_what_is_wrong_is_told_with_its_path(quiet: Steered, said: dict[str, Any], path: str) -> None:
    reply = await emit(quiet, **said)
    assert (reply.status, reply.kind) == (422, "invalid"), reply.body
    assert reply.mistakes[0][0] == path, reply.body


async def test_nobody_of_that_name_gets_anything(quiet: Steered) -> None:
    reply = await emit(quiet, type="storage_alert", client="nobody")
    assert (reply.status, reply.kind) == (404, "unknown")
