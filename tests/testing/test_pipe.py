import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from pvws.testing.pipe import Pipe
from pvws.testing.target import Target


class Peer(asyncio.Protocol):
    """The other end, which a test does with as it likes."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.connected = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.connected.set()


@pytest.fixture
async def connected() -> AsyncIterator[tuple[Pipe, Peer]]:
    peer = Peer()
    server = await asyncio.get_running_loop().create_server(lambda: peer, "127.0.0.1", 0)
    pipe = await Pipe.open(Target(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"), 5)
    await peer.connected.wait()
    yield pipe, peer
    pipe.abort()
    peer.transport.abort()
    server.close()
    await asyncio.sleep(0)


def have(pipe: Pipe, data: bytes) -> Callable[[], bool]:
    return lambda: pipe.received == data


async def test_what_comes_is_kept(connected: tuple[Pipe, Peer]) -> None:
    pipe, peer = connected
    peer.transport.write(b"one")
    assert await pipe.until(have(pipe, b"one"), 5)
    peer.transport.write(b"two")
    assert await pipe.until(have(pipe, b"onetwo"), 5)
    assert not pipe.ended


async def test_waiting_ends_with_the_time(connected: tuple[Pipe, Peer]) -> None:
    pipe, _ = connected
    assert not await pipe.until(have(pipe, b"never"), 0.01)


async def test_waiting_ends_with_the_connection_and_what_came_before_is_there(connected: tuple[Pipe, Peer]) -> None:
    pipe, peer = connected
    peer.transport.write(b"last words")
    peer.transport.close()
    assert not await pipe.until(have(pipe, b"never"), 5)
    assert pipe.ended
    assert not pipe.was_reset
    assert pipe.received == b"last words"
    assert pipe.opened_at <= pipe.ended_at <= time.monotonic()
    pipe.write(b"to nobody")


async def test_what_is_satisfied_is_not_asked_again(connected: tuple[Pipe, Peer]) -> None:
    pipe, _ = connected
    answers = [True, False]
    assert await pipe.until(lambda: answers.pop(0), 5)
    assert answers == [False]


async def test_nobody_there_is_an_error() -> None:
    with pytest.raises(OSError):
        await Pipe.open(Target("ws://127.0.0.1:1"), 5)
