"""What a bus adds: from the source's clients to those of a node, at 1,000 events a second; and the CPU of both."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from websockets.asyncio.client import connect

from tests.benchmarks.result import Result
from tests.support.nats_server import nats_server
from tests.support.raw_client import RawClient

RATE = 1_000
SECONDS = 8.0
ADDED_P50_MS_MAX = 2.0
CLIENTS = 20  # as many as one process of Python reads at this rate, so that they are not what is measured
MANY = 200  # clients that only count: what a delivery costs beside what an event does
_TICK = os.sysconf("SC_CLK_TCK")

SCRIPT = f"""
scenario: steady
start: 2024-01-01T00:00:00Z
duration: 1h
network: {{peers: 8, replication: 1}}
behaviours: {{uploads: {{rate: {RATE}/s, size: 1 KiB}}}}
"""


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[tuple[int, str]]:
    """A pvws command that serves: its process, and where clients connect."""
    folder.mkdir()
    ready = folder / "ready"
    command = [sys.executable, "-m", "pvws", *arguments, "--port", "0", "--control", "off", "--ready-file", str(ready)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log)
        try:
            while not ready.exists():
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.02)
            yield process.pid, str(json.loads(ready.read_text())["url"])
        finally:
            process.terminate()
            process.wait()


def cpu_s(pid: int) -> float:
    """CPU time of a process and of its children that there are, in seconds."""
    total = 0
    for each in (pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICK


async def arrivals(url: str, until: float) -> dict[str, float]:
    """When each text came to a client, by the text."""
    found: dict[str, float] = {}
    async with connect(url, max_queue=None, compression=None) as client:
        await client.send('{"type":"subscribe","topic":"file_operations"}')
        while (left := until - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    text = str(await client.recv())
            except TimeoutError:
                break
            found.setdefault(text, time.monotonic())
    return found


async def crowd(url: str, until: float) -> int:
    """How many texts a crowd of clients got together."""
    got = await asyncio.gather(*(arrivals(url, until) for _ in range(CLIENTS)))
    return sum(map(len, got))


async def counted(url: str, until: float) -> int:
    """How many events many clients got together: bytes in which they are counted, since nobody can read as many."""
    host, port = url.removeprefix("ws://").removesuffix("/ws").split(":")

    async def count() -> int:
        found = 0
        async with RawClient(host, int(port)) as client:
            await client.open()
            client.say('{"type":"subscribe","topic":"file_operations"}')
            try:
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + until - time.monotonic()):
                    while data := await client.reader.read(262_144):
                        found += data.count(b'"topic":"file_operations"')
            except TimeoutError:
                pass
        return found

    return sum(await asyncio.gather(*(count() for _ in range(MANY))))


async def both(source: str, node: str) -> list[float]:
    """By how many seconds each event came later to a client of the node than to one of the source."""
    until = time.monotonic() + SECONDS
    here, there = await asyncio.gather(arrivals(source, until), arrivals(node, until))
    return sorted(there[text] - at for text, at in here.items() if text in there)


def run() -> list[Result]:
    """Latency that the bus adds, what an event costs source and node, and what two workers cost beside one."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        script = folder / "steady.yaml"
        script.write_text(SCRIPT)
        server = stack.enter_context(nats_server(folder / "nats"))
        simulate = ("simulate", str(script), "--speed", "1")
        with serving(folder / "alone", *simulate) as (pid, url):
            alone = _cost(pid, url)
        source, url = stack.enter_context(serving(folder / "source", *simulate, "--bus", server.url))
        with serving(folder / "node", "serve", "--bus", server.url) as (node, node_url):
            before, began = (cpu_s(source), cpu_s(node)), time.monotonic()
            added = asyncio.run(both(url, node_url))
            events = (time.monotonic() - began) * RATE
            led, followed = cpu_s(source) - before[0], cpu_s(node) - before[1]
        crowds = []
        for number in (1, 2):
            workers = ("serve", "--bus", server.url, "--workers", str(number))
            with serving(folder / f"workers{number}", *workers) as (pid, workers_url):
                began_cpu = cpu_s(pid)
                delivered = asyncio.run(crowd(workers_url, time.monotonic() + SECONDS))
                crowds.append((delivered, cpu_s(pid) - began_cpu))
                if number == 1:
                    began_cpu = cpu_s(pid)
                    delivered = asyncio.run(counted(workers_url, time.monotonic() + SECONDS / 2))
                    many = (cpu_s(pid) - began_cpu) / delivered * 1e6
    assert len(added) > SECONDS * RATE / 2, "too few events to say anything"
    return [
        Result("the bus adds, p50", added[len(added) // 2] * 1000, "ms", at_most=ADDED_P50_MS_MAX),
        Result("the bus adds, p99", added[len(added) * 99 // 100] * 1000, "ms"),
        Result("source without a bus, an event", alone, "µs CPU"),
        Result("source with a bus, an event", led / events * 1e6, "µs CPU"),
        Result("node, an event", followed / events * 1e6, "µs CPU"),
        Result(f"1 worker to {CLIENTS} clients, a delivery", crowds[0][1] / crowds[0][0] * 1e6, "µs CPU"),
        Result(f"1 worker to {MANY} clients, a delivery", many, "µs CPU"),
        Result(f"2 workers to {CLIENTS} clients, a delivery", crowds[1][1] / crowds[1][0] * 1e6, "µs CPU"),
        Result("2 workers deliver, at the same rate as 1", crowds[1][0] / crowds[0][0], "times"),
    ]


def _cost(pid: int, url: str) -> float:
    """CPU time an event of a source with one client, in microseconds."""
    before, began = cpu_s(pid), time.monotonic()
    asyncio.run(arrivals(url, time.monotonic() + SECONDS / 2))
    return (cpu_s(pid) - before) / ((time.monotonic() - began) * RATE) * 1e6
