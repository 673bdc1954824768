import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from pvws.scenario.loader import load
from pvws.testing.exam import examine as examination
from pvws.testing.exam.catalogue import CASES
from tests.exam.subjects import REFERENCE, flawed
from tests.support.command import pvws

CHECK = ("check", "client")
QUICK = ("--case", "contract.subscribes", "--case", "contract.answers-close")


def test_a_good_client_is_told_so() -> None:
    done = pvws(*CHECK, *QUICK, "--", *REFERENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "contract  2 of 2"
    assert lines[1].startswith("  ✓ contract.subscribes ")
    assert lines[-2].startswith("2 of 2 cases held, 0 failed, 0 not judged")
    assert lines[-1].startswith("![pvws exam: 2 of 2](https://img.shields.io/badge/")
    assert done.stderr == ""


def test_a_flawed_one_is_reported_everywhere_with_what_repeats_it(tmp_path: Path) -> None:
    junit, badge, line = tmp_path / "junit.xml", tmp_path / "badge.json", tmp_path / "badge.md"
    arguments = (*CHECK, *QUICK, "--json", "--junit", str(junit), "--badge")
    command = flawed("no-answer-to-close")
    done = pvws(*arguments, str(badge), "--", *command)
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    assert document["totals"] == {"cases": 2, "held": 1, "failed": 1, "not_judged": 0}
    held, failed = document["cases"]
    assert (held["outcome"], failed["id"]) == ("held", "contract.answers-close")
    assert "a close frame in answer within 3s" in failed["why"]
    assert failed["again"].startswith("pvws check client --case contract.answers-close -- ")
    assert failed["again"].endswith("no-answer-to-close")
    assert ElementTree.fromstring(junit.read_text()).find(".//failure") is not None
    assert json.loads(badge.read_text())["message"] == "1 of 2"

    again = pvws(*CHECK, "--case", "contract.answers-close", "--badge", str(line), "--", *command)
    assert again.returncode == 1
    assert "      again    pvws check client --case contract.answers-close -- " in again.stdout
    assert line.read_text().startswith("![pvws exam: 0 of 1](")


def test_who_never_subscribes_makes_it_exit_with_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "ADMISSION_S", 0.3)
    done = pvws(*CHECK, "--suite", "load", "--", *flawed("subscribes-to-nothing"))
    assert done.returncode == 2
    assert "  – load.burst" in done.stdout
    assert "nothing was judged: the command has not connected and subscribed to a topic\n" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "COMMAND: expected a command after --, as in: pvws check client -- node client.js, got none"),
        (("--suite", "lod", "--", "x"), 'got "lod" (did you mean "load"?)'),
        (("--case", "retry-after", "--", "x"), 'got "retry-after" (did you mean "reconnect.retry-after"?)'),
        (("--show", "nothing"), '--show: expected the id of a case (--list tells them), got "nothing"'),
        (("--badge", "x.png", "--", "x"), '--badge: expected a name that ends in .json or in .md, got "x.png"'),
        (("--", "no-such-command-anywhere"), 'got "no-such-command-anywhere" (not found)'),
        (("--junit", "no/such/folder/x.xml", "--", "x"), "no/such/folder/x.xml"),
        (("--jobs", "0", "--", "x"), "--jobs: expected a whole number from 1 to 64"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_judged(arguments: tuple[str, ...], said: str) -> None:
    done = pvws(*CHECK, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_cases_are_listed_and_shown() -> None:
    done = pvws(*CHECK, "--list", "--suite", "contract")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        case.id for case in CASES.values() if case.suite == "contract"
    ]
    shown = pvws(*CHECK, "--show", "security.token-again").stdout
    case = CASES["security.token-again"]
    assert load(shown, "shown.yaml").expect == case.scenario().expect
    assert shown.endswith(case.text)
    notes = [line.removeprefix("# ") for line in shown.splitlines() if line.startswith("# ")]
    assert notes[0] == f"security.token-again: {case.purpose}"
    config = notes[notes.index("The server's configuration (--config):") + 1 :]
    assert yaml.safe_load("\n".join(config)) == yaml.safe_load(case.configuration_text)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 1)])
def test_a_signal_ends_the_exam_and_the_client_with_it(tmp_path: Path, number: signal.Signals, code: int) -> None:
    there = tmp_path / "there"
    program = f"import pathlib, time; pathlib.Path({str(there)!r}).touch(); time.sleep(60)"
    command = [sys.executable, "-m", "pvws", *CHECK, "--", sys.executable, "-I", "-S", "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        while not there.exists():
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(number)
        told, _ = running.communicate(timeout=30)
        assert running.returncode == code
        assert told.splitlines()[-1] == "interrupted: 0 cases tried, 0 held, 0 failed, 0 not judged"
