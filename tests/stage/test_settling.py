import asyncio
from collections.abc import Callable
from typing import Any

from pvws.server.encoder import Plain
from pvws.server.hub import Hub
from pvws.server.settings import SlowConsumer
from pvws.server.subscriber import Subscriber
from pvws.sim.source import Timed
from pvws.stage.settling import STALLED_AFTER_S, Settling
from tests.support import virtual_loop

PLAIN = Plain()
TOPICS = frozenset({"alerts"})


class Guest:
    """A client whose transport holds what it was given until it is told to take it."""

    def __init__(self, name: str) -> None:
        self.client_id = name
        self.held = 0
        self.stuck = False
        self.member = Subscriber(self.write, PLAIN, SlowConsumer(), lambda: None, lambda: self.held)
        self.member.name = name
        self.called = ""
        self.probed: list[Callable[[], object]] = []

    def write(self, data: bytes) -> None:
        if self.stuck:
            self.held += len(data)
            self.member.pause()

    def take(self) -> None:
        self.stuck, self.held = False, 0
        self.member.resume()

    def close(self, code: int, reason: str = "", grace: float | None = None) -> None:
        raise AssertionError("nobody is closed")

    def probe(self, payload: bytes, answered: Callable[[], object]) -> None:
        self.probed.append(answered)


def settling(*guests: Guest) -> tuple[Hub, Settling]:
    hub = Hub(asyncio.get_running_loop())
    for guest in guests:
        hub.join(guest.member, TOPICS)
    return hub, Settling(hub, lambda: {guest.client_id: (number, guest) for number, guest in enumerate(guests, 1)})


def run(story: Callable[[], Any]) -> Any:
    return virtual_loop.run(story())


def test_where_everybody_reads_it_takes_no_time() -> None:
    async def story() -> float:
        hub, wait = settling(Guest("a"), Guest("b"))
        hub.publish(Timed(0, 0, "alerts", "test", b"text"))
        assert await wait.settle(10.0) == ()
        return asyncio.get_running_loop().time()

    assert run(story) == 0


def test_who_takes_nothing_is_named_after_a_second_and_then_at_once() -> None:
    async def story() -> None:
        loop, guest = asyncio.get_running_loop(), Guest("a")
        hub, wait = settling(Guest("b"), guest)
        guest.stuck = True
        hub.publish(Timed(0, 0, "alerts", "test", b"text"))
        (straggler,) = await wait.settle(10.0)
        assert (straggler.client, straggler.client_id, straggler.why) == (2, "a", "stalled")
        assert (straggler.messages, straggler.bytes) == (0, 6), "its transport holds it"
        assert STALLED_AFTER_S <= loop.time() < STALLED_AFTER_S + 0.1
        hub.publish(Timed(0, 1, "alerts", "test", b"text"))
        before = loop.time()
        (straggler,) = await wait.settle(20.0)
        assert (straggler.messages, straggler.bytes) == (1, 12)
        assert loop.time() == before
        guest.take()
        assert await wait.settle(20.0) == ()

    run(story)


def test_who_takes_a_little_now_and_then_is_waited_for_until_the_deadline() -> None:
    async def story() -> None:
        loop, guest = asyncio.get_running_loop(), Guest("a")
        hub, wait = settling(guest)
        guest.stuck = True
        hub.publish(Timed(0, 0, "alerts", "test", b"x" * 1_000))

        async def sip() -> None:
            while True:
                await asyncio.sleep(0.6)
                guest.held -= 1

        sipping = asyncio.ensure_future(sip())
        (straggler,) = await wait.settle(5.0)
        assert straggler.why == "slow"
        assert 5.0 <= loop.time() < 5.1
        sipping.cancel()

    run(story)


def test_pongs_are_waited_for_and_those_who_owe_one_are_named() -> None:
    async def story() -> None:
        loop, one, other = asyncio.get_running_loop(), Guest("a"), Guest("b")
        _, wait = settling(one, other)
        asking = asyncio.ensure_future(wait.acknowledge(3.0, ()))
        await asyncio.sleep(1.0)
        one.probed[0]()
        (straggler,) = await asking
        assert (straggler.client, straggler.why, loop.time()) == (2, "silent", 3.0)
        asking = asyncio.ensure_future(wait.acknowledge(9.0, (straggler,)))
        await asyncio.sleep(0)
        one.probed[1]()
        assert await asking == ()
        assert len(other.probed) == 1, "who is known to lag is not asked"

    run(story)
