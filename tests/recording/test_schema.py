import json
from pathlib import Path

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from pvws.recording.format import Entry, Header
from pvws.recording.lines import Lines
from pvws.recording.schema import recording_schema
from pvws.recording.write import entry_line, header_line
from tests.recording import entries as drawn

VALIDATOR = Draft202012Validator(recording_schema("urn:x"))
RECORDINGS = Path(__file__).parents[2] / "recordings"


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(recording_schema("urn:x"))


@pytest.mark.parametrize("path", sorted(RECORDINGS.glob("*.jsonl")), ids=lambda path: path.name)
def test_every_line_of_a_shipped_recording_keeps_to_it(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert [error.message for line in lines for error in VALIDATOR.iter_errors(json.loads(line))] == []


@given(drawn.entries)
def test_every_entry_keeps_to_it(entry: Entry) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(entry_line(entry)))] == []


@given(drawn.whole_headers)
def test_every_header_keeps_to_it(header: Header) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(header_line(header)))] == []


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"t": 1},
        {"t": -1, "mark": {"name": "x"}},
        {"t": 1, "text": "x"},
        {"t": 1, "dir": "up", "text": "x"},
        {"t": 1, "dir": "recv", "text": "x", "ping": {}},
        {"t": 1, "dir": "recv", "base64": "?"},
        {"t": 1, "dir": "recv", "text": 5},
        {"t": 1, "conn": 0, "open": {}},
        {"t": 1, "open": {"status": 99}},
        {"t": 1, "dir": "recv", "close": {"code": 70_000}},
        {"t": 1, "mark": {}},
        {"t": 1, "gap": {}},
        {"t": 1, "dir": "recv", "text": "", "fragments": []},
    ],
)
def test_what_the_reader_refuses_is_none_for_the_schema(line: dict[str, object]) -> None:
    assert not VALIDATOR.is_valid(line)
    assert Lines().entry(json.dumps(line).encode(), 1)[0] is None
