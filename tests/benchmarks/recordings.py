"""Replay: how fast, and how true to time; and what a proxy adds to an answer's time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import pairwise
from statistics import median

from websockets.asyncio.client import ClientConnection, connect

from pvws.proxy.proxy import Proxy
from pvws.proxy.recorded import Stenographer
from pvws.proxy.route import Route
from pvws.recording.format import Message
from pvws.recording.replayer import Replayer, Track
from pvws.server.loops import loop_factory
from pvws.server.settings import Configuration, Limits
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.testing.load.replays import made_recording, measure_replay
from tests.benchmarks.result import Result

REPLAY_SECONDS = 10.0
TIMES_JSON_MIN = 4.0
ARRIVALS = 2_000
GAP_MICROS = 5_000  # 200 messages a second for ten seconds
ARRIVAL_ERROR_MS_MAX = 5.0
PINGS = 3_000
PROXY_MS_MAX = 1.0
TEXT = b'{"type":"storage_alert","topic":"alerts","data":{"level":"info"},"timestamp":"2024-01-01T00:00:00.000Z"}'


def run() -> list[Result]:
    """All of it."""
    with made_recording() as path:
        found = measure_replay(path, REPLAY_SECONDS)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        error = runner.run(_arrival_error_ms())
        direct, through = runner.run(_proxy_ms())
    return [
        Result("replay at max", found.messages_a_second, "msg/s"),
        Result("times json", found.times_json, "times", at_least=TIMES_JSON_MIN),
        Result("inter-arrival p99", error, "ms", at_most=ARRIVAL_ERROR_MS_MAX),
        Result("ping to pong, direct", direct, "ms"),
        Result("the proxy adds", through - direct, "ms", at_most=PROXY_MS_MAX),
    ]


async def _arrival_error_ms() -> float:
    """By how much, at the 99th percentile, the time between two messages at a client differs from the recorded one."""
    entries = [Message(number * GAP_MICROS, "recv", TEXT) for number in range(ARRIVALS)]
    stage = Stage(Replayer([Track(lambda: entries)], 0), wait_for=frozenset())
    async with Venue(stage, Configuration(host="127.0.0.1", port=0)) as venue, connect(venue.url) as client:
        playing = asyncio.ensure_future(stage.play())
        await client.send('{"type":"subscribe","topic":"alerts"}')
        arrivals = []
        for _ in range(ARRIVALS):
            await client.recv()
            arrivals.append(time.monotonic())
        await playing
    errors = sorted(abs(b - a - GAP_MICROS / 1e6) for a, b in pairwise(arrivals))
    return errors[int(len(errors) * 0.99)] * 1000


async def _proxy_ms() -> tuple[float, float]:
    """The median time from ping to pong, direct and through a recording proxy, by turns in one run."""
    limits = Limits(messages_per_second=None)
    async with Venue(Stage(), Configuration(host="127.0.0.1", port=0, limits=limits)) as venue:
        notes = Stenographer(lambda entry: None, lambda: 0)
        proxy = Proxy(Route(venue.url), "127.0.0.1", 0, notes.open)
        async with proxy, connect(venue.url) as direct, connect(proxy.url) as through:
            took: dict[ClientConnection, list[float]] = {direct: [], through: []}
            for _ in range(PINGS):
                for client in took:
                    took[client].append(await _timed(lambda client=client: _ask(client)))  # type: ignore[misc]
    return median(took[direct]) * 1000, median(took[through]) * 1000


async def _ask(client: ClientConnection) -> None:
    await client.send('{"type":"ping"}')
    await client.recv()


async def _timed(deed: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await deed()
    return time.perf_counter() - began
