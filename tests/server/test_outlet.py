"""Bytes on their way out, on each event loop: to the kernel, and to the transport what that does not take."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable

import pytest

from pvws.server.outlet import direct_write
from tests.support.loops import Loop, on_each_loop, run

ENDS: dict[str, Callable[[asyncio.Transport, socket.socket], object]] = {
    "closed": lambda transport, peer: transport.close(),
    "aborted": lambda transport, peer: transport.abort(),
    "hung up by the client": lambda transport, peer: peer.close(),
}


class Protocol(asyncio.Protocol):
    """Notes what it is told, and whether the transport's descriptor was open when it was lost."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.descriptor = -1
        self.lost: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.resumed = asyncio.Event()

    def pause_writing(self) -> None:
        self.calls.append("pause")

    def resume_writing(self) -> None:
        self.calls.append("resume")
        self.resumed.set()

    def connection_lost(self, exception: Exception | None) -> None:
        try:
            os.fstat(self.descriptor)
        except OSError:
            self.lost.set_result(False)
        else:
            self.lost.set_result(True)


class Ends:
    """The two ends of a connection: a transport with its protocol, and a socket."""

    def __init__(self, transport: asyncio.Transport, protocol: Protocol, peer: socket.socket) -> None:
        self.transport = transport
        self.protocol = protocol
        self.peer = peer

    async def receive(self, size: int) -> bytes:
        """So many bytes of what was sent."""
        loop, got = asyncio.get_running_loop(), b""
        while len(got) < size:
            got += await loop.sock_recv(self.peer, size - len(got))
        return got


async def connected(story: Callable[[Ends], Awaitable[None]]) -> None:
    """Tell a story of a connection whose kernel takes little."""
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8_192)
        with socket.create_connection(listening.getsockname()) as peer:
            peer.setblocking(False)  # noqa: FBT003
            accepted, _ = listening.accept()
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport, protocol = await loop.connect_accepted_socket(Protocol, accepted)
            transport.set_write_buffer_limits(high=0)
            protocol.descriptor = transport.get_extra_info("socket").fileno()
            await story(Ends(transport, protocol, peer))
            transport.abort()
            await protocol.lost


@on_each_loop
def test_what_the_kernel_takes_never_comes_to_the_transport(loop: Loop) -> None:
    async def story(ends: Ends) -> None:
        write = direct_write(ends.transport)
        for number in range(100):
            write(b"%02d" % number)
            assert ends.transport.get_write_buffer_size() == 0
        # It was sent without the loop having had a turn.
        ends.peer.settimeout(10)
        with ends.peer.makefile("rb") as stream:
            assert stream.read(200) == b"".join(b"%02d" % number for number in range(100))
        assert ends.protocol.calls == []

    run(loop, connected(story))


@on_each_loop
def test_what_it_does_not_take_waits_in_the_transport_which_pauses_and_sends_it_in_order(loop: Loop) -> None:
    data = os.urandom(4_000_000)

    async def story(ends: Ends) -> None:
        write = direct_write(ends.transport)
        write(data)
        assert ends.protocol.calls == ["pause"]
        assert 0 < ends.transport.get_write_buffer_size() < len(data)
        assert await ends.receive(len(data)) == data
        await ends.protocol.resumed.wait()
        assert ends.protocol.calls == ["pause", "resume"]
        write(b"more")
        assert await ends.receive(4) == b"more"

    run(loop, connected(story))


@on_each_loop
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_a_transport_closes_its_descriptor_only_after_it_has_called_connection_lost(
    loop: Loop, end: Callable[[asyncio.Transport, socket.socket], object]
) -> None:
    async def story(ends: Ends) -> None:
        end(ends.transport, ends.peer)
        assert await ends.protocol.lost, "what is written until then can come to nobody else"

    run(loop, connected(story))


@on_each_loop
def test_writing_to_a_connection_that_was_reset_raises_nothing_and_the_transport_sees_it(loop: Loop) -> None:
    async def story(ends: Ends) -> None:
        write = direct_write(ends.transport)
        ends.transport.pause_reading()  # so that it is the writing that finds out
        ends.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        ends.peer.close()
        write(b"one")
        write(b"two")
        assert await ends.protocol.lost

    run(loop, connected(story))


class Elsewhere:
    """A transport that must not be passed by: it encrypts, or its system's sockets are no files."""

    def __init__(self, sslcontext: object) -> None:
        self._sslcontext = sslcontext

    def get_extra_info(self, name: str) -> object:
        return {"sslcontext": self._sslcontext}[name]

    def write(self, data: bytes) -> None:
        """Nothing: only who it is matters."""


def test_with_tls_everything_goes_through_the_transport() -> None:
    transport = Elsewhere(object())
    assert direct_write(transport) == transport.write  # type: ignore[arg-type]


def test_where_descriptors_are_no_files_everything_goes_through_the_transport(monkeypatch: pytest.MonkeyPatch) -> None:
    transport = Elsewhere(None)
    monkeypatch.setattr("pvws.server.outlet.os.name", "nt")
    write = direct_write(transport)  # type: ignore[arg-type]
    monkeypatch.undo()
    assert write == transport.write
