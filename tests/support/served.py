"""A server in the test's own event loop, and what a test wants of it: clients, events, figures, and no leaks."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from pvws.server.hub import Hub
from pvws.server.listener import Listener
from pvws.server.settings import Settings
from pvws.sim.source import Timed
from pvws.timestamp import Timestamp
from tests.support.raw_client import RawClient

NOW = Timestamp.parse("2024-01-01T00:00:00Z")
HOST = "127.0.0.1"


class Served:
    """A listener that is started. Stage time stands still; clients have the ids 000…0, 000…1 and so on."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.troubles: list[dict[str, Any]] = []
        """What the event loop's exception handler was told."""
        self._sequence = count()

    @property
    def url(self) -> str:
        """Where clients connect."""
        return self.listener.url

    def client(self, tls: ssl.SSLContext | None = None) -> RawClient:
        """A connection that sees bytes, once it is entered."""
        return RawClient(HOST, self.listener.port, tls)

    @asynccontextmanager
    async def opened(self, *topics: str, path: str = "/ws") -> AsyncIterator[RawClient]:
        """A WebSocket that sees bytes; its subscriptions are live when it is entered."""
        async with self.client() as client:
            await client.open(path)
            await self.subscribe(client, *topics)
            yield client

    async def subscribe(self, client: RawClient, *topics: str) -> None:
        """Subscribe, and see it done."""
        for topic in topics:
            client.say(f'{{"type":"subscribe","topic":"{topic}"}}')
        if topics:
            client.say('{"type":"ping"}')
            assert '"pong"' in await client.read_text()

    def publish(self, topic: str, text: str) -> None:
        """Publish a text on a topic."""
        self.listener.hub.publish(Timed(NOW.micros, next(self._sequence), topic, "test", text.encode()))

    async def figures(self) -> dict[str, Any]:
        """What `/ws/metrics` says of the server."""
        async with self.client() as client:
            _, _, body = await client.request("GET /ws/metrics HTTP/1.1\nHost: h")
            found: dict[str, Any] = json.loads(body)["websocket"]
            return found

    async def until_alone(self, left: int = 0) -> None:
        """Return once no more than so many connections are left, as a client's end takes a moment to be seen."""
        while len(self.listener._connections) > left:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.001)

    def remains(self) -> tuple[int, int, int]:
        """How many connections, subscribers and pending deadlines it holds: nothing, once everybody has gone."""
        pending = [entry for entry in self.listener.deadlines._heap if entry[2].pending]
        return len(self.listener._connections), len(self.listener.hub), len(pending)


@asynccontextmanager
async def served(settings: Settings = Settings()) -> AsyncIterator[Served]:  # noqa: B008 - immutable
    """Serve on a free port for as long as this is entered; whatever escapes to the event loop is a failure."""
    loop = asyncio.get_running_loop()
    ids = count()
    listener = Listener(Hub(loop), lambda: NOW, lambda: f"{next(ids):032x}", settings)
    server = Served(listener)
    loop.set_exception_handler(lambda _, context: server.troubles.append(context))
    await listener.start(HOST, 0)
    try:
        yield server
    finally:
        await listener.stop()
        loop.set_exception_handler(None)
    assert not server.troubles, server.troubles
