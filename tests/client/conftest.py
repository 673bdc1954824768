"""A server that does what a test tells it to, on a free port of this machine."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve

from pvws.client.client import Client
from pvws.client.happenings import Happening

Talk = Callable[[ServerConnection], Awaitable[None]]


class FakeServer:
    """Takes the four subscriptions of a client, keeps them, and then talks."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.subscriptions: list[list[dict[str, str]]] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    async def handle(self, connection: ServerConnection) -> None:
        self.subscriptions.append([json.loads(await connection.recv()) for _ in range(4)])
        await self.talk(connection)
        await connection.wait_closed()

    @asynccontextmanager
    async def run(self) -> AsyncIterator[Server]:
        async with serve(self.handle, "127.0.0.1", self.port) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            yield server


@pytest.fixture
def fake_server() -> Callable[[Talk], FakeServer]:
    return FakeServer


@pytest.fixture
def take() -> Callable[[Client, int], Awaitable[list[Happening]]]:
    """The next so many happenings of a client."""

    async def taken(client: Client, count: int) -> list[Happening]:
        async with asyncio.timeout(10):
            return [await anext(client) for _ in range(count)]

    return taken
