import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from pvws.client.link import Link
from pvws.timestamp import Timestamp
from pvws.wire.messages import ErrorCode, ErrorMessage, Pong
from pvws.wire.topics import TOPICS, Topic

TIME = Timestamp.parse("2024-01-01T00:00:00Z")
PONG = Pong(TIME)


def error(code: ErrorCode, retry_after: int | None = None) -> ErrorMessage:
    return ErrorMessage(code, "m", TIME, retry_after)


class World:
    """A link to a server that keeps what it is told; its clock is moved by sleeping alone."""

    def __init__(self, link: Link, server: ServerConnection, told: "asyncio.Queue[Any]", naps: "asyncio.Queue[Any]"):
        self.link = link
        self.server = server
        self.told = told
        self.naps = naps
        """A future for each sleep: setting it wakes the sleeper."""


@asynccontextmanager
async def linked(wanted: list[Topic]) -> AsyncIterator[World]:
    told: asyncio.Queue[Any] = asyncio.Queue()
    naps: asyncio.Queue[Any] = asyncio.Queue()
    connected: asyncio.Future[ServerConnection] = asyncio.get_running_loop().create_future()
    clock = [0.0]

    async def handle(connection: ServerConnection) -> None:
        connected.set_result(connection)
        async for text in connection:
            told.put_nowait(json.loads(text))

    async def sleep(seconds: float) -> None:
        nap: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        naps.put_nowait((seconds, nap))
        await nap
        clock[0] += seconds

    async with asyncio.timeout(20), serve(handle, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        connection = await connect(f"ws://127.0.0.1:{port}/ws", proxy=None)
        link = Link(connection, lambda: wanted, sleep=sleep, clock=lambda: clock[0], now=lambda: 50.0 + clock[0])
        yield World(link, await connected, told, naps)
        await link.close()
        assert asyncio.all_tasks() >= {asyncio.current_task()}


def request(kind: str, topic: str) -> dict[str, str]:
    return {"type": kind, "topic": topic, "data": topic}


async def test_the_token_comes_before_the_topics() -> None:
    async with linked([Topic.SYSTEM, Topic.ALERTS]) as world:
        await world.link.begin('{"type":"auth"}')
        told = [await world.told.get() for _ in range(3)]
    assert told == [{"type": "auth"}, request("subscribe", "system"), request("subscribe", "alerts")]


async def test_beginning_on_a_connection_that_is_gone_is_no_error() -> None:
    async with linked([Topic.SYSTEM]) as world:
        world.server.transport.abort()
        with pytest.raises(ConnectionClosed):
            await world.link.receive()
        await world.link.begin(None)
        await world.link.ask("subscribe", [Topic.ALERTS])
        assert await world.link.ping() is False


async def test_pongs_answer_pings_in_their_order_also_where_nobody_waits_any_more() -> None:
    async with linked([]) as world:
        first, second = (asyncio.ensure_future(world.link.ping()) for _ in range(2))
        assert [await world.told.get() for _ in range(2)] == [{"type": "ping"}] * 2
        first.cancel()
        await asyncio.wait({first})
        world.link.heed(PONG)
        await asyncio.sleep(0)
        assert not second.done()
        world.link.heed(PONG)
        assert await second is True
        world.link.heed(PONG)


async def test_a_ping_learns_that_the_connection_is_over() -> None:
    async with linked([]) as world:
        pinging = asyncio.ensure_future(world.link.ping())
        await world.told.get()
        world.link.over()
        assert await pinging is False


async def test_an_error_counts_as_the_last_word_only_if_nothing_came_after_it() -> None:
    async with linked([]) as world:
        link = world.link
        assert link.last_error is None
        link.count = 5
        link.heed(error(ErrorCode.AUTH_FAILED))
        assert link.last_error is not None
        assert link.last_error.code is ErrorCode.AUTH_FAILED
        link.count = 6
        assert link.last_error is None


async def test_it_is_quiet_for_as_long_as_it_was_asked_and_then_says_all_that_is_wanted() -> None:
    wanted = [Topic.SYSTEM]
    async with linked(wanted) as world:
        world.link.heed(error(ErrorCode.RATE_LIMIT_EXCEEDED, 60))
        world.link.heed(error(ErrorCode.RATE_LIMIT_EXCEEDED, 59))
        assert (world.link.quiet_until, world.link.retry_after_s) == (60.0, 59.0)
        await world.link.ask("unsubscribe", [Topic.SYSTEM])
        pinging = asyncio.ensure_future(world.link.ping())
        wanted[:] = [Topic.ALERTS]
        seconds, nap = await world.naps.get()
        assert seconds == 60.0
        assert world.told.empty()
        nap.set_result(None)
        told = [await world.told.get() for _ in range(5)]
        assert told[:4] == [
            request("subscribe", "alerts"),
            *(request("unsubscribe", topic) for topic in TOPICS if topic is not Topic.ALERTS),
        ]
        assert told[4] == {"type": "ping"}
        world.link.heed(PONG)
        assert await pinging is True
        assert world.naps.empty()


async def test_pings_that_went_unheard_are_sent_again_where_somebody_waits_for_them() -> None:
    async with linked([]) as world:
        given_up, waited_for = (asyncio.ensure_future(world.link.ping()) for _ in range(2))
        assert [await world.told.get() for _ in range(2)] == [{"type": "ping"}] * 2
        given_up.cancel()
        await asyncio.wait({given_up})
        world.link.heed(error(ErrorCode.RATE_LIMIT_EXCEEDED, 60))
        _, nap = await world.naps.get()
        nap.set_result(None)
        assert [await world.told.get() for _ in range(5)][4] == {"type": "ping"}
        later = asyncio.ensure_future(world.link.ping())
        assert await world.told.get() == {"type": "ping"}
        world.link.heed(PONG)
        assert await waited_for is True
        world.link.heed(PONG)
        assert await later is True


async def test_a_half_open_connection_is_cut_and_known_as_one() -> None:
    async with linked([]) as world:
        world.server.transport.pause_reading()  # type: ignore[attr-defined]
        world.link.waiting = True
        world.link.watch(0.01, 0.01)
        with pytest.raises(ConnectionClosed):
            await world.link.receive()
        assert world.link.silent
        assert world.link.alive_at == 50.0
        world.server.transport.abort()  # it would wait for the end of a closing handshake


async def test_a_heartbeat_tells_the_latency_and_the_last_sign_of_life() -> None:
    async with linked([]) as world:
        assert world.link.latency_s is None
        world.link.watch(0.001, 10.0)
        reading = asyncio.ensure_future(world.link.receive())
        while world.link.latency_s is None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.001)
        assert 0 < world.link.latency_s < 10
        assert not world.link.silent
        reading.cancel()
