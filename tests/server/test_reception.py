from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from pvws.server.http import Request, Response
from pvws.server.listener import Listener
from pvws.server.reception import consider
from tests.support.raw_client import RawClient

HERE = Callable[[], AbstractAsyncContextManager[RawClient]]


async def test_a_plain_request_is_answered_and_one_after_the_end_is_sent_away(listener: Listener) -> None:
    request = Request("GET", "/ws/health", "HTTP/1.1", [("host", "h")])
    answer = consider(request, listener)
    assert isinstance(answer, Response)
    assert answer.status == 200
    await listener.stop()
    gone = consider(request, listener)
    assert isinstance(gone, Response)
    assert (gone.status, gone.body) == (503, b"the server is shutting down\n")
    assert ("Connection", "close") in gone.headers


async def test_a_handshake_is_accepted(listener: Listener, raw: HERE) -> None:
    async with raw() as client:
        assert (await client.open())["upgrade"] == "websocket"
