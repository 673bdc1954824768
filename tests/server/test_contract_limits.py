"""The contract's limits over real sockets: connections, messages per second, sizes, and slow consumers."""

import asyncio
import json
from contextlib import AsyncExitStack

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Opcode

from pvws.server.settings import Limits, Settings, SlowConsumer, Timeouts
from tests.support.files import enough_files
from tests.support.raw_client import RawClient
from tests.support.served import Served, served

PING = '{"type":"ping"}'
DOCUMENTED_REFUSAL = "Server is not accepting connections"
DOCUMENTED_RATE = "Rate limit exceeded. Please slow down your requests."


async def refusal(client: RawClient) -> dict[str, object]:
    """The error that a client is sent before it is closed with 1013."""
    error: dict[str, object] = json.loads(await client.read_text())
    assert await client.read_close() == (1013, "connection refused")
    client.send(client.frame(Opcode.CLOSE, (1013).to_bytes(2, "big")))
    assert await client.read_to_end() == b""
    return error


# Connections


@pytest.mark.parametrize("limit", [3, 1000])
async def test_one_connection_more_is_accepted_told_and_closed_with_1013(limit: int) -> None:
    enough_files(2 * limit + 200)
    settings = Settings(limits=Limits(max_connections=limit))
    assert Settings().limits.max_connections == 1000
    async with served(settings) as server, AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(server.client()) for _ in range(limit)]
        await asyncio.gather(*(client.open() for client in clients))
        for _ in range(2):
            async with server.client() as refused:
                await refused.open()
                error = await refusal(refused)
                assert error["type"] == "error"
                assert error["data"] == {
                    "code": "CONNECTION_REFUSED",
                    "message": f"{DOCUMENTED_REFUSAL}: there are {limit} connections, as many as there may be",
                }
        for client in clients:
            client.say('{"type":"subscribe","topic":"alerts"}')
            client.say(PING)
        assert all("pong" in text for text in await asyncio.gather(*(client.read_text() for client in clients)))
        server.publish("alerts", "for all")
        assert {await client.read_text() for client in clients} == {"for all"}
        figures = await server.figures()
        assert figures["active_connections"] == limit
        assert figures["errors_sent"] == {"CONNECTION_REFUSED": 2}
        clients[0].writer.transport.abort()
        await server.until_alone(limit - 1)
        async with server.opened("system"):
            pass  # there is room again


async def test_plain_http_does_not_count_and_is_answered_when_the_server_is_full() -> None:
    async with served(Settings(limits=Limits(max_connections=1))) as server, server.opened():
        assert (await server.figures())["active_connections"] == 1
        async with server.client() as client, server.client() as other:
            assert (await client.request("GET /ws/health HTTP/1.1\nHost: h"))[0] == 200
            await other.open()
            await refusal(other)


async def test_a_refused_client_is_heard_no_more_and_gets_no_events() -> None:
    settings = Settings(limits=Limits(max_connections=1))
    async with served(settings) as server, server.opened(), server.client() as refused:
        subscribe = refused.frame(Opcode.TEXT, b'{"type":"subscribe","topic":"alerts"}')
        refused.send(refused.handshake_head().replace("\n", "\r\n").encode() + b"\r\n\r\n" + subscribe)
        assert (await refused.response())[0] == 101
        server.publish("alerts", "not for it")
        await refusal(refused)


async def test_connections_of_one_address_have_a_limit_of_their_own() -> None:
    async with served(Settings(limits=Limits(connections_per_address=2))) as server:
        async with server.opened(), server.opened(), server.client() as refused:
            await refused.open()
            error = await refusal(refused)
            assert error["data"] == {
                "code": "CONNECTION_REFUSED",
                "message": f"{DOCUMENTED_REFUSAL}: there are 2 connections from this address, as many as there may be",
            }
        await server.until_alone()
        async with server.opened("alerts"):
            pass
        assert len(server.listener._staying_by_address) <= 1


# Messages per second


