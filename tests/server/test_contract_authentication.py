"""The contract's "Authentication" over real sockets: three ways to present a token, and all ways to fail."""

import asyncio
import json
import time
from typing import Any
from urllib.parse import quote

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.frames import Opcode

from pvws.server.settings import Auth, Settings
from pvws.session.access import Grant, Token
from pvws.wire.topics import Topic
from tests.support.raw_client import RawClient
from tests.support.served import Served, served

SENTENCE = "Invalid authentication credentials"
PING = '{"type":"ping"}'
TOKENS = (
    Token("right"),
    Token("sp ace+&=ä"),
    Token("only alerts", Grant(frozenset({Topic.ALERTS}))),
    Token("expired", Grant(expires=1_000_000)),
)
REQUIRED = Settings(auth=Auth(tokens=TOKENS))


def auth(token: object, kind: str = "auth") -> str:
    return json.dumps({"type": kind, "data": {"token": token}})


def subscribe(topic: str) -> str:
    return json.dumps({"type": "subscribe", "topic": topic})


async def answers(client: RawClient) -> None:
    """See that the client is let do what it likes."""
    client.say(PING)
    assert json.loads(await client.read_text())["type"] == "pong"


async def is_refused(client: RawClient, detail: str | None = None) -> None:
    """See that it is told AUTH_FAILED, closed with 1008, and heard no more."""
    error: dict[str, Any] = json.loads(await client.read_text())
    assert error["data"] == {"code": "AUTH_FAILED", "message": SENTENCE if detail is None else f"{SENTENCE}: {detail}"}
    assert await client.read_close() == (1008, "authentication failed")
    client.say(auth("right"))
    client.say(PING)
    client.send(client.frame(Opcode.CLOSE, (1008).to_bytes(2, "big")))
    assert await client.read_to_end() == b""


async def opened(server: Served, client: RawClient, way: str, token: str) -> None:
    """Connect and present a token in one of the ways."""
    if way == "query":
        await client.open(f"/ws?token={quote(token)}")
    elif way == "header":
        await client.open(Authorization=f"Bearer {token}")
    else:
        await client.open()
        client.say(auth(token, way))


@pytest.mark.parametrize("way", ["query", "header", "auth", "connection_init"])
async def test_a_right_token_is_taken_in_each_way_and_a_wrong_or_expired_one_in_none(way: str) -> None:
    async with served(REQUIRED) as server:
        async with server.client() as client:
            await opened(server, client, way, "right")
            await answers(client)
            await server.subscribe(client, "alerts", "system")
            server.publish("system", "an event")
            assert await client.read_text() == "an event"
        for wrong in ("wrong", "Right", "righ", "right2", "expired", ""):
            async with server.client() as client:
                await opened(server, client, way, wrong)
                await is_refused(client)
        figures = await server.figures()
        assert figures["errors_sent"] == {"AUTH_FAILED": 6}
        assert figures["disconnects"] == {"auth_failed": 6}


@pytest.mark.parametrize("way", ["query", "auth"])
async def test_a_token_may_hold_any_characters(way: str) -> None:
    async with served(REQUIRED) as server, server.client() as client:
        await opened(server, client, way, "sp ace+&=ä")
        await answers(client)


async def test_the_first_way_present_is_judged_and_another_rescues_nothing() -> None:
    async with served(REQUIRED) as server:
        async with server.client() as client:
            await client.open("/ws?token=wrong", Authorization="Bearer right")
            await is_refused(client)
        async with server.client() as client:
            await client.open("/ws?token=right", Authorization="Bearer wrong")
            await answers(client)
        async with server.client() as client:
            await client.open(Authorization="Basic cmlnaHQ=")  # no bearer, so none was presented
            client.say(auth("right"))
            await answers(client)
        async with server.client() as client:
            head = client.handshake_head(Authorization="Bearer wrong").replace("\n", "\r\n").encode() + b"\r\n\r\n"
            client.send(head + client.frame(Opcode.TEXT, auth("right").encode()))
            assert (await client.response())[0] == 101
            await is_refused(client)


@pytest.mark.parametrize(
    "first", [PING, subscribe("alerts"), "nonsense", "{}", '{"type":"auth"}', '{"type":"auth","data":{"token":7}}']
)
async def test_who_has_presented_no_token_may_only_send_auth(first: str) -> None:
    async with served(REQUIRED) as server, server.client() as client:
        await client.open()
        client.say(first)
        await is_refused(client, "expected an auth message first")


