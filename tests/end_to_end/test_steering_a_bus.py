"""A simulation without a server and two servers that show it, as processes: `pvws ctl` steers all of it by any node."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from websockets.sync.client import connect

import pvws
from pvws.cli.app import run
from tests.support.nats_server import nats_server, new_world


@contextmanager
def running(log: Path, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A pvws command in a process of its own."""
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-m", "pvws", *arguments], stdout=file, stderr=file)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def until(true: Callable[[], object], seconds: float = 50) -> None:
    """Return once something is so that no event tells of."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.timeout(200)  # three processes start together on a machine that may be busy
def test_all_is_steered_by_any_node_and_told_with_the_node_it_is_at(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def ctl(*arguments: str, leaves_with: int = 0) -> str:
        """What a command says, or complains of where it does not leave with 0."""
        capfd.readouterr()
        code = run(["ctl", *arguments])
        said, complained = capfd.readouterr()
        assert code == leaves_with, (said, complained)
        return complained if leaves_with else said

    with nats_server(tmp_path / "nats") as server, ExitStack() as stack:
        bus = str(new_world(server))
        play = ("simulate", "quickstart", "--no-serve", "--speed", "1", "--loop", "--bus", bus)
        source = stack.enter_context(running(tmp_path / "source.log", *play))
        files = [tmp_path / f"ready{number}.json" for number in range(2)]
        for file in files:
            serve = ("serve", "--port", "0", "--bus", bus, "--ready-file", str(file))
            stack.enter_context(running(file.with_suffix(".log"), *serve))
        until(lambda: all(file.exists() for file in files))
        ready = [json.loads(file.read_text()) for file in files]
        (here, there), far = (each["control"] for each in ready), ready[1]["url"]
        with pvws.SyncControl(here) as control:
            until(lambda: len(control.nodes()) == 3)
        with connect(f"{far}?client=far") as client:
            client.send('{"type":"subscribe","topic":"peer_network"}')

            assert "held" in ctl(here, "pause")
            assert "given out" in ctl(there, "advance", "5s")
            assert ctl(here, "clock") == ctl(there, "clock")
            assert "peers" in ctl(here, "world")

            titles, row = ctl(here, "clients", "--nodes", "all").splitlines()
            assert titles.split()[-1] == "node"
            assert "far" in row and row.split()[-1] == far
            assert "far" not in ctl(here, "clients")
            assert far in ctl(here, "fault", "add", "latency: 1s, name: slow", "--nodes", "all")
            assert "slow" in ctl(there, "fault", "list")
            ctl(there, "fault", "remove", "slow", "--nodes", "all")
            assert "there is no fault" in ctl(here, "fault", "list", "--nodes", "all")
            assert "all servers, with 2 nodes: " in ctl(here, "ledger")
            assert ctl(here, "nodes").splitlines()[1].split()[0] == "source"
            assert far in ctl(here, "wait", "--did", "subscribes", "--nodes", "all")
            expected = '--nodes: expected here or all, got "some"'
            assert expected in ctl(here, "clients", "--nodes", "some", leaves_with=2)

            source.terminate()
            source.wait()
            assert f"pvws simulate SCENARIO --bus {bus}" in ctl(there, "advance", "1s", leaves_with=3)
