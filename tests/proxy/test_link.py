"""Real sockets on both sides: what TCP can do passes as well."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import trustme

from pvws.proxy.proxy import Proxy
from pvws.proxy.route import Route
from tests.proxy.conftest import Sight, Through, byte_server, reset
from tests.support.raw_client import RawClient

SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


async def test_an_end_of_one_direction_passes_and_leaves_the_other(through: Through) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = await reader.read()  # to the end
        writer.write(b"you said " + said.split()[-1])
        writer.write_eof()

    async with byte_server(talk) as port, through(port) as proxy, RawClient("127.0.0.1", proxy.port) as client:
        client.send(b"no HTTP\r\n\r\nhello")
        client.writer.write_eof()
        assert await client.read_to_end() == b"you said hello"


async def test_an_end_by_the_server_passes_and_the_client_may_still_send(through: Through) -> None:
    heard = asyncio.get_running_loop().create_future()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(2)
        writer.write_eof()
        heard.set_result(await reader.read())

    async with byte_server(talk) as port, through(port) as proxy, RawClient("127.0.0.1", proxy.port) as client:
        client.send(b"\n\n")  # what h11 skips is still passed on, with what follows
        client.send(b"no HTTP\r\n\r\n")
        assert await client.read_to_end() == b""
        client.send(b"last words")
        client.writer.write_eof()
        assert (await heard).endswith(b"last words")


@pytest.mark.parametrize("who", ["client", "server"])
async def test_a_reset_passes_as_a_reset(through: Through, sight: Sight, who: str) -> None:
    broken = asyncio.get_running_loop().create_future()
    served: list[asyncio.StreamWriter] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(SWITCH)
        served.append(writer)
        try:
            await reader.read()
        except ConnectionResetError as error:
            broken.set_result(error)

    async with byte_server(talk) as port, through(port) as proxy, RawClient("127.0.0.1", proxy.port) as client:
        await client.open()
        if who == "client":
            reset(client.writer)
            await broken
        else:
            reset(served[0])
            with pytest.raises(ConnectionResetError):
                await client.read_to_end()
        await sight.until(lambda: sight.ends == [(who, "reset")])


async def test_a_side_that_takes_nothing_is_not_fed_and_memory_stays_bounded(through: Through) -> None:
    taking, taken = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await taking.wait()
        taken.set_result(len(await reader.read()))

    size = 32 * 1_048_576
    async with byte_server(talk) as port, through(port) as proxy, RawClient("127.0.0.1", proxy.port) as client:
        client.send(b"no HTTP\r\n\r\n" + bytes(size))
        client.writer.write_eof()
        (link,) = proxy._links
        while link.server._transport is None or not link.client._held:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.001)
        transport = link.server._transport
        assert transport is not None
        assert transport.get_write_buffer_size() < 1_048_576
        taking.set()
        assert await taken == size + 11


async def test_a_server_that_is_not_there_is_told_as_a_bad_gateway(through: Through, sight: Sight) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None: ...

    async with byte_server(talk) as port:
        pass  # so that it is free now
    async with through(port) as proxy, RawClient("127.0.0.1", proxy.port) as client:
        status, headers, body = await client.request(client.handshake_head())
        assert (status, headers["connection"]) == (502, "close")
        assert body.startswith(f"pvws proxy: 127.0.0.1:{port}: ".encode())
        assert await client.read_to_end() == b""
    assert len(sight.troubles) == 1


@contextmanager
def full_port() -> Iterator[int]:
    """A port of a server that takes nobody: who connects waits, since its queue is full."""
    with ExitStack() as sockets:
        server = sockets.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            queued = sockets.enter_context(socket.socket())
            queued.setblocking(False)  # noqa: FBT003
            queued.connect_ex(server.getsockname())
        yield server.getsockname()[1]


async def test_a_client_that_is_cut_while_its_server_is_sought_is_gone(through: Through) -> None:
    with full_port() as port:
        async with through(port) as proxy, RawClient("127.0.0.1", proxy.port) as client:
            while not len(proxy):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0)
            proxy.dismiss(None)
            assert await client.read_to_end() == b""
        assert len(proxy) == 0  # the proxy has ended, which waits for all links


async def test_a_server_with_tls_is_reached_and_its_certificate_judged(sight: Sight) -> None:
    authority = trustme.CA()
    served, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(served)
    authority.configure_trust(trusting)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(talk, "localhost", 0, ssl=served)
    route = Route(f"wss://localhost:{server.sockets[0].getsockname()[1]}/ws")
    proxy = Proxy(route, "127.0.0.1", 0, sight.open, tls=trusting)
    async with proxy, RawClient("127.0.0.1", proxy.port) as client:
        client.send(b"GET /ws HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await client.read_to_end() == f"GET /ws HTTP/1.1\r\nHost: {route.authority}\r\n\r\n".encode()
    proxy = Proxy(route, "127.0.0.1", 0, sight.open, unreached=sight.troubles.append)
    async with proxy, RawClient("127.0.0.1", proxy.port) as client:
        status, _, body = await client.request(client.handshake_head())
        assert status == 502
        assert b"no TLS connection" in body
    server.close()
