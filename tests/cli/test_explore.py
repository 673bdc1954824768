"""`pvws explore`: runs of a small client, what is found, kept and told."""

import json
import shlex
import signal
import sys
from pathlib import Path

import pytest

from pvws.files.recordings import open_recording
from pvws.recording.format import Message, Open
from pvws.scenario.loader import load
from tests.support.command import pvws
from tests.support.terminal import Terminal
from tests.support.tried import SMALL

SCRIPT = """\
scenario: tried
seed: 5
duration: 10ms
network: {peers: 2}
parameters: {here: m}
timeline: [{at: 5ms, do: mark, name: "${here}"}]
expect: [{client: connects, within: 20s}, {client: reconnects, within: 20s}]
explore: {values: {network.peers: [1, 3]}, faults: []}
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "tried.yaml"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


def explored(script: Path, *options: str, words: tuple[str, ...]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of it, with the small client; files go beside the script."""
    out = () if "--out" in options else ("--out", str(script.with_name("found")))
    done = pvws("explore", str(script), *out, *options, "--", *SMALL, *words)
    return done.returncode, done.stdout, done.stderr


def test_where_no_seed_fails_it_is_said_with_what_no_run_could_judge(script: Path) -> None:
    code, out, err = explored(script, "--seeds", "3", "--linger", "0s", words=("{url}", "alerts", "stay"))
    assert (code, err) == (0, "")
    assert out == (
        "3 seeds were tried, and the command failed with none of them\nnot judged in any run: reconnects, within: 20s\n"
    )


def test_a_run_that_fails_is_kept_with_the_commands_that_repeat_and_shorten_it(script: Path) -> None:
    words = ("{url}", "alerts", "print=oh no", "exit=3")
    code, out, _ = explored(script, "--seeds", "9", "--from", "7", "--repeat", "2", "--linger", "20s", words=words)
    assert code == 1
    scenario, recording = (str(script.with_name("found")) + suffix for suffix in (".yaml", ".pvrec.jsonl"))
    command = shlex.join([*SMALL, *words])
    assert out.splitlines()[0] == "seed 7 fails, in each run: the command exited with 3"
    assert "    oh no\n" in out
    assert f"kept as {scenario} and {recording}\n" in out
    assert f"repeat it:  pvws test {scenario} -- {command}\n" in out
    assert f"shorten it: pvws shrink {scenario} --repeat 2 --linger 20s -- {command}\n" in out
    text = Path(scenario).read_text("utf-8")
    assert text.startswith("# Seed 7 of tried: the command exited with 3.\nscenario: tried\nseed: 7\n")
    found = load(text, "kept.yaml")
    assert found.network.count in (1, 3)
    assert len(found.expect) == 2
    with open_recording(recording) as entries:
        kinds = [type(entry) for entry in entries]
    assert Open in kinds
    assert Message in kinds


def test_the_report_for_programs_has_all_of_it(script: Path) -> None:
    words = ("{url}", "alerts", "say={", "stay")
    SCRIPT_TOO = SCRIPT.replace("{client: reconnects, within: 20s}", "{client: sends_valid_messages}")  # noqa: N806
    script.write_text(SCRIPT_TOO.replace("duration: 10ms", "duration: 20s"), encoding="utf-8")
    code, out, _ = explored(script, "--json", "--seeds", "1", "--repeat", "1", "--profile", "documented", words=words)
    told = json.loads(out)
    assert code == 1
    assert told["scenario"] == "tried"
    assert (told["seeds"], told["seed"], told["runs"], told["failed_runs"]) == (1, 5, 1, 1)
    assert told["ways"] == ["failed: sends_valid_messages"]
    assert told["changes"] == []
    assert told["at_times"] == told["not_judged"] == []
    # It would not end by itself, and the failure is none of its exit code.
    assert told["repeat"].startswith(f"pvws test {told['files']['scenario']} --until scenario --profile documented -- ")


