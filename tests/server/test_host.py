import asyncio

from pvws.server.connection import Connection
from pvws.server.host import Guest, Host
from pvws.server.hub import Hub
from pvws.server.listener import Listener
from pvws.timestamp import Timestamp


async def test_a_listener_is_a_host_and_a_connection_its_guest() -> None:
    listener = Listener(Hub(asyncio.get_running_loop()), lambda: Timestamp(0), lambda: "0" * 32)
    connection = Connection(listener)
    for protocol, thing in ((Host, listener), (Guest, connection)):
        names = {*protocol.__annotations__, *(name for name in vars(protocol) if not name.startswith("_"))}
        assert names
        for name in names:
            assert hasattr(thing, name), f"{type(thing).__name__} has no {name}"
