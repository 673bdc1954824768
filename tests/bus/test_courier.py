"""Questions that are done once: over a bus of this process that loses messages, and over NATS."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from pvws.bus import courier as courier_module
from pvws.bus.bus import UnansweredError
from pvws.bus.courier import Courier, inquire
from pvws.bus.local import Local, LocalServer
from pvws.limits import BUS_PIECE_BYTES
from tests.support.nats_server import NatsServer, bus_of, new_world


class Bad:
    """A bus that loses every other question, and every other answer, and counts what it carries."""

    def __init__(self, bus: Local) -> None:
        self._bus = bus
        self.carried = 0

    async def ask(self, whom: str, question: bytes, timeout: float) -> bytes:  # noqa: ASYNC109
        self.carried += 1
        if self.carried % 3 == 0:
            raise UnansweredError(whom, timeout)
        answer = await self._bus.ask(whom, question, timeout)
        if self.carried % 3 == 1:
            raise UnansweredError(whom, timeout)
        return answer


class Doer:
    """Answers a question by itself, once it may; counts what it has done."""

    def __init__(self) -> None:
        self.done: list[bytes] = []
        self.may = asyncio.Event()
        self.may.set()
        self.left = asyncio.Event()
        self.begun = asyncio.Event()

    async def __call__(self, question: bytes, left: asyncio.Event) -> bytes:
        self.done.append(question)
        self.begun.set()
        waits = [asyncio.ensure_future(self.may.wait()), asyncio.ensure_future(left.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for each in waits:
            each.cancel()
        if left.is_set():
            self.left.set()
        return question


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who answers says twenty times a second that it is at it."""
    monkeypatch.setattr(courier_module, "BUS_BEAT_S", 0.05)
    monkeypatch.setattr(courier_module, "_AGAIN_S", 0.001)


@pytest.fixture
async def served() -> AsyncIterator[tuple[LocalServer, Doer]]:
    """A server of buses, and somebody who answers there by the name `it`."""
    server, doer = LocalServer(), Doer()
    courier = Courier(doer)
    await server.bus().answer("it", courier.answer)
    yield server, doer
    await courier.close()


async def test_what_is_lost_on_the_way_is_asked_again_and_done_once(served: tuple[LocalServer, Doer]) -> None:
    server, doer = served
    bad = Bad(server.bus())
    assert await inquire(bad, "it", b"what") == b"what"  # type: ignore[arg-type]
    assert bad.carried == 2
    assert doer.done == [b"what"]


async def test_a_question_and_an_answer_of_many_pieces_come_whole(served: tuple[LocalServer, Doer]) -> None:
    server, doer = served
    large = random.Random(1).randbytes(3 * BUS_PIECE_BYTES)  # can't be packed any smaller
    assert await inquire(Bad(server.bus()), "it", large) == large  # type: ignore[arg-type]
    assert len(doer.done) == 1


async def test_what_takes_longer_than_anybody_may_be_silent_is_waited_for(served: tuple[LocalServer, Doer]) -> None:
    server, doer = served
    doer.may.clear()
    asking = asyncio.ensure_future(inquire(server.bus(), "it", b"slow", silent_s=0.2))
    await asyncio.wait({asking}, timeout=0.4)
    assert not asking.done()
    doer.may.set()
    assert await asking == b"slow"
    assert doer.done == [b"slow"]


async def test_who_waits_no_longer_is_told_to_who_answers(served: tuple[LocalServer, Doer]) -> None:
    server, doer = served
    doer.may.clear()
    asking = asyncio.ensure_future(inquire(server.bus(), "it", b"slow"))
    await doer.begun.wait()
    asking.cancel()
    async with asyncio.timeout(10):
        await doer.left.wait()


async def test_who_is_not_there_is_told_from_who_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_module, "_ABSENT_S", 0.01)
    server = LocalServer()
    with pytest.raises(UnansweredError) as absent:
        await inquire(server.bus(), "it", b"?")
    assert absent.value.seconds is None

    async def never(question: bytes) -> bytes:
        await asyncio.Event().wait()
        return b""

    await server.bus().answer("it", never)
    with pytest.raises(UnansweredError) as silent:
        await inquire(server.bus(), "it", b"?", silent_s=0.05)
    assert silent.value.seconds == 0.05


async def test_who_has_begun_anew_meanwhile_does_not_do_it_again(served: tuple[LocalServer, Doer]) -> None:
    server, doer = served
    doer.may.clear()
    asking = asyncio.ensure_future(inquire(server.bus(), "it", b"once", silent_s=1))
    await doer.begun.wait()
    other = Doer()
    await server.bus().answer("it", Courier(other).answer)
    with pytest.raises(UnansweredError):
        await asking
    assert other.done == []


async def test_answers_are_kept_for_a_while_and_no_more_than_so_many_bytes(
    served: tuple[LocalServer, Doer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "BUS_ERRANDS_BYTES_MAX", 100)
    doer = Doer()
    courier, server = Courier(doer), LocalServer()
    await server.bus().answer("it", courier.answer)
    for number in range(20):
        await inquire(server.bus(), "it", b"%020d" % number)
    assert len(courier._errands) < 8
    monkeypatch.setattr(courier_module, "BUS_ERRANDS_KEPT_S", -1)
    await inquire(server.bus(), "it", b"last")
    assert len(courier._errands) == 1


async def test_it_goes_over_nats_and_is_done_once_through_a_restart_of_it(server: NatsServer) -> None:
    world, doer = new_world(server), Doer()
    async with bus_of(world) as there, bus_of(world) as here:
        courier = Courier(doer)
        await there.answer("control.it", courier.answer)
        large = random.Random(1).randbytes(5 * BUS_PIECE_BYTES)
        assert await inquire(here, "control.it", large) == large
        doer.may.clear()
        doer.begun.clear()
        asking = asyncio.ensure_future(inquire(here, "control.it", b"slow", silent_s=20))
        await doer.begun.wait()
        server.kill()
        server.start()
        doer.may.set()
        assert await asking == b"slow"
        assert len(doer.done) == 2
        await courier.close()
