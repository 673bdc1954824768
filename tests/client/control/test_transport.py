"""Requests over sockets: one that waits, one that is refused, one that nobody answers; both transports alike."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest

from pvws.client.control.address import place_of
from pvws.client.control.exchange import Answer, Request
from pvws.client.control.sync_transport import SyncRenewal, SyncTransport
from pvws.client.control.transport import IDLE_S_MAX, Renewal, Transport
from pvws.errors import PvwsError, ReachError
from tests.support.canned import answer, canned

GET = Request(method="GET", path="/v1")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


class Asking(Protocol):
    """Either transport, as one that is waited for."""

    async def ask(self, request: Request) -> Answer: ...

    async def stream(self, most: int) -> list[bytes]: ...

    async def close(self) -> None: ...


class Waited:
    """The synchronous one: asked in a thread, so that a test is written once."""

    def __init__(self, transport: SyncTransport) -> None:
        self.transport = transport

    async def ask(self, request: Request) -> Answer:
        return await asyncio.to_thread(self.transport.ask, request)

    async def stream(self, most: int) -> list[bytes]:
        def reading() -> list[bytes]:
            found, pieces = [], self.transport.stream(GET, lambda head: None)
            for piece in pieces:
                found.append(piece)
                if len(found) == most:
                    pieces.close()
            return found

        return await asyncio.to_thread(reading)

    async def close(self) -> None:
        self.transport.close()


class Direct:
    """The asynchronous one."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    async def ask(self, request: Request) -> Answer:
        return await self.transport.ask(request)

    async def stream(self, most: int) -> list[bytes]:
        found, pieces = [], self.transport.stream(GET, lambda head: None)
        async for piece in pieces:
            found.append(piece)
            if len(found) == most:
                await pieces.aclose()
                break
        return found

    async def close(self) -> None:
        await self.transport.close()


Make = Callable[..., Asking]


