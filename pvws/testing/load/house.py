"""Our own server as a process of its own, with the engine or a metronome as its source: what is measured without a URL.

It is told what to do in its one argument, and speaks lines of JSON with whoever has started it. On its standard output
it says where it listens; after a line on its standard input it plays, says when that began if there is a rate, and at
the end what it has sent; after a further line, once everybody has everything, what CPU time that took. It stays until
its input ends.
"""

import asyncio
import gc
import logging
import sys
import time
import zlib
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from pvws.scenario.director import Director
from pvws.scenario.faults.spec import read_fault
from pvws.scenario.schema import DEFAULT_START
from pvws.server.loops import loop_factory
from pvws.server.settings import Configuration, Limits, Timeouts
from pvws.sim.agenda import Instant
from pvws.sim.source import Timed
from pvws.stage.observer import Observer
from pvws.stage.shipped import find_scenario
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.testing.load.metronome import FIRST_DUE_MICROS, Metronome
from pvws.wire.topics import Topic

__all__ = ["TOPIC", "Plan", "Played", "house_command"]

TOPIC = Topic.FILE_OPERATIONS
"""What everybody subscribes to."""

_HOUR = 3_600_000_000  # nothing but events is to be on the wire
_BEHIND_S_MAX = 1.0  # what is due at a rate is waited for so long when its time is over: a busy machine is late
_RATE_OF_THE_SCENARIO = "50000"  # of stage time: at speed max it is the machine that says how many there are


class Plan(Struct, frozen=True):
    """What is played: the firehose, as fast as it goes; or, with a `rate`, that many events a second, evenly.

    It is played for so many `seconds` of real time, at a rate until all that is due in them is sent, unless the server
    is too slow for it; or all due at once, until there were so many `events`, and no more than so many `at_once`, in a
    turn of the event loop. `faults`, as the language writes them, are there from the beginning.
    """

    seconds: float
    rate: float | None = None
    events: int | None = None
    at_once: int | None = None
    faults: tuple[str, ...] = ()


class Played(Struct, frozen=True):
    """What was sent to everybody, `checksum` being that of all texts, one behind the other, if it was reckoned."""

    events: int
    checksum: int | None = None


def house_command(plan: Plan) -> list[str]:
    """The command line of the process."""
    return [sys.executable, "-m", __name__, msgspec.json.encode(plan).decode()]


async def _serve(plan: Plan) -> None:
    tally = _Tally()
    if plan.rate is None and plan.events is None:
        stage = Stage(_engine(), start=DEFAULT_START, speed=None, observers=[tally])
    else:
        events = plan.events
        if events is None and plan.rate is not None:
            events = round(plan.seconds * plan.rate)
        source = Metronome(TOPIC, plan.rate, events, plan.at_once)
        stage = Stage(source, speed=None if plan.rate is None else 1.0, observers=[tally])
    for fault in plan.faults:
        stage.faults.add(read_fault(fault))
    limits, timeouts = Limits(max_connections=None), Timeouts(read=_HOUR, ping_period=_HOUR, pong_wait=_HOUR)
    seconds = plan.seconds + (0 if plan.rate is None else FIRST_DUE_MICROS / 1_000_000 + _BEHIND_S_MAX)
    async with Venue(stage, Configuration("127.0.0.1", 0, limits=limits, timeouts=timeouts)) as venue:
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        _say({"url": venue.url})
        if not await _told():
            return
        cpu = time.process_time()
        if plan.rate is not None:
            _say({"began": time.monotonic()})
        try:
            async with asyncio.timeout(seconds):
                await stage.play()
        except TimeoutError:
            pass
        _say(Played(tally.events, tally.checksum))
        if await _told():
            _say({"cpu": time.process_time() - cpu})
            await _told()


class _Tally(Observer):
    """Counts what is sent on the topic."""

    def __init__(self) -> None:
        self.events = 0
        self.checksum = 0

    def published(self, events: Sequence[Timed], real: Instant) -> None:
        checksum = self.checksum
        for event in events:
            if event.topic == TOPIC:
                self.events += 1
                checksum = zlib.crc32(event.text, checksum)
        self.checksum = checksum


def _engine() -> Director:
    scenario = find_scenario("firehose", [("rate", _RATE_OF_THE_SCENARIO)])
    return Director(scenario, start=DEFAULT_START, seed=scenario.seed, duration=1_000 * _HOUR)


def _say(what: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(what) + b"\n")
    sys.stdout.buffer.flush()


async def _told() -> bool:
    """Wait for a line; false at the end of the input."""
    return bool(await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline))


def _main() -> None:
    logging.getLogger("pvws").addHandler(logging.NullHandler())  # what it would log is seen from outside
    plan = msgspec.json.decode(sys.argv[1], type=Plan)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(plan))


if __name__ == "__main__":
    _main()
