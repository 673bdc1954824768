"""The contract's "Origins" and "HTTP endpoints" over real sockets: every answer, on connections that are kept alive."""

import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.frames import Opcode
from websockets.typing import Origin

from pvws.server.settings import Cors, Settings
from tests.support.raw_client import RawClient
from tests.support.served import served

HERE = "https://app.example"
LISTED = Settings(cors=Cors(origins=(HERE, "http://localhost:3000")))
OFF = Settings(cors=Cors(enabled=False))
ENDPOINTS = ("/ws/health", "/ws/metrics", "/ws/status")

# What HTTP clients can ask that is no WebSocket, and how it is answered.
ANSWERS = [
    ("GET /ws/health", 200),
    ("GET /ws/metrics", 200),
    ("GET /ws/status", 200),
    ("HEAD /ws/health", 200),
    ("HEAD /nowhere", 404),
    ("GET /ws", 426),
    ("HEAD /ws", 426),
    ("GET /nowhere", 404),
    ("GET /ws/", 404),
    ("POST /ws/health", 405),
    ("PUT /ws", 405),
    ("DELETE /ws/status", 405),
    ("PATCH /nowhere", 404),
]


async def ask(client: RawClient, line: str, *headers: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    """Ask for something; `line` is a method and a target."""
    lines = [f"{line} HTTP/1.1", "Host: localhost:8083", *headers]
    return await client.request("\n".join(lines), body)


def cors_of(headers: dict[str, str]) -> dict[str, str]:
    """The headers of an answer that browsers look at."""
    return {name: value for name, value in headers.items() if name.startswith("access-control") or name == "vary"}


# Answers


async def test_every_request_is_answered_on_one_connection_that_is_kept_alive() -> None:
    async with served() as server, server.client() as client:
        for _ in range(2):
            for line, status in ANSWERS:
                answered, headers, body = await ask(client, line)
                assert (line, answered) == (line, status)
                assert headers["content-length"].isdigit()
                assert "connection" not in headers or status == 426
                assert bool(body) is not line.startswith("HEAD")
                assert cors_of(headers) == {"vary": "Origin", "access-control-allow-origin": "*"}


async def test_405_and_426_say_what_would_be_right() -> None:
    async with served() as server, server.client() as client:
        _, headers, _ = await ask(client, "POST /ws/health")
        assert headers["allow"] == "GET, HEAD, OPTIONS"
        _, headers, _ = await ask(client, "GET /ws")
        assert (headers["upgrade"], headers["connection"], headers["sec-websocket-version"]) == (
            "websocket",
            "Upgrade",
            "13",
        )


async def test_a_post_with_a_body_and_then_a_websocket_on_one_connection() -> None:
    async with served() as server, server.client() as client:
        assert (await ask(client, "POST /ws/health", "Content-Length: 100000", body=b"x" * 100_000))[0] == 405
        chunked = b"5\r\nhello\r\n0\r\n\r\n"
        assert (await ask(client, "PUT /nowhere", "Transfer-Encoding: chunked", body=chunked))[0] == 404
        await client.open()
        await server.subscribe(client, "alerts")


async def test_a_body_that_is_held_back_until_it_is_asked_for_is_asked_for() -> None:
    async with served() as server, server.client() as client:
        client.send(b"POST /ws/health HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert (await client.response())[0] == 100
        client.send(b"abc")
        assert (await client.response())[0] == 405
        assert (await ask(client, "GET /ws/health"))[0] == 200


async def test_pipelined_requests_a_handshake_and_the_first_frames_in_one_segment() -> None:
    async with served() as server, server.client() as client:
        request = b"GET /ws/health HTTP/1.1\r\nHost: h\r\n\r\n"
        body = b"POST /ws/status HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody"
        handshake = client.handshake_head().replace("\n", "\r\n").encode() + b"\r\n\r\n"
        subscribe = client.frame(Opcode.TEXT, b'{"type":"subscribe","topic":"alerts"}')
        ping = client.frame(Opcode.TEXT, b'{"type":"ping"}')
        client.send(request + body + request + handshake + subscribe + ping[:5])
        assert [(await client.response())[0] for _ in range(4)] == [200, 405, 200, 101]
        client.send(ping[5:])
        assert json.loads(await client.read_text())["type"] == "pong"
        server.publish("alerts", "subscribed")
        assert await client.read_text() == "subscribed"


async def test_a_handshake_behind_answers_that_nobody_reads_is_done_once_they_are_read() -> None:
    """The transport is full when the upgrade comes: what waits must neither be lost nor stop the reading."""
    async with served() as server, server.client() as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        requests = 6_000
        client.send(b"GET /ws/status HTTP/1.1\r\nHost: h\r\n\r\n" * requests)
        client.send(client.handshake_head().replace("\n", "\r\n").encode() + b"\r\n\r\n")
        client.send(client.frame(Opcode.TEXT, b'{"type":"ping"}'))
        (connection,) = server.listener._connections
        while not connection._paused:  # type: ignore[attr-defined]
            assert (await server.figures())["active_connections"] == 0
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        for _ in range(requests):
            assert (await client.response())[0] == 200
        assert (await client.response())[0] == 101
        assert json.loads(await client.read_text())["type"] == "pong"
        await server.subscribe(client, "alerts")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"garbage\r\n\r\n", 400),
        (b"GET /ws/health HTTP/1.1\r\n\r\n", 400),
        (b"GET http://[ HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"GET /" + b"x" * 20_000, 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100 + b"\r\n\r\n", 400),
    ],
)
async def test_what_is_no_request_is_answered_and_the_connection_closed(sent: bytes, status: int) -> None:
    async with served() as server:
        for before in (b"", b"HEAD /ws/health HTTP/1.1\r\nHost: h\r\n\r\n"):
            async with server.client() as client:
                client.send(before + sent)
                if before:
                    assert (await client.response(has_body=False))[0] == 200
                answered, headers, body = await client.response()
                assert (answered, headers["connection"]) == (status, "close")
                assert body
                assert await client.read_to_end() == b""


