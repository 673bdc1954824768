import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count

import pytest

from pvws.server.hub import Hub
from pvws.server.listener import Listener
from pvws.sim.source import Timed
from pvws.timestamp import Timestamp
from tests.support.loops import FACTORIES, Loop, PatientLoop
from tests.support.raw_client import RawClient

ON_EACH_LOOP = ("test_afflicted.py", "test_door.py")
NOW = Timestamp.parse("2024-01-01T00:00:00Z")


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    """A server on a free port whose clients have the ids 000…0, 000…1 and so on."""
    ids = count()
    listener = Listener(Hub(asyncio.get_running_loop()), lambda: NOW, lambda: f"{next(ids):032x}")
    await listener.start("127.0.0.1", 0)
    yield listener
    await listener.stop()


@pytest.fixture
def raw(listener: Listener) -> Callable[[], AbstractAsyncContextManager[RawClient]]:
    """Makes connections that see bytes."""
    return lambda: RawClient("127.0.0.1", listener.port)


@pytest.fixture
def opened(listener: Listener) -> Callable[..., AbstractAsyncContextManager[RawClient]]:
    """Makes WebSockets that see bytes, subscribed to some topics; the subscriptions are live when entered."""

    @asynccontextmanager
    async def connect(*topics: str) -> AsyncIterator[RawClient]:
        async with RawClient("127.0.0.1", listener.port) as client:
            await client.open()
            for topic in topics:
                client.say(f'{{"type":"subscribe","topic":"{topic}"}}')
            client.say('{"type":"ping"}')
            assert '"pong"' in await client.read_text()
            yield client

    return connect


@pytest.fixture
def publish(listener: Listener) -> Callable[[str, str], None]:
    """Publishes a text on a topic."""
    sequence = count()

    def publish(topic: str, text: str) -> None:
        listener.hub.publish(Timed(NOW.micros, next(sequence), topic, "test", text.encode()))

    return publish


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, Loop]:
    """Where transports are treated unusually, each event loop that the server may run on; elsewhere asyncio's."""
    return FACTORIES if item.path.name in ON_EACH_LOOP else {"asyncio": PatientLoop}
