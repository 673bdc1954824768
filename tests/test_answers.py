"""Answers of the control plane: what a server writes a client reads again, and an older client a newer server's."""

import json
from typing import Any

import msgspec
import pytest

from pvws import answers
from pvws.answers import ClockState, JournalEntries, JournalEntry, Lateness, StageState, decoded, encoded
from pvws.timestamp import Timestamp

AT = Timestamp(1_704_067_200_000_001)


def test_an_answer_is_read_as_it_was_written() -> None:
    state = StageState(
        world="main",
        clock=ClockState(at=AT, start=Timestamp(0), speed="max", held=True),
        ledger=answers.DeliveryReport(owed=3, lateness=Lateness(count=1, worst_s=0.25), faults={"f1": {"dropped": 2}}),
    )
    assert decoded(encoded(state), StageState) == state


def test_instants_lose_no_microsecond() -> None:
    entry = JournalEntry(sequence=1, at=AT, did="connects", client="0" * 32, number=1)
    written = json.loads(encoded(JournalEntries(entries=[entry])))
    assert written["entries"][0]["at"] == "2024-01-01T00:00:00.000001Z"
    assert written["entries"][0]["error"] is None


def test_fields_that_are_unknown_are_left_out() -> None:
    assert decoded(b'{"equal": true, "since": 7}', answers.Comparison) == answers.Comparison(equal=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"at": "noon", "start": "2024-01-01T00:00:00Z"}', "an RFC 3339 time"),
        ('{"at": 5, "start": "2024-01-01T00:00:00Z"}', "at"),
        ('{"at": "2024-01-01T00:00:00Z"}', "missing required field `start`"),
        ("{", "truncated"),
    ],
)
def test_what_is_no_answer_is_refused(text: str, said: str) -> None:
    with pytest.raises(msgspec.MsgspecError, match=said):
        decoded(text, ClockState)


def test_what_is_no_part_of_an_answer_is_not_written() -> None:
    with pytest.raises(NotImplementedError, match="object is no part"):
        encoded(object())


@pytest.mark.parametrize("name", [name for name in answers.__all__ if name[0].isupper()])
def test_every_answer_can_be_read_from_json(name: str) -> None:
    kind: Any = getattr(answers, name)
    fields = {each.name: each for each in msgspec.structs.fields(kind)}
    assert fields
    schema = msgspec.json.schema(kind, schema_hook=lambda kind: {"type": "string", "format": "date-time"})
    assert set(schema["$defs"][name]["properties"]) == fields.keys()


def test_a_move_is_complete_when_nobody_straggles() -> None:
    clock = ClockState(at=AT, start=AT)
    assert answers.Moved(clock=clock).complete
    late = answers.Straggling(client=1, client_id="0" * 32, why="slow", messages=3)
    assert not answers.Moved(clock=clock, stragglers=[late]).complete
