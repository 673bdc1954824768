import asyncio
import json
import socket
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Opcode

from pvws.server.afflicted import AfflictedWebSocket
from pvws.server.settings import Settings, SlowConsumer, Timeouts
from tests.support.raw_client import RawClient
from tests.support.served import Served, served


@pytest.fixture
async def server() -> AsyncIterator[Served]:
    async with served() as server:
        yield server


def victims(server: Served) -> list[AfflictedWebSocket]:
    """The server's side of each WebSocket, in the order in which they came."""
    found = [each for each in server.listener._connections if isinstance(each, AfflictedWebSocket)]
    return sorted(found, key=lambda each: each.number)


async def pong(client: RawClient) -> None:
    """What the API answers a ping with comes next."""
    client.say('{"type":"ping"}')
    assert '"pong"' in await client.read_text()


async def nothing_comes(client: RawClient, other: RawClient) -> None:
    """Once another client was answered, whatever was sent to this one before would be here."""
    await pong(other)
    assert not client.reader._buffer  # type: ignore[attr-defined]
    assert not client.reader.at_eof()


async def test_who_is_stalled_gets_nothing_and_is_not_heard_until_it_is_over_and_others_notice_nothing(
    server: Served,
) -> None:
    async with server.opened("alerts") as one, server.opened("alerts") as other:
        undo = victims(server)[0].stall()
        one.say('{"type":"ping"}')
        one.send(one.frame(Opcode.PING, b"there?"))
        for number in range(3):
            server.publish("alerts", f"event {number}")
        assert [await other.read_text() for _ in range(3)] == ["event 0", "event 1", "event 2"]
        await nothing_comes(one, other)
        undo()
        assert [await one.read_text() for _ in range(3)] == ["event 0", "event 1", "event 2"]
        assert '"pong"' in await one.read_text()
        assert await one.read_frame() == (Opcode.PONG, b"there?")
        undo()  # a second time does nothing
        await pong(one)


async def test_what_a_stalled_server_does_not_read_fills_the_clients_socket(server: Served) -> None:
    async with server.opened() as one:
        undo = victims(server)[0].stall()
        connection: socket.socket = one.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        one.send(bytes(16 * 1_048_576))
        waiting = -1
        while waiting != (waiting := one.writer.transport.get_write_buffer_size()):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
        assert waiting, "the kernel took it all, so somebody reads"
        one.writer.transport.abort()
        undo()
        await server.until_alone()


async def test_stalls_add_up(server: Served) -> None:
    async with server.opened("alerts") as one, server.opened("alerts") as other:
        first, second = victims(server)[0].stall(), victims(server)[0].stall()
        server.publish("alerts", "event")
        first()
        assert await other.read_text() == "event"
        await nothing_comes(one, other)
        second()
        assert await one.read_text() == "event"


async def test_a_stalled_client_is_not_cut_for_what_the_server_does_not_do() -> None:
    timeouts = Timeouts(ping_period=20_000, pong_wait=40_000, write=20_000, close=40_000)
    async with served(Settings(timeouts=timeouts)) as server, server.opened("alerts") as one:
        victim = victims(server)[0]
        undo = victim.stall()
        server.publish("alerts", "event")
        await asyncio.sleep(0.15)
        victim.close(1012, "bye")
        await asyncio.sleep(0.1)
        assert not one.reader._buffer  # type: ignore[attr-defined]
        assert not one.reader.at_eof()
        undo()
        assert await one.read_text() == "event"
        assert await one.read_close() == (1012, "bye")
        assert await one.read_to_end() == b"", "the grace time counts from here"


async def test_a_backlog_that_grows_over_its_bound_in_a_stall_is_told_when_it_is_over() -> None:
    async with (
        served(Settings(slow_consumer=SlowConsumer(max_messages=3))) as server,
        server.opened("alerts") as one,
        server.opened("alerts") as other,
    ):
        undo = victims(server)[0].stall()
        for number in range(5):
            server.publish("alerts", f"event {number}")
            assert await other.read_text() == f"event {number}"
        await nothing_comes(one, other)
        undo()
        assert await one.read_close() == (1013, "slow consumer")


async def test_a_server_that_stops_holds_nobody_in_a_stall(server: Served) -> None:
    async with server.opened("alerts") as one:
        undo = victims(server)[0].stall()
        server.publish("alerts", "event")
        stopping = asyncio.ensure_future(server.listener.stop(1001, "going"))
        assert await one.read_text() == "event"
        assert await one.read_close() == (1001, "going")
        one.send(one.frame(Opcode.CLOSE, (1001).to_bytes(2, "big")))
        await stopping
        undo()


async def test_who_is_muted_gets_no_pong_and_everything_else(server: Served) -> None:
    async with server.opened("alerts") as one, server.opened() as other:
        undo = victims(server)[0].mute()
        for each in (one, other):
            each.send(each.frame(Opcode.PING, b"there?"))
        assert await other.read_frame() == (Opcode.PONG, b"there?")
        server.publish("alerts", "event")
        assert await one.read_text() == "event"
        await pong(one)
        undo()
        one.send(one.frame(Opcode.PING, b"now?"))
        assert await one.read_frame() == (Opcode.PONG, b"now?")


