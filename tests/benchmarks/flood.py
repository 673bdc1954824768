"""A server that sends events at a steady rate, for `watching`: one client, frames that are ready, real timestamps.

    python -m tests.benchmarks.flood PORT_FILE RATE SECONDS

It serves one connection after the other. Each gets the events of the firehose, from the moment of its last subscription
on, with the time at which each is sent; then the connection is closed with 1001, and nothing listens any more.
"""

import asyncio
import sys
import time
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve

from pvws.scenario.director import Director
from pvws.scenario.schema import DEFAULT_START
from pvws.stage.shipped import find_scenario
from pvws.timestamp import Timestamp
from pvws.wire.frames import text_frame

SLICE_S = 0.002  # between two writes: what a busy server's turn of the loop takes
TEXTS = 20_000
TIME_BYTES = len(b'"2024-01-01T00:00:00.000Z"}')


def texts() -> list[bytes]:
    """Events of the firehose, each without the time at its end."""
    scenario = find_scenario("firehose")
    director = Director(scenario, start=DEFAULT_START, seed=scenario.seed, duration=scenario.duration)
    found: list[bytes] = []
    while len(found) < TEXTS:
        found += [event.text[:-TIME_BYTES] for event in director.take(None, 256)]  # type: ignore[union-attr]
    return found


async def send(connection: ServerConnection, rate: float, seconds: float, beginnings: list[bytes]) -> None:
    """Send at the rate; what could not be sent in time follows at once."""
    for _ in range(4):
        await connection.recv()
    transport = connection.transport
    began, sent, total = time.perf_counter(), 0, int(rate * seconds)
    while sent < total:
        due = min(int((time.perf_counter() - began) * rate), total)
        end = b'"%b"}' % Timestamp(time.time_ns() // 1000).text.encode()
        frames = [text_frame(beginnings[number % len(beginnings)] + end) for number in range(sent, due)]
        transport.write(b"".join(frames))
        sent = due
        await asyncio.sleep(SLICE_S)
        while transport.get_write_buffer_size() > 4_000_000:  # noqa: ASYNC110 - a transport tells nobody
            await asyncio.sleep(SLICE_S)


async def main(port_file: Path, rate: float, seconds: float) -> None:
    beginnings, served = texts(), asyncio.Event()

    async def handle(connection: ServerConnection) -> None:
        await send(connection, rate, seconds, beginnings)
        await connection.close(1001)
        served.set()

    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        port_file.write_text(  # noqa: ASYNC240 - nobody is connected yet
            f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws"
        )
        await served.wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))
