import asyncio
import errno
import socket
from typing import Any

import pytest

from pvws.errors import ReachError
from pvws.server import door as door_module
from pvws.server.door import Door


class Greeter(asyncio.Protocol):
    """Says hello and listens."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport) or hasattr(transport, "write")
        transport.write(b"hello")


async def greeted(port: int) -> bytes:
    """What is said to who connects; raises ConnectionRefusedError."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await reader.readexactly(5)
    finally:
        writer.transport.abort()


async def test_a_shut_door_refuses_and_keeps_its_port_and_an_open_one_takes_who_comes() -> None:
    door = Door(Greeter)
    await door.open("127.0.0.1", 0)
    port = door.port
    for _ in range(3):
        assert await greeted(port) == b"hello"
        door.shut()
        door.shut()
        assert door.is_shut
        for _ in range(2):
            with pytest.raises(ConnectionRefusedError):
                await greeted(port)
        with socket.socket() as thief, pytest.raises(OSError, match="in use"):
            thief.bind(("127.0.0.1", port))
        door.reopen()
        door.reopen()
        assert not door.is_shut
    assert await greeted(port) == b"hello"
    door.close()
    with pytest.raises(ConnectionRefusedError):
        await greeted(port)


async def test_who_is_in_stays_when_it_is_shut() -> None:
    door = Door(Greeter)
    await door.open("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    assert await reader.readexactly(5) == b"hello"
    door.shut()
    writer.write(b"still here")
    with pytest.raises(ConnectionRefusedError):
        await greeted(door.port)
    assert not reader.at_eof()
    writer.transport.abort()
    door.close()


async def test_it_ends_as_it_was_wanted_last_however_quickly_that_changes() -> None:
    door = Door(Greeter)
    await door.open("127.0.0.1", 0)
    for _ in range(5):
        door.shut()
        door.reopen()
    await door.settled()
    assert await greeted(door.port) == b"hello"
    door.shut()
    door.reopen()
    door.shut()
    await door.settled()
    with pytest.raises(ConnectionRefusedError):
        await greeted(door.port)
    door.close()


async def test_all_addresses_are_shut_and_opened_together() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6")
    door = Door(Greeter)
    await door.open("localhost", 0)
    addresses = [address for _, address in door._addresses]
    door.shut()
    for address in addresses:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(str(address[0]), door.port)
    door.reopen()
    for address in addresses:
        reader, writer = await asyncio.open_connection(str(address[0]), door.port)
        assert await reader.readexactly(5) == b"hello"
        writer.transport.abort()
    door.close()


async def test_a_port_that_somebody_has_is_an_error() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(ReachError, match="in use"):
            await Door(Greeter).open("127.0.0.1", other.getsockname()[1])


async def test_who_is_closed_while_it_is_opened_gives_the_port_away_all_the_same() -> None:
    door = Door(Greeter)
    await door.open("127.0.0.1", 0)
    door.shut()
    door.reopen()
    door.close()
    await door.settled()
    with pytest.raises(ConnectionRefusedError):
        await greeted(door.port)
    with socket.socket() as another:
        another.bind(("127.0.0.1", door.port))


async def test_of_several_addresses_none_is_listened_on_where_one_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    sockets, loop = [socket.socket(), socket.socket()], asyncio.get_running_loop()
    made, create_server = list[asyncio.Server](), loop.create_server

    async def bound(host: str, port: int) -> list[socket.socket]:
        for each in sockets:
            each.bind((host, port))
        return sockets

    async def create(*arguments: Any, **options: Any) -> asyncio.Server:
        if made:
            raise OSError(errno.EADDRINUSE, "Address already in use")
        made.append(await create_server(*arguments, **options))
        return made[0]

    monkeypatch.setattr(door_module, "bound_sockets", bound)
    monkeypatch.setattr(loop, "create_server", create)
    with pytest.raises(ReachError, match="in use"):
        await Door(Greeter).open("127.0.0.1", 0)
    assert not made[0].is_serving()
    assert [each.fileno() for each in sockets] == [-1, -1]
