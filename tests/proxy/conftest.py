import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Literal

import pytest

from pvws.proxy.conversation import Side
from pvws.proxy.exchange import Answer
from pvws.proxy.frame_tap import Seen
from pvws.proxy.proxy import Proxy
from pvws.proxy.route import Route
from tests.support.loops import FACTORIES, Loop

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Sight:
    """Writes down what was seen of all connections, and can be waited for."""

    def __init__(self) -> None:
        self.opened: list[Answer] = []
        self.seen: list[tuple[Side, Seen]] = []
        self.ends: list[tuple[Side, str]] = []
        self.troubles: list[str] = []
        self.notes: list[tuple[str, int]] = []
        self._news = asyncio.Event()

    def open(self, answer: Answer, address: str = "") -> "Sight":
        self.opened.append(answer)
        return self

    def saw(self, side: Side, seen: Seen) -> None:
        self.seen.append((side, seen))
        self._news.set()

    def missed(self, side: Side | None, why: str) -> None:
        self.troubles.append(why)

    def ended(self, side: Side, how: Literal["end", "reset"]) -> None:
        self.ends.append((side, how))
        self._news.set()

    def noted(self, what: str, lost: int) -> None:
        self.notes.append((what, lost))
        self._news.set()

    async def until(self, so: Callable[[], bool]) -> None:
        """Return once something is so."""
        while not so():
            self._news.clear()
            await self._news.wait()


Through = Callable[..., AbstractAsyncContextManager[Proxy]]


@pytest.fixture
async def sight() -> Sight:
    return Sight()


@pytest.fixture
def through(sight: Sight) -> Through:
    """A proxy to a port of this machine."""

    @asynccontextmanager
    async def make(port: int, path: str = "/ws") -> AsyncIterator[Proxy]:
        route = Route(f"ws://127.0.0.1:{port}{path}")
        async with Proxy(route, "127.0.0.1", 0, sight.open, unreached=sight.troubles.append) as proxy:
            yield proxy

    return make


@asynccontextmanager
async def byte_server(talk: Talk) -> AsyncIterator[int]:
    """A server that does with each connection what `talk` does; its port."""
    served: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(writer)
        await talk(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in served:
            writer.transport.abort()
        await asyncio.sleep(0)


def reset(writer: asyncio.StreamWriter) -> None:
    """Cut a connection with a reset."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, Loop]:
    """Every test with sockets on each event loop that the proxy may run on."""
    return FACTORIES
