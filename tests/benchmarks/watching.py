"""What it costs to watch 20,000 events a second: `pvws watch --json`, the log, and the dashboard on a terminal."""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.benchmarks.result import Result
from tests.support.terminal import Terminal

RATE = 20_000
SECONDS = 8
COUNT = RATE * SECONDS
BEHIND_MS_MAX = 1_000.0  # 99% of messages: past that a person would notice
CPU_SHARE_MAX = 100.0  # of one core: past that it can't keep up for long
BARE = """
import asyncio, sys
from websockets.asyncio.client import connect

async def main():
    async with connect(sys.argv[1], proxy=None, max_queue=256, compression=None) as connection:
        for topic in ("file_operations", "peer_network", "system", "alerts"):
            await connection.send('{"type":"subscribe","topic":"%s"}' % topic)
        for _ in range(int(sys.argv[2])):
            print(await connection.recv())

asyncio.run(main())
"""


def run() -> list[Result]:
    """CPU a second of stream, and how late what was seen came; a bare client of the library is the yardstick."""
    watch = [sys.executable, "-m", "pvws", "watch"]
    results = []
    for name, command in (
        ("--json", [*watch, "--json"]),
        ("log into a file", watch),
        ("--json --where", [*watch, "--json", "--where", "data.size > '16 KiB' or not has(data.size)"]),
    ):
        cpu, told = _piped(command)
        results += _results(name, cpu, told, bound=name != "log into a file")
    for columns, lines in ((80, 24), (200, 50)):
        name = f"dashboard {columns}×{lines}"
        cpu, told, pictures = _on_terminal([*watch, "--view", "dashboard"], columns, lines)
        results += _results(name, cpu, told)
        results.append(Result(f"{name}: pictures", pictures, "a second", at_most=10.5))
    cpu, _ = _piped([sys.executable, "-c", BARE], bare=True)
    results.append(Result("websockets, bare loop", cpu, "% CPU"))
    return results


def _results(name: str, cpu: float, told: str, *, bound: bool = True) -> list[Result]:
    found = re.search(r"([\d,]+) messages in", told)
    assert found is not None, told
    seen = int(found[1].replace(",", ""))
    late = re.search(r" ([\dms.]+)( ms)? \(99%\),", told)
    assert late is not None, told
    behind = float(late[1]) if late[2] else _milliseconds(late[1])
    return [
        Result(f"{name}: counted", 100 * seen / COUNT, "%", at_least=100.0),
        Result(f"{name}: CPU", cpu, "% CPU", at_most=CPU_SHARE_MAX if bound else None),
        Result(f"{name}: 99% late by", behind, "ms", at_most=BEHIND_MS_MAX if bound else None),
    ]


def _milliseconds(text: str) -> float:
    minutes, _, seconds = text.removesuffix("s").rpartition("m")
    return (float(minutes or 0) * 60 + float(seconds)) * 1000


@contextmanager
def _flood() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        port = Path(folder) / "url"
        command = [sys.executable, "-m", "tests.benchmarks.flood", str(port), str(RATE), str(SECONDS)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            while not (port.exists() and port.read_text()):
                time.sleep(0.01)
            try:
                yield port.read_text()
            finally:
                server.kill()


def _piped(command: Sequence[str], *, bare: bool = False) -> tuple[float, str]:
    """CPU of a command whose output goes to a file, in percent of a core; and what it says on leaving."""
    with _flood() as url, tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as out:
        arguments = [*command, url, str(COUNT)] if bare else [*command, url, "--patience", "10ms"]
        process = subprocess.Popen(arguments, stdout=out, stderr=told, stdin=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        told.seek(0)
        return 100 * (usage.ru_utime + usage.ru_stime) / SECONDS, told.read().decode()


def _on_terminal(command: Sequence[str], columns: int, lines: int) -> tuple[float, str, float]:
    """The same on a terminal of this size; and how many pictures a second there were."""
    with _flood() as url, tempfile.TemporaryFile() as told:
        with Terminal([*command, url, "--patience", "10ms"], columns, lines, stderr=told, emulate=False) as terminal:
            written = bytearray()

            def read() -> None:
                with suppress(OSError):
                    while piece := os.read(terminal.leader, 65_536):
                        written.extend(piece)

            reader = threading.Thread(target=read)
            reader.start()
            _, _, usage = os.wait4(terminal.process.pid, 0)
            terminal.process.returncode = 0
            reader.join()
        told.seek(0)
        cpu = 100 * (usage.ru_utime + usage.ru_stime) / SECONDS
        return cpu, told.read().decode(), written.count(b"\x1b[?2026h") / SECONDS
