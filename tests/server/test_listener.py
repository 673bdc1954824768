import asyncio
import json
import socket

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedOK
from websockets.frames import Opcode

from pvws.errors import ReachError
from pvws.server.hub import Hub
from pvws.server.listener import Listener
from pvws.timestamp import Timestamp
from tests.support.raw_client import RawClient
from tests.support.served import served


def make() -> Listener:
    return Listener(Hub(asyncio.get_running_loop()), lambda: Timestamp(0), lambda: "0" * 32)


async def test_a_free_port_is_one_number_on_every_address_of_the_host() -> None:
    listener = make()
    await listener.start("localhost", 0)
    assert listener.url == f"ws://localhost:{listener.port}/ws"
    families = {found[0] for found in socket.getaddrinfo("localhost", 0, type=socket.SOCK_STREAM)}
    reached = 0
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        if family in families:
            async with RawClient(host, listener.port) as client:
                await client.open()
                reached += 1
    assert reached
    await listener.stop()


async def test_an_ipv6_address_stands_in_brackets_in_the_url() -> None:
    listener = make()
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6 loopback")
    await listener.start("::1", 0)
    assert listener.url == f"ws://[::1]:{listener.port}/ws"
    await listener.stop()


async def test_a_busy_port_is_told_with_what_to_do() -> None:
    first, second = make(), make()
    await first.start("127.0.0.1", 0)
    with pytest.raises(ReachError) as caught:
        await second.start("127.0.0.1", first.port)
    assert str(caught.value) == (
        f"127.0.0.1:{first.port}: the port is in use by another program\n"
        "Choose another one with --port, or --port 0 for any that is free."
    )
    assert caught.value.exit_code == 3
    await first.stop()


async def test_a_host_that_is_none_of_this_machine_is_told() -> None:
    with pytest.raises(ReachError, match=r"^no\.such\.host\.invalid:0: this is no address of this machine"):
        await make().start("no.such.host.invalid", 0)


async def test_stopping_says_1001_behind_what_was_queued(listener: Listener) -> None:
    async with connect(listener.url) as client:
        await listener.stop(1001, "the server is shutting down")
        with pytest.raises(ConnectionClosedOK) as closed:
            await client.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "the server is shutting down")
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", listener.port)


async def test_stopping_that_is_cancelled_cuts_at_once(listener: Listener) -> None:
    async with RawClient("127.0.0.1", listener.port) as client:
        await client.open()
        stopping = asyncio.ensure_future(listener.stop())
        await asyncio.sleep(0)
        began = asyncio.get_running_loop().time()
        stopping.cancel()
        await asyncio.gather(stopping, return_exceptions=True)
        assert asyncio.get_running_loop().time() - began < 2, "the grace time is 5 s"
        assert (await client.read_to_end())[2:4] == (1001).to_bytes(2, "big")


async def test_connections_are_counted(listener: Listener) -> None:
    async def websocket_figures() -> dict[str, object]:
        async with RawClient("127.0.0.1", listener.port) as client:
            _, _, body = await client.request("GET /ws/metrics HTTP/1.1\nHost: h")
            figures: dict[str, object] = json.loads(body)["websocket"]
            return figures

    async with connect(listener.url), connect(listener.url):
        figures = await websocket_figures()
        assert (figures["active_connections"], figures["total_connections"]) == (2, 2)
    # Both have seen the server's answer to their close frame, which is sent as the connection is let go.
    figures = await websocket_figures()
    assert (figures["active_connections"], figures["total_connections"]) == (0, 2)


async def test_small_writes_are_not_delayed(listener: Listener) -> None:
    async with connect(listener.url):
        (connection,) = listener._connections
        accepted = connection._transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_a_server_that_refuses_is_refused_by_the_kernel_and_those_who_are_in_stay() -> None:
    async with served() as server, server.opened("alerts") as client:
        listener = server.listener
        listener.refuse()
        listener.refuse()
        for _ in range(2):
            with pytest.raises(ConnectionRefusedError):
                async with server.client():
                    pass
            listener.accept()
        server.publish("alerts", "event")
        assert await client.read_text() == "event"
        async with server.opened():
            pass


@pytest.mark.parametrize("code", [1012, None])
async def test_a_server_that_is_restarted_ends_every_connection_with_or_without_a_word(code: int | None) -> None:
    async with served() as server, server.opened("alerts") as client, server.client() as silent:
        await asyncio.sleep(0)
        server.listener.refuse()
        assert server.listener.dismiss(code, "restarting") >= 1
        if code is None:
            assert await client.read_to_end() == b""
        else:
            assert await client.read_close() == (1012, "restarting")
            client.send(client.frame(Opcode.CLOSE, (1012).to_bytes(2, "big")))
            assert await client.read_to_end() == b""
        assert await silent.read_to_end() == b""
        server.listener.accept()
        async with server.opened("alerts") as again:
            server.publish("alerts", "event")
            assert await again.read_text() == "event"


async def test_a_server_that_refuses_can_be_stopped() -> None:
    async with served() as server:
        server.listener.refuse()
    server.listener.accept()


async def test_stopping_that_is_cancelled_while_the_port_is_opened_again_cuts_at_once_and_gives_it_away() -> None:
    listener = make()
    await listener.start("127.0.0.1", 0)
    async with RawClient("127.0.0.1", listener.port) as client:
        await client.open()
        listener.refuse()
        listener.accept()
        stopping = asyncio.ensure_future(listener.stop())
        await asyncio.sleep(0)
        stopping.cancel()
        await asyncio.wait({stopping})
        assert stopping.cancelled()
        assert await client.read_to_end() == b""
    await listener._door.settled()
    with socket.socket() as another:
        another.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # who was cut there may still be in TIME_WAIT
        another.bind(("127.0.0.1", listener.port))
