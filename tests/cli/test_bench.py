"""`pvws bench` as a process, against itself and against a server of ours that plays."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import typer

from pvws.cli import bench
from tests.support.command import pvws, serving
from tests.support.terminal import on_a_terminal

FEW = ("--clients", "20", "--for", "300ms")


def figures(*arguments: str, code: int = 0, **environment: str) -> dict[str, Any]:
    done = pvws("bench", *arguments, "--json", **environment)
    assert (done.returncode, done.stderr) == (code, ""), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_fanout_of_our_own_server_reaches_everybody_with_what_the_engine_makes(loop: str) -> None:
    found = figures("fanout", *FEW, PVWS_EVENT_LOOP=loop)
    assert (found["clients"], found["exact"], found["intact"]) == (20, True, True)
    assert found["reckoning"] == {"reach": 20, "lost": 0, "repeated": 0, "disordered": 0, "strange": 0}
    assert found["messages"] == 20 * found["events"] > 0
    assert found["messages_a_second"] > 0


def test_fanout_at_a_rate_has_just_so_many_events_and_tells_how_late_they_were() -> None:
    found = figures("fanout", *FEW, "--rate", "100", "--stalled", "1", "--compress")
    assert (found["events"], found["messages"], found["exact"]) == (30, 600, True)
    assert found["latency_p50"] <= found["latency_p99"] <= found["latency_worst"]


def test_latency_tells_a_person_what_it_found() -> None:
    done = pvws("bench", "latency", "--clients", "5", "--rate", "100", "--for", "300ms")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "latency of pvws itself, 5 clients"
    assert [line.split()[0] for line in lines[1:6]] == ["connected", "delivered", "rate", "latency", "reach"]
    assert "150 messages of 30 events" in lines[2]
    assert lines[4].endswith("worst (due to read)")
    assert lines[5] == "  reach       everybody got everything, once, in order and unchanged"


def test_connect_tells_what_connections_cost() -> None:
    found = figures("connect", "--clients", "50")
    assert (found["clients"], found["messages"], found["exact"]) == (50, 5_000, True)
    assert found["connected_s"] > 0
    assert sys.platform != "linux" or found["connection_kib"] > 0


def test_simulate_makes_events_without_a_server() -> None:
    found = figures("simulate", "quickstart", "--for", "50ms")
    assert found["scenario"] == "quickstart"
    assert found["events"] > 0
    person = pvws("bench", "simulate", "--for", "50ms")
    assert person.stdout.startswith("simulate firehose\n")


def test_any_server_can_be_measured(tmp_path: Path) -> None:
    scenario = ("simulate", "firehose", "--loop", "--set", "rate=300", "--speed", "1")
    with serving(tmp_path, *scenario) as server:
        found = figures("fanout", server.url, *FEW)
        assert found["exact"]
        assert found["reckoning"]["reach"] == 20
        assert (found["intact"], found["cpu_us"]) == (None, None)
        latency = figures("latency", server.url, "--clients", "4", "--rate", "40", "--for", "500ms")
        assert (latency["asked"], latency["answered"], latency["others"]) == (20, 20, 0)
        assert figures("connect", server.url, "--clients", "50")["clients"] == 50


def test_a_token_opens_a_server_that_asks_for_one_and_without_it_that_is_told(tmp_path: Path) -> None:
    with serving(tmp_path, "serve", "--token", "secret") as server:
        assert figures("connect", server.url, "--clients", "3", "--token", "secret")["exact"]
        done = pvws("bench", "connect", server.url, "--clients", "3")
        assert done.returncode == 3
        assert "client 1 of 3 was turned away" in done.stderr


def test_with_tls_the_same_is_seen(tmp_path: Path) -> None:
    with serving(tmp_path, "simulate", "firehose", "--loop", "--set", "rate=300", "--tls-self-signed") as server:
        assert server.process.stderr is not None
        authority = server.process.stderr.readline().strip().rpartition(": ")[2]
        found = figures("fanout", server.url, *FEW, "--ca", authority)
        assert found["exact"]
        assert found["messages"] > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fanout", "http://localhost"), "did you mean ws://localhost/ws?"),
        (("fanout", "--for", "soon"), "--for: expected"),
        (("fanout", "--for", "0s"), "--for: expected a duration above 0"),
        (("fanout", "--rate", "0"), "--rate: expected a number above 0"),
        (("fanout", "ws://localhost:1/ws", "--rate", "5"), "--rate: expected none beside a URL"),
        (("fanout", "ws://localhost:1/ws", "--stalled", "5"), "--stalled: expected none beside a URL"),
        (("connect", "--token", "x"), "--token: expected a URL beside it"),
        (("latency", "ws://localhost:1/ws", "--clients", "2", "--rate", "101"), "--rate: expected at most 50 a second"),
        (("simulate", "no-such-scenario"), "no-such-scenario"),
    ],
)
def test_what_makes_no_sense_is_told(arguments: tuple[str, ...], said: str) -> None:
    done = pvws("bench", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_that_is_not_there_is_told() -> None:
    done = pvws("bench", "fanout", "ws://127.0.0.1:1/ws")
    assert done.returncode == 3
    assert done.stderr.startswith("pvws: ws://127.0.0.1:1/ws: connection refused\n")


def test_on_a_terminal_a_line_says_how_far_it_is_and_is_gone_at_the_end() -> None:
    screen = on_a_terminal(sys.executable, "-m", "pvws", "bench", "fanout", *FEW)
    assert "\rfanout  20 clients  " in screen
    assert " messages  0." in screen
    assert "\r\x1b[Kfanout of pvws itself, 20 clients\n" in screen


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_it_without_a_word_and_its_server_too(number: signal.Signals, code: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "pvws", "bench", "fanout", "--clients", "2", "--for", "1m"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while not (child := children.read_text().split()):
        time.sleep(0.01)
    while len(list(Path(f"/proc/{child[0]}/task").iterdir())) < 2:  # it waits for its input in a thread
        time.sleep(0.01)
    process.send_signal(number)
    said, complained = process.communicate(timeout=30)
    assert (process.returncode, said, complained) == (code, "", "")
    with pytest.raises(ProcessLookupError):
        os.kill(int(child[0]), 0)


def test_a_signal_that_comes_within_a_finalizer_ends_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    """Python raises nothing from there: it would tell of it, and go on."""

    class Last:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    hook = sys.unraisablehook
    with pytest.raises(typer.Exit) as left, bench._progress("fanout"):
        Last()
        signal.pause()
    assert left.value.exit_code == 0
    assert capsys.readouterr() == ("", "")
    assert sys.unraisablehook is hook
