"""`pvws shrink`: what it takes, and what it says of input with which nothing fails."""

import shlex
from pathlib import Path

import pytest

from tests.support.command import pvws
from tests.support.tried import SMALL

SCRIPT = "scenario: tried\nduration: 10ms\nexpect: [{client: connects, within: 20s}, {client: reconnects}]\n"


def shrunk(path: Path, *options: str, words: tuple[str, ...]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of it, with the small client."""
    done = pvws("shrink", str(path), "--out", str(path.with_name("shortest")), *options, "--", *SMALL, *words)
    return done.returncode, done.stdout, done.stderr


def test_a_scenario_with_which_nothing_fails_is_refused_with_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "tried.yaml"
    path.write_text(SCRIPT, encoding="utf-8")
    code, out, err = shrunk(path, "--linger", "0s", words=("{url}", "alerts", "stay"))
    assert (code, out) == (2, "")
    expected = "expected a run in which the command fails, each time it is repeated, got a run without a failure"
    assert f"{path}: {expected} (what could not be judged is none: reconnects)" in err
    assert not path.with_name("shortest").exists()


def test_a_scenario_with_which_it_fails_at_times_is_refused(tmp_path: Path) -> None:
    path, seen = tmp_path / "tried.yaml", tmp_path / "seen"
    path.write_text(SCRIPT, encoding="utf-8")
    client = f"{shlex.join(SMALL)} {{url}} alerts"
    code = f"test -e {seen} && exec {client} close; touch {seen}; exec {client} exit=3"
    done = pvws("shrink", str(path), "--linger", "20s", "-o", str(tmp_path / "out"), "--", "sh", "-c", code)
    assert done.returncode == 2
    assert "got one that fails at times (1 of 2 runs: the command exited with 3) (--repeat 1 takes" in done.stderr


@pytest.mark.parametrize(
    ("name", "text", "options", "said"),
    [
        ("gone.yaml", None, (), "RECORDING|SCENARIO: expected a scenario's file, or one of the shipped ones: "),
        ("gone.pvrec.jsonl", None, (), "F: expected a file that can be read"),
        ("wrong.yaml", "scenario: x\npeers: 3\n", (), "wrong.yaml:2:1: expected one of pvws, scenario, "),
        ("right.yaml", "scenario: x\n", ("--speed", "fast"), "--speed: expected a factor above 0"),
        ("right.yaml", "scenario: x\n", ("--linger", "long"), "--linger: expected a duration like"),
        (
            "right.yaml",
            "scenario: x\n",
            ("other.yaml",),
            'before "--": expected one RECORDING|SCENARIO, got "other.yaml"',
        ),
        ("right.yaml", "scenario: x\n", ("--env", "MINE"), "--env: expected a name and a value"),
        ("shortest", "scenario: x\n", (), "shortest:1: expected one of the formats"),
        ("right.yaml", "scenario: x\n", ("--out", "/dev/null/x"), "--out: expected a file that can be written"),
        ("a.jsonl", "{}", ("--set", "a=b"), "--set: expected a scenario to set something of"),
    ],
)
def test_what_is_wrong_is_told(
    tmp_path: Path, name: str, text: str | None, options: tuple[str, ...], said: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    code, out, err = shrunk(tmp_path / name, *options, words=("exit=1",))
    assert (code, out) == (2, "")
    assert said in err
