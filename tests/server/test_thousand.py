"""A thousand clients, as many as the documentation has: one that stops reading costs the other 999 nothing."""

import asyncio
import hashlib
import socket

from websockets.frames import Opcode

from pvws.server.settings import Settings, SlowConsumer, Timeouts
from pvws.wire.frames import text_frame
from tests.support.files import enough_files
from tests.support.raw_client import RawClient
from tests.support.served import HOST, served

CLIENTS = 999
EVENTS = 150
TEXT = "x" * 4_000


class Reader(asyncio.Protocol):
    """A subscribed client that hashes the bytes of the events as they come."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.size = 0
        self.ready = asyncio.Event()
        self.done = asyncio.Event()
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        client = RawClient(HOST, 0)
        head = client.handshake_head().replace("\n", "\r\n").encode() + b"\r\n\r\n"
        transport.write(head + b"".join(client.frame(Opcode.TEXT, text) for text in (SUBSCRIBE, b'{"type":"ping"}')))

    def data_received(self, data: bytes) -> None:
        if not self.ready.is_set():
            self._head += data
            if self._head.endswith(b'"}') and b'"pong"' in self._head:
                self.ready.set()
            return
        self.digest.update(data)
        self.size += len(data)
        if self.size >= EVENTS * len(text_frame(TEXT.encode())):
            self.done.set()


SUBSCRIBE = b'{"type":"subscribe","topic":"alerts"}'


async def test_a_client_that_stops_reading_is_cut_within_the_write_timeout_and_999_miss_nothing() -> None:
    enough_files(2 * CLIENTS + 200)
    loop = asyncio.get_running_loop()
    slow = SlowConsumer(max_messages=1_000_000, max_bytes=2**31)  # so that it is the timeout that ends it
    async with served(Settings(timeouts=Timeouts(write=500_000), slow_consumer=slow)) as server:
        port = server.listener.port
        readers = [(await loop.create_connection(Reader, HOST, port))[1] for _ in range(CLIENTS)]
        small = socket.socket()
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        small.setblocking(False)  # noqa: FBT003
        await loop.sock_connect(small, (HOST, port))
        stalled = Reader()
        transport, _ = await loop.create_connection(lambda: stalled, sock=small)
        await asyncio.gather(*(reader.ready.wait() for reader in (*readers, stalled)))
        transport.pause_reading()
        for _ in range(EVENTS):
            server.publish("alerts", TEXT)
            await asyncio.sleep(0)
        await asyncio.gather(*(reader.done.wait() for reader in readers))
        expected = hashlib.sha256(text_frame(TEXT.encode()) * EVENTS).digest()
        assert {reader.digest.digest() for reader in readers} == {expected}
        await server.until_alone(CLIENTS)
        assert server.listener.figures().disconnects == {"write_timeout": 1}
        for reader in (*readers, stalled):
            reader.transport.abort()
