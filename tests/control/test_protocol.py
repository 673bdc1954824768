"""uvicorn within our loop: bounds on heads and readers, its log kept from people, signals left alone."""

import asyncio
import json
import logging
import signal
from contextlib import suppress

import pytest

from pvws.control import protocol
from pvws.control.protocol import HttpServer
from tests.support.raw_client import RawClient
from tests.support.steered import Steered


async def problem(client: RawClient) -> tuple[int, str, str]:
    """Status, kind and detail of a problem that is answered before the connection is closed."""
    status, headers, body = await client.response()
    assert (headers["content-type"], headers["connection"]) == ("application/problem+json", "close")
    assert await client.read_to_end() == b""
    document = json.loads(body)
    return status, document["type"].removeprefix("urn:pvws:problem:"), document["detail"]


@pytest.mark.parametrize(
    "sent", [b"NO HTTP\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000, b"\x16\x03\x01\r\n\r\n"]
)
async def test_what_is_no_http_is_told_so(quiet: Steered, sent: bytes) -> None:
    async with RawClient("127.0.0.1", quiet.port) as client:
        client.send(sent)
        status, kind, detail = await problem(client)
        assert (status, kind) == (400, "request")
        assert detail == "invalid HTTP request received, or a head of more than 16,384 bytes"


async def test_a_head_that_does_not_come_is_not_waited_for(quiet: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIMEOUT_S", 0.01)
    for sent in (b"", b"GET /v1 HTTP/1.1\r\nHost: "):
        async with RawClient("127.0.0.1", quiet.port) as client:
            client.send(sent)
            assert (await problem(client))[:2] == (408, "slow-request")


async def test_the_head_of_a_second_request_is_not_waited_for_either(
    quiet: Steered, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with RawClient("127.0.0.1", quiet.port) as client:
        assert (await client.request("GET /v1 HTTP/1.1\nHost: localhost"))[0] == 200
        monkeypatch.setattr(protocol, "HEAD_TIMEOUT_S", 0.01)
        client.send(b"GET /v1")
        assert (await problem(client))[:2] == (408, "slow-request")


async def test_a_reader_that_takes_nothing_is_cut(quiet: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "WRITE_TIMEOUT_S", 0.05)
    await quiet.call("GET", "/v1")
    async with RawClient("127.0.0.1", quiet.port) as client:
        request = b"GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for _ in range(400):  # far more than the kernel's buffers take
            client.send(request)
        while connections(quiet):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)


def connections(server: Steered) -> int:
    """How many the server has."""
    listening = server.listening._server
    assert listening is not None, "it was called"
    return len(listening.server_state.connections)


async def test_connections_past_the_bound_are_cut(quiet: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    await quiet.call("GET", "/v1")
    while connections(quiet):  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.001)
    monkeypatch.setattr(protocol, "CONNECTIONS_MAX", 1)
    async with RawClient("127.0.0.1", quiet.port) as first:
        assert (await first.request("GET /v1 HTTP/1.1\nHost: localhost"))[0] == 200
        async with RawClient("127.0.0.1", quiet.port) as second:
            with suppress(ConnectionResetError):
                assert await second.read_to_end() == b""
        assert (await first.request("GET /v1 HTTP/1.1\nHost: localhost"))[0] == 200


async def test_an_upgrade_is_answered_as_any_request(quiet: Steered) -> None:
    async with RawClient("127.0.0.1", quiet.port) as client:
        status, _, body = await client.request(client.handshake_head("/ws"))
        assert status == 404
        assert quiet.venue.url in json.loads(body)["detail"]


async def test_signals_are_left_alone(quiet: Steered) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    await quiet.call("GET", "/v1")
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    with HttpServer(lambda scope, receive, send: asyncio.sleep(0)).capture_signals():
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


async def test_what_uvicorn_logs_is_for_those_who_asked(
    quiet: Steered, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG, "pvws.control"):
        async with RawClient("127.0.0.1", quiet.port) as client:
            client.send(b"NO HTTP\r\n\r\n")
            await problem(client)
    assert "uvicorn: Invalid HTTP request received." in [record.getMessage() for record in caplog.records]
    assert all(record.levelno <= logging.DEBUG for record in caplog.records if "uvicorn" in record.getMessage())
    assert capfd.readouterr().err == ""
