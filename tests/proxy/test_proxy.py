"""Between a client and our own server: nothing of the API changes."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from itertools import count

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as websockets_serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Opcode
from websockets.typing import Subprotocol

from pvws.errors import ReachError
from pvws.proxy.frame_tap import SeenClose, SeenControl, SeenMessage
from pvws.proxy.proxy import Proxy
from pvws.proxy.recorded import Stenographer
from pvws.proxy.route import Route
from pvws.recording.format import Entry, Open
from pvws.server.hub import Hub
from pvws.server.listener import Listener
from pvws.server.settings import Cors, Settings
from pvws.sim.source import Timed
from pvws.timestamp import Timestamp
from pvws.wire.profiles import UPSTREAM
from tests.proxy.conftest import Sight, Through
from tests.support.raw_client import RawClient

NOW = Timestamp.parse("2024-01-01T00:00:00Z")
SUBSCRIBE = '{"type":"subscribe","topic":"alerts","data":"alerts"}'


async def serve(settings: Settings) -> Listener:
    ids = count()
    listener = Listener(Hub(asyncio.get_running_loop()), lambda: NOW, lambda: f"{next(ids):032x}", settings)
    await listener.start("127.0.0.1", 0)
    return listener


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = await serve(Settings(cors=Cors(origins=("http://friend.example",))))
    yield listener
    await listener.stop()


async def test_messages_and_close_codes_pass_and_are_seen(listener: Listener, through: Through, sight: Sight) -> None:
    async with through(listener.port) as proxy:
        async with connect(proxy.url + "?world=main", compression=None) as client:
            await client.send("nonsense")
            answer = json.loads(await client.recv())
            assert answer["data"]["code"] == "INVALID_MESSAGE"
            await client.close(3456, "enough")
        await sight.until(lambda: len(sight.ends) == 2)
    (opened,) = sight.opened
    assert opened.wish.target == "/ws?world=main"
    assert sight.seen[0] == ("client", SeenMessage(b"nonsense", binary=False))
    assert sight.seen[2:] == [("client", SeenClose(3456, "enough")), ("server", SeenClose(3456, "enough"))]


async def test_compressed_messages_pass_compressed(listener: Listener, through: Through, sight: Sight) -> None:
    text = json.dumps({"type": "storage_alert", "topic": "alerts", "data": "x" * 1000})
    async with through(listener.port) as proxy, connect(proxy.url) as client:
        assert "permessage-deflate" in client.response.headers["Sec-WebSocket-Extensions"]
        await client.send(SUBSCRIBE)
        await client.send('{"type":"ping"}')
        await client.recv()
        listener.hub.publish(Timed(0, 0, "alerts", "storage_alert", text.encode()))
        assert await client.recv() == text
        await sight.until(lambda: len(sight.seen) == 4)
    assert sight.seen[3] == ("server", SeenMessage(text.encode(), binary=False))


async def test_fragments_pings_and_pongs_pass_as_they_are(through: Through, sight: Sight) -> None:
    listener = await serve(Settings(quirks=UPSTREAM))
    async with through(listener.port) as proxy, RawClient("127.0.0.1", proxy.port) as client:
        assert "sec-websocket-extensions" not in await client.open(Sec_WebSocket_Extensions="permessage-deflate")
        client.send(client.frame(Opcode.TEXT, SUBSCRIBE[:20].encode(), final=False))
        client.send(client.frame(Opcode.PING, b"in between"))
        client.send(client.frame(Opcode.CONT, SUBSCRIBE[20:].encode()))
        assert await client.read_frame() == (Opcode.PONG, b"in between")
        await sight.until(lambda: len(sight.seen) == 3)
        text = json.dumps({"type": "raw", "topic": "alerts", "data": "x" * 1_500, "more": 1}).encode()
        listener.hub.publish(Timed(0, 0, "alerts", "raw", text))
        await sight.until(lambda: len(sight.seen) == 4)
    await listener.stop()
    assert sight.seen[0] == ("client", SeenControl(Opcode.PING, b"in between"))
    assert ("client", SeenMessage(SUBSCRIBE.encode(), binary=False, fragments=(20, len(SUBSCRIBE) - 20))) in sight.seen
    assert sight.seen[3] == ("server", SeenMessage(text, binary=False, fragments=(1024, len(text) - 1024)))


@pytest.mark.parametrize(("offered", "agreed"), [(["v2", "v1"], "v1"), (["v3"], None), (None, None)])
async def test_the_subprotocol_is_that_on_which_client_and_server_agree(
    offered: list[str] | None, agreed: str | None
) -> None:
    entries = list[Entry]()
    notes = Stenographer(entries.append, lambda: 0)

    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(f"{connection.subprotocol}: {message!r}")

    def choose(connection: ServerConnection, subprotocols: Sequence[Subprotocol]) -> Subprotocol | None:
        return Subprotocol("v1") if "v1" in subprotocols else None

    async with websockets_serve(
        echo, "127.0.0.1", 0, subprotocols=[Subprotocol("v1")], select_subprotocol=choose
    ) as server:
        route = Route(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws")
        protocols = None if offered is None else [Subprotocol(each) for each in offered]
        async with (
            Proxy(route, "127.0.0.1", 0, notes.open) as proxy,
            connect(proxy.url, subprotocols=protocols) as client,
        ):
            assert client.subprotocol == agreed
            await client.send("hello")
            assert await client.recv() == f"{agreed}: 'hello'"
    assert isinstance(entries[0], Open)
    assert entries[0].subprotocol == (agreed or "")


async def test_the_origin_is_kept_and_a_refusal_passes_as_it_is(
    listener: Listener, through: Through, sight: Sight
) -> None:
    async with through(listener.port) as proxy:
        async with connect(proxy.url, origin="http://friend.example"):  # type: ignore[arg-type]
            pass
        with pytest.raises(InvalidStatus) as refused:
            await connect(proxy.url, origin="http://foe.example")  # type: ignore[arg-type]
    assert refused.value.response.status_code == 403
    assert b"cors.origins" in bytes(refused.value.response.body or b"")
    assert [answer.status for answer in sight.opened] == [101, 403]


async def test_http_endpoints_pass_and_connections_are_kept_alive(listener: Listener, through: Through) -> None:
    async with through(listener.port) as proxy, RawClient("127.0.0.1", proxy.port) as client:
        for path, wanted in (("/ws/health", 200), ("/ws/metrics", 200), ("/elsewhere", 404)):
            status, _, body = await client.request(f"GET {path} HTTP/1.1\nHost: localhost")
            assert status == wanted
        status, _, body = await client.request("HEAD /ws/status HTTP/1.1\nHost: localhost")
        assert (status, body) == (200, b"")
        await client.open()
        client.say('{"type":"ping"}')
        assert '"pong"' in await client.read_text()


async def test_a_proxy_that_goes_says_goodbye_to_both_sides(listener: Listener, through: Through, sight: Sight) -> None:
    async with through(listener.port) as proxy:
        client = await connect(proxy.url)
        lingering = RawClient("127.0.0.1", proxy.port)
        await lingering.__aenter__()
    with pytest.raises(ConnectionClosed) as closed:
        await client.recv()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "the proxy is shutting down")
    assert await lingering.read_to_end() == b""
    await lingering.__aexit__(None, None, None)
    await asyncio.sleep(0)
    assert len(proxy) == 0


async def test_an_address_in_use_is_told(listener: Listener, sight: Sight) -> None:
    with pytest.raises(ReachError, match="the port is in use by another program"):
        async with Proxy(Route("ws://localhost/ws"), "127.0.0.1", listener.port, sight.open):
            pass