@pytest.mark.parametrize("code", [0, 999, 1000, 1004, 1005, 1006, 1011, 1012, 1015, 2000, 3000, 4999, 5000, 65_535])
async def test_any_code_goes_on_the_wire_behind_what_was_queued(server: Served, code: int) -> None:
    async with server.opened("alerts") as one, server.opened() as other:
        server.publish("alerts", "before")
        victims(server)[0].part(code, "because")
        victims(server)[0].part(1000, "once is enough")
        assert await one.read_text() == "before"
        assert await one.read_close() == (code, "because")
        one.send(one.frame(Opcode.CLOSE, (1000).to_bytes(2, "big")))
        assert await one.read_to_end() == b""
        await pong(other)


async def test_a_close_frame_without_a_code_has_no_payload(server: Served) -> None:
    async with server.opened() as one:
        victims(server)[0].part(None)
        assert await one.read_frame() == (Opcode.CLOSE, b"")
        one.send(one.frame(Opcode.CLOSE, b""))
        assert await one.read_to_end() == b""


async def test_a_reset_is_a_reset(server: Served) -> None:
    async with server.opened() as one, server.opened() as other:
        victims(server)[0].reset()
        with pytest.raises(ConnectionResetError):
            await one.read_to_end()
        await pong(other)
        await server.until_alone(left=1)


async def test_who_is_half_closed_reads_the_end_of_the_stream_and_is_still_heard(server: Served) -> None:
    heard: list[str | bytes] = []
    server.listener.main.hear = lambda client, message: heard.append(message)  # type: ignore[method-assign]
    async with server.opened("alerts") as one, server.opened("alerts") as other:
        server.publish("alerts", "before")
        victims(server)[0].half_close()
        server.publish("alerts", "after")
        assert await one.read_text() == "before"
        assert await one.read_to_end() == b""
        assert [await other.read_text(), await other.read_text()] == ["before", "after"]
        heard.clear()
        one.say('{"type":"subscribe","topic":"system"}')
        one.send(one.frame(Opcode.PING, b""))
        one.say('{"type":"ping"}')
        await pong(other)
        while len(heard) < 3:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.001)
        server.publish("system", "unseen")
        assert len(server.listener.hub) == 1, "the other one alone"
        one.send(one.frame(Opcode.CLOSE, (1000).to_bytes(2, "big")))
        await server.until_alone(left=1)
        await pong(other)


async def test_a_half_closed_client_is_let_go_when_the_server_stops(server: Served) -> None:
    async with server.opened() as one:
        victims(server)[0].half_close()
        assert await one.read_to_end() == b""
        async with asyncio.timeout(1):
            await server.listener.stop()


async def test_who_loses_its_token_is_told_and_closed_with_1008(server: Served) -> None:
    async with server.opened("alerts") as one, server.opened() as other:
        victims(server)[0].revoke()
        error = json.loads(await one.read_text())
        assert error["data"]["code"] == "AUTH_FAILED"
        assert error["data"]["message"] == "Invalid authentication credentials: the token was revoked"
        assert await one.read_close() == (1008, "authentication failed")
        assert (await server.figures())["disconnects"] == {"auth_failed": 1}
        await pong(other)


async def test_who_is_penalised_is_told_how_long_once_a_second_and_heard_again_afterwards(server: Served) -> None:
    told: list[str] = []
    async with server.opened("alerts") as one, server.opened() as other:
        undo = victims(server)[0].penalise(30.0, lambda: told.append("told"))
        for _ in range(3):
            one.say('{"type":"ping"}')
        error = json.loads(await one.read_text())
        assert error["data"] == {
            "code": "RATE_LIMIT_EXCEEDED",
            "message": "Rate limit exceeded. Please slow down your requests.",
            "retryAfter": 30,
        }
        assert told == ["told"]
        server.publish("alerts", "events keep coming")
        assert await one.read_text() == "events keep coming"
        await pong(other)
        undo()
        await pong(one)


async def test_a_library_client_sees_each_of_them_as_it_sees_a_real_server(server: Served) -> None:
    async with connect(server.url, ping_interval=None) as one, connect(server.url) as other:
        victims(server)[0].part(1012, "restarting")
        with pytest.raises(ConnectionClosedError) as found:
            await one.recv()
        assert found.value.rcvd is not None
        assert (found.value.rcvd.code, found.value.rcvd.reason) == (1012, "restarting")
        async with connect(server.url) as another:
            victims(server)[-1].part(1006)
            with pytest.raises(ConnectionClosedError) as found:
                await another.recv()
            assert found.value.sent is not None
            assert found.value.sent.code == 1002, "an illegal code is a protocol error"
        async with connect(server.url) as another:
            victims(server)[-1].reset()
            with pytest.raises(ConnectionClosedError) as found:
                await another.recv()
            assert found.value.rcvd is None
        async with connect(server.url, ping_interval=0.01, ping_timeout=0.02) as another:
            victims(server)[-1].mute()
            with pytest.raises(ConnectionClosedError) as found:
                await another.recv()
            assert found.value.sent is not None
            assert found.value.sent.reason == "keepalive ping timeout"
        await other.send('{"type":"ping"}')
        assert "pong" in str(await other.recv())
