import asyncio

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from pvws.client.tap import tapped


class Heard:
    """Writes down all bytes of one connection."""

    def __init__(self) -> None:
        self.out = self.back = b""
        self.error: list[Exception | None] = []

    def sent(self, data: bytes) -> None:
        self.out += data

    def received(self, data: bytes) -> None:
        self.back += data

    def ended(self, error: Exception | None) -> None:
        self.error.append(error)


async def test_a_tap_hears_handshake_frames_and_end_of_each_connection() -> None:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    taps: list[Heard] = []

    def make() -> Heard:
        taps.append(Heard())
        return taps[-1]

    async with serve(echo, "127.0.0.1", 0, compression=None) as server:
        port = server.sockets[0].getsockname()[1]
        for _ in range(2):
            async with connect(f"ws://127.0.0.1:{port}/", compression=None, create_connection=tapped(make)) as client:
                await client.send("hello")
                assert await client.recv() == "hello"
    assert len(taps) == 2
    for tap in taps:
        await asyncio.sleep(0)
        assert tap.out.startswith(b"GET / HTTP/1.1\r\n")
        assert tap.back.startswith(b"HTTP/1.1 101 ")
        assert b"\x81\x05hello" in tap.back
        assert tap.out[-8:-6] == b"\x88\x82", "a close frame, masked"
        assert tap.error == [None]