async def test_who_presents_no_token_in_time_is_told_and_closed() -> None:
    settings = Settings(auth=Auth(tokens=TOKENS, timeout=150_000))
    async with served(settings) as server, server.client() as late, server.client() as punctual:
        await late.open()
        await punctual.open()
        punctual.say(auth("right"))
        began = asyncio.get_running_loop().time()
        server.publish("alerts", "nobody's")
        await is_refused(late, "no auth message came within 0.15 s")
        assert 0.1 < asyncio.get_running_loop().time() - began < 1
        await answers(punctual)


async def test_a_topic_that_the_token_does_not_permit_is_refused_and_the_connection_stays() -> None:
    async with served(REQUIRED) as server, server.client() as client:
        await client.open("/ws?token=only%20alerts")
        client.say(subscribe("system"))
        error = json.loads(await client.read_text())
        assert error["data"] == {
            "code": "AUTH_FAILED",
            "message": f'{SENTENCE}: topic: expected one that the token permits (alerts); got "system"',
        }
        await server.subscribe(client, "alerts")
        server.publish("system", "not permitted")
        server.publish("alerts", "permitted")
        assert await client.read_text() == "permitted"


async def test_a_token_that_expires_ends_an_open_connection() -> None:
    expiring = Token("for a while", Grant(expires=(time.time_ns() // 1000) + 400_000))
    async with served(Settings(auth=Auth(tokens=(expiring, Token("right"))))) as server:
        async with server.client() as ending, server.client() as renewed:
            for client in (ending, renewed):
                await client.open("/ws?token=for%20a%20while")
                await server.subscribe(client, "alerts")
            renewed.say(auth("right"))
            server.publish("alerts", "still here")
            assert await ending.read_text() == await renewed.read_text() == "still here"
            await is_refused(ending, "the token has expired")
            server.publish("alerts", "only one is")
            assert await renewed.read_text() == "only one is"
        async with server.client() as client:
            await client.open("/ws?token=for%20a%20while")
            await is_refused(client)


async def test_a_further_token_replaces_the_first_if_it_is_right() -> None:
    async with served(REQUIRED) as server, server.client() as client:
        await client.open("/ws?token=right")
        await server.subscribe(client, "alerts", "system")
        client.say(auth("only alerts"))
        await answers(client)
        server.publish("system", "no longer permitted")
        server.publish("alerts", "permitted")
        assert await client.read_text() == "permitted"
        client.say(auth("wrong"))
        await is_refused(client)


@pytest.mark.parametrize("path", ["/ws", "/ws?token=anything"])
async def test_without_tokens_everyone_may_do_everything(path: str) -> None:
    async with served() as server, server.client() as client:
        await client.open(path, Authorization="Bearer whatever")
        client.say(auth("anything"))
        await server.subscribe(client, "alerts", "system", "peer_network", "file_operations")


async def test_http_endpoints_need_no_token() -> None:
    async with served(REQUIRED) as server:
        assert (await server.figures())["active_connections"] == 0


async def test_reject_handshake_answers_401_and_the_connection_lives_on() -> None:
    settings = Settings(auth=Auth(tokens=TOKENS, reject="handshake"))
    async with served(settings) as server, server.client() as client:
        for path, header in (("/ws?token=wrong", ""), ("/ws?token=expired", ""), ("/ws", "Bearer wrong")):
            status, headers, body = await client.request(client.handshake_head(path, Authorization=header))
            assert (status, headers["www-authenticate"], body) == (401, "Bearer", b"wrong token\n")
            assert headers["vary"] == "Origin"
        await client.open("/ws?token=right")
        await answers(client)
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{server.url}?token=wrong")
        assert refused.value.response.status_code == 401
        async with server.client() as silent:
            await silent.open()
            silent.say(auth("wrong"))
            await is_refused(silent)


async def test_a_client_of_the_library_sees_the_error_and_then_1008() -> None:
    async with (
        served(REQUIRED) as server,
        connect(server.url, additional_headers={"Authorization": "Bearer x"}) as client,
    ):
        assert json.loads(await client.recv())["data"]["code"] == "AUTH_FAILED"
        with pytest.raises(ConnectionClosedError) as closed:
            await client.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008


async def test_a_refused_client_leaves_nothing_behind() -> None:
    async with served(REQUIRED) as server:
        clients = [server.client() for _ in range(30)]
        for client in clients:
            await client.__aenter__()
        await asyncio.gather(*(client.open("/ws?token=wrong") for client in clients))
        await asyncio.gather(*(is_refused(client) for client in clients))
        for client in clients:
            await client.__aexit__(None, None, None)
        await server.until_alone()
        assert server.remains() == (0, 0, 0)
