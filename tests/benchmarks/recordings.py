"""Replay: how fast, and how true to time; and what a proxy adds to an answer's time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from websockets.asyncio.client import ClientConnection, connect
from websockets.sync.client import connect as connect_at_once

from pvws.files.recordings import RecordingWriter
from pvws.proxy.proxy import Proxy
from pvws.proxy.recorded import Stenographer
from pvws.proxy.route import Route
from pvws.recording.format import Header, Message
from pvws.server.loops import loop_factory
from pvws.server.settings import Configuration, Limits
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.testing.load.replays import made_recording, measure_replay
from tests.benchmarks.result import Result
from tests.support.command import serving

REPLAY_SECONDS = 10.0
TIMES_JSON_MIN = 4.0
ARRIVALS = 1_000
GAP_MICROS = 5_000  # 200 messages a second for five seconds
ROUNDS = 3
ARRIVAL_ERROR_MS_MAX = 5.0
PINGS = 3_000
PROXY_MS_MAX = 1.0
TEXT = b'{"type":"storage_alert","topic":"alerts","data":{"level":"info"},"timestamp":"2024-01-01T00:00:00.000Z"}'


def run() -> list[Result]:
    """All of it."""
    with made_recording() as path:
        found = measure_replay(path, REPLAY_SECONDS)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        direct, through = runner.run(_proxy_ms())
    return [
        Result("replay at max", found.messages_a_second, "msg/s"),
        Result("times json", found.times_json, "times", at_least=TIMES_JSON_MIN),
        Result("inter-arrival p99", _arrival_error_ms(), "ms", at_most=ARRIVAL_ERROR_MS_MAX),
        Result("ping to pong, direct", direct, "ms"),
        Result("the proxy adds", through - direct, "ms", at_most=PROXY_MS_MAX),
    ]


def _arrival_error_ms() -> float:
    """By how much, at the 99th percentile, the time between two messages at a client differs from the recorded one.

    Server and client are two processes, as they are for everybody; the best of a few runs counts, since what else the
    machine does is in both.
    """
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "even.pvrec.jsonl")
        with RecordingWriter(path, Header(profile="documented")) as writer:
            for number in range(ARRIVALS):
                writer.write(Message(number * GAP_MICROS, "recv", TEXT))
        return min(_replayed_error_ms(Path(folder), path) for _ in range(ROUNDS))


def _replayed_error_ms(folder: Path, path: str) -> float:
    (folder / "ready.json").unlink(missing_ok=True)
    with serving(folder, "replay", path, "--wait-for-client") as server, connect_at_once(server.url) as client:
        client.send('{"type":"subscribe","topic":"alerts"}')
        arrivals = [time.monotonic() for _ in client]
    assert len(arrivals) == ARRIVALS
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
