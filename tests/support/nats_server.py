"""A real NATS server for tests: on a free port, killed and started again as a test wishes."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import count
from pathlib import Path

from pvws.bus.address import Address, read_address
from pvws.bus.nats_bus import NatsBus

_STARTED_S = 10.0
_worlds = count(1)


class NatsServer:
    """One server, with what it stores in a folder; `arguments` are further ones of its command line."""

    def __init__(self, folder: Path, *arguments: str, jetstream: bool = True) -> None:
        self._folder = folder
        self._arguments = [*arguments, *(("-js", "-sd", str(folder / "store")) if jetstream else ())]
        self._process: subprocess.Popen[bytes] | None = None
        self.port = -1

    @property
    def url(self) -> str:
        """Where it is."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, on the port that it had, and return when it listens."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for each in self._folder.glob("*.ports"):
            each.unlink()
        command = [str(Path(sys.executable).parent / "nats-server"), "-a", "127.0.0.1", "-p", str(self.port)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--ports_file_dir", str(self._folder), *self._arguments], stdout=log, stderr=log
            )
        deadline = time.monotonic() + _STARTED_S
        while True:  # it says in a file where it is, and nothing else tells of it
            for each in self._folder.glob("*.ports"):
                with suppress(ValueError, LookupError):
                    self.port = int(json.loads(each.read_text())["nats"][0].rpartition(":")[2])
                    return
            assert self._process.poll() is None and time.monotonic() < deadline, (self._folder / "log").read_text()
            time.sleep(0.005)

    def reload(self) -> None:
        """Have it read its configuration again."""
        assert self._process is not None, "it runs"
        self._process.send_signal(signal.SIGHUP)

    def kill(self) -> None:
        """Kill it, as a machine does that loses its power."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def nats_server(folder: Path, *arguments: str, jetstream: bool = True) -> Iterator[NatsServer]:
    """A server, for as long as this is entered."""
    server = NatsServer(folder, *arguments, jetstream=jetstream)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def new_world(server: NatsServer, query: str = "") -> Address:
    """A world of a server that no other test has."""
    return read_address(f"{server.url}/w{next(_worlds)}{query}")


@asynccontextmanager
async def bus_of(address: Address, told: list[str] | None = None, **options: object) -> AsyncIterator[NatsBus]:
    """A bus of a server, left when this is."""
    said = [] if told is None else told
    bus = await NatsBus.open(address, told=said.append, **options)  # type: ignore[arg-type]
    try:
        yield bus
    finally:
        await bus.close()


async def until(true: Callable[[], object], seconds: float = 30.0) -> None:
    """Return once something is so that nothing tells of; fails after so many seconds."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0.005)
