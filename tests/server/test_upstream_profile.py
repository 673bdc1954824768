"""The upstream profile over real sockets, row by row of docs/upstream-profile.md."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.frames import Opcode

from pvws.server.hub import Hub
from pvws.server.listener import Listener
from pvws.server.settings import Auth, Cors, Limits, Settings, Timeouts
from pvws.session.access import Token
from pvws.sim.source import Timed
from pvws.timestamp import Timestamp
from pvws.wire.profiles import UPSTREAM, Quirks
from tests.support.raw_client import RawClient

NOW = Timestamp.parse("2024-01-01T00:00:00.123456Z")
GO_TIME = re.compile(r"2024-01-01T00:00:00\.123456\d{0,3}Z")
EVENT = (
    b'{"type":"file_deleted","topic":"file_operations","data":{"key":"k<1>","node":"n",'
    b'"timestamp":"2024-01-01T00:00:00.123Z"},"timestamp":"2024-01-01T00:00:00.123Z"}'
)


@asynccontextmanager
async def upstream(quirks: Quirks = UPSTREAM, **settings: Any) -> AsyncIterator[Listener]:
    ids = count()
    hub = Hub(asyncio.get_running_loop())
    listener = Listener(hub, lambda: NOW, lambda: f"{next(ids):032x}", Settings(quirks=quirks, **settings))
    await listener.start("127.0.0.1", 0)
    try:
        yield listener
    finally:
        await listener.stop()


@asynccontextmanager
async def client_of(listener: Listener, *topics: str) -> AsyncIterator[RawClient]:
    """A client subscribed as the real server has it, which has fenced its subscriptions with a ping (A4)."""
    async with RawClient("127.0.0.1", listener.port) as client:
        await client.open()
        for topic in topics:
            client.say(json.dumps({"type": "subscribe", "data": topic}))
        await fence(client)
        yield client


async def fence(client: RawClient) -> dict[str, Any]:
    """Send a ping; the next message must be its pong."""
    client.say('{"type":"ping"}')
    pong: dict[str, Any] = json.loads(await client.read_text())
    assert pong["type"] == "pong"
    return pong


def publish(listener: Listener, text: bytes = EVENT, number: int = 7) -> None:
    listener.hub.publish(Timed(NOW.micros, number, "file_operations", "file_deleted", text))


async def test_only_a_topic_under_data_subscribes_and_events_say_broadcast() -> None:
    async with upstream() as listener, client_of(listener, "file_operations") as client:
        client.say('{"type":"unsubscribe","topic":"file_operations"}')
        await fence(client)
        publish(listener)
        assert await client.read_text() == (
            '{"type":"broadcast","topic":"file_operations","data":{"key":"k\\u003c1\\u003e","node":"n",'
            '"timestamp":"2024-01-01T00:00:00.123456007Z"},"timestamp":"2024-01-01T00:00:00.123456007Z"}'
        )
        client.say('{"type":"unsubscribe","data":"file_operations"}')
        await fence(client)
        publish(listener)
        await fence(client)


async def test_any_string_is_a_topic() -> None:
    async with upstream() as listener, client_of(listener, "weather") as client:
        listener.hub.publish(Timed(NOW.micros, 1, "weather", "rain", b'{"type":"rain"}'))
        assert await client.read_text() == '{"type":"rain"}'


@pytest.mark.parametrize(
    "bad",
    [
        b"nonsense",
        b"[]",
        b"",
        b'{"type":"subscribe","topic":"alerts"}',
        b'{"type":"hello"}',
        b'{"type":1}',
        b'{"type":"ping","timestamp":"2024-01-01"}',
        b'{"type":"ping"}\n{"type":"ping"}',
        b'{"type":"auth","data":{"token":"t"}}',
    ],
)
async def test_bad_input_is_met_with_silence(bad: bytes) -> None:
    async with upstream() as listener, client_of(listener) as client:
        client.send(client.frame(Opcode.TEXT, bad))
        await fence(client)


async def test_a_text_that_is_not_utf_8_closes_nothing() -> None:
    async with upstream() as listener, client_of(listener) as client:
        client.send(client.frame(Opcode.TEXT, b'{"type":"ping","x":"\xff"}'))
        assert json.loads(await client.read_text())["type"] == "pong"


async def test_keys_match_whatever_their_case_and_a_binary_frame_is_text() -> None:
    async with upstream() as listener, client_of(listener) as client:
        client.send(client.frame(Opcode.BINARY, b'{"TYPE":"ping"}'))
        assert json.loads(await client.read_text())["type"] == "pong"


async def test_a_pong_has_gos_time_and_the_clients_id() -> None:
    async with upstream() as listener, client_of(listener) as client:
        pong = await fence(client)
        assert GO_TIME.fullmatch(pong["timestamp"])
        assert pong["clientId"] == "0" * 32


async def test_512_bytes_pass_and_513_close_with_1009_and_no_reason() -> None:
    async with upstream() as listener, client_of(listener) as client:
        client.send(client.frame(Opcode.TEXT, b'{"type":"ping"}'.ljust(512)))
        assert json.loads(await client.read_text())["type"] == "pong"
        client.send(client.frame(Opcode.TEXT, b'{"type":"ping"}'.ljust(513)))
        assert await client.read_close() == (1009, "")


async def test_there_is_no_rate_limit_no_connection_limit_and_no_authentication() -> None:
    settings: dict[str, Any] = {"limits": Limits(max_connections=1), "auth": Auth((Token("t"),))}
    async with upstream(**settings) as listener, client_of(listener) as client, client_of(listener):
        for _ in range(300):
            await fence(client)


async def test_messages_of_one_turn_are_joined_and_answers_to_what_came_in_one_piece_as_well() -> None:
    async with upstream() as listener, client_of(listener, "file_operations") as client:
        for number in range(3):
            publish(listener, number=number)
        assert len((await client.read_text()).split("\n")) == 3
        client.send(client.frame(Opcode.TEXT, b'{"type":"ping"}') * 2)
        assert [json.loads(line)["type"] for line in (await client.read_text()).split("\n")] == ["pong", "pong"]


async def test_long_messages_come_in_frames_of_1024_bytes_that_a_library_puts_together() -> None:
    text = EVENT.replace(b"k<1>", b"k" * 3_000)
    async with (
        upstream() as listener,
        client_of(listener, "file_operations") as client,
        connect(listener.url) as library,
    ):
        await library.send('{"type":"subscribe","data":"file_operations"}')
        await library.send('{"type":"ping"}')
        await library.recv()
        publish(listener, EVENT)
        publish(listener, text)
        frames = []
        while not frames or not frames[-1][0] & 0x80:
            first, length = await client.reader.readexactly(2)
            if length == 126:
                length = int.from_bytes(await client.reader.readexactly(2), "big")
            frames.append((first, await client.reader.readexactly(length)))
        assert frames[0][0] == Opcode.TEXT
        assert [first & 0x0F for first, _ in frames[1:]] == [Opcode.CONT] * (len(frames) - 1)
        assert b"".join(payload for _, payload in frames).decode() == await library.recv()


async def test_a_client_too_far_behind_gets_its_queue_and_a_close_frame_without_a_code() -> None:
    async with upstream() as listener, client_of(listener, "file_operations") as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(2_000):
            publish(listener, EVENT.replace(b"k<1>", b"k" * 2_000))
            listener.hub.flush()
        assert listener.figures().disconnects == {"would_have_crashed": 1}
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        client.send(client.frame(Opcode.CLOSE, b""))
        assert (await client.read_to_end()).endswith(b"\x88\x00")


async def test_with_crash_everybody_is_cut_and_new_clients_are_refused() -> None:
    quirks = Quirks(subscribe_by_data=True, queue=5, crash=True)
    async with upstream(quirks) as listener, RawClient("127.0.0.1", listener.port) as other:
        await other.open()
        async with client_of(listener, "file_operations") as client:
            client.writer.transport.pause_reading()  # type: ignore[attr-defined]
            while not listener.figures().disconnects:
                publish(listener, EVENT.replace(b"k<1>", b"k" * 100_000))
                listener.hub.flush()
            await gone(other)
        async with RawClient("127.0.0.1", listener.port) as late:
            await gone(late)


async def gone(client: RawClient) -> None:
    """Return once the server has cut a client: with a reset, or with the end of the stream."""
    with suppress(ConnectionError):
        assert await client.read_to_end() == b""


async def test_a_close_frame_is_answered_with_its_code_and_no_reason() -> None:
    async with upstream() as listener:
        for payload, answer in (((1000).to_bytes(2, "big") + b"bye", (1000, "")), (b"", (0, ""))):
            async with client_of(listener) as client:
                client.send(client.frame(Opcode.CLOSE, payload))
                assert await client.read_close() == answer
                assert await client.read_to_end() == b""


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"\x81\x01x", "bad MASK"),
        (b"\xc1\x80\0\0\0\0", "RSV1 set"),
        (b"\x83\x80\0\0\0\0", "bad opcode 3"),
        (b"\x09\x80\0\0\0\0", "FIN not set on control"),
        (b"\x80\x80\0\0\0\0", "continuation after FIN"),
        (b"\x88\x82\0\0\0\0\x03\xed", "bad close code 1005"),
        (b"\x88\x83\0\0\0\0\x03\xe8\xff", "invalid utf8 payload in close frame"),
    ],
)
async def test_protocol_errors_close_with_1002_and_gorillas_words(frame: bytes, reason: str) -> None:
    async with upstream() as listener, client_of(listener) as client:
        client.send(frame)
        assert await client.read_close() == (1002, reason)


async def test_only_pongs_renew_the_pong_wait_and_then_the_client_is_cut() -> None:
    timeouts = Timeouts(ping_period=50_000, pong_wait=200_000)
    async with upstream(timeouts=timeouts) as listener, client_of(listener) as client:
        stream = b""
        try:
            while piece := await client.reader.read(100):
                stream += piece
                client.send(client.frame(Opcode.PING, b""))  # no pong: it counts for nothing
        except ConnectionError:
            pass
        assert b"\x89\x00" in stream
        assert b"\x88" not in stream, "no close frame"


async def test_a_server_that_stops_sends_no_close_frame() -> None:
    async with upstream() as listener, client_of(listener) as client:
        await listener.stop()
        assert await client.read_to_end() == b""


async def test_the_handshake_has_three_headers_and_no_extension() -> None:
    async with upstream(cors=Cors(origins=("http://other",))) as listener, RawClient("127.0.0.1", listener.port) as raw:
        head = raw.handshake_head(
            Origin="http://here", Sec_WebSocket_Extensions="permessage-deflate", Sec_WebSocket_Protocol="chat"
        )
        status, headers, _ = await raw.request(head)
        assert status == 101
        assert [*headers] == ["upgrade", "connection", "sec-websocket-accept"]


async def test_a_frame_in_the_segment_of_the_handshake_makes_the_connection_vanish() -> None:
    async with upstream() as listener, RawClient("127.0.0.1", listener.port) as raw:
        head = raw.handshake_head().replace("\n", "\r\n").encode() + b"\r\n\r\n"
        raw.send(head + raw.frame(Opcode.TEXT, b'{"type":"ping"}'))
        await gone(raw)


GO_CORS = {
    "access-control-allow-credentials": "true",
    "access-control-allow-headers": "Content-Type, Authorization",
    "access-control-allow-methods": "GET, POST, OPTIONS",
}


@pytest.mark.parametrize(
    ("head", "status", "body"),
    [
        ("GET /ws HTTP/1.1\nHost: h", 400, b"Bad Request\n"),
        ("POST /ws HTTP/1.1\nHost: h", 400, b"Bad Request\n"),
        ("GET /ws HTTP/1.1\nHost: h\nUpgrade: websocket\nConnection: Upgrade", 400, b"Bad Request\n"),
        ("POST /ws HTTP/1.1\nHost: h\nUpgrade: websocket\nConnection: Upgrade", 405, b"Method Not Allowed\n"),
        ("GET /nowhere HTTP/1.1\nHost: h", 404, b"404 page not found\n"),
        ("GET /ws/ HTTP/1.1\nHost: h", 404, b"404 page not found\n"),
        ("OPTIONS /anything HTTP/1.1\nHost: h", 200, b""),
    ],
)
async def test_refusals_are_in_gos_words_with_cors_headers(head: str, status: int, body: bytes) -> None:
    async with upstream() as listener, RawClient("127.0.0.1", listener.port) as raw:
        answered, headers, text = await raw.request(head)
        assert (answered, text) == (status, body)
        assert {name: value for name, value in headers.items() if name in GO_CORS} == GO_CORS
        assert headers["access-control-allow-origin"] == ""
        await raw.open()  # the connection stays open


async def test_endpoints_have_gos_bodies_whatever_the_method() -> None:
    async with upstream() as listener, RawClient("127.0.0.1", listener.port) as raw:
        for method in ("GET", "POST", "DELETE"):
            _, headers, body = await raw.request(f"{method} /ws/health HTTP/1.1\nHost: h\nOrigin: http://here")
            assert headers["content-type"] == "application/json"
            assert headers["access-control-allow-origin"] == "http://here"
            assert "vary" not in headers
            assert re.fullmatch(
                rb'\{"status":"healthy","timestamp":"[^"]+Z","uptime":"[^"]+s","version":"1\.0\.0"\}\n', body
            )
        async with client_of(listener) as client:
            client.send(client.frame(Opcode.CLOSE, b""))
            assert (await client.read_to_end())[:1] == b"\x88"
        _, _, body = await raw.request("GET /ws/metrics HTTP/1.1\nHost: h")
        assert json.loads(body)["websocket"]["total_connections"] == 0, "it falls when clients leave"
        _, _, body = await raw.request("GET /ws/status HTTP/1.1\nHost: h")
        assert json.loads(body)["server"]["name"] == "PeerVault WebSocket API"
