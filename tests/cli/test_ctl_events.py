import json
import signal
import subprocess
import sys

import pytest

from pvws.answers import ClockState, Happening, Message, StageState
from pvws.cli.ctl_events import happening_line
from pvws.terminal.spans import plain
from pvws.timestamp import Timestamp
from tests.support.ctl import Ctl
from tests.support.steered import Steered
from tests.support.steered_beside import Beside

AT = Timestamp.parse("2024-01-01T00:00:05Z")
TEXT = (
    '{"type":"file_deleted","topic":"file_operations","data":{"key":"aa","node":"bb",'
    '"timestamp":"2024-01-01T00:00:05.000Z"},"timestamp":"2024-01-01T00:00:05.000Z"}'
)


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("event", Message(at=AT, sequence=1, topic="file_operations", type="file_deleted", text=TEXT), "file_deleted"),
        ("clock", ClockState(at=AT, start=AT, held=True), "clock     2024-01-01T00:00:05.000Z (0s), held"),
        ("state", StageState(world="main", clock=ClockState(at=AT, start=AT)), "state     world      main; plays"),
        ("gap", {"events": 1200, "others": 2}, "gap       1,200 events, 2 others left out"),
        ("gap", {"events": None, "others": None, "reason": "lost"}, "gap       something left out: lost"),
        (
            "client",
            {"what": "subscribed", "client": {"id": "a" * 32, "number": 3, "name": None}, "topic": "alerts"},
            "client    3 (aaaaaaaa…) subscribed  topic alerts",
        ),
        (
            "client",
            {"what": "disconnected", "client": {"id": "a", "number": 3, "name": "mobile"}, "code": 1001, "reason": ""},
            "client    3 (mobile) disconnected  code 1001",
        ),
        ("fault", {"what": "added", "fault": {"id": "f1", "text": "drop: 5%"}}, "fault     added f1  drop: 5%"),
        ("cue", {"kind": "mark", "name": "\x1b[2J"}, 'cue       {"kind": "mark", "name": "\\u001b[2J"}'),
    ],
)
def test_each_kind_of_happening_has_a_line(kind: str, data: object, words: str) -> None:
    line = plain(happening_line(Happening(kind=kind, data=data)))
    assert words in line
    assert "\x1b" not in line


def test_events_are_followed_until_there_were_enough(ctl: Ctl, beside: Beside) -> None:
    said = ctl("events", "--kind", "state", "--count", "1", "--json")
    assert (said.code, [each["kind"] for each in said.lines]) == (0, ["state"])
    assert ctl("events", "--kind", "gap", "--for", "10ms").out == ""
    wrong = ctl("events", "--kind", "evnt")
    assert wrong.code == 2
    assert "kinds" in wrong.err


def test_an_interrupt_ends_it_with_130_and_nothing_is_lost(beside: Beside) -> None:
    command = [
        sys.executable,
        "-m",
        "pvws",
        "ctl",
        beside.url,
        "events",
        "--kind",
        "state",
        "--kind",
        "event",
        "--json",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["kind"] == "state"

        async def emitted(test_bed: Steered) -> None:
            await test_bed.call("POST", "/v1/emit", {"topic": "alerts", "type": "storage_alert"})

        beside.do(emitted)
        while (told := json.loads(process.stdout.readline()))["kind"] != "event":
            pass
        assert told["data"]["type"] == "storage_alert"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr is not None
        assert process.stderr.read() == ""
