import json
from pathlib import Path

import pytest

from pvws.stage.shipped import shipped_scenarios
from tests.support.command import pvws

WRONG = """\
scenario: wrong
include: parts/part.yaml
duration: soon
behaviours:
  uplods: {rate: 3}
timeline:
  - {at: 5s, do: explode}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a wrong scenario, whose part is wrong as well, and a right one with a parameter."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "part.yaml").write_text("seed: x\n")
    (tmp_path / "wrong.yaml").write_text(WRONG)
    (tmp_path / "right.yaml").write_text(
        "scenario: right\nparameters: {peers: 3}\nduration: 90s\nnetwork: {peers: '${peers}'}\n"
        "behaviours: {deletes: {rate: 1/s}}\ntimeline:\n- {at: 1s, do: heal}\n- {at: 2s, do: heal}\n"
    )
    return tmp_path


def test_the_list_has_a_line_a_scenario_with_its_purpose() -> None:
    listed = pvws("scenarios", "list")
    assert listed.returncode == 0, listed.stderr
    lines = listed.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(shipped_scenarios())
    (quickstart,) = (line for line in lines if line.startswith("quickstart "))
    assert quickstart.split(maxsplit=2)[1:] == [
        "30s",
        "Peers join, files spread, one peer is lost and back, storage fills to a warning.",
    ]


def test_the_list_can_be_read_by_programs() -> None:
    rows = json.loads(pvws("scenarios", "list", "--json").stdout)
    assert [row["name"] for row in rows] == list(shipped_scenarios())
    (quickstart,) = (row for row in rows if row["name"] == "quickstart")
    assert quickstart["duration"] == "30s"
    assert quickstart["parameters"] == []
    assert quickstart["description"].startswith("Peers join")


def test_a_scenario_is_shown_as_it_is_written() -> None:
    assert pvws("scenarios", "show", "quickstart").stdout == shipped_scenarios()["quickstart"].read_text("utf-8")


def test_every_mistake_of_every_file_is_told_at_once_with_its_place(folder: Path) -> None:
    wrong, right = str(folder / "wrong.yaml"), str(folder / "right.yaml")
    ended = pvws("scenarios", "validate", wrong, right, "quikstart")
    assert ended.returncode == 2
    assert ended.stderr == ""
    lines = ended.stdout.splitlines()
    assert [line.partition(" expected ")[0] for line in lines[:4]] == [
        f"{wrong}:3:11: duration:",
        f"{wrong}:5:11: behaviours.uplods.kind:",
        f"{wrong}:7:18: timeline[0].do:",
        f"{folder / 'parts' / 'part.yaml'}:1:7: seed:",
    ]
    assert lines[0].endswith('expected a duration like "30s", "1m30s" or "500ms", got "soon"')
    assert lines[1].endswith('(did you mean "uploads"?)')
    assert lines[4] == f"{right}: ok, 1m30s, 3 peers, 1 behaviour, 2 steps, 1 parameter"
    assert lines[5].endswith('got "quikstart" (no such file or directory) (did you mean "quickstart"?)')
    assert len(lines) == 6


def test_right_scenarios_are_exit_code_0(folder: Path) -> None:
    ended = pvws("scenarios", "validate", str(folder / "right.yaml"), "--set", "peers=7", "--set", "duration=5s")
    assert ended.returncode == 0
    assert ended.stdout == f"{folder / 'right.yaml'}: ok, 5s, 7 peers, 1 behaviour, 2 steps, 1 parameter\n"


def test_a_value_of_the_command_line_may_be_the_mistake(folder: Path) -> None:
    ended = pvws("scenarios", "validate", str(folder / "right.yaml"), "--set", "duration=x")
    assert ended.returncode == 2
    assert ended.stdout.startswith("--set duration: duration: expected a duration")


def test_all_shipped_scenarios_are_right() -> None:
    ended = pvws("scenarios", "validate", *shipped_scenarios())
    assert ended.returncode == 0, ended.stdout
    assert len(ended.stdout.splitlines()) == len(shipped_scenarios())


def test_a_new_one_is_right_and_plays(tmp_path: Path) -> None:
    file = str(tmp_path / "mine.yaml")
    assert pvws("scenarios", "new", file).returncode == 0
    assert pvws("scenarios", "validate", file).returncode == 0
    played = pvws("simulate", file, "--no-serve", "--paranoid")
    assert played.returncode == 0, played.stderr
    assert "  marks: trouble at 15s" in played.stderr
    assert "alerts still open: storage_usage (warning)" in played.stderr
    again = pvws("scenarios", "new", file)
    assert again.returncode == 2
    assert again.stderr == f'pvws: NAME: expected a file that is not there yet, got "{file}"\n'


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "quikstart"], 'did you mean "quickstart"?'),
        (["validate"], "Missing argument"),
        (["validate", "quickstart", "--set", "seed"], "--set: expected a name and a value such as network.peers=40"),
        (["new", "x", "--from", "quikstart"], "--from: expected a scenario's file"),
        (["list", "--dance"], "--dance"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(arguments: list[str], said: str) -> None:
    ended = pvws("scenarios", *arguments)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
