"""The contract's "Connection life" over real sockets, with its times shortened by the settings."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.frames import Opcode

from pvws.server.settings import Settings, SlowConsumer, Timeouts
from tests.support.loops import Loop, on_each_loop, run
from tests.support.raw_client import RawClient
from tests.support.served import Served, served

MILLISECOND = 1_000
LONG = 3_600_000_000


def times(**milliseconds: int) -> Settings:
    """Timeouts in milliseconds; those not given never come."""
    never = {"read": LONG, "write": LONG, "ping_period": LONG, "pong_wait": 2 * LONG}
    return Settings(timeouts=Timeouts(**never | {key: value * MILLISECOND for key, value in milliseconds.items()}))


async def is_cut(client: RawClient) -> bytes:
    """What still came before the connection was cut, with or without a reset."""
    try:
        return await client.read_to_end()
    except ConnectionResetError:
        return b""


# Pings and pongs


@on_each_loop
def test_an_empty_control_ping_comes_every_period(loop: Loop) -> None:
    async def story() -> None:
        async with served(times(ping_period=40, pong_wait=4_000)) as server, server.opened() as client:
            began = asyncio.get_running_loop().time()
            for _ in range(5):
                assert await client.read_frame() == (Opcode.PING, b"")
            assert 0.19 < asyncio.get_running_loop().time() - began < 1.0

    run(loop, story())


@on_each_loop
def test_who_sends_no_pong_is_closed_with_1008_and_cut_within_a_second(loop: Loop) -> None:
    async def story() -> None:
        async with served(times(ping_period=60, pong_wait=100)) as server, server.opened() as client:
            began = asyncio.get_running_loop().time()
            assert await client.read_frame() == (Opcode.PING, b"")
            assert await client.read_close() == (1008, "no pong")
            closed = asyncio.get_running_loop().time()
            assert 0.09 < closed - began < 0.9
            await server.until_alone()
            assert 0.9 < asyncio.get_running_loop().time() - closed < 1.6, "the close frame is not answered"
            assert await is_cut(client) == b""
            assert (await server.figures())["disconnects"] == {"no_pong": 1}

    run(loop, story())


async def test_who_answers_the_close_frame_is_gone_at_once() -> None:
    async with served(times(ping_period=60, pong_wait=100)) as server, server.opened() as client:
        await client.read_frame()
        code = (await client.read_close())[0].to_bytes(2, "big")
        client.send(client.frame(Opcode.CLOSE, code))
        began = asyncio.get_running_loop().time()
        assert await client.read_to_end() == b""
        assert asyncio.get_running_loop().time() - began < 0.5


@pytest.mark.parametrize(
    ("opcode", "payload"),
    [(Opcode.PONG, b""), (Opcode.PONG, b"unasked"), (Opcode.PING, b""), (Opcode.TEXT, b'{"type":"ping"}')],
    ids=["pong", "unasked pong", "ping", "message"],
)
async def test_any_byte_restarts_the_pong_wait(opcode: Opcode, payload: bytes) -> None:
    async with served(times(ping_period=50, pong_wait=150)) as server, server.opened() as client:
        pings = 0
        while pings < 8:  # 400 ms, more than two pong waits
            frame = await client.read_frame()
            assert frame[0] != Opcode.CLOSE, frame
            if frame[0] == Opcode.PING:
                pings += 1
                client.send(client.frame(opcode, payload))


async def test_half_a_frame_is_a_sign_of_life_too() -> None:
    async with served(times(ping_period=50, pong_wait=150)) as server, server.opened() as client:
        message = client.frame(Opcode.TEXT, b'{"type":"ping"}')
        for byte in message[:8]:  # 400 ms, more than two pong waits
            assert await client.read_frame() == (Opcode.PING, b"")
            client.send(bytes([byte]))
        client.send(message[8:])
        frame = await client.read_frame()
        while frame[0] == Opcode.PING:
            frame = await client.read_frame()
        assert json.loads(frame[1])["type"] == "pong"


async def test_a_client_of_the_library_is_never_without_a_pong() -> None:
    async with served(times(ping_period=20, pong_wait=60)) as server, connect(server.url, ping_interval=None) as client:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.recv(), 0.3)
        await client.send('{"type":"ping"}')
        assert json.loads(await client.recv())["type"] == "pong"


# Writing


async def stall(server: Served, client: RawClient, topic: str) -> None:
    """Have a client stop reading, and publish until something waits for it."""
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    (subscriber,) = [
        connection._subscriber
        for connection in server.listener._connections
        if topic in connection._session.topics  # type: ignore[attr-defined]
    ]
    while not subscriber.paused:
        server.publish(topic, "x" * 60_000)
        await asyncio.sleep(0)
        if subscriber.paused:
            await asyncio.sleep(0.02)  # the kernels may still take some


@on_each_loop
def test_who_takes_nothing_is_cut_by_the_write_timeout_and_the_others_miss_nothing(loop: Loop) -> None:
    async def story() -> None:
        async with (
            served(times(write=300)) as server,
            server.opened("alerts") as stalled,
            server.opened("system") as reader,
        ):
            began = asyncio.get_running_loop().time()
            await stall(server, stalled, "alerts")
            number = 0
            while len(server.listener._connections) > 1:
                server.publish("alerts", "x" * 1_000)  # the kernels may take some yet, so there must be more
                for each in range(number, number + 10):
                    server.publish("system", f"event {each}")
                    assert await reader.read_text() == f"event {each}"
                number += 10
                await asyncio.sleep(0.002)
            assert 0.29 < asyncio.get_running_loop().time() - began < 2.5
            assert number > 20
            stalled.writer.transport.resume_reading()  # type: ignore[attr-defined]
            got = await is_cut(stalled)
            assert b"\x88" + bytes([2]) not in got[-4:], "no close frame can pass"
            figures = await server.figures()
            assert figures["disconnects"] == {"write_timeout": 1}
            assert figures["active_connections"] == 1

    run(loop, story())


async def test_who_takes_a_little_now_and_then_is_not_cut() -> None:
    async with served(times(write=150)) as server, server.opened("alerts") as slow:
        await stall(server, slow, "alerts")
        until = asyncio.get_running_loop().time() + 0.6
        transport = slow.writer.transport
        while asyncio.get_running_loop().time() < until:
            transport.resume_reading()  # type: ignore[attr-defined]
            await slow.reader.read(65_536)
            transport.pause_reading()  # type: ignore[attr-defined]
            server.publish("alerts", "y" * 60_000)
            await asyncio.sleep(0.03)
        assert len(server.listener._connections) == 1
        assert (await server.figures())["disconnects"] == {}


async def test_who_is_being_closed_is_not_counted_again_for_sending_no_pong_or_taking_nothing() -> None:
    settings = Settings(
        timeouts=Timeouts(ping_period=40_000, pong_wait=100_000, write=100_000, close=400_000),
        slow_consumer=SlowConsumer(max_messages=5),
    )
    async with served(settings) as server, server.opened("alerts") as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        while not server.listener.figures().disconnects:
            server.publish("alerts", "x" * 60_000)
            await asyncio.sleep(0)
        await server.until_alone()
        assert server.listener.figures().disconnects == {"slow_consumer": 1}


# Reading


@on_each_loop
@pytest.mark.parametrize("begun", [b"", b"G", b"GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"])
def test_who_never_completes_a_handshake_is_gone_after_the_read_timeout(loop: Loop, begun: bytes) -> None:
    async def story() -> None:
        async with served(times(read=100)) as server, server.client() as client:
            began = asyncio.get_running_loop().time()
            client.send(begun)
            await is_cut(client)
            assert 0.09 < asyncio.get_running_loop().time() - began < 0.9
            assert (await server.figures())["disconnects"] == {"read_timeout": 1}

    run(loop, story())


async def test_a_byte_now_and_then_does_not_lengthen_the_read_timeout() -> None:
    async with served(times(read=200)) as server, server.client() as client:
        began = asyncio.get_running_loop().time()
        for byte in b"GET /ws HTTP/1.1\r\nHost: " + b"h" * 1_000:
            client.send(bytes([byte]))
            if client.reader.at_eof() or client.writer.is_closing():
                break
            await asyncio.sleep(0.005)
        await is_cut(client)
        assert 0.19 < asyncio.get_running_loop().time() - began < 1.5


async def test_the_read_timeout_is_over_with_the_handshake() -> None:
    async with served(times(read=60)) as server, server.opened("alerts") as client:
        await asyncio.sleep(0.2)
        server.publish("alerts", "still here")
        assert await client.read_text() == "still here"


# Leaving


async def test_new_connections_get_503_while_the_server_is_stopping() -> None:
    async with served(times(close=3_000)) as server, server.opened() as staying:
        kept = server.client()
        await kept.__aenter__()
        assert (await kept.request("GET /ws/health HTTP/1.1\nHost: h"))[0] == 200
        stopping = asyncio.ensure_future(server.listener.stop(1001, "going"))
        assert await staying.read_close() == (1001, "going")
        async with server.client() as late:
            status, headers, _ = await late.request(late.handshake_head(Origin="https://a.example"))
            assert (status, headers["connection"]) == (503, "close")
            assert headers["access-control-allow-origin"] == "https://a.example"
            assert await late.read_to_end() == b""
        assert await is_cut(kept) == b"", "an idle HTTP connection is closed at once"
        assert not stopping.done()
        staying.send(staying.frame(Opcode.CLOSE, (1001).to_bytes(2, "big")))
        await stopping
        await kept.__aexit__(None, None, None)


async def test_who_comes_late_and_says_nothing_does_not_hold_the_server_up() -> None:
    async with served(times(close=100)) as server, server.opened() as staying:
        stopping = asyncio.ensure_future(server.listener.stop(1001, "going"))
        assert (await staying.read_close())[0] == 1001
        async with server.client():
            began = asyncio.get_running_loop().time()
            await stopping
            assert asyncio.get_running_loop().time() - began < 2.5
