"""docs/control-plane.md: each call of its examples is answered, and as it says."""

import asyncio
import re
import shlex
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest_asyncio

from pvws.stage.loading import Loading
from pvws.stage.shipped import find_scenario
from pvws.stage.stage import Stage
from tests.support.raw_client import RawClient
from tests.support.steered import Reply, Steered, steered

DOCUMENT = (Path(__file__).parents[2] / "docs" / "control-plane.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(
    r"^```console\n(?P<calls>.*?)^```\n(?:```(?P<kind>json|text)\n(?P<said>.*?)^```$)?", re.MULTILINE | re.DOTALL
)
EXAMPLES = EXAMPLE.findall(DOCUMENT)


class Call:
    """A call of curl, as its manual has it: -X, --json, -N and a URL."""

    def __init__(self, line: str) -> None:
        words = shlex.split(line.removeprefix("$ "))
        assert words.pop(0) == "curl"
        self.method, self.content, self.streams = "GET", b"", False
        method = None
        while words:
            match words.pop(0):
                case "-X":
                    method = words.pop(0)
                case "--json":
                    self.content, self.method = words.pop(0).encode(), "POST"
                case "-N":
                    self.streams = True
                case url:
                    parts = urlsplit(url)
                    assert parts.netloc == "localhost:8084", url
                    self.path = parts.path + (f"?{parts.query}" if parts.query else "")
        self.method = method or self.method


def examples() -> Iterator[tuple[list[Call], str, str]]:
    """The calls of every example, and what the last of them is answered: its kind and text."""
    for calls, kind, said in EXAMPLES:
        yield [Call(line) for line in calls.splitlines()], kind, said


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Steered]:
    """A server as the document has it: quickstart, held at its start."""
    loading = Loading("quickstart")
    scenario = loading.read()
    assert scenario.start is not None
    source, plays = loading.source_of(scenario, scenario.start, 0)
    stage = Stage(source, start=plays.start, end=plays.end, held=True, remake=plays.remake)
    stage.controller.plays(scenario, scenario.start, loading)
    async with steered(stage) as found:
        yield found


def test_every_example_is_a_call() -> None:
    assert sum(len(calls) for calls, _, _ in examples()) == len(re.findall(r"^\$ ", DOCUMENT, re.MULTILINE)) >= 30
    assert find_scenario("quickstart").start is not None


async def test_every_call_is_answered_as_it_says(server: Steered) -> None:
    async with server.client("alerts", path="/ws?client=dashboard"):
        for calls, kind, said in examples():
            for call in calls:
                if call.streams:
                    await stream(server, call, said)
                    continue
                reply = await server.call(call.method, call.path, content=call.content)
                if "disconnect" in call.path:
                    await asyncio.sleep(0)  # the client goes
            if kind == "json":
                like(reply, msgspec.json.decode(said))
    assert server.stops == 1


def like(reply: Reply, said: Any) -> None:
    """Whether an answer has what the document shows of it; which status is meant shows in that."""
    assert reply.status == said.get("status", reply.status), reply.content
    assert (reply.status < 400) is ("status" not in said), reply.content
    _like(reply.body, said, "")


def _like(found: Any, said: Any, path: str) -> None:
    match said:
        case dict():
            assert isinstance(found, dict), path
            for key, value in said.items():
                assert key in found, f"{path}.{key} is not in {found}"
                _like(found[key], value, f"{path}.{key}")
        case list() if said:
            assert isinstance(found, list), path
            assert found, path
            for one, other in zip(found, said, strict=False):
                _like(one, other, path)
        case bool() | None:
            assert found == said, f"{path}: {found}"
        case str():
            assert isinstance(found, str), f"{path}: {found}"
        case int() | float():
            assert isinstance(found, int | float), f"{path}: {found}"


async def stream(server: Steered, call: Call, said: str) -> None:
    """Read what a stream says until it has told of every kind that the document shows, in its shape."""
    kinds = re.findall(r"^event: (\w+)$", said, re.MULTILINE)
    assert kinds
    async with RawClient("127.0.0.1", server.port) as client:
        client.send(f"GET {call.path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        await client.reader.readuntil(b"\r\n\r\n")
        async with server.client("alerts"):
            await server.call("POST", "/v1/clock/advance", {"by": "1s"})  # before which nothing leaves
            await server.call("POST", "/v1/emit", {"type": "storage_alert"})
            for kind in kinds:
                await client.reader.readuntil(f"event: {kind}\ndata: ".encode())
