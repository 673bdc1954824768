import re
import socket
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.command import pvws
from tests.support.processes import ends, lives
from tests.support.terminal import Terminal
from tests.support.tried import SMALL

SCRIPT = """pvws: 1
scenario: checked
duration: 1m
network: {peers: 2}
timeline:
  - {when: {client: subscribes}, times: 1, do: disconnect, code: 1012}
expect:
  - {client: connects, within: 10s}
  - {client: reconnects, within: 15s, after: disconnect}
"""
COMES_BACK = ("{url}", "alerts", "stay", "{url}", "alerts", "close")


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "checked.yaml"
    path.write_text(SCRIPT, encoding="utf-8")
    return str(path)


def tried(script: str, *options: str, words: tuple[str, ...] = COMES_BACK, **environment: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of it, with the small client."""
    done = pvws("test", script, "--artefacts", "off", "--timeout", "20s", *options, "--", *SMALL, *words, **environment)
    return done.returncode, done.stdout, done.stderr


def test_a_command_that_does_well_gives_0_and_its_output_is_passed_on(script: str) -> None:
    code, out, err = tried(script, words=(*COMES_BACK, "print=hello"))
    assert (code, out) == (0, "hello\n"), err
    assert "exited with 0 after" in err
    assert "2 handshakes, 2 connections; first asked after" in err
    assert "  expectations: 2 held\n" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("{url}", "alerts", "stay"), ["failed: reconnects, within: 15s, after: disconnect"]),
        (("{url}", "close"), ["not judged: reconnects", "--until scenario has the scenario played to its end first"]),
        ((*COMES_BACK, "exit=7"), ["exited with 7 after"]),
        (("exit=0",), ["nobody connected to ws://localhost:"]),
        (
            ("ws://{host}:{port}/", "exit=1"),
            ["a handshake came to another path, and got HTTP 404: clients connect to ws://localhost:"],
        ),
    ],
)
def test_what_is_not_done_gives_1_and_says_what(words: tuple[str, ...], said: list[str], script: str) -> None:
    code, _, err = tried(script, words=words)
    assert code == 1
    assert [each for each in said if each not in err] == [], err


def test_pings_come_in_time_to_be_answered_in_a_run_of_seconds(script: str) -> None:
    Path(script).write_text("scenario: pinged\nduration: 1m\nexpect: [{client: answers_pings}]\n", encoding="utf-8")
    code, _, err = tried(script, "--until", "decided", words=("{url}", "alerts", "stay"))
    assert (code, "  expectations: 1 held\n" in err) == (0, True), err


def test_the_report_for_a_ci_says_where_each_expectation_stands(script: str, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    code, out, _ = tried(script, "--junit", str(report), words=("{url}", "alerts", "stay", "print=\x1b[1mbold"))
    assert (code, out) == (1, "\x1b[1mbold\n")
    (suite,) = ElementTree.parse(report).getroot()
    assert (suite.attrib["name"], suite.attrib["tests"], suite.attrib["failures"]) == ("checked", "3", "1")
    command, connects, reconnects = suite.iter("testcase")
    assert command.findtext("system-out") == "bold\n"
    assert float(command.attrib["time"]) > 0
    assert (connects.attrib["file"], connects.attrib["line"]) == (script, "8")
    assert reconnects.attrib["line"] == "9"
    failure = reconnects.find("failure")
    assert failure is not None
    assert "was sent a close frame, code 1012" in (failure.text or "")


def test_a_recording_of_what_failed_lies_where_it_is_said_to(script: str, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    done = pvws("test", script, "--artefacts", str(folder), "--", *SMALL, "{url}", "alerts", "close")
    (recording,) = folder.iterdir()
    assert f"the run is recorded in {recording}" in done.stderr
    assert pvws("recording", "validate", str(recording)).returncode == 0


def test_variables_and_options_reach_the_command(script: str) -> None:
    names = ("PVWS_TOKEN", "PVWS_CONTROL_URL", "MINE", "VITE_PVWS_URL")
    options = ("--token", "s3cret", "--control", "off", "--env", "MINE=<{url}>", "--set", "network.peers=3")
    _, out, err = tried(script, *options, words=tuple(f"env={name}" for name in names), PVWS_CONTROL_URL="stale")
    token, control, mine, vite = out.splitlines()
    assert (token, control) == ("s3cret", "nothing")
    assert mine == f"<{vite}>"
    assert vite.startswith("ws://localhost:")
    assert "s3cret" not in err


def test_a_command_can_steer_the_server(script: str) -> None:
    code = "import os, urllib.request as r; print(r.urlopen(os.environ['PVWS_CONTROL_URL'] + '/v1/state').status)"
    done = pvws("test", script, "--artefacts", "off", "--", sys.executable, "-I", "-c", code)
    assert done.stdout == "200\n"


def test_one_that_never_ends_is_ended_when_all_is_decided(script: str) -> None:
    code, _, err = tried(script, "--until", "decided", words=("{url}", "alerts", "stay", "{url}", "alerts", "stay"))
    assert code == 0, err
    assert "was ended after" in err


def test_or_when_the_scenario_has_been_played(tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text("scenario: short\nexpect:\n  - {client: connects}\n")
    options = ("--until", "scenario", "--duration", "50ms", "--begin", "subscription")
    code, _, err = tried(str(tmp_path / "short.yaml"), *options, words=("{url}", "alerts", "stay"))
    assert code == 0, err
    assert "was ended after" in err


def test_one_that_takes_too_long_gives_1(script: str) -> None:
    code, _, err = tried(script, "--timeout", "300ms", words=("{url}", "alerts", "stay", "{url}", "stay"))
    assert code == 1
    found = re.search(r"took longer than ([\d.]+) s, and was ended", err)
    assert found, err
    assert float(found[1]) >= 0.3


def test_tls_with_an_authority_that_the_command_trusts(script: str) -> None:
    # Python's ssl looks into SSL_CERT_FILE by itself, as OpenSSL and Go do; Node looks into NODE_EXTRA_CA_CERTS.
    code = "from websockets.sync.client import connect\nimport os\nwith connect(os.environ['PVWS_URL']): print('in')"
    done = pvws("test", script, "--artefacts", "off", "--tls-self-signed", "--", sys.executable, "-c", code)
    assert done.stdout == "in\n", done.stderr
    assert "at wss://localhost:" in done.stderr


@pytest.mark.tools
def test_a_client_in_javascript_is_tested_like_any_other(script: str, node_client: list[str]) -> None:
    done = pvws("test", script, "--artefacts", "off", "--", *node_client, "{url}", "2", "peer_network")
    assert "1 connection" in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["quickstart"], "COMMAND: expected a command after --, as in: pvws test quickstart -- npm test, got none"),
        (["quickstart", "--", "no-such-command-anywhere"], "(not found) (is it installed, and its folder in PATH?)"),
        (["no-such-scenario", "--", "true"], "SCENARIO: expected a scenario's file"),
        (["quickstart", "--timeout", "soon", "--", "true"], "--timeout: expected"),
        (["quickstart", "--timeout", "0s", "--", "true"], '--timeout: expected a duration of more than 0, got "0s"'),
        (["quickstart", "--grace", "-1s", "--", "true"], "--grace: expected"),
        (["quickstart", "--env", "NAME", "--", "true"], "--env: expected a name and a value such as MY_WS_URL={url}"),
        (["quickstart", "--set", "x", "--", "true"], "--set: expected a name and a value"),
        (["quickstart", "--junit", "/no/such/folder/x", "--", "true"], "--junit: expected a file that can be written"),
    ],
)
def test_what_is_wrong_with_a_command_line_gives_2_and_a_sentence(arguments: list[str], expected: str) -> None:
    done = pvws("test", "--artefacts", "off", *arguments)
    assert done.returncode == 2, done.stderr
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_a_scenario_that_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("scenario: wrong\nexpect:\n  - {client: conects}\n")
    done = pvws("test", str(tmp_path / "wrong.yaml"), "--", "true")
    assert done.returncode == 2
    assert f"{tmp_path}/wrong.yaml:3" in done.stderr


def test_a_port_that_is_busy_gives_3(script: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        assert tried(script, "--host", "127.0.0.1", "--port", port)[0] == 3


def test_a_scenario_that_expects_nothing_says_so(tmp_path: Path) -> None:
    (tmp_path / "plain.yaml").write_text("scenario: plain\nnetwork: {peers: 2}\n")
    code, _, err = tried(str(tmp_path / "plain.yaml"), words=("{url}", "close"))
    assert code == 0
    assert "the scenario expects nothing of clients (expect:), so only the command itself was judged" in err


def test_sigterm_reaches_the_command_and_its_children_and_a_second_one_ends_all_at_once(tmp_path: Path) -> None:
    told = tmp_path / "told"
    shell = f"sleep 100 & echo $! $$ > {told}; trap 'echo asked' TERM; echo ready; while :; do sleep 0.01; done"
    options = ("--artefacts", "off", "--grace", "1h")
    command = [sys.executable, "-m", "pvws", "test", "quickstart", *options, "--", "sh", "-c", shell]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    running.terminate()
    assert running.stdout.readline() == "asked\n"
    child, parent = (int(word) for word in told.read_text().split())
    assert ends(child)
    assert lives(parent)
    running.terminate()
    _, err = running.communicate(timeout=30)
    assert running.returncode == 1, err
    assert ends(parent)


def test_on_a_terminal_the_command_has_the_terminal_and_hears_ctrl_c(script: str) -> None:
    code = (
        "import os, signal, sys\nsignal.signal(2, lambda *_: (os.write(1, b'asked\\n'), os._exit(0)))\n"
        "print('terminal', sys.stdout.isatty(), sys.stdin.isatty(), flush=True)\nwhile True: signal.pause()"
    )
    words = [sys.executable, "-I", "-S", "-c", code]
    command = [sys.executable, "-m", "pvws", "test", script, "--artefacts", "off", "--", *words]
    with Terminal(command) as terminal:
        terminal.until("terminal True True")
        terminal.press("\x03")
        terminal.until("asked")
        assert terminal.end() == 130
