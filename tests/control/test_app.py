"""What every request meets, whatever it is about: routes, methods, bodies, waits and mistakes, over a real socket."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec import Struct

from pvws import answers
from pvws.control import app
from pvws.control.reading import Json, Nothing
from pvws.control.route import Call, Query, Route
from tests.support.raw_client import RawClient
from tests.support.steered import Steered


class Said(Struct, frozen=True):
    data: Json = None


def add(server: Steered, handle: Any, **more: Any) -> None:
    """Have one more route, for this server alone; it must not have been called yet."""
    given = {"method": "POST", "path": "/v1/made", "tag": "state", "handle": handle, "answer": dict[str, Any]} | more
    server.plane.table = (*server.plane.table, Route(**given))


async def test_an_unknown_route_is_answered_with_the_nearest(quiet: Steered) -> None:
    reply = await quiet.call("GET", "/v1/sate")
    assert (reply.status, reply.kind) == (404, "unknown-route")
    assert 'did you mean "/v1/state"?' in reply.body["detail"]
    reply = await quiet.call("GET", "/ws")
    assert f"the WebSocket API is at {quiet.venue.url}" in reply.body["detail"]


async def test_another_method_is_answered_with_those_there_are(quiet: Steered) -> None:
    reply = await quiet.call("DELETE", "/v1/clock", documented=False)
    assert (reply.status, reply.kind, reply.headers["allow"]) == (405, "method", "GET, HEAD, OPTIONS")
    reply = await quiet.call("GET", "/v1/clock/hold", documented=False)
    assert (reply.status, reply.headers["allow"]) == (405, "OPTIONS, POST")
    reply = await quiet.call("OPTIONS", "/v1/worlds/a", documented=False)
    assert (reply.status, reply.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, PUT")


async def test_head_is_get_without_a_body(quiet: Steered) -> None:
    reply = await quiet.call("HEAD", "/v1/clock", documented=False)
    assert (reply.status, reply.content) == (200, b"")
    assert int(reply.headers["content-length"]) > 0


async def test_an_unknown_world_is_answered_with_those_there_are(quiet: Steered) -> None:
    reply = await quiet.call("GET", "/v1/state?world=mian")
    assert (reply.status, reply.kind) == (404, "unknown-world")
    assert reply.mistakes == [("world", "one of main", '"mian"', 'did you mean "main"?')]


async def test_an_unknown_parameter_is_answered_with_the_nearest(quiet: Steered) -> None:
    reply = await quiet.call("GET", "/v1/clock?wrold=main")
    assert (reply.status, reply.kind) == (400, "query")
    assert reply.mistakes == [("", "one of world", '"wrold"', 'did you mean "world"?')]


async def test_a_body_must_be_json_by_its_type(quiet: Steered) -> None:
    for media in ("", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"):
        reply = await quiet.call("POST", "/v1/clock/hold", content=b"{}", headers={"Content-Type": media})
        assert (reply.status, reply.kind) == (415, "content-type"), media
        assert "--json" in reply.body["detail"]
    typed = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert (await quiet.call("POST", "/v1/clock/hold", content=b"{}", headers=typed)).status == 200
    form = {"Content-Type": "application/x-www-form-urlencoded"}  # what curl -X POST -d '' says
    assert (await quiet.call("POST", "/v1/clock/hold", headers=form)).status == 200


async def test_a_body_that_is_too_large_is_refused_by_what_it_says_and_by_what_comes(quiet: Steered) -> None:
    add(quiet, lambda call: {}, body=Said, body_bytes_max=100)
    reply = await quiet.call("POST", "/v1/made", content=b'{"data": "' + b"x" * 100 + b'"}')
    assert (reply.status, reply.kind, reply.headers["connection"]) == (413, "too-large", "close")
    async with RawClient("127.0.0.1", quiet.port) as client:
        chunk = b"80\r\n" + b" " * 128 + b"\r\n"
        status, _, body = await client.request(
            "POST /v1/made HTTP/1.1\nHost: localhost\nContent-Type: application/json\nTransfer-Encoding: chunked", chunk
        )
        assert (status, json.loads(body)["title"]) == (413, "The request is too large")
    assert (await quiet.call("POST", "/v1/made", content=b"{}" + b" " * 98)).status == 200


async def test_a_body_that_does_not_come_is_not_waited_for(quiet: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "BODY_TIMEOUT_S", 0.01)
    reply = await quiet.call("POST", "/v1/clock/hold", content=b"{", headers={"Content-Length": "2"})
    assert (reply.status, reply.kind, reply.headers["connection"]) == (408, "slow-request", "close")


async def test_a_mistake_of_ours_is_a_problem_without_a_traceback(
    quiet: Steered, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(call: Call[Nothing, Query]) -> None:
        """Break."""
        raise ZeroDivisionError("a secret")

    add(quiet, broken)
    with caplog.at_level(logging.INFO, "pvws.control"):
        reply = await quiet.call("POST", "/v1/made")
    assert (reply.status, reply.kind) == (500, "mistake")
    assert b"secret" not in reply.content
    assert "ZeroDivisionError('a secret')" in caplog.text
    assert "POST /v1/made: 500" in caplog.text


async def test_requests_past_the_bound_are_told_to_come_later(quiet: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "REQUESTS_MAX", 0)
    reply = await quiet.call("GET", "/v1", documented=False)
    assert (reply.status, reply.kind) == (503, "busy")


async def test_what_waits_ends_when_its_caller_goes(quiet: Steered) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def wait(call: Call[Nothing, Query]) -> None:
        """Wait."""
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    add(quiet, wait, waits=True)
    async with RawClient("127.0.0.1", quiet.port) as client:
        client.send(b"POST /v1/made HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await begun.wait()
    await ended.wait()


async def test_what_waits_is_told_when_the_server_ends(quiet: Steered) -> None:
    begun = asyncio.Event()

    async def wait(call: Call[Nothing, Query]) -> None:
        """Wait."""
        begun.set()
        await asyncio.Event().wait()

    add(quiet, wait, waits=True)
    calling = asyncio.ensure_future(quiet.call("POST", "/v1/made"))
    await begun.wait()
    quiet.plane.stopping.set()
    reply = await calling
    assert (reply.status, reply.kind) == (503, "stopping")


async def test_what_streams_ends_with_the_server_and_is_whole(quiet: Steered) -> None:
    async def chunks(call: Call[Nothing, Query]) -> AsyncIterator[bytes]:
        """Stream."""
        yield b"one\n"
        await asyncio.Event().wait()

    add(quiet, chunks, media="text/event-stream", answer=str, method="GET")
    async with RawClient("127.0.0.1", quiet.port) as client:
        client.send(b"GET /v1/made HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = await client.reader.readuntil(b"\r\n\r\n")
        assert b"content-type: text/event-stream" in head
        assert await client.reader.readuntil(b"one\n\r\n")
        quiet.plane.stopping.set()
        assert await client.reader.readuntil(b"\r\n\r\n") == b"0\r\n\r\n"


async def test_answers_are_not_kept_and_not_guessed_at(quiet: Steered) -> None:
    reply = await quiet.call("GET", "/v1")
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["date"].endswith("GMT")
    assert answers.decoded(reply.content, answers.ServerInfo).url == quiet.venue.url


async def test_a_connection_is_kept_for_the_next_request(quiet: Steered) -> None:
    async with RawClient("127.0.0.1", quiet.port) as client:
        for _ in range(3):
            status, _, _ = await client.request("GET /v1/clock HTTP/1.1\nHost: localhost")
            assert status == 200


async def test_only_the_head_of_a_stream_is_asked_for(quiet: Steered) -> None:
    async with RawClient("127.0.0.1", quiet.port) as client:
        head = f"Host: 127.0.0.1:{quiet.port}"
        status, headers, _ = await client.request(f"HEAD /v1/events HTTP/1.1\n{head}")
        assert (status, headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert (await client.request(f"GET /v1/clock HTTP/1.1\n{head}"))[0] == 200  # on the same connection
