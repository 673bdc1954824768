"""The journal over HTTP: what clients did, looked up and waited for."""

import asyncio
from typing import Any

import pytest

from tests.support.steered import Reply, Steered


async def entries(server: Steered, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await server.call("GET", f"/v1/journal{query}")).body["entries"]
    return found


async def wait(server: Steered, **said: Any) -> Reply:
    return await server.call("POST", "/v1/journal/wait", said)


async def test_what_clients_did_is_there_in_its_order(quiet: Steered) -> None:
    async with quiet.client("alerts", path="/ws?client=me") as client:
        client.say("nonsense")
        await client.read_until("INVALID_MESSAGE")
        found = await entries(quiet)
        assert [each["did"] for each in found] == ["connects", "sends", "subscribes", "sends", "sends"]
        assert [each["sequence"] for each in found] == [1, 2, 3, 4, 5]
        assert {each["name"] for each in found} == {"me"}
        assert (found[4]["text"], found[4]["valid"], found[4]["error"]) == ("nonsense", False, "INVALID_MESSAGE")
        assert [each["sequence"] for each in await entries(quiet, "?after=2&limit=2")] == [3, 4]
        assert [each["sequence"] for each in await entries(quiet, "?type=ping&client=me")] == [4]
        assert [each["sequence"] for each in await entries(quiet, "?client=1&did=subscribes&topic=alerts")] == [3]
        assert [each["sequence"] for each in await entries(quiet, "?where=not%20valid")] == [5]
        assert await entries(quiet, "?client=nobody") == []


async def test_tokens_are_not_in_it(quiet: Steered) -> None:
    async with quiet.client("alerts") as client:
        client.say('{"type":"auth","data":{"token":"hunter2"}}')
        await client.catch_up()
        reply = await quiet.call("GET", "/v1/journal?type=auth")
        assert len(reply.body["entries"]) == 1
        assert b"hunter2" not in reply.content


async def test_what_was_there_counts_and_what_comes_is_waited_for(quiet: Steered) -> None:
    async with quiet.client("alerts") as client:
        reply = await wait(quiet, type="ping")
        assert (reply.status, len(reply.body["entries"])) == (200, 1)
        waiting = asyncio.ensure_future(
            wait(quiet, match="type == 'ping' and data.n > 1", count=2, after=reply.body["last"], timeout=20)
        )
        for n in range(4):
            client.say(f'{{"type":"ping","data":{{"n":{n}}}}}')
        found = (await waiting).body["entries"]
        assert [each["text"] for each in found] == [f'{{"type":"ping","data":{{"n":{n}}}}}' for n in (2, 3)]


async def test_a_message_may_have_to_fit_a_schema(quiet: Steered) -> None:
    schema = {"properties": {"type": {"const": "subscribe"}, "topic": {"enum": ["system", "alerts"]}}}
    async with quiet.client("alerts"):
        assert len((await wait(quiet, schema=schema, did="sends")).body["entries"]) == 1


async def test_what_does_not_come_is_told_with_what_did(quiet: Steered) -> None:
    async with quiet.client("alerts"):
        reply = await wait(quiet, type="ping", count=2, timeout="10ms")
        assert (reply.status, reply.kind) == (408, "timeout")
        assert [each["type"] for each in reply.body["entries"]] == ["ping"]
        assert "1 of 2 had come" in reply.body["detail"]
        assert "what came instead" in reply.body["detail"]


async def test_it_is_forgotten_and_numbers_go_on(quiet: Steered) -> None:
    async with quiet.client("alerts"):
        reply = await quiet.call("DELETE", "/v1/journal")
        assert (reply.body["entries"], reply.body["lost"]) == ([], reply.body["last"])
    assert [each["did"] for each in (await wait(quiet, did="disconnects")).body["entries"]] == ["disconnects"]


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"match": "type =="}, "match"),
        ({"schema": {"type": "nonsense"}}, "schema"),
        ({"count": 0}, "count"),
        ({"did": "sings"}, "did"),
        ({"timeout": "long"}, "timeout"),
        ({"client": 0}, "client"),
    ],
)
async def test_what_is_wrong_is_told_with_its_path(quiet: Steered, said: dict[str, Any], path: str) -> None:
    reply = await wait(quiet, **said)
    assert (reply.status, reply.kind) == (422, "invalid"), reply.body
    assert reply.mistakes[0][0].startswith(path), reply.body


async def test_a_wrong_query_is_told(quiet: Steered) -> None:
    assert (await quiet.call("GET", "/v1/journal?where=type%20%3D")).mistakes[0][0] == "where"
    assert (await quiet.call("GET", "/v1/journal?limit=0")).mistakes[0][0] == "limit"
    assert (await quiet.call("GET", "/v1/journal?did=sings")).mistakes[0][0] == "did"


async def test_who_waits_for_what_can_never_come_is_told_at_once(quiet: Steered) -> None:
    reply = await wait(quiet, did="subscribes", topic="alert", timeout=60)
    assert reply.status == 422
    assert 'did you mean "alerts"' in reply.content.decode().replace("\\", "")
    assert (await quiet.call("GET", "/v1/journal?type=sub")).status == 422
