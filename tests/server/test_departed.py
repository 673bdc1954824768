"""Who has gone is freed at once, by nobody's collector: a server that runs for days has thousands of them."""

import gc
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import pytest
from websockets.frames import Opcode
from websockets.server import ServerProtocol

from pvws.scenario.faults.effect import Did
from pvws.server.afflicted import AfflictedWebSocket
from pvws.server.connection import Connection
from pvws.server.departed import DEPARTED
from pvws.server.gate import Gate
from pvws.server.subscriber import Subscriber
from pvws.server.vigil import Vigil
from pvws.wire.topics import TOPICS
from tests.support.served import Served, served

KINDS = AfflictedWebSocket, Connection, Subscriber, Vigil, Gate, ServerProtocol


@pytest.fixture
async def server() -> AsyncIterator[Served]:
    async with served() as server:
        yield server


def test_what_stands_for_a_transport_that_is_gone_bears_all_that_a_closed_one_does() -> None:
    DEPARTED.write(b"lost")
    DEPARTED.write_eof()
    DEPARTED.pause_reading()
    DEPARTED.resume_reading()
    DEPARTED.close()
    DEPARTED.abort()
    assert DEPARTED.is_closing()
    assert not DEPARTED.can_write_eof()
    assert DEPARTED.get_write_buffer_size() == 0
    assert DEPARTED.get_extra_info("socket") is None


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Nothing is freed but what nobody refers to."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def alive() -> Counter[str]:
    """What there is of connections."""
    return Counter(type(each).__name__ for each in gc.get_objects() if isinstance(each, KINDS))


class Never:
    """What is never woken."""

    def cancel(self) -> None: ...


def afflict(websocket: AfflictedWebSocket) -> None:
    """Have it reset under faults that know whom they are about."""
    websocket.stall()
    websocket.mute()
    websocket.penalise(60.0, websocket.send_ping)
    Gate(websocket.member, lambda: 0, lambda at, act: Never()).add("f1", 1_000, Did())
    websocket.reset()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("how", ["close frame", "cut", "end of stream", "no frame", "faults", "handshake alone"])
async def test_however_a_client_goes_nothing_of_it_is_left_for_the_collector(server: Served, how: str) -> None:
    before = alive()
    async with server.client() as client:
        await client.open()
        if how != "handshake alone":
            await server.subscribe(client, *TOPICS)
            server.publish("alerts", "event")
            assert await client.read_text() == "event"
        (websocket,) = (each for each in server.listener._connections if isinstance(each, AfflictedWebSocket))
        assert alive() > before
        match how:
            case "close frame":
                client.send(client.frame(Opcode.CLOSE, b"\x03\xe8"))
            case "end of stream":
                client.writer.write_eof()
            case "no frame":
                client.send(b"\xff\xff\xff\xff")
                await client.read_close()
            case "faults":
                afflict(websocket)
            case _:
                client.writer.transport.abort()
        del websocket
        if how == "no frame":
            client.writer.transport.abort()
        await server.until_alone()
    assert alive() == before
