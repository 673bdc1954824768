import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import pytest
from websockets.frames import Opcode

from pvws.scenario.faults.refusal import Refusal
from pvws.server.listener import Listener
from pvws.server.room import Caller, Hold
from pvws.server.settings import Settings, Timeouts
from pvws.server.websocket import WebSocket
from tests.support.raw_client import RawClient

Raw: TypeAlias = Callable[[], AbstractAsyncContextManager[RawClient]]
Opened: TypeAlias = Callable[..., AbstractAsyncContextManager[RawClient]]
Publish: TypeAlias = Callable[[str, str], None]

PONG = '{"type":"pong","timestamp":"2024-01-01T00:00:00.000Z","clientId":"%032x"}'


async def test_a_handshake_is_answered_as_rfc_6455_has_it(raw: Raw) -> None:
    async with raw() as client:
        head = client.handshake_head(Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==")
        status, headers, _ = await client.request(head)
        assert status == 101
        assert headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # section 1.3's own example
        assert headers["upgrade"].lower() == "websocket"


async def test_frames_that_come_with_the_handshake_are_answered_behind_the_101(raw: Raw) -> None:
    async with raw() as client:
        ping = client.frame(Opcode.TEXT, b'{"type":"ping"}')
        client.send(client.handshake_head().replace("\n", "\r\n").encode() + b"\r\n\r\n" + ping)
        assert (await client.response())[0] == 101
        assert await client.read_text() == PONG % 0


@pytest.mark.parametrize(
    ("changes", "status", "header"),
    [
        ({"Upgrade": ""}, 426, ("upgrade", "websocket")),
        ({"Connection": ""}, 426, ("upgrade", "websocket")),
        ({"Sec_WebSocket_Key": ""}, 400, ("sec-websocket-version", "13")),
        ({"Sec_WebSocket_Key": "short"}, 400, ("sec-websocket-version", "13")),
        ({"Sec_WebSocket_Version": "12"}, 400, ("sec-websocket-version", "13")),
    ],
)
async def test_a_bad_handshake_is_refused_and_a_good_one_may_follow(
    raw: Raw, changes: dict[str, str], status: int, header: tuple[str, str]
) -> None:
    async with raw() as client:
        answered, headers, body = await client.request(client.handshake_head(**changes))
        assert answered == status
        assert headers[header[0]] == header[1]
        assert body
        await client.open()


async def test_http_and_then_a_websocket_on_one_connection(raw: Raw) -> None:
    async with raw() as client:
        for path in ("/ws/health", "/ws/metrics", "/ws/status"):
            status, headers, body = await client.request(f"GET {path} HTTP/1.1\nHost: h")
            assert (status, headers["content-type"]) == (200, "application/json")
            assert json.loads(body)["timestamp"]
        status, headers, body = await client.request("HEAD /ws/health HTTP/1.1\nHost: h")
        assert (status, body) == (200, b"")
        assert (await client.request("POST /ws/health HTTP/1.1\nHost: h\nContent-Length: 3", b"abc"))[0] == 405
        assert (await client.request("GET /nowhere HTTP/1.1\nHost: h"))[0] == 404
        await client.open("/ws?unknown=parameter")


async def test_garbage_is_answered_with_400_and_the_end(raw: Raw) -> None:
    async with raw() as client:
        client.send(b"garbage\r\n\r\n")
        assert (await client.response())[0] == 400
        assert await client.read_to_end() == b""


async def test_a_client_that_never_completes_its_handshake_is_gone_after_the_read_timeout(listener: Listener) -> None:
    listener.settings = Settings(timeouts=Timeouts(read=50_000))
    async with RawClient("127.0.0.1", listener.port) as client:
        client.send(b"GET /ws HTTP/1.1\r\n")
        with pytest.raises(ConnectionResetError):
            assert await client.read_to_end() == b""
            raise ConnectionResetError  # an end of the stream is as good


async def test_requests_of_a_client_that_does_not_read_the_answers_are_not_read_for_ever(raw: Raw) -> None:
    async with raw() as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        request = b"GET /ws/status HTTP/1.1\r\nHost: h\r\n\r\n" * 1_000
        for _ in range(400):
            client.send(request)
        await asyncio.sleep(0)
        for _ in range(50):
            waiting = client.writer.transport.get_write_buffer_size()
            await asyncio.sleep(0.01)
            if waiting and waiting == client.writer.transport.get_write_buffer_size():
                break
        else:
            pytest.fail("the server took it all")


# What once went wrong


async def test_requests_that_are_not_read_do_not_make_a_websocket_that_is_deaf(raw: Raw, publish: Publish) -> None:
    async with raw() as client:
        requests = b"GET /ws/status HTTP/1.1\r\nHost: h\r\n\r\n" * 4_000
        upgrade = client.handshake_head().replace("\n", "\r\n").encode() + b"\r\n\r\n"
        client.send(requests + upgrade + client.frame(Opcode.TEXT, b'{"type":"ping"}'))
        for _ in range(4_000):
            assert (await client.response())[0] == 200
        assert (await client.response())[0] == 101
        assert await client.read_text() == PONG % 0


@pytest.mark.parametrize("request_line", ["GET http://[bad/ws HTTP/1.1", "GET /\x00 HTTP/1.1", "\x80\x81 / HTTP/1.1"])
async def test_a_target_that_is_none_is_answered_with_400(raw: Raw, request_line: str) -> None:
    async with raw() as client:
        client.send(request_line.encode("latin-1") + b"\r\nHost: h\r\n\r\n")
        status, headers, _ = await client.response()
        assert (status, headers["connection"]) == (400, "close")
        assert await client.read_to_end() == b""


async def test_a_handshake_at_a_wrong_path_is_told_where_a_websocket_is_and_logged_once(
    raw: Raw, caplog: pytest.LogCaptureFixture
) -> None:
    async with raw() as client:
        for path in ("/", "/", "/socket"):
            status, _, body = await client.request(client.handshake_head(path))
            assert (status, body) == (404, f"expected a WebSocket at /ws, got {path}\n".encode())
    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert told == [f"127.0.0.1 was answered 404: a WebSocket is at /ws, not at {path}" for path in ("/", "/socket")]


async def test_garbage_behind_a_head_request_is_answered(raw: Raw) -> None:
    async with raw() as client:
        assert (await client.request("HEAD /ws/health HTTP/1.1\nHost: h"))[0] == 200
        client.send(b"garbage\r\n\r\n")
        assert (await client.response())[0] == 400


async def test_a_client_that_waits_to_be_told_to_go_on_is_told(raw: Raw) -> None:
    async with raw() as client:
        client.send(b"POST /ws/health HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert (await client.response(has_body=False))[0] == 100
        client.send(b"abc")
        assert (await client.response())[0] == 405


async def test_who_connects_while_the_server_stops_is_answered_503_and_does_not_keep_it(
    opened: Opened, listener: Listener
) -> None:
    async with opened() as client, RawClient("127.0.0.1", listener.port) as silent:
        stopping = asyncio.ensure_future(listener.stop())
        assert (await client.read_close())[0] == 1001
        async with RawClient("127.0.0.1", listener.port) as late:
            status, headers, _ = await late.request(late.handshake_head())
            assert (status, headers["connection"]) == (503, "close")
        assert await silent.read_to_end() == b""
        client.send(client.frame(Opcode.CLOSE, (1001).to_bytes(2, "big")))
        await stopping


# What the room says of a handshake


@pytest.mark.parametrize("status", [401, 403, 503, 307, 599])
async def test_a_handshake_that_the_room_refuses_is_answered_and_the_next_is_one_more(
    raw: Raw, listener: Listener, status: int
) -> None:
    callers: list[Caller] = []

    def attempt(caller: Caller) -> Refusal | None:
        callers.append(caller)
        caller.number = len(callers)
        return Refusal(status, "not now\n", (("Retry-After", "7"),)) if len(callers) < 3 else None

    listener.main.attempt = attempt  # type: ignore[method-assign]
    async with raw() as client:
        for _ in range(2):
            answered, headers, body = await client.request(client.handshake_head("/ws?client=dash", Origin="http://o"))
            assert (answered, headers["retry-after"], body) == (status, "7", b"not now\n")
            assert headers["access-control-allow-origin"] == "http://o"
        await client.open("/ws?client=dash")
        (websocket,) = listener._connections
        assert isinstance(websocket, WebSocket)
        assert (websocket.number, websocket.name) == (3, "dash")
    assert [(caller.address, caller.name) for caller in callers] == [("127.0.0.1", "dash")] * 3


@pytest.mark.parametrize("refusal", [None, Refusal(503)])
async def test_a_handshake_that_is_held_is_answered_when_the_room_says_so(
    raw: Raw, listener: Listener, refusal: Refusal | None
) -> None:
    hold = Hold()
    listener.main.attempt = lambda caller: hold  # type: ignore[method-assign]
    async with raw() as client, raw() as other:
        ping = client.frame(Opcode.TEXT, b'{"type":"ping"}') if refusal is None else b""
        client.send(client.handshake_head().replace("\n", "\r\n").encode() + b"\r\n\r\n" + ping)
        assert (await other.request("GET /ws/health HTTP/1.1\nHost: h"))[0] == 200
        client.send(ping)
        assert (await other.request("GET /ws/health HTTP/1.1\nHost: h"))[0] == 200
        assert not client.reader._buffer  # type: ignore[attr-defined]
        hold.go_on(refusal)
        if refusal is None:
            assert (await client.response())[0] == 101
            assert [await client.read_text(), await client.read_text()] == [PONG % 0] * 2
        else:
            assert (await client.response())[0] == 503
            assert (await client.request("GET /ws/health HTTP/1.1\nHost: h"))[0] == 200


async def test_a_client_that_does_not_wait_for_a_held_handshake_is_forgotten(raw: Raw, listener: Listener) -> None:
    dropped = asyncio.Event()
    hold = Hold(lambda hold: dropped.set())
    listener.main.attempt = lambda caller: hold  # type: ignore[method-assign]
    async with raw() as client:
        client.send(client.handshake_head().replace("\n", "\r\n").encode() + b"\r\n\r\n")
        await asyncio.sleep(0.01)
    await dropped.wait()
    hold.go_on(None)
    assert len(listener.hub) == 0


async def test_what_is_sent_before_a_held_handshake_is_answered_is_not_read_for_ever(
    raw: Raw, listener: Listener
) -> None:
    hold = Hold()
    listener.main.attempt = lambda caller: hold  # type: ignore[method-assign]
    async with raw() as client:
        client.send(client.handshake_head().replace("\n", "\r\n").encode() + b"\r\n\r\n")
        frames = client.frame(Opcode.PING, bytes(125)) * 100_000
        client.send(frames)
        waiting = -1
        while waiting != (waiting := client.writer.transport.get_write_buffer_size()):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
        assert waiting, "somebody reads it all"
        hold.go_on(None)
        assert (await client.response())[0] == 101
        assert await client.read_frame() == (Opcode.PONG, bytes(125))


@pytest.mark.parametrize("name", ["3", "", "-dash", "a" * 65, "dash%20board", "d%C3%A4sh"])
async def test_a_name_that_is_none_is_refused(raw: Raw, name: str) -> None:
    async with raw() as client:
        status, _, body = await client.request(client.handshake_head(f"/ws?client={name}"))
        assert (status, body.partition(b":")[0]) == (400, b"client")
        await client.open("/ws?client=Dash-board_1.0")
