"""A man in the middle: a right server behind it looks wrong in exactly one way."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import urlsplit

import msgspec

from pvws.testing.frames import Frame, client_frame, take_frame
from pvws.testing.target import Target
from pvws.wire.frames import Opcode

_HUGE = 4 * 1_048_576  # a frame that announces more never comes whole


class _Side(asyncio.Protocol):
    """One of the two connections of a `Wire`."""

    def __init__(self, came: Callable[[bytes], None], ended: Callable[[bool], None]) -> None:
        self.transport: asyncio.Transport | None = None
        self._held: bytearray | None = None
        self._came = came
        self._ended = ended

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._came(data)

    def eof_received(self) -> bool:
        self._ended(False)  # noqa: FBT003
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self._ended(True)  # noqa: FBT003

    def write(self, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            if self._held is not None:
                self._held += data
            else:
                self.transport.write(data)

    @contextmanager
    def in_one_write(self) -> Iterator[None]:
        """What came at once goes on at once: a busy machine is not to draw it out."""
        self._held = bytearray()
        yield
        held, self._held = self._held, None
        self.write(bytes(held))


class Wire:
    """One connection that is meddled with: what a `Meddler` knows of it, and may write to either side."""

    def __init__(self, meddler: "Meddler") -> None:
        self.messages = 0
        """Data messages of the client so far, by their first frames if these are their last."""
        self.said_close = False
        self.compressed = False
        self.keeps_client = False
        """Whether the client is not to hear of the end of the server's stream."""
        self.client = _Side(self._from_client, self._client_ended)
        self._server = _Side(self._from_server, self._server_ended)
        self._meddler = meddler
        self._upgraded = False
        self._head = b""  # of the client, until there is somebody to give it to
        self._held_up = bytearray()
        self._held_down = bytearray()
        self._connecting: asyncio.Task[None] | None = None
        if not meddler.waits_for_head:
            self._connect()

    def to_client(self, frame: Frame) -> None:
        """Send a frame as the server would."""
        self.client.write(_bytes(frame))

    def to_server(self, frame: Frame) -> None:
        """Send a frame as a client would."""
        self._server.write(_bytes(frame))

    async def abort(self) -> None:
        """Drop both sides."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        for side in (self.client, self._server):
            if side.transport is not None:
                side.transport.abort()

    def _connect(self) -> None:
        async def connect() -> None:
            await asyncio.get_running_loop().create_connection(lambda: self._server, *self._meddler.address)
            self._from_client(b"")

        self._connecting = asyncio.ensure_future(connect())

    def _from_client(self, data: bytes) -> None:
        if not self._upgraded:
            self._head += data
            if self._connecting is None and b"\r\n\r\n" in self._head:
                self._connect()
            if self._server.transport is not None and self._head:
                self._server.write(self._meddler.request(self._head))
                self._head = b""
            return
        self._held_up += data
        with self._server.in_one_write():
            for frame in _frames(self._held_up):
                if isinstance(frame, bytes):
                    self._server.write(frame)
                    continue
                self.messages += frame.opcode in (Opcode.TEXT, Opcode.BINARY) and frame.final
                self.said_close = self.said_close or frame.opcode == Opcode.CLOSE
                self.compressed = self.compressed or frame.reserved == 4
                if (changed := self._meddler.from_client(frame, self)) is not None:
                    self.to_server(changed)

    def _from_server(self, data: bytes) -> None:
        if not self._upgraded:
            head, end, rest = data.partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 101"):
                self.client.write(self._meddler.answer(data))
                return
            self._upgraded = True
            self.client.write(self._meddler.answer(head + end))
            data = rest
        self._held_down += data
        for frame in _frames(self._held_down):
            if isinstance(frame, bytes):
                self.client.write(frame)
            elif (changed := self._meddler.from_server(frame, self)) is not None:
                self.to_client(changed)

    def _client_ended(self, lost: bool) -> None:
        if self._server.transport is not None and not self._server.transport.is_closing():
            if lost:
                self._server.transport.close()
            else:
                self._server.transport.write_eof()

    def _server_ended(self, lost: bool) -> None:
        if self.client.transport is not None and not self.keeps_client:
            self.client.transport.close()


def _bytes(frame: Frame) -> bytes:
    return client_frame(frame.opcode, frame.payload, final=frame.final, reserved=frame.reserved, mask=frame.masked)


class Meddler:
    """Passes everything on as it came. A subclass changes one thing; `breaks` are the rules that this breaks."""

    breaks: frozenset[str] = frozenset()
    slow = False
    """Whether it takes the slow rules to find it out."""
    token: str | None = None
    waits_for_head = False

    def __init__(self, target: Target) -> None:
        self.address = target.host, target.port
        self._wires: list[Wire] = []

    # What a subclass changes. A frame that it returns is passed on.

    def request(self, head: bytes) -> bytes:
        """Bytes of HTTP from the client."""
        return head

    def answer(self, data: bytes) -> bytes:
        """Bytes of HTTP from the server."""
        return data

    def from_client(self, frame: Frame, wire: Wire) -> Frame | None:
        """A frame from the client."""
        return frame

    def from_server(self, frame: Frame, wire: Wire) -> Frame | None:
        """A frame from the server."""
        return frame

    @asynccontextmanager
    async def run(self, target: Target) -> AsyncIterator[Target]:
        """The server as it looks from in front of this."""
        server = await asyncio.get_running_loop().create_server(self._meet, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        url = urlsplit(target.url)._replace(netloc=f"127.0.0.1:{port}").geturl()
        try:
            yield msgspec.structs.replace(target, url=url)
        finally:
            server.close()
            for wire in self._wires:
                await wire.abort()

    def _meet(self) -> _Side:
        wire = Wire(self)
        self._wires.append(wire)
        return wire.client


def _frames(held: bytearray) -> list[Frame | bytes]:
    """The whole frames; what announces more than can ever come, as the bytes it is."""
    found: list[Frame | bytes] = []
    while (frame := take_frame(held)) is not None:
        found.append(frame)
    if len(held) >= 10 and held[1] & 0x7F == 127 and int.from_bytes(held[2:10], "big") > _HUGE:
        found.append(bytes(held))
        held.clear()
    return found
