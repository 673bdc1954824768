"""Both policies for who does not read, at full speed, on real sockets and both event loops: the others miss nothing."""

import asyncio
import socket

from pvws.server.settings import Settings, SlowConsumer
from pvws.sim.source import Timed
from pvws.testing.load.reader import Cut, MessageReader
from pvws.wire.frames import Opcode, text_frame
from tests.support.loops import Loop, on_each_loop, run
from tests.support.raw_client import RawClient
from tests.support.served import HOST, Served, served

EVENTS = 4_000
BATCH = 100
TEXTS = [b"%06d" % number + b"x" * 994 for number in range(EVENTS)]
STREAM = b"".join(map(text_frame, TEXTS))
READERS = 5
MOST = 500


async def stalled_client(server: Served) -> RawClient:
    """A subscribed client whose kernel takes little and which reads nothing."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.setblocking(False)  # noqa: FBT003
    await asyncio.get_running_loop().sock_connect(connection, (HOST, server.listener.port))
    client = server.client()
    client.reader, client.writer = await asyncio.open_connection(sock=connection, limit=4_096)
    await client.open()
    await server.subscribe(client, "alerts")
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    return client


async def play(server: Served) -> None:
    """Publish everything, as fast as those who read take it."""
    hub = server.listener.hub
    for first in range(0, EVENTS, BATCH):
        batch = [Timed(0, first + place, "alerts", "test", text) for place, text in enumerate(TEXTS[first:][:BATCH])]
        hub.publish_all(batch)
        await asyncio.sleep(0)
        while hub.congested():  # noqa: ASYNC110 - as the pacer does at speed max
            await asyncio.sleep(0.001)


async def readers_and(server: Served) -> tuple[RawClient, list["asyncio.Future[bytes]"], list[RawClient]]:
    clients = [await server.client().__aenter__() for _ in range(READERS)]
    for client in clients:
        await client.open()
        await server.subscribe(client, "alerts")
    reading = [asyncio.ensure_future(client.reader.readexactly(len(STREAM))) for client in clients]
    return await stalled_client(server), reading, clients


def cuts_of(data: bytes) -> list[Cut]:
    reader = MessageReader()
    cuts = reader.feed(data)
    assert not reader.rest and not reader.within_message, "frames come whole"
    return cuts


@on_each_loop
def test_who_does_not_read_is_told_1013_behind_what_its_socket_had_and_nobody_else_notices(loop: Loop) -> None:
    async def story() -> None:
        async with served(Settings(slow_consumer=SlowConsumer("disconnect", max_messages=MOST))) as server:
            stalled, reading, clients = await readers_and(server)
            await play(server)
            assert [await each for each in reading] == [STREAM] * READERS
            assert server.listener.figures().disconnects == {"slow_consumer": 1}
            stalled.writer.transport.resume_reading()  # type: ignore[attr-defined]
            data = b""
            while b"slow consumer" not in data:
                data += await stalled.reader.read(65_536)
            *events, close = cuts_of(data)
            assert [cut.payload for cut in events] == TEXTS[: len(events)]
            assert close.opcode == Opcode.CLOSE
            assert int.from_bytes(close.payload[:2], "big") == 1013
            assert len(events) < EVENTS - MOST
            for client in (stalled, *clients):
                client.writer.transport.abort()

    run(loop, story())


@on_each_loop
def test_who_does_not_read_loses_the_oldest_and_just_as_many_as_are_counted(loop: Loop) -> None:
    async def story() -> None:
        async with served(Settings(slow_consumer=SlowConsumer("drop_oldest", max_messages=MOST))) as server:
            stalled, reading, clients = await readers_and(server)
            await play(server)
            assert [await each for each in reading] == [STREAM] * READERS
            stalled.say('{"type":"ping"}')
            stalled.writer.transport.resume_reading()  # type: ignore[attr-defined]
            data = b""
            while b'"pong"' not in data:
                data += await stalled.reader.read(65_536)
            *events, pong = cuts_of(data)
            got = [cut.payload for cut in events]
            assert got == sorted(got)
            assert len(got) + server.listener.figures().dropped == EVENTS
            # First what the socket had, and then without a gap the newest that may wait, of which the pong is one.
            assert got[1 - MOST :] == TEXTS[1 - MOST :]
            assert set(got) <= set(TEXTS)
            assert b'"pong"' in pong.payload
            for client in (stalled, *clients):
                client.writer.transport.abort()

    run(loop, story())
