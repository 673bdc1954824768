"""Rules over HTTP: clients are answered, and it is counted."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.steered import Reply, Steered

RULE = {
    "when": {"client": "sends", "match": "type == 'ping' and data.n == 1"},
    "times": "always",
    "do": "reply",
    "raw": "hi there",
}


async def add(server: Steered, **rule: Any) -> Reply:
    return await server.call("POST", "/v1/rules", rule)


async def test_a_rule_answers_clients_and_is_counted(quiet: Steered) -> None:
    async with quiet.client("alerts") as client:
        reply = await add(quiet, **RULE)
        assert (reply.status, reply.body["id"], reply.body["rule"]) == (201, "r1", RULE)
        for _ in range(2):
            client.say('{"type":"ping","data":{"n":1}}')
            await client.read_until("hi there")
        listed = (await quiet.call("GET", "/v1/rules")).body["rules"]
        assert [(each["id"], each["fired"]) for each in listed] == [("r1", 2)]
        assert (await quiet.call("GET", "/v1/state")).body["rules"] == 1
        assert (await quiet.call("DELETE", "/v1/rules/r1")).status == 200
        client.say('{"type":"ping","data":{"n":1}}')
        assert "hi there" not in "".join((await client.catch_up())[-1:])
        assert (await quiet.call("GET", "/v1/rules/r1")).kind == "unknown"


async def test_all_are_ended(quiet: Steered) -> None:
    await add(quiet, **RULE)
    await add(quiet, **RULE)
    assert len((await quiet.call("DELETE", "/v1/rules")).body["rules"]) == 2
    assert (await quiet.call("GET", "/v1/rules")).body == {"rules": []}


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({}, "do"),
        ({"when": {"client": "sings"}, "do": "mark", "name": "x"}, "when.client"),
        ({"when": {"client": "sends"}, "do": "shout"}, "do"),
        ({"when": {"client": "sends", "match": "type =="}, "do": "mark", "name": "x"}, "when.match"),
        ({"do": "mark", "name": "x"}, ""),
    ],
)
async def test_what_is_wrong_is_told_with_its_path(quiet: Steered, rule: dict[str, Any], path: str) -> None:
    reply = await add(quiet, **rule)
    assert (reply.status, reply.kind) == (422, "invalid"), reply.body
    assert reply.mistakes[0][0] == path, reply.body


async def test_its_schema_takes_what_is_taken(quiet: Steered) -> None:
    schema = (await quiet.call("GET", "/v1/schema/rule")).body
    assert Draft202012Validator(schema).is_valid(RULE)
    assert not Draft202012Validator(schema).is_valid({"do": "shout"})
