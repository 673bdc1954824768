"""`simulate --on` against a real server."""

import re
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from pvws.cli.app import run
from pvws.cli.playing_on import advised, playing_on
from pvws.client.control.sync_control import SyncControl
from pvws.errors import InputError, ReachError
from pvws.server.settings import Configuration, Control
from tests.support.beside_nobody import nobody
from tests.support.ctl import Ctl
from tests.support.steered_beside import Beside, steered_beside
from tests.support.terminal import Terminal

NOTHING: dict[str, Any] = {
    "scenario": "quickstart",
    "seed": None,
    "speed": None,
    "duration": None,
    "start": None,
    "set_": None,
    "stay": False,
    "control_token": None,
    "on": ":9001",
    "world": "main",
    "view": "none",
    "port": None,
}


@pytest.mark.parametrize(
    ("name", "value", "option"), [("port", 0, "--port"), ("view", "log", "--view"), ("no_serve", True, "--no-serve")]
)
def test_what_a_server_of_its_own_has_is_refused(name: str, value: object, option: str) -> None:
    with pytest.raises(InputError, match=rf"^--on: expected no {option} beside it"):
        playing_on(NOTHING | {name: value})


def test_what_is_asked_for_is_sent() -> None:
    made = playing_on(NOTHING | {"seed": 3, "speed": "max", "set_": ["peers=5"], "world": "w1"})
    assert (made.seed, made.speed, made.settings, made.control.world_name) == (3, "max", {"peers": "5"}, "w1")
    assert made.path.name == "quickstart.yaml"


def test_where_nothing_answers_it_leaves_with_3(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "quickstart", "--on", nobody()]) == 3
    assert "connection refused" in capfd.readouterr().err
    assert run(["simulate", "quickstrat", "--on", nobody()]) == 2


def test_a_port_that_somebody_else_holds_gets_the_usual_advice() -> None:
    port = int(nobody().rpartition(":")[2])
    error = ReachError(f"127.0.0.1:{port - 1}", "the port is in use by another program", "Choose another one.")
    assert advised(error, NOTHING) is error
    other = ReachError("127.0.0.1:1", "this user may not listen on that port")
    assert advised(other, NOTHING) is other


SCRIPT = """\
scenario: mine
start: 2024-01-01T00:00:00Z
duration: 10s
timeline:
- {at: 1s, do: mark, name: one}
- {at: 2s, do: emit, type: storage_alert}
"""


def test_a_scenario_is_played_to_its_end_and_unloaded(
    beside: Beside, ctl: Ctl, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(SCRIPT)
    assert run(["simulate", str(file), "--on", beside.url, "--speed", "max", "--seed", "7"]) == 0
    said = capfd.readouterr()
    assert said.out == ""
    assert f"mine plays on {beside.url}, world main; Ctrl-C ends it" in said.err
    assert " events in 10s, played in " in said.err
    assert re.search(r"\n  storage_alert +1\n", said.err)
    assert "plays      nothing" in ctl("state").out
    assert run(["simulate", str(file), "--on", beside.url, "--speed", "max", "--stay"]) == 0
    assert "plays      mine" in ctl("state").out
    assert ctl("unload").code == 0


def test_a_terminal_shows_how_far_it_is_and_an_interrupt_leaves_the_server_without_it(beside: Beside, ctl: Ctl) -> None:
    command = [sys.executable, "-m", "pvws", "simulate", "quickstart", "--on", beside.url]
    with Terminal(command) as terminal:
        terminal.until("quickstart plays on")
        terminal.until(lambda text: re.search(r"quickstart  \d+s of 30s  \d+ events", text))
        terminal.press("\x03")
        assert terminal.end() == 130
        assert re.search(r"quickstart: \d+ events in ", terminal.text)
        assert " of 30s " not in terminal.text
        assert terminal.restored
    assert "plays      nothing" in ctl("state").out


def test_something_else_that_is_loaded_meanwhile_is_left_alone(
    beside: Beside, ctl: Ctl, capfd: pytest.CaptureFixture[str]
) -> None:
    listening = threading.Event()

    def meddle() -> None:
        with SyncControl(beside.url) as control, closing(control.events(["state", "scenario"])) as happenings:
            next(happenings)
            listening.set()
            next(each for each in happenings if each.kind == "scenario")
            control.scenario.load("quiet-night")

    with ThreadPoolExecutor(1) as pool:
        meddling = pool.submit(meddle)
        assert listening.wait(10)
        assert run(["simulate", "quickstart", "--on", beside.url]) == 0
        meddling.result()
    assert "something else was loaded meanwhile" in capfd.readouterr().err
    assert "plays      quiet-night" in ctl("state").out
    assert ctl("unload").code == 0


def test_a_busy_port_of_ours_is_answered_with_the_command(capfd: pytest.CaptureFixture[str]) -> None:
    with adjacent() as (port, url):
        assert run(["simulate", "quickstart", "--seed", "7", "--port", str(port), "--host", "127.0.0.1"]) == 3
    said = capfd.readouterr().err
    assert "the port is in use by another program\nA pvws server is there already; to play on that one:" in said
    assert f"\n  pvws simulate quickstart --seed 7 --on {url}\nChoose another one with --port" in said


@contextmanager
def adjacent() -> Iterator[tuple[int, str]]:
    """A server whose control plane is one port above it, as it is by default: the port of the one, the other's URL."""
    for _ in range(20):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port: int = free.getsockname()[1]
        try:
            with steered_beside(
                None,
                control=Control(host="127.0.0.1", port=port + 1),
                configuration=Configuration("127.0.0.1", port),
            ) as found:
                yield port, found.url
                return
        except AssertionError:  # somebody else has one of them
            continue
    raise AssertionError("no two ports beside each other")
