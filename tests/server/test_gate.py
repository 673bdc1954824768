"""A gate before a transport: which bytes come when, and what it means for the client behind it."""

import asyncio

import pytest

from pvws.scenario.faults.effect import Did
from pvws.server.encoder import Upstream
from pvws.server.gate import Gate
from pvws.server.settings import SlowConsumer
from pvws.wire.profiles import UPSTREAM
from tests.server.test_lane import SECOND, Story, frame


class Narrow(Story):
    """A story with a gate of so many bytes a second."""

    def throttle(self, rate: int) -> Gate:
        self.lane()
        gate = Gate(self.member, lambda: self.now, self.errands.put)
        gate.add("f1", rate, Did(self.counts))
        return gate


async def test_bytes_trickle_at_the_rate_also_within_a_frame() -> None:
    story = Narrow()
    story.throttle(10)
    story.publish(b"12345678")
    lengths = []
    for tenth in range(12):
        await story.until(tenth * SECOND // 10)
        lengths.append(len(story.got))
    assert lengths == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10]
    assert story.got == frame(b"12345678")
    assert story.counts == {"throttled": 10}


async def test_what_comes_meanwhile_waits_in_the_backlog_and_goes_in_order() -> None:
    story = Narrow()
    gate = story.throttle(100)
    story.publish(b"1" * 48)
    await story.until(0)
    story.publish(b"2" * 48)
    await story.until(1)
    assert story.member.paused
    assert story.member.held_back
    assert story.member.holders == ("f1",)
    assert story.member.behind() == (1, 50)
    assert story.member.waiting() == (1, 100)
    assert gate.size == 50
    assert story.hub.late() == [story.member]
    assert not story.hub.congested()
    await story.until(SECOND // 2)
    assert story.got == frame(b"1" * 48)
    await story.until(SECOND)
    assert story.got == frame(b"1" * 48) + frame(b"2" * 48)
    assert not story.member.paused
    assert story.hub.late() == []


async def test_when_the_fault_goes_all_that_waits_leaves_at_once() -> None:
    story = Narrow()
    gate = story.throttle(10)
    for text in (b"one", b"two"):
        story.publish(text)
        await story.until(0)
    await story.until(SECOND // 5)
    assert story.got == frame(b"one")[:2]
    gate.remove("f1")
    assert story.got == frame(b"one") + frame(b"two")
    assert story.member.gate is None
    assert story.errands.peek() is None
    story.publish(b"three")
    await story.until(SECOND)
    assert story.got.endswith(frame(b"three"))


async def test_of_two_rates_the_lower_counts() -> None:
    story = Narrow()
    gate = story.throttle(10)
    gate.add("f2", 1_000, Did())
    story.publish(b"x" * 98)
    await story.until(SECOND)
    assert len(story.got) == 10
    gate.remove("f1")
    await story.until(SECOND + SECOND // 100)
    assert len(story.got) == 20
    assert gate.names == ("f2",)


async def test_a_transport_that_takes_nothing_is_given_nothing_until_it_does() -> None:
    story = Narrow()
    story.throttle(100)
    story.stuck = True
    story.publish(b"x" * 98)
    await story.until(SECOND // 2)
    assert len(story.got) == 1, "the first byte choked it"
    assert not story.member.held_back, "it is the transport that holds it up"
    story.stuck = False
    story.member.resume()
    assert story.member.paused
    await story.until(2 * SECOND)
    assert len(story.got) == 100
    assert not story.member.paused


async def test_a_line_that_ends_while_the_transport_takes_nothing_leaves_once_it_does_and_before_all_else() -> None:
    story = Narrow()
    gate = story.throttle(100)
    story.stuck = True
    story.publish(b"x" * 98)
    await story.until(SECOND // 2)
    gate.remove("f1")
    story.publish(b"y")
    await story.until(SECOND)
    assert len(story.got) == 1, "what the transport holds is not overtaken"
    story.member.resume()
    assert len(story.got) == 100
    assert story.member.gate is None
    assert story.member.paused, "it is stuck with that again"
    story.stuck = False
    story.member.resume()
    assert story.got == frame(b"x" * 98) + frame(b"y")


async def test_a_transport_that_is_paused_from_without_gets_no_byte_more() -> None:
    story = Narrow()
    story.throttle(100)
    story.publish(b"x" * 98)
    await story.until(SECOND // 2)
    story.member.pause()
    await story.until(SECOND)
    assert len(story.got) == 50
    story.member.resume()
    await story.until(SECOND)
    assert len(story.got) == 100


async def test_the_bounds_of_the_backlog_hold() -> None:
    story = Narrow(SlowConsumer(max_messages=3))
    story.throttle(10)
    for number in range(6):
        story.publish(b"%d" % number)
        await story.until(0)
    assert story.overflows == 1


async def test_what_is_forgotten_never_comes() -> None:
    story = Narrow()
    gate = story.throttle(10)
    story.publish(b"x" * 98)
    await story.until(SECOND)
    gate.drop()
    assert story.errands.peek() is None
    await story.until(9 * SECOND)
    assert len(story.got) == 10


@pytest.mark.parametrize("count", [2, 5])
async def test_in_the_upstream_profile_what_waits_is_joined(count: int) -> None:
    story = Narrow(encoder=Upstream(UPSTREAM))
    story.throttle(1_000)
    story.publish(b"first")
    await story.until(0)
    for number in range(count):
        story.publish(b"%d" % number)
        await asyncio.sleep(0)
    await story.until(9 * SECOND)
    assert story.got == frame(b"first") + frame(b"\n".join(b"%d" % number for number in range(count)))