async def test_what_comes_behind_the_last_request_is_not_answered_even_if_that_answer_had_to_wait() -> None:
    async with served() as server, server.client() as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        client.send(b"GET /ws/status HTTP/1.1\r\nHost: h\r\n\r\n" * 12_000 + b"garbage\r\n\r\n" * 1_000)
        (connection,) = server.listener._connections
        while not connection._paused:  # type: ignore[attr-defined]
            assert (await server.figures())["active_connections"] == 0
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        statuses = [(await client.response())[0] for _ in range(12_001)]
        assert statuses == [200] * 12_000 + [400]


async def test_a_target_may_be_a_whole_url() -> None:
    async with served() as server, server.client() as client:
        assert (await ask(client, "GET http://localhost:8083/ws/health?x=1"))[0] == 200


# Origins


@pytest.mark.parametrize(
    ("settings", "origin", "may"),
    [
        (Settings(), "https://any.example", True),
        (LISTED, HERE, True),
        (LISTED, "https://evil.example", False),
        (LISTED, "null", False),
        (LISTED, "http://[", False),
        (LISTED, "", True),  # no header: no browser
        (OFF, "http://localhost:8083", True),
        (OFF, "https://any.example", False),
        (OFF, "http://[", False),
        (OFF, "", True),
    ],
)
async def test_a_websocket_from_another_origin_gets_403_and_may_try_again(
    settings: Settings, origin: str, *, may: bool
) -> None:
    async with served(settings) as server, server.client() as client:
        head = client.handshake_head(Host="localhost:8083", Origin=origin)
        status, headers, _ = await client.request(head)
        assert status == (101 if may else 403)
        if not may:
            assert cors_of(headers) == ({"vary": "Origin"} if settings.cors.enabled else {})
            assert (await client.request(client.handshake_head()))[0] == 101


