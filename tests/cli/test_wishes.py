import time
from pathlib import Path
from typing import Any

import pytest

from pvws.cli.wishes import Source, Wishes, wishes_of
from pvws.errors import InputError
from pvws.files.recordings import RecordingWriter
from pvws.recording.format import Entry, Header, Mark, Message
from pvws.timestamp import Timestamp

STAMP = Timestamp.parse("2024-01-01T00:00:05Z")
EVENT = b'{"type":"storage_alert","topic":"alerts","timestamp":"2024-01-01T00:00:05Z"}'
BROADCAST = EVENT.replace(b"storage_alert", b"broadcast")
ENTRIES = [
    Message(500_000, "send", b'{"type":"subscribe","topic":"alerts"}'),
    Message(1_000_000, "recv", EVENT),
    Mark(2_000_000, "here"),
]


def written(path: Path, *entries: Entry, **header: Any) -> str:
    with RecordingWriter(str(path), Header(**header)) as writer:
        for entry in entries or ENTRIES:
            writer.write(entry)
    return str(path)


def wished(path: str, **more: Any) -> Wishes:
    given = dict.fromkeys(("from_", "to", "mark", "topic", "type_", "max_gap", "profile"))
    given |= {"loop": False, "split": False, "catch_up": False, "mode": "timed"}
    given |= {"recordings": [path], "timestamps": "keep", "ids": "keep", "speed": "1"}
    return wishes_of(given | more)


def test_stage_time_begins_where_the_recording_says_it_did(tmp_path: Path) -> None:
    start, recorded = Timestamp.parse("2020-01-01T00:00:00Z"), Timestamp.parse("2021-01-01T00:00:00Z")
    path = str(tmp_path / "F")
    assert wished(written(tmp_path / "F", start=start, recorded=recorded)).start == start.micros
    written(tmp_path / "F", recorded=recorded)
    assert wished(path, from_="2s").start == recorded.micros + 2_000_000
    written(tmp_path / "F")
    assert wished(path).start == STAMP.micros - 1_000_000, "by the first message that tells the time"
    before = time.time_ns() // 1000
    written(tmp_path / "F", Mark(0, "nothing"))
    assert wished(path).start >= before
    assert wished(path, timestamps="shift").start >= before


def test_the_profile_is_the_headers_or_that_of_the_messages(tmp_path: Path) -> None:
    path = str(tmp_path / "F")
    assert wished(written(tmp_path / "F")).profile == "documented"
    assert wished(written(tmp_path / "F", Message(0, "recv", BROADCAST))).profile == "upstream"
    assert wished(path).choice.exact
    assert not wished(path, profile="documented").choice.exact
    assert wished(written(tmp_path / "F", Message(0, "recv", BROADCAST), profile="documented")).profile == "documented"
    assert not wished(written(tmp_path / "F"), profile="upstream").choice.exact, "the profile says events in its way"


def test_an_offset_stands_behind_the_name(tmp_path: Path) -> None:
    path = written(tmp_path / "a@+b")
    assert [track.offset for track in wished(f"{path}@+1m30s").tracks] == [90_000_000]
    assert wished(f"{path}@+1s", mark="here").choice.since == 3_000_000


def test_what_clients_said_is_known_in_synchronized_mode(tmp_path: Path) -> None:
    path = written(tmp_path / "F")
    assert wished(path).talk is None
    talk = wished(path, mode="synchronized").talk
    assert talk is not None
    (line,) = talk.lines
    assert line.place == f"{path}:2"


def test_lines_that_are_none_are_told_up_to_a_bound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(written(tmp_path / "F"))
    path.write_text(path.read_text() + "x\n" * 30 + "y")
    source = Source(str(path))
    assert list(source.entries()) == ENTRIES
    assert source.problems == 30
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 21
    assert said[-1].endswith("is cut short; it is read up to its last whole line")
    assert len(list(source.placed())) == 3


def test_another_format_is_replayed_as_it_is() -> None:
    path = str(Path(__file__).parents[2] / "recordings" / "upstream" / "normal.jsonl")
    assert wished(path).profile == "upstream"


def test_a_mark_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='--mark: expected one of here, got "x"'):
        wished(written(tmp_path / "F"), mark="x")
    with pytest.raises(InputError, match='--mark: expected a recording with marks, got "x"'):
        wished(written(tmp_path / "F", ENTRIES[0]), mark="x")
