"""Faults over HTTP: switched on, met by clients, counted, switched off."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.raw_client import RawClient
from tests.support.steered import Reply, Steered


async def add(server: Steered, **fault: Any) -> Reply:
    return await server.call("POST", "/v1/faults", fault)


async def test_a_fault_is_met_by_whom_it_concerns_and_counted(quiet: Steered) -> None:
    async with quiet.client("alerts", path="/ws?client=a") as one, quiet.client("alerts") as other:
        reply = await add(quiet, drop="100%", client="a", topics=["alerts"])
        assert (reply.status, reply.body["id"], reply.body["kind"], reply.body["value"]) == (201, "f1", "drop", "100%")
        assert (reply.body["origin"], reply.body["clients"], reply.body["ends_at"]) == ("control", 1, None)
        assert reply.body["scope"] == {"client": "a", "topics": ["alerts"]}
        assert (await quiet.call("GET", "/v1/clients/a")).body["faults"] == ["f1"]
        await quiet.call("POST", "/v1/emit", {"type": "storage_alert"})
        assert await one.types() == []
        assert await other.types() == ["storage_alert"]
        fault = (await quiet.call("GET", "/v1/faults/f1")).body
        assert sum(fault["effects"].values()) == 1
        ledger = (await quiet.call("GET", "/v1/ledger")).body
        assert ledger["faults"]["f1"] == fault["effects"]
        assert [bool(each["faults"]) for each in ledger["clients"]] == [True, False]
        assert (await quiet.call("GET", "/v1/state")).body["faults"] == 1
        assert (await quiet.call("DELETE", "/v1/faults/f1")).body["id"] == "f1"
        await quiet.call("POST", "/v1/emit", {"type": "storage_alert"})
        assert await one.types() == ["storage_alert"]


async def test_all_are_listed_and_cleared(quiet: Steered) -> None:
    await add(quiet, latency="20ms +- 5ms", name="slow", **{"for": "30s"})
    await add(quiet, drop="10%", clients="50%")
    listed = (await quiet.call("GET", "/v1/faults")).body["faults"]
    assert [each["id"] for each in listed] == ["f1", "f2"]
    assert listed[0]["ends_at"] > listed[0]["added_at"]
    assert (await quiet.call("GET", "/v1/faults/slow")).body["id"] == "f1"
    assert [each["id"] for each in (await quiet.call("DELETE", "/v1/faults")).body["faults"]] == ["f1", "f2"]
    assert (await quiet.call("GET", "/v1/faults")).body["faults"] == []


async def test_an_unknown_one_is_answered_with_those_there_are(quiet: Steered) -> None:
    await add(quiet, drop="10%")
    for method in ("GET", "DELETE"):
        reply = await quiet.call(method, "/v1/faults/f2")
        assert (reply.status, reply.kind) == (404, "unknown")
        assert reply.mistakes[0][1:3] == ("one of f1", '"f2"')


@pytest.mark.parametrize(
    ("fault", "path"),
    [
        ({}, ""),
        ({"dorp": "10%"}, ""),
        ({"drop": "10%", "latency": "1s"}, "drop"),
        ({"drop": "a lot"}, "drop"),
        ({"drop": "10%", "topics": ["alrts"]}, "topics[0]"),
        ({"drop": "10%", "client": 1, "clients": "50%"}, "clients"),
        ({"latency": "200"}, "latency"),
    ],
)
async def test_what_is_wrong_is_told_with_its_path(quiet: Steered, fault: dict[str, Any], path: str) -> None:
    reply = await add(quiet, **fault)
    assert (reply.status, reply.kind) == (422, "invalid"), reply.body
    assert reply.mistakes[0][0] == path, reply.body
    assert (await quiet.call("GET", "/v1/faults")).body["faults"] == []


async def test_the_nearest_kind_is_told(quiet: Steered) -> None:
    assert 'did you mean "drop"?' in (await add(quiet, dorp="10%")).body["detail"]


async def test_its_schema_takes_what_is_taken(quiet: Steered) -> None:
    schema = (await quiet.call("GET", "/v1/schema/fault")).body
    assert "latency" in schema["x-kinds"]
    validator = Draft202012Validator(schema)
    assert validator.is_valid({"drop": "10%", "topics": ["alerts"], "for": "30s"})
    assert not validator.is_valid({"drop": "10%", "latency": "1s"})
    assert not validator.is_valid({"topics": ["alerts"]})


async def test_what_concerns_the_whole_server_says_so(quiet: Steered) -> None:
    reply = await add(quiet, refuse="on", client="me")
    assert (reply.status, reply.kind) == (422, "invalid")
    assert "refuse concerns the whole server" in reply.body["detail"]
    reply = await add(quiet, refuse=True, **{"for": "30s"})
    assert reply.status == 201, reply.content
    assert reply.body["note"] == "it concerns the whole server, with all its worlds"
    assert (await quiet.call("GET", "/v1")).status == 200  # who steers is not refused
    await quiet.call("DELETE", "/v1/faults")
    async with quiet.client("alerts"):
        pass


async def test_a_handshake_meets_a_fault(quiet: Steered) -> None:
    assert (await add(quiet, status=503, attempts=1)).status == 201
    async with RawClient("127.0.0.1", quiet.venue.port) as client:
        status, _, _ = await client.request(client.handshake_head())
        assert status == 503
    async with quiet.client("alerts"):
        assert (await quiet.call("GET", "/v1/clients")).body["clients"][0]["number"] == 2