async def test_the_library_is_refused_like_a_browser() -> None:
    async with served(LISTED) as server:
        async with connect(server.url, origin=Origin(HERE)), connect(server.url):
            pass
        with pytest.raises(InvalidStatus) as refused:
            await connect(server.url, origin=Origin("https://evil.example"))
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize(("line", "status"), ANSWERS)
async def test_every_answer_has_the_headers_that_its_origin_earns(line: str, status: int) -> None:
    for settings, origin, expected in (
        (Settings(), "https://any.example", {"access-control-allow-origin": "https://any.example"}),
        (Settings(), "\xe9", {"access-control-allow-origin": "\xe9"}),
        (LISTED, HERE, {"access-control-allow-origin": HERE, "access-control-allow-credentials": "true"}),
        (LISTED, "https://evil.example", {}),
        (OFF, HERE, None),
    ):
        async with served(settings) as server, server.client() as client:
            client.send(f"{line} HTTP/1.1\r\nHost: h\r\nOrigin: {origin}\r\n\r\n".encode("latin-1"))
            head = (await client.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lines = head.strip().split("\r\n")
            assert int(lines[0].split()[1]) == status
            headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines[1:])}
            assert cors_of(headers) == ({} if expected is None else {"vary": "Origin", **expected})


@pytest.mark.parametrize("path", [*ENDPOINTS, "/ws", "*"])
async def test_a_preflight_is_answered_with_204_and_for_ten_minutes(path: str) -> None:
    preflight = ("Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization")
    allowed = {
        "vary": "Origin",
        "access-control-allow-methods": "GET, HEAD, OPTIONS",
        "access-control-allow-headers": "Authorization, Content-Type",
        "access-control-max-age": "600",
    }
    async with served() as server, server.client() as client:
        for _ in range(2):
            status, headers, body = await ask(client, f"OPTIONS {path}", "Origin: https://any.example", *preflight)
            assert (status, body) == (204, b"")
            assert "content-length" not in headers
            assert cors_of(headers) == {**allowed, "access-control-allow-origin": "https://any.example"}
    async with served(LISTED) as server, server.client() as client:
        _, headers, _ = await ask(client, f"OPTIONS {path}", f"Origin: {HERE}", *preflight)
        credentials = {"access-control-allow-origin": HERE, "access-control-allow-credentials": "true"}
        assert cors_of(headers) == {**allowed, **credentials}
        _, headers, _ = await ask(client, f"OPTIONS {path}", "Origin: https://evil.example", *preflight)
        assert cors_of(headers) == {"vary": "Origin"}


async def test_credentials_never_go_together_with_a_star() -> None:
    both = Settings(cors=Cors(origins=("*", HERE)))
    async with served(both) as server, server.client() as client:
        for line, _ in [*ANSWERS, ("OPTIONS /ws/health", 204)]:
            for origin in (f"Origin: {HERE}", "Origin: https://any.example", "X-No: origin"):
                _, headers, _ = await ask(client, line, origin)
                assert "access-control-allow-credentials" not in headers


# Metrics


async def test_metrics_are_the_same_figures_in_three_formats() -> None:
    async with served() as server, server.client() as client, server.opened("alerts"):
        server.publish("alerts", "x")
        _, headers, body = await ask(client, "GET /ws/metrics")
        figures = json.loads(body)["websocket"]
        assert headers["content-type"] == "application/json"
        assert figures["active_connections"] == 1
        assert figures["messages_received"] == 2
        assert figures["events_published"]["alerts"] == 1
        for accept, kind in (
            ("text/plain", "text/plain; version=0.0.4"),
            ("application/openmetrics-text", "application/openmetrics-text; version=1.0.0"),
        ):
            _, headers, body = await ask(client, "GET /ws/metrics", f"Accept: {accept}")
            assert headers["content-type"].startswith(kind)
            assert "pvws_connections_active 1" in body.decode().splitlines()
            assert 'pvws_events_published_total{topic="alerts"} 1' in body.decode().splitlines()