@pytest.fixture(params=["async", "sync"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    made: list[Any] = []

    def making(url: str, timeout_s: float = 5, tls: ssl.SSLContext | None = None) -> Asking:
        if request.param == "async":
            asking: Any = Direct(Transport(place_of(url), None, timeout_s, tls))
        else:
            asking = Waited(SyncTransport(place_of(url), None, timeout_s, tls))
        made.append(asking)
        return asking  # type: ignore[no-any-return]

    yield making
    for each in made:
        if isinstance(each, Waited):
            each.transport.close()


async def test_requests_one_after_the_other_share_a_connection(make: Make) -> None:
    with canned(lambda request: answer('{"n": 1}')) as server:
        asking = make(server.url)
        for _ in range(3):
            assert (await asking.ask(GET)).body == b'{"n": 1}'
        await asking.close()
    assert server.connections == 1


async def test_requests_at_the_same_time_do_not_wait_for_each_other(make: Make) -> None:
    both = threading.Barrier(2, timeout=10)

    def respond(request: str) -> bytes:
        both.wait()
        return answer("{}")

    with canned(respond) as server:
        asking = make(server.url)
        await asyncio.gather(asking.ask(GET), asking.ask(GET))
        await asking.close()
    assert server.connections == 2


async def test_a_connection_that_the_server_has_closed_is_not_used_again(make: Make) -> None:
    with canned(lambda request: answer("{}", more="Connection: close\r\n")) as server:
        asking = make(server.url)
        await asking.ask(GET)
        await asking.ask(GET)
        await asking.close()
    assert server.connections == 2


async def test_a_connection_that_was_idle_for_long_is_not_used_again(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("transport", "sync_transport"):
        monkeypatch.setattr(f"pvws.client.control.{module}.IDLE_S_MAX", 0.0)
    with canned(lambda request: answer("{}")) as server:
        asking = make(server.url)
        await asking.ask(GET)
        await asking.ask(GET)
        await asking.close()
    assert server.connections == 2
    assert IDLE_S_MAX < 5, "uvicorn closes its connections then"


async def test_a_server_that_went_between_two_requests_is_said(make: Make) -> None:
    with canned(lambda request: answer("{}")) as server:
        asking = make(server.url)
        await asking.ask(GET)
    with pytest.raises(ReachError, match="connection refused"):
        await asking.ask(GET)


async def test_a_question_that_met_the_end_of_a_kept_connection_is_asked_again_but_a_deed_is_not(make: Make) -> None:
    said = iter([answer("{}"), b"", answer("[]"), b""])
    with canned(lambda request: next(said)) as server:
        asking = make(server.url)
        await asking.ask(GET)
        assert (await asking.ask(GET)).body == b"[]"
        with pytest.raises(ReachError, match="the connection ended"):
            await asking.ask(Request(method="POST", path="/v1/emit"))
        await asking.close()
    assert [request.split()[0] for request in server.requests] == ["GET", "GET", "GET", "POST"]


async def test_nobody_there_is_said_with_what_helps(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ReachError) as caught:
        await make(f"http://127.0.0.1:{port}").ask(GET)
    assert str(caught.value).startswith(f"http://127.0.0.1:{port}: connection refused\nIs a test-bed running?")
    assert "PVWS_CONTROL_URL" in str(caught.value)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (None, "no answer within 0.2 s"),
        (b"", "the connection ended before the answer was whole"),
        (answer("{}")[:-1] + b"", "no answer within 0.2 s"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "what answers there does not speak HTTP"),
    ],
)
async def test_what_is_no_answer_is_said(make: Make, said: bytes | None, words: str) -> None:
    with canned(lambda request: said) as server:
        asking = make(server.url, 0.2)
        with pytest.raises(ReachError) as caught:
            await asking.ask(GET)
        await asking.close()
    assert words in str(caught.value)


async def test_a_request_may_take_longer_where_the_server_waits_on_purpose(make: Make) -> None:
    hurried = threading.Event()

    def respond(request: str) -> bytes:
        hurried.wait(0.2)
        return answer("{}")

    with canned(respond) as server:
        asking = make(server.url, 0.1)
        assert (await asking.ask(Request(method="GET", path="/v1", waits_s=5))).status == 200
        await asking.close()


async def test_a_large_body_and_a_large_answer_pass(make: Make) -> None:
    text = "größe" * 400_000
    with canned(lambda request: answer(request.partition("\r\n\r\n")[2])) as server:
        asking = make(server.url)
        got = await asking.ask(Request(method="POST", path="/v1/emit", body={"text": text}))
        await asking.close()
    assert text in got.body.decode()


async def test_a_host_that_does_not_exist_is_said(make: Make) -> None:
    with pytest.raises(ReachError, match=r"can't be looked up|not known|resolution"):
        await make("http://nobody.invalid:1").ask(GET)


async def test_proxies_of_the_environment_have_no_part_in_it(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with canned(lambda request: answer("{}")) as server:
        asking = make(server.url)
        assert (await asking.ask(GET)).status == 200
        await asking.close()


async def test_a_stream_gives_its_pieces_until_the_server_ends_it(make: Make) -> None:
    with canned(lambda request: HEAD + b"data: 1\n\n" if "Connection" not in request else b"") as server:
        asking = make(server.url)
        assert await asking.stream(1) == [b"data: 1\n\n"]
        await asking.close()


async def test_a_stream_ends_when_its_reader_is_closed_elsewhere() -> None:
    """Of the synchronous one, where somebody else's thread waits in it."""
    with canned(lambda request: HEAD + b"data: 1\n\n") as server:
        transport = SyncTransport(place_of(server.url), None, 5, None)
        pieces = transport.stream(GET, lambda head: None)
        assert await asyncio.to_thread(next, pieces) == b"data: 1\n\n"
        rest = asyncio.create_task(asyncio.to_thread(list, pieces))
        await asyncio.sleep(0)
        transport.close()
        assert await asyncio.wait_for(rest, 10) == []


async def test_a_renewal_goes_on_after_a_failure_until_it_is_stopped() -> None:
    seen: list[int] = []
    thrice = asyncio.Event()

    async def renew() -> None:
        seen.append(len(seen))
        if len(seen) == 3:
            thrice.set()
        raise PvwsError("not now")

    renewal = Renewal(renew, 0.001)
    await asyncio.wait_for(thrice.wait(), 10)
    await renewal.stop()
    count = len(seen)
    await asyncio.sleep(0.01)
    assert len(seen) == count


def test_a_renewal_in_a_thread_does_as_well() -> None:
    seen: list[int] = []
    thrice = threading.Event()

    def renew() -> None:
        seen.append(len(seen))
        if len(seen) == 3:
            thrice.set()
        raise PvwsError("not now")

    renewal = SyncRenewal(renew, 0.001)
    assert thrice.wait(10)
    renewal.stop()
    assert not any(thread.name == "pvws-lease" for thread in threading.enumerate())
