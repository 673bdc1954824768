"""Faults at random that lose nothing: whatever comes together, each client gets each event once, in order."""

import asyncio
import re
from contextlib import AsyncExitStack
from random import Random

import pytest

from pvws.scenario.faults.spec import read_fault
from tests.stage.test_connection_faults_on_the_wire import ALARMS, raw
from tests.support.staged import SECOND, START, Listener, story, venue_of

LOSSLESS = (
    "latency: 700ms",
    "latency: 1s +- 900ms",
    "bandwidth: 2 KiB/s",
    "bandwidth: 300 B/s",
    "stall: on",
    "stall: on, topics: [alerts], nth: 2",
    "stall: on, topics: [alerts]",
    "no_pong: on",
    "join: {messages: 3, within: 2s}",
    "stale: 1h",
    "oversize: 2000",
)
NUMBER = re.compile(r"number (\d+)")


async def meet(chance: Random) -> None:
    """One client after the other comes, faults begin and end, and time goes on; in the end all are over."""
    stage = story(ALARMS)
    async with venue_of(stage) as venue, AsyncExitStack() as clients:
        here: list[Listener] = []
        for _ in range(40):
            match chance.randrange(5):
                case 0 if len(here) < 4:
                    client = await clients.enter_async_context(raw(venue))
                    await client.open(f"/ws?client=c{len(here)}")
                    client.say('{"type":"subscribe","topic":"alerts"}')
                    here.append(client)
                case 1 | 2:
                    scope = chance.choice(["", ", clients: 50%", ", client: c0", ", for: 1500ms", ", for: 3s"])
                    stage.faults.add(read_fault(chance.choice(LOSSLESS) + scope))
                case 3 if stage.faults.active():
                    stage.faults.remove(chance.choice(stage.faults.active()).id)
                case _:
                    await stage.clock.advance(chance.choice(["10ms", "300ms", "1s"]), timeout=10)
        stage.faults.clear()
        await stage.clock.advance("1s")
        last = (stage.clock.now.micros - START) // SECOND
        for client in here:
            texts = await client.catch_up()
            numbers = [int(found) for text in texts for found in NUMBER.findall(text)]
            assert numbers == list(range(last - len(numbers) + 1, last + 1))
            member = next(each.member for each in stage._clients if each.name == f"c{here.index(client)}")
            assert (member.lane, member.gate, member.stallers, member.paused) == (None, None, (), False)
            assert member.behind() == (0, 0)
        assert stage._pacer.deliveries.peek() is None
        assert stage._pacer.endings.peek() is None


@pytest.mark.parametrize("seed", range(10))
async def test_faults_that_lose_nothing_lose_nothing_whatever_comes_together(seed: int) -> None:
    async with asyncio.timeout(20):
        await meet(Random(seed))
