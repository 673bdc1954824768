"""How many events a second the library gives its user, by CPU time; a bare loop of websockets is the yardstick.

    python -m tests.benchmarks.library URL_FILE

is the server: to each client that has subscribed it sends all events as fast as they are taken. Besides, our own
server sends as many a second as a client has to keep up with.
"""

import asyncio
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

import pvws
from pvws.testing.load.house import TOPIC, Plan, house_command
from pvws.testing.load.metronome import FIRST_DUE_MICROS
from pvws.testing.load.process import server_process
from pvws.wire.codec import encode_event
from pvws.wire.events import FileReplicated, FileUploaded
from pvws.wire.frames import text_frame
from tests.benchmarks.result import Result

EVENTS = 100_000
ROUNDS = 3
PER_SECOND_MIN = 20_000.0
KEEPING_UP_EVENTS = 80_000
LATENESS_MS_MAX = 50.0
_IN_ONE_WRITE = 100


def event_text() -> bytes:
    """An event of the usual size."""
    time_ = pvws.Timestamp.parse("2024-01-01T00:00:00Z")
    return encode_event(FileReplicated("k" * 64, 2**20, "s" * 64, "n" * 64, 3, "SYNCED", time_), time_)


async def websockets_and_json(url: str) -> float:
    """The yardstick: what anybody would write, without connecting again, types or anything else."""
    async with connect(url, proxy=None, max_queue=256) as connection:
        await connection.send('{"type":"subscribe","topic":"file_operations"}')
        await connection.recv()
        began = time.process_time()
        for _ in range(EVENTS - 1):
            json.loads(await connection.recv())
        return time.process_time() - began


async def texts(url: str) -> float:
    """Whoever passes texts on."""
    async with pvws.connect(url, "file_operations") as events:
        await anext(events)
        began = time.process_time()
        for _ in range(EVENTS - 1):
            assert (await anext(events)).text
        return time.process_time() - began


async def typed(url: str) -> float:
    """Whoever looks at the data."""
    async with pvws.connect(url, "file_operations") as events:
        await anext(events)
        began = time.process_time()
        for _ in range(EVENTS - 1):
            assert type((await anext(events)).data) is FileReplicated
        return time.process_time() - began


def typed_sync(url: str) -> float:
    """The same without an event loop of one's own; the CPU of both threads."""
    with pvws.connect_sync(url, "file_operations") as events:
        next(events)
        began = time.process_time()
        for _ in range(EVENTS - 1):
            assert type(next(events).data) is FileReplicated
        return time.process_time() - began


def run() -> list[Result]:
    """Events a second of CPU, the best of some rounds, in turn."""
    ways: dict[str, Callable[[str], float]] = {
        "websockets and json.loads": lambda url: asyncio.run(websockets_and_json(url)),
        "connect, texts": lambda url: asyncio.run(texts(url)),
        "connect, typed": lambda url: asyncio.run(typed(url)),
        "connect_sync, typed": typed_sync,
    }
    best = dict.fromkeys(ways, float("inf"))
    with _server() as url:
        for _ in range(ROUNDS):
            for name, measure in ways.items():
                best[name] = min(best[name], measure(url))
    return [
        *(
            Result(name, EVENTS / seconds, "1/s CPU", at_least=PER_SECOND_MIN if "typed" in name else None)
            for name, seconds in best.items()
        ),
        *keeping_up(),
    ]


def keeping_up() -> list[Result]:
    """Whether whoever looks at the data keeps up with our own server, the best of some rounds: how late an event is
    taken, and at what cost.

    Lateness is from when an event is due, so it has the server's in it. Whoever does not keep up is later and later.
    """
    rounds = [asyncio.run(_followed()) for _ in range(ROUNDS)]
    name = f"connect, typed, our {PER_SECOND_MIN:,.0f}/s"
    return [
        Result(f"{name}, median late", min(late_s for late_s, _ in rounds) * 1_000, "ms", at_most=LATENESS_MS_MAX),
        Result(f"{name}, of a core", min(share for _, share in rounds) * 100, "%"),
    ]


async def _followed() -> tuple[float, float]:
    """The median lateness in seconds, and the share of a core that it took.

    A machine that stands still for long enough has the server close with 1013: then it is never.
    """
    plan = Plan(60.0, rate=PER_SECOND_MIN, events=KEEPING_UP_EVENTS)
    late_s = []
    with server_process(house_command(plan)) as server:
        async with pvws.connect(server.hear()["url"], TOPIC, reconnect=False) as events:
            await events.ping()
            server.tell()
            began = server.hear()["began"] + FIRST_DUE_MICROS / 1_000_000
            cpu = time.process_time()
            try:
                for number in range(KEEPING_UP_EVENTS):
                    assert type((await anext(events)).data) is FileUploaded
                    late_s.append(time.monotonic() - began - number / PER_SECOND_MIN)
            except pvws.LostError:
                return math.inf, math.inf
            cpu = time.process_time() - cpu
    return statistics.median(late_s), cpu / (KEEPING_UP_EVENTS / PER_SECOND_MIN)


@contextmanager
def _server() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        url_file = Path(folder) / "url"
        with subprocess.Popen([sys.executable, "-m", "tests.benchmarks.library", str(url_file)]) as server:
            try:
                while not (url_file.exists() and url_file.read_text()):
                    time.sleep(0.01)
                yield url_file.read_text()
            finally:
                server.kill()


async def main(url_file: Path) -> None:
    frames = text_frame(event_text()) * _IN_ONE_WRITE

    async def handle(connection: ServerConnection) -> None:
        await connection.recv()
        for _ in range(EVENTS // _IN_ONE_WRITE):
            connection.transport.write(frames)
            while connection.transport.get_write_buffer_size() > 4_000_000:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.001)
        await connection.wait_closed()

    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws"
        url_file.write_text(url)  # noqa: ASYNC240 - nobody is connected yet
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
