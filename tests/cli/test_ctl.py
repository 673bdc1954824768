"""The command line of `pvws ctl` as a whole: help, where it goes, what it leaves with."""

import sys

import pytest

from pvws.cli.app import run
from pvws.cli.ctl import app
from tests.support.beside_nobody import nobody
from tests.support.command import pvws
from tests.support.ctl import Ctl
from tests.support.steered_beside import Beside
from tests.support.terminal import Terminal

COMMANDS = [each.name or getattr(each.callback, "__name__", "") for each in app.registered_commands] + [
    f"{group.name} {each.name}" for group in app.registered_groups for each in group.typer_instance.registered_commands
]


def test_there_is_a_command_for_all_that_can_be_done() -> None:
    wanted = "state clients journal pause resume step advance until seek speed mark disconnect load unload world worlds"
    assert {*wanted.split(), "ledger", "events", "stop", "emit", "compare", "settle"} <= set(COMMANDS)
    assert {f"fault {name}" for name in ("add", "list", "remove", "clear", "kinds")} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_has_an_example(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["ctl", *command.split(), "--help"]) == 0
    assert f"pvws {'emit' if command == 'emit' else f'ctl {command}'}" in capfd.readouterr().out


def test_the_world_may_be_named_behind_the_command(ctl: Ctl) -> None:
    assert ctl("state", "--world", "nowhere").code == 2
    assert ctl("--world", "main", "state", "--json").json["world"] == "main"


def test_the_address_may_come_from_the_environment(
    beside: Beside, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PVWS_CONTROL_URL", beside.url)
    assert run(["ctl", "info"]) == 0
    assert beside.web_socket in capfd.readouterr().out


def test_an_address_may_be_a_port(beside: Beside, capfd: pytest.CaptureFixture[str]) -> None:
    port = beside.url.rpartition(":")[2]
    assert run(["ctl", f"127.0.0.1:{port}", "info"]) == 0
    assert run(["ctl", "info", "--url", f"127.0.0.1:{port}", "--json"]) == 0


def test_where_nothing_answers_it_leaves_with_3_and_says_what_would_be_right(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert run(["ctl", nobody(), "state"]) == 3
    said = capfd.readouterr()
    assert said.out == ""
    assert "connection refused\nIs a test-bed running? Start one with: pvws serve" in said.err


def test_the_web_socket_port_is_told_from_the_control_plane(beside: Beside, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["ctl", beside.web_socket, "state"]) == 2
    assert "that is where clients connect; did you mean http://" in capfd.readouterr().err
    place = beside.web_socket.removeprefix("ws://").removesuffix("/ws")
    assert run(["ctl", place, "state"]) == 3
    assert "no control plane of pvws" in capfd.readouterr().err


def test_a_slip_gets_the_nearest_command(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["ctl", "staet"]) == 2
    assert "state" in capfd.readouterr().err


def test_a_process_of_its_own_says_the_same(beside: Beside) -> None:
    done = pvws("ctl", beside.url, "clock")
    assert (done.returncode, done.stderr) == (0, "")
    assert "held" in done.stdout
    assert "\x1b" not in done.stdout


def test_on_a_terminal_titles_stand_back_and_lines_end_at_its_edge(beside: Beside) -> None:
    with Terminal([sys.executable, "-m", "pvws", "ctl", beside.url, "fault", "kinds"], columns=60) as terminal:
        assert terminal.end() == 0
        assert max(map(len, terminal.lines)) <= 60
        assert "…" in terminal.text
        assert b"\x1b[" in terminal.raw