async def test_a_hundred_messages_pass_and_the_next_starts_a_penalty_of_its_sender_alone() -> None:
    async with (
        served() as server,
        server.opened("alerts") as hasty,  # two messages
        server.opened("alerts") as other,
    ):
        hasty.send(hasty.frame(Opcode.TEXT, PING.encode()) * 98)
        for _ in range(98):
            assert json.loads(await hasty.read_text())["type"] == "pong"
        hasty.send(hasty.frame(Opcode.TEXT, PING.encode()) * 500)
        error = json.loads(await hasty.read_text())
        assert error["data"] == {"code": "RATE_LIMIT_EXCEEDED", "message": DOCUMENTED_RATE, "retryAfter": 60}
        assert error["clientId"] == f"{0:032x}"
        server.publish("alerts", "events keep coming")
        assert await hasty.read_text() == "events keep coming"
        assert await other.read_text() == "events keep coming"
        other.say(PING)
        assert json.loads(await other.read_text())["type"] == "pong"
        hasty.send(hasty.frame(Opcode.PING, b"control frames don't count"))
        assert await hasty.read_frame() == (Opcode.PONG, b"control frames don't count")
        assert (await server.figures())["errors_sent"] == {"RATE_LIMIT_EXCEEDED": 1}


async def test_invalid_messages_count_and_control_frames_do_not() -> None:
    async with served(Settings(limits=Limits(messages_per_second=5))) as server, server.opened() as client:
        control = client.frame(Opcode.PING, b"") + client.frame(Opcode.PONG, b"")
        for text in (b"x", b"[]", b"{}"):
            client.send(client.frame(Opcode.TEXT, text) + control * 10)
        client.send(client.frame(Opcode.BINARY, b"\xff"))
        client.send(client.frame(Opcode.TEXT, b"in ", final=False) + control + client.frame(Opcode.CONT, b"parts"))
        client.send(client.frame(Opcode.TEXT, PING.encode()))
        codes = []
        while len(codes) < 6:
            opcode, payload = await client.read_frame()
            if opcode == Opcode.TEXT:
                codes.append(json.loads(payload)["data"]["code"])
        assert codes == ["INVALID_MESSAGE"] * 5 + ["RATE_LIMIT_EXCEEDED"]


async def test_the_penalty_is_that_of_the_settings_and_ends() -> None:
    settings = Settings(limits=Limits(messages_per_second=2, retry_after=300_000))
    async with served(settings) as server, server.opened() as client:
        client.send(client.frame(Opcode.TEXT, PING.encode()) * 4)
        answers = [json.loads(await client.read_text()) for _ in range(3)]
        assert [answer["type"] for answer in answers] == ["pong", "pong", "error"]
        assert answers[2]["data"]["retryAfter"] == 1, "rounded up"
        await asyncio.sleep(1.05)  # the penalty, and the second in which there were too many
        client.say(PING)
        assert json.loads(await client.read_text())["type"] == "pong"


async def test_without_a_limit_any_number_is_answered() -> None:
    async with served(Settings(limits=Limits(messages_per_second=None))) as server, server.opened() as client:
        client.send(client.frame(Opcode.TEXT, PING.encode()) * 3_000)
        for _ in range(3_000):
            assert json.loads(await client.read_text())["type"] == "pong"


async def test_ten_thousand_pings_in_one_write_are_answered_by_whoever_is_read() -> None:
    async with served() as server, server.opened() as client:
        client.send(client.frame(Opcode.PING, b"") * 20_000)
        for _ in range(20_000):
            assert await client.read_frame() == (Opcode.PONG, b"")


# Slow consumers


async def until_it_lags(server: Served, topic: str, text: str) -> None:
    """Publish until something waits for the only client, which does not read, and the kernels take no more."""
    (connection,) = server.listener._connections
    subscriber = connection._subscriber  # type: ignore[attr-defined]
    while not subscriber.paused:
        server.publish(topic, text)
        await asyncio.sleep(0)
        if subscriber.paused:
            await asyncio.sleep(0.02)


