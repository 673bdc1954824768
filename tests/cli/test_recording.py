"""`pvws recording` as a user runs it: processes with files."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pvws.cli.recording import app
from tests.support.command import pvws

RECORDINGS = Path(__file__).parents[2] / "recordings"
HAR = Path(__file__).parents[1] / "recording" / "data" / "har" / "devtools.har"
QUICKSTART = str(RECORDINGS / "quickstart.pvrec.jsonl")
HEADER = '{"format":"pvws-recording","version":1}\n'


def test_info_says_what_is_in_a_recording_and_in_a_har() -> None:
    told = pvws("recording", "info", QUICKSTART)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith(f"{QUICKSTART}: recording\n")
    assert "  scenario    quickstart, seed" in told.stdout
    assert "  received    368 messages, 132 KiB" in told.stdout
    assert "█" in told.stdout
    rows = json.loads(pvws("recording", "info", str(HAR), "--json").stdout)
    assert (rows["received"]["messages"], rows["sent"]["messages"], rows["cut_short"]) == (6, 3, False)


def test_info_reads_what_a_crash_left_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(Path(QUICKSTART).read_bytes()[:-20])
    told = pvws("recording", "info", str(path))
    assert told.returncode == 0
    assert told.stdout.startswith(f"{path}: recording, cut short: the last line has no end and is left out\n")


def test_validate_tells_every_problem_of_every_file(tmp_path: Path) -> None:
    wrong, short, right = tmp_path / "wrong.jsonl", tmp_path / "short.jsonl", tmp_path / "right.jsonl"
    wrong.write_text(
        f'{HEADER}{{"t":2,"dir":"recv","text":"x"}}\n{{"t":1,"dir":"recv","text":"x"}}\n'
        '{"t":2,"dir":"up","text":"x","frgments":[1]}\nnothing\n{"t":"\x1b[2J"}\n'
    )
    short.write_text(f'{HEADER}{{"t":2,"mark":{{"name":"m"}}}}\n{{"t":')
    right.write_text(f'{HEADER}{{"t":2,"mark":{{"name":"m"}}}}\n')
    told = pvws("recording", "validate", str(wrong), str(right), str(short), str(tmp_path / "missing"))
    assert told.returncode == 2
    lines = told.stdout.splitlines()
    assert [line.removeprefix(str(tmp_path)) for line in lines[:3]] == [
        "/wrong.jsonl:3: t: expected a time that is not before that of the line before, 2.000000, got 1.000000",
        "/wrong.jsonl:4: frgments: expected one of the keys t, conn, dir, message, text, base64, ping, pong, open, "
        'close, mark, gap, opcode, fragments, got an unknown one (did you mean "fragments"?)',
        '/wrong.jsonl:4: dir: expected one of send, recv, got "up"',
    ]
    assert lines[3].startswith(f"{wrong}:5: expected one JSON object, got none")
    assert lines[-3:] == [
        f"{right}: ok, 1 entry",
        f"{short}: ok, 1 entry; it was cut short, the last line has no end and is left out",
        f'FILE: expected a file that can be read, got "{tmp_path}/missing" (no such file or directory)',
    ]
    assert "\x1b" not in told.stdout
    assert pvws("recording", "validate", str(right), str(short)).returncode == 0


def test_diff_tells_what_is_different_and_exits_with_1(tmp_path: Path) -> None:
    lines = Path(QUICKSTART).read_text("utf-8").splitlines(keepends=True)
    other = tmp_path / "other.pvrec.jsonl"
    changed = lines[50].replace('"node":"', '"node":"0')
    other.write_text("".join([*lines[:20], *lines[21:50], changed, *lines[51:]]))
    same = pvws("recording", "diff", QUICKSTART, QUICKSTART, "--tolerance", "0s", "--exact")
    assert (same.returncode, same.stdout) == (0, "368 the same\n")
    told = pvws("recording", "diff", QUICKSTART, str(other))
    assert told.returncode == 1
    assert told.stdout.startswith(f"missing   {QUICKSTART}:21: file_")
    assert f"changed   {QUICKSTART}:51, {other}:50: file_" in told.stdout
    assert "            data.node: " in told.stdout
    assert told.stdout.endswith("1 missing, 1 changed, 366 the same\n")
    less = pvws("recording", "diff", QUICKSTART, str(other), "--ignore", "data.node", "--json")
    rows = json.loads(less.stdout)
    assert (less.returncode, rows["counts"], rows["same"]) == (1, {"missing": 1}, 367)


def test_diff_tells_what_is_late(tmp_path: Path) -> None:
    slow = tmp_path / "slow.jsonl"
    line = '{{"t":{},"dir":"recv","message":{{"type":"a","topic":"alerts","data":{{"metric":"{}"}}}}}}\n'
    fast = tmp_path / "fast.jsonl"
    fast.write_text(HEADER + "".join(line.format(t, t) for t in (1, 2, 3)))
    slow.write_text(HEADER + "".join(line.format(t + late, t) for t, late in ((1, 7), (2, 7), (3, 7.2))))
    assert pvws("recording", "diff", str(fast), str(slow)).returncode == 0
    told = pvws("recording", "diff", str(fast), str(slow), "--tolerance", "100ms")
    assert (told.returncode, told.stdout) == (
        1,
        f"late      {fast}:4, {slow}:4: a 3 (alerts) at 3s by 200ms\n1 late, 3 the same\n",
    )


def test_a_field_without_a_name_can_not_be_ignored() -> None:
    told = pvws("recording", "diff", QUICKSTART, QUICKSTART, "--ignore", "")
    assert (told.returncode, told.stderr) == (
        2,
        'pvws: --ignore: expected the name of a field, such as data.node, got ""\n',
    )


def test_a_har_becomes_a_recording_and_one_again_the_same(tmp_path: Path) -> None:
    recorded, exported = str(tmp_path / "a.pvrec.jsonl.zst"), str(tmp_path / "b.har")
    told = pvws("recording", "convert", str(HAR), recorded)
    assert (told.returncode, told.stdout) == (0, "")
    assert told.stderr == f"pvws: {recorded}: a recording of 10 entries, made from a HAR\n"
    assert pvws("recording", "convert", recorded, exported).returncode == 0
    for other in (recorded, exported):
        assert pvws("recording", "diff", str(HAR), other, "--exact", "--tolerance", "0s").stdout == "9 the same\n"


def test_a_recording_becomes_a_scenario_that_plays_the_same(tmp_path: Path) -> None:
    script, again = str(tmp_path / "again.yaml"), str(tmp_path / "again.jsonl")
    told = pvws("recording", "to-scenario", QUICKSTART, "-o", script, "--name", "again")
    assert (told.returncode, told.stdout) == (0, "")
    assert told.stderr == "pvws: 368 events by type, with the times of the stage\n"
    assert pvws("scenarios", "validate", script).stdout == f"{script}: ok, 32s, 368 steps\n"
    assert pvws("simulate", script, "--no-serve", "--out", again).returncode == 0
    recorded = [json.dumps(json.loads(line)["message"]) for line in Path(QUICKSTART).read_text().splitlines()[1:]]
    assert [json.dumps(json.loads(line)) for line in Path(again).read_text().splitlines()] == recorded


def test_a_scenario_goes_to_stdout_unless_a_file_is_named() -> None:
    told = pvws("recording", "to-scenario", str(RECORDINGS / "peervault-normal.pvrec.jsonl"))
    assert told.stdout.startswith("pvws: 1\nscenario: normal\n")
    assert told.stderr.endswith(
        ": 65 events word for word; left out: 8 messages that the client sent, 2 messages without a topic of the API\n"
    )


def test_a_recording_without_an_event_makes_a_scenario_in_which_nothing_happens(tmp_path: Path) -> None:
    script = str(tmp_path / "a.yaml")
    told = pvws("recording", "to-scenario", str(HAR), "-o", script)
    assert told.stderr.startswith("pvws: no event of the API; left out: 3 messages that the client sent, 5 messages ")
    assert pvws("scenarios", "validate", script).returncode == 0


def test_the_example_of_the_help_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy("recordings/peervault-normal.pvrec.jsonl", tmp_path / "session.pvrec.jsonl")
    monkeypatch.chdir(tmp_path)
    assert isinstance(app.info.epilog, str)
    assert pvws(*app.info.epilog.removeprefix("Try: pvws ").split()).returncode == 0


@pytest.mark.parametrize(
    "arguments", [["info", QUICKSTART], ["validate", QUICKSTART], ["to-scenario", QUICKSTART]], ids=lambda each: each[0]
)
def test_a_full_disk_under_stdout_is_told_in_a_sentence(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "pvws", "recording", *arguments], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr.decode().endswith("pvws: the output can't be written any further: no space left on device\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["info", "no-such-file"], 'FILE: expected a file that can be read, got "no-such-file" (no such file'),
        (["info", "README.md"], "README.md:1: expected one of the formats recording, har,"),
        (["diff", QUICKSTART], "Missing argument 'B'"),
        (["diff", QUICKSTART, "no-such-file"], 'B: expected a file that can be read, got "no-such-file"'),
        (["diff", QUICKSTART, QUICKSTART, "--tolerance", "soon"], '--tolerance: expected a duration like "30s"'),
        (["convert", QUICKSTART, "x.txt"], "B: expected a name that ends in .jsonl or .har"),
        (["convert", QUICKSTART, "x.har", "--redact", "a..b"], "--redact: expected a path within messages such as"),
        (
            ["convert", QUICKSTART, "x.har", "--from", "har"],
            "quickstart.pvrec.jsonl:2: expected one JSON text, got none",
        ),
        (["weather"], "No such command 'weather'"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(arguments: list[str], said: str, tmp_path: Path) -> None:
    ended = pvws("recording", *arguments)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
