"""One run of `pvws shrink`: scenarios and recordings become short, and what was found is kept, whoever stops it."""

import json
import signal
import sys
from pathlib import Path

import pytest

from pvws.cli.shrinking import shortest_of
from pvws.files.recordings import RecordingWriter, open_recording
from pvws.recording.format import Header, Message
from pvws.scenario.loader import load
from pvws.timestamp import Timestamp
from tests.support.command import pvws
from tests.support.terminal import Terminal
from tests.support.tried import SMALL

CANARY = (*SMALL[:-1], str(Path(__file__).parents[1] / "support" / "canary_client.py"), "{url}")
MARKS = "".join(f"  - {{at: {number}s, do: mark, name: m{number}}}\n" for number in range(20))
SILLY = f"""\
scenario: silly
duration: 1h
timeline:
{MARKS}expect:
  - {{client: connects, within: 20s}}
  - {{client: never_sends, larger_than: 5 B}}
  - {{client: answers_pings}}
"""


def event(kind: str, key: str) -> bytes:
    data = {"key": key, "size": 5} if kind == "file_uploaded" else {"key": key}
    return json.dumps({"type": kind, "topic": "file_operations", "data": data}).encode()


def test_what_is_expected_and_failed_stays_and_all_else_goes(tmp_path: Path) -> None:
    path, out = tmp_path / "silly.yaml", tmp_path / "short.yaml"
    path.write_text(SILLY, encoding="utf-8")
    done = pvws("shrink", str(path), "--repeat", "1", "--out", str(out), "--", *SMALL, "{url}", "alerts", "stay")
    assert done.returncode == 0, done.stderr
    assert out.read_text("utf-8") == (
        f"# The shortest of {path} that fails: failed: never_sends, larger_than: 5.\n"
        "scenario: silly\n"
        "duration: 1ms\n"
        "network: {peers: 0}\n"
        "expect:\n"
        "  - {client: connects, within: 20s}\n"
        "  - {client: never_sends, larger_than: 5 B}\n"
    )
    assert "runs made 20 steps, 0 behaviours, 12 peers and 1h0m0s\ninto 0 steps, 0 behaviours, 0 peers" in done.stdout
    assert "not expected any more, because so short a run can't judge it: answers_pings" in done.stdout
    assert f"repeat it: pvws test {out} --until scenario -- " in done.stdout


@pytest.mark.parametrize(
    ("name", "shortest"),
    [
        ("a.yaml", "a.min.yaml"),
        ("x/my.v2.yml", "my.v2.min.yaml"),
        ("a.min.yaml", "a.min.min.yaml"),
        ("quickstart", "quickstart.min.yaml"),
    ],
)
def test_the_shortest_is_called_after_the_input_and_never_the_same(name: str, shortest: str) -> None:
    assert shortest_of(name, ".yaml") == shortest


def test_a_recording_becomes_the_message_that_matters_byte_for_byte(tmp_path: Path) -> None:
    path, out = tmp_path / "long.pvrec.jsonl", tmp_path / "short.pvrec.jsonl"
    with RecordingWriter(str(path), Header(start=Timestamp(1_704_067_200_000_000))) as writer:
        for number in range(40):
            writer.write(Message(number * 100_000, "recv", event("file_uploaded", f"{number}")))
        writer.write(Message(4_000_000, "recv", event("file_deleted", "never seen")))
        writer.write(Message(4_100_000, "recv", event("file_uploaded", "later")))
    options = ("--repeat", "2", "--speed", "100", "--out", str(out), "--json")
    done = pvws("shrink", str(path), *options, "--", *CANARY)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["from"], told["to"]) == ("42 messages in 4.1s", "1 message in 0s")
    assert told["ways"] == ["the command exited with 1"]
    assert "KeyError: 'never seen'" in told["output"]
    with open_recording(str(out)) as entries:
        assert list(entries) == [Message(0, "recv", event("file_deleted", "never seen"))]


def test_ctrl_c_keeps_the_shortest_so_far(tmp_path: Path) -> None:
    path, out = tmp_path / "silly.yaml", tmp_path / "short.yaml"
    # It fails with two steps or more; the client takes its time where it does not.
    path.write_text(SILLY.replace("duration: 1h", "duration: 19s\nspeed: 1000"), encoding="utf-8")
    client = (*SMALL, "{url}", "alerts", "say=too large", "stay")
    arguments = ["shrink", str(path), "--repeat", "1", "--jobs", "1", "--linger", "50s", "--out", str(out)]
    with Terminal([sys.executable, "-m", "pvws", *arguments, "--", *client]) as terminal:
        terminal.until("tried  ")
        terminal.process.send_signal(signal.SIGINT)
        terminal.until("written to")
        assert terminal.process.wait(20) == 130
    assert len(load(out.read_text("utf-8"), "short.yaml").timeline) < 20