async def test_with_disconnect_a_client_too_far_behind_is_closed_with_1013() -> None:
    async with served(Settings(slow_consumer=SlowConsumer(max_messages=10))) as server:
        async with server.opened("alerts") as slow:
            slow.writer.transport.pause_reading()  # type: ignore[attr-defined]
            await until_it_lags(server, "alerts", "x" * 50_000)
            async with server.opened("alerts") as reader:
                for number in range(11):
                    server.publish("alerts", f"event {number}")
                    assert await reader.read_text() == f"event {number}"
                server.publish("alerts", "after")
                assert await reader.read_text() == "after"
                slow.writer.transport.resume_reading()  # type: ignore[attr-defined]
                frame = await slow.read_frame()
                while frame[0] == Opcode.TEXT:
                    assert frame[1] == b"x" * 50_000, "the backlog is dropped"
                    frame = await slow.read_frame()
                assert frame == (Opcode.CLOSE, (1013).to_bytes(2, "big") + b"slow consumer")
            slow.send(slow.frame(Opcode.CLOSE, frame[1]))
            assert await slow.read_to_end() == b""
        figures = await server.figures()
        assert figures["disconnects"] == {"slow_consumer": 1}
        assert figures["messages_dropped"] == 0


async def test_with_drop_oldest_it_stays_and_gets_the_newest_whole() -> None:
    settings = Settings(slow_consumer=SlowConsumer("drop_oldest", max_messages=10))
    async with served(settings) as server, server.opened("alerts") as slow:
        slow.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await until_it_lags(server, "alerts", "x" * 50_000)
        for number in range(100):
            server.publish("alerts", f"event {number}")
            await asyncio.sleep(0)
        assert (await server.figures())["messages_dropped"] == 90
        slow.writer.transport.resume_reading()  # type: ignore[attr-defined]
        text = await slow.read_text()
        while text == "x" * 50_000:
            text = await slow.read_text()
        assert [text, *[await slow.read_text() for _ in range(9)]] == [f"event {number}" for number in range(90, 100)]
        slow.say(PING)
        assert json.loads(await slow.read_text())["type"] == "pong"


async def test_bytes_are_bounded_too() -> None:
    settings = Settings(slow_consumer=SlowConsumer(max_bytes=200_000))
    async with served(settings) as server, connect(server.url, compression=None) as slow:
        await slow.send('{"type":"subscribe","topic":"alerts"}')
        await slow.send(PING)
        await slow.recv()
        slow.transport.pause_reading()
        await until_it_lags(server, "alerts", "x" * 50_000)
        for _ in range(5):
            server.publish("alerts", "y" * 50_000)
            await asyncio.sleep(0)
        slow.transport.resume_reading()
        with pytest.raises(ConnectionClosedError) as closed:
            while True:
                assert (await slow.recv())[0] == "x"
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1013, "slow consumer")


async def test_who_does_not_answer_the_close_frame_is_cut_after_the_grace_time() -> None:
    settings = Settings(slow_consumer=SlowConsumer(max_messages=10), timeouts=Timeouts(close=100_000))
    async with served(settings) as server, server.opened("alerts") as slow:
        slow.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await until_it_lags(server, "alerts", "x" * 50_000)
        for _ in range(12):
            server.publish("alerts", "y")
        await server.until_alone()
        assert (await server.figures())["disconnects"] == {"slow_consumer": 1}


# Sizes


@pytest.mark.parametrize("size", [125, 126, 1_000, 65_536])
async def test_the_largest_message_is_that_of_the_settings(size: int) -> None:
    async with served(Settings(limits=Limits(max_message_size=size))) as server:
        for parts in (1, 2, 5):
            async with server.opened() as client:
                message = PING.encode().ljust(size)
                client.send(b"".join(fragments(client, message, parts)))
                assert json.loads(await client.read_text())["type"] == "pong"
                client.send(b"".join(fragments(client, message + b" ", parts)))
                assert (await client.read_close())[0] == 1009


def fragments(client: RawClient, message: bytes, parts: int) -> list[bytes]:
    """A message in so many frames."""
    step = -(-len(message) // parts)
    pieces = [message[at : at + step] for at in range(0, len(message), step)]
    last = len(pieces) - 1
    return [
        client.frame(Opcode.CONT if place else Opcode.TEXT, piece, final=place == last)
        for place, piece in enumerate(pieces)
    ]
