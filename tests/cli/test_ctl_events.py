import pytest

from pvws.answers import ClockState, Happening, Message, StageState
from pvws.cli.ctl_events import happening_line
from pvws.terminal.spans import plain
from pvws.timestamp import Timestamp

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
        ("gap", {"events": 1200}, "gap       1,200 left out"),
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
