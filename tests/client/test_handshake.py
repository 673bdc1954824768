import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from websockets.asyncio.server import Request, Response, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import InvalidStatus

import pvws
from pvws.client.authentication import Presented, Way
from pvws.client.handshake import open_connection


@asynccontextmanager
async def answering(location: str | None = None) -> AsyncIterator[tuple[str, list[Request]]]:
    """A server's URL and what it was asked; it points elsewhere, if it is told where."""
    asked: list[Request] = []

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        asked.append(request)
        if location is None:
            return None
        return Response(HTTPStatus.FOUND, "Found", Headers({"Location": location, "Content-Length": "0"}))

    async def stay(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with serve(stay, "127.0.0.1", 0, process_request=answer) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws", asked


@pytest.mark.parametrize("compression", [True, False])
async def test_what_is_presented_is_sent_and_compression_offered_or_not(compression: bool) -> None:
    async with answering() as (url, asked):
        presented = Presented(f"{url}?world=w", {"Authorization": "Bearer t"}, None)
        connection = await open_connection(presented, timeout_s=5, compression=compression, tls=None)
        await connection.close()
    (request,) = asked
    assert (request.path, request.headers["Authorization"]) == ("/ws?world=w", "Bearer t")
    assert ("Sec-WebSocket-Extensions" in request.headers) is compression


@pytest.mark.parametrize("way", ["header", "query", "message"])
async def test_a_token_goes_nowhere_but_to_the_server_that_was_named(way: Way) -> None:
    async with answering() as (elsewhere, asked), answering(elsewhere) as (url, _):
        with pytest.raises(pvws.ReachError, match="302 Found") as caught:
            await pvws.connect(url, token="s3cret", authenticate=way).__aenter__()
        assert caught.value.advice is not None
        assert elsewhere in caught.value.advice
        assert asked == []


async def test_a_redirect_within_a_server_is_not_followed_either() -> None:
    async with answering("/other") as (url, asked):
        with pytest.raises(InvalidStatus):
            await open_connection(Presented(url, {}, None), timeout_s=5, compression=False, tls=None)
        assert len(asked) == 1


async def test_a_server_that_does_not_answer_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"ws://127.0.0.1:{deaf.getsockname()[1]}/ws"
        with pytest.raises(TimeoutError):
            await open_connection(Presented(url, {}, None), timeout_s=0.01, compression=False, tls=None)