@pytest.mark.parametrize(
    ("old", "new", "words", "said"),
    [
        ("[1, 3]", "[1, x]", ("exit=0",), ':8:39: explore.values.network.peers[1]: expected a whole number, got "x"'),
        ("", "", ("exit=0",), "COMMAND: expected a command that connects to $PVWS_URL, or to {url} in its arguments"),
    ],
)
def test_what_is_wrong_is_told(script: Path, old: str, new: str, words: tuple[str, ...], said: str) -> None:
    script.write_text(SCRIPT.replace(old, new), encoding="utf-8")
    code, out, err = explored(script, "--seeds", "2", words=words)
    assert (code, out) == (2, "")
    assert said in err


def test_what_fails_at_times_is_kept_and_shortened_by_single_runs(script: Path, tmp_path: Path) -> None:
    seen, client = tmp_path / "seen", f"{shlex.join(SMALL)} {{url}} alerts"
    code = f"test -e {seen} && exec {client} close; touch {seen}; exec {client} exit=3"
    options = ("--seeds", "2", "--jobs", "1", "--linger", "20s", "--out", str(tmp_path / "found"))
    done = pvws("explore", str(script), *options, "--", "sh", "-c", code)
    assert done.returncode == 1
    first, second = done.stdout.splitlines()[:2]
    assert first == "seed 5 failed in 1 of 3 runs: the command exited with 3"
    assert second.startswith("seed 5, the scenario as it stands, is kept, although it does not fail each time: ")
    assert f"shorten it: pvws shrink {tmp_path / 'found'}.yaml --repeat 1 --jobs 1 " in done.stdout


@pytest.mark.parametrize(("number", "left"), [(signal.SIGINT, 130), (signal.SIGTERM, 1)])
def test_who_ends_it_keeps_what_has_failed_by_then(
    script: Path, tmp_path: Path, number: signal.Signals, left: int
) -> None:
    seen, client = tmp_path / "seen", f"{shlex.join(SMALL)} {{url}} alerts"
    # It fails once, and stays for good the next time.
    code = f"test -e {seen} && exec {client} stay; touch {seen}; exec {client} exit=3"
    found = tmp_path / "found"
    arguments = ["explore", str(script), "--jobs", "1", "--linger", "50s", "--out", str(found)]
    with Terminal([sys.executable, "-m", "pvws", *arguments, "--", "sh", "-c", code]) as terminal:
        terminal.until("seed 5 fails")
        terminal.process.send_signal(number)
        terminal.until("interrupted after 1 run")
        terminal.until("kept as")
        assert terminal.process.wait(20) == left
    assert load(found.with_suffix(".yaml").read_text("utf-8"), "found.yaml").seed == 5
    assert found.with_suffix(".pvrec.jsonl").exists()


def test_who_never_connects_is_told_so(script: Path) -> None:
    code, out, _ = explored(script, "--seeds", "1", "--repeat", "1", words=("exit=4",))
    assert code == 1
    assert "  it never tried to connect: the address is in PVWS_URL, or is {url} in its arguments\n" in out


def test_a_variable_of_ones_own_has_the_address(script: Path) -> None:
    options = ("--linger", "20s", "--seeds", "1", "--env", "MINE={url}", "--out", str(script.with_name("found")))
    done = pvws("explore", str(script), *options, "--", "sh", "-c", f'exec {shlex.join(SMALL)} "$MINE" alerts exit=3')
    assert done.returncode == 1, done.stderr
    assert "--env 'MINE={url}'" in done.stdout.partition("repeat it:")[2]


def test_what_is_written_is_tried_before_it_begins_and_never_what_is_read(script: Path) -> None:
    code, _, err = explored(script, "--out", str(script.with_name("gone") / "found"), words=("exit=1",))
    assert (code, "--out: expected a file that can be written" in err) == (2, True)
    code, _, err = explored(script, "--out", str(script.with_suffix("")), words=("exit=1",))
    assert (code, "--out: expected another file than the one that is read" in err) == (2, True)
    assert script.read_text("utf-8") == SCRIPT


def test_a_speed_that_is_none_is_told(script: Path) -> None:
    code, out, err = explored(script, "--speed", "fast", words=("exit=0",))
    assert (code, out) == (2, "")
    assert '--speed: expected a factor above 0 such as 1 or 0.5, or "max", got "fast"' in err


def test_a_command_line_without_a_command_says_what_is_missing(script: Path) -> None:
    done = pvws("explore", str(script))
    assert done.returncode == 2
    assert "COMMAND" in done.stderr
