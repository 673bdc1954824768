"""The checker checked: a wrong server fails exactly its rules, and who answers nothing right keeps none."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest

from pvws.testing.target import Target
from pvws.testing.verdict import Outcome
from tests.testing.conftest import RightServer
from tests.testing.meddler import Meddler
from tests.testing.rulings import BROKEN_YET, SHORT, failures, judged, judged_whole, told, with_outcome
from tests.testing.wrong_servers import WRONG_SERVERS

pytestmark = pytest.mark.usefixtures("patient")


@pytest.mark.parametrize("wrong", WRONG_SERVERS, ids=lambda wrong: wrong.__name__)
async def test_a_wrong_server_fails_exactly_its_rules(right_server: RightServer, wrong: type[Meddler]) -> None:
    @asynccontextmanager
    async def serve(times: dict[str, float]) -> AsyncIterator[Target]:
        right = right_server(times=times, token=wrong.token, quick=not wrong.slow)
        async with right as target, wrong(target).run(target) as seen:
            yield seen

    verdicts = await judged_whole(serve)
    # The two sides of a difference, so that a failure of this test says which way it is wrong.
    found = failures(verdicts) - BROKEN_YET["documented"]
    assert (found - wrong.breaks, wrong.breaks - found) == (set(), set()), told(verdicts)


async def test_a_man_in_the_middle_who_changes_nothing_is_not_noticed(right_server: RightServer) -> None:
    @asynccontextmanager
    async def serve(times: dict[str, float]) -> AsyncIterator[Target]:
        async with right_server(times=times) as target, Meddler(target).run(target) as seen:
            yield seen

    verdicts = await judged_whole(serve)
    assert failures(verdicts) == BROKEN_YET["documented"], told(verdicts)


class NoServer(asyncio.Protocol):
    """Answers whatever comes with the same bytes; without any it says nothing, or hangs up."""

    def __init__(self, answer: bytes = b"", *, hangs_up: bool = False) -> None:
        self._answer = answer
        self._hangs_up = hangs_up
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._hangs_up:
            transport.close()

    def data_received(self, data: bytes) -> None:
        self._transport.write(self._answer)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost.set()


TEAPOT = b"HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
ALL_IS_WELL = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
OPENS = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: nothing\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n"
)


NO_SERVERS: dict[str, Callable[[], NoServer]] = {
    "says nothing": NoServer,
    "hangs up": lambda: NoServer(hangs_up=True),
    "is a teapot": lambda: NoServer(TEAPOT),
    "finds nothing": lambda: NoServer(NOT_FOUND),
    "says that all is well": lambda: NoServer(ALL_IS_WELL),
    "opens and speaks HTTP": lambda: NoServer(OPENS),
    "speaks in frames": lambda: NoServer(b"\x81\x02{}"),
    "speaks nonsense": lambda: NoServer(b"nonsense\r\n\r\n"),
}


@pytest.mark.parametrize("profile", ["documented", "upstream"])
@pytest.mark.parametrize("what", NO_SERVERS)
async def test_no_rule_holds_of_what_is_no_server(what: str, profile: str) -> None:
    met: list[NoServer] = []

    def meet() -> NoServer:
        met.append(NO_SERVERS[what]())
        return met[-1]

    server = await asyncio.get_running_loop().create_server(meet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    target = Target(f"ws://127.0.0.1:{port}/ws", token="sesame", connections=4, refused_origin="https://no.example")
    target = msgspec.structs.replace(target, profile=profile, **SHORT | {"patience": 0.05, "read_timeout": 0.2})
    verdicts = await judged(target)
    server.close()
    for _ in range(3):  # turns, in which those that were accepted are met
        await asyncio.sleep(0)
    for one in met:  # the checker has dropped them all
        await one.lost.wait()
    assert with_outcome(verdicts, Outcome.HELD) == set()
