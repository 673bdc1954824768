"""Server-sent events over a socket: what happens to clients, filtered on the server, until the server ends."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from pvws.control.routes import events
from tests.support.raw_client import RawClient
from tests.support.steered import Steered


class Stream:
    """Blocks of an event stream."""

    def __init__(self, client: RawClient) -> None:
        self._client = client
        self._text = ""

    async def next(self, kind: str) -> Any:
        """What is told next of a kind."""
        while True:
            block, end, rest = self._text.partition("\n\n")
            if not end:
                size = int((await self._client.reader.readuntil(b"\r\n")).strip(), 16)
                if not size:
                    raise EOFError
                self._text += (await self._client.reader.readexactly(size + 2))[:-2].decode()
                continue
            self._text = rest
            lines = dict(line.partition(": ")[::2] for line in block.splitlines())
            if lines.get("event") == kind:
                return json.loads(lines["data"])


@asynccontextmanager
async def streaming(server: Steered, query: str = "", **headers: str) -> AsyncIterator[Stream]:
    async with RawClient("127.0.0.1", server.port) as client:
        lines = [f"GET /v1/events{query} HTTP/1.1", "Host: localhost", *(f"{k}: {v}" for k, v in headers.items())]
        client.send("\r\n".join([*lines, "", ""]).encode())
        head = (await client.reader.readuntil(b"\r\n\r\n")).decode()
        assert head.startswith("HTTP/1.1 200"), head
        assert "content-type: text/event-stream" in head
        assert "cache-control: no-store" in head
        yield Stream(client)


async def test_what_clients_do_and_say_is_told_as_it_happens(quiet: Steered) -> None:
    async with streaming(quiet) as stream:
        assert (await stream.next("state"))["world"] == "main"
        async with quiet.client("alerts", path="/ws?client=me") as client:
            connected = await stream.next("client")
            assert (connected["what"], connected["client"]["name"]) == ("connected", "me")
            assert (await stream.next("message"))["text"] == '{"type":"subscribe","topic":"alerts"}'
            subscribed = await stream.next("client")
            assert (subscribed["what"], subscribed["topic"]) == ("subscribed", "alerts")
            client.say('{"type":"auth","data":{"token":"hunter2"}}')
            while "auth" not in (message := await stream.next("message"))["text"]:
                pass
            assert "hunter2" not in message["text"]
            await quiet.call("POST", "/v1/emit", {"type": "storage_alert"})
            (event,) = (await stream.next("event"))["events"]
            assert json.loads(event["text"])["type"] == event["type"] == "storage_alert"
        assert (await stream.next("client"))["what"] == "disconnected"


async def test_events_are_chosen_on_the_server(played: Steered) -> None:
    query = "?kinds=event,gap&topics=alerts,system&types=security_alert&where=data.level%20%3D%3D%20%27critical%27"
    async with streaming(played, query) as stream:
        await played.call("POST", "/v1/clock/advance", {"by": "30s"})
        assert [each["type"] for each in (await stream.next("event"))["events"]] == ["security_alert"]


async def test_a_rate_is_kept_and_the_rest_counted(played: Steered) -> None:
    async with streaming(played, "?kinds=event&rate=10") as stream:
        await played.call("POST", "/v1/clock/advance", {"by": "30s"})
        gap = await stream.next("gap")
        assert gap["events"] > 0
        assert len((await stream.next("event"))["events"]) == 1


async def test_of_another_world_nothing_is_told(quiet: Steered) -> None:
    await quiet.call("PUT", "/v1/worlds/mine")
    async with streaming(quiet, "?world=mine&kinds=event,gap") as stream:
        await quiet.call("POST", "/v1/emit", {"type": "storage_alert"})
        await quiet.call("POST", "/v1/emit?world=mine", {"type": "network_alert"})
        assert [each["type"] for each in (await stream.next("event"))["events"]] == ["network_alert"]
        await quiet.call("DELETE", "/v1/worlds/mine")
        with pytest.raises(EOFError):
            await stream.next("event")


async def test_who_comes_again_is_told_of_the_gap(quiet: Steered) -> None:
    async with streaming(quiet, **{"Last-Event-ID": "7"}) as stream:
        assert (await stream.next("gap"))["reason"] == "the connection was lost"


async def test_it_ends_whole_when_the_server_does(quiet: Steered) -> None:
    async with streaming(quiet) as stream:
        await stream.next("state")
        quiet.plane.stopping.set()
        with pytest.raises(EOFError):
            await stream.next("event")
    assert quiet.plane.readers == 0


async def test_there_are_so_many_readers_and_no_more(quiet: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "READERS_MAX", 1)
    async with streaming(quiet) as stream:
        await stream.next("state")
        reply = await quiet.call("GET", "/v1/events")
        assert (reply.status, reply.kind) == (503, "busy")


@pytest.mark.parametrize(
    ("query", "kind", "path"),
    [
        ("kinds=evnt", "invalid", "kinds"),
        ("topics=alrts", "invalid", "topics"),
        ("where=data.level%20%3D", "invalid", "where"),
        ("rate=0", "query", "rate"),
        ("rate=many", "query", "rate"),
        ("kinds=", "query", "kinds"),
    ],
)
async def test_what_is_wrong_is_told(quiet: Steered, query: str, kind: str, path: str) -> None:
    reply = await quiet.call("GET", f"/v1/events?{query}")
    assert (reply.kind, reply.mistakes[0][0]) == (kind, path), reply.body
