"""A recording made a scenario: what is played of it is what was recorded."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings

from pvws.errors import InputError
from pvws.files.recordings import open_recording
from pvws.recording import script
from pvws.recording.concern import concern_of, parts_of
from pvws.recording.format import Close, Entry, Header, Mark, Message, Ping
from pvws.recording.read import read_recording
from pvws.recording.script import script_of
from pvws.scenario.loader import load
from pvws.sim.source import Cue, Source, Timed
from pvws.timestamp import Timestamp
from tests.recording.entries import recordings
from tests.support.playing import director_of

RECORDINGS = Path(__file__).parents[2] / "recordings"
EVENT = (
    b'{"type":"file_deleted","topic":"file_operations","data":{"key":"a${b}","node":"n",'
    b'"timestamp":"2024-01-01T00:00:01.500Z"},"timestamp":"2024-01-01T00:00:01.500Z"}'
)


def played(text: str) -> list[Timed | Cue]:
    """What a scenario says, at its own start."""
    scenario = load(text, "made.yaml")
    assert scenario.start is not None
    source: Source = director_of(scenario, start=scenario.start)
    told = []
    while source.peek() is not None:
        told += source.take(None, 1_000)
    return told


def test_what_was_recorded_of_a_scenario_is_played_the_same_byte_for_byte() -> None:
    header, entries = read_recording((RECORDINGS / "quickstart.pvrec.jsonl").read_bytes())
    made = script_of(header, entries, "again")
    assert (made.typed, made.raw, made.left_out) == (len(entries), 0, {})
    assert header.start is not None
    assert [(each.at - header.start.micros, each.text) for each in played(made.text) if isinstance(each, Timed)] == [
        (entry.t, entry.data) for entry in entries if isinstance(entry, Message)
    ]


@pytest.mark.parametrize("name", ["peervault-normal.pvrec.jsonl", "peervault-bursts.pvrec.jsonl.zst"])
def test_what_was_recorded_of_the_real_server_is_played_the_same_one_by_one(name: str) -> None:
    with open_recording(str(RECORDINGS / name)) as recording:
        header, entries = recording.header, list(recording)
    parts = [
        (entry.t, part)
        for entry in entries
        if isinstance(entry, Message) and entry.dir == "recv"
        for part in parts_of(entry.data)
        if concern_of(part).topics
    ]
    assert header.recorded is not None
    told = [each for each in played(script_of(header, entries, "x").text) if isinstance(each, Timed)]
    assert [(each.at - header.recorded.micros, each.text) for each in told] == parts
    assert all(each.topic in concern_of(each.text).topics for each in told)


def test_an_event_is_a_step_that_reads_well() -> None:
    header = Header(start=Timestamp.parse("2024-01-01T00:00:00Z"), scenario="storm")
    made = script_of(header, [Message(1_500_000, "recv", EVENT), Mark(90_000_000, "it ends")], "mine")
    assert made.text.splitlines() == [
        "pvws: 1",
        "scenario: mine",
        'description: "Made from a recording of storm: 1 event."',
        "start: 2024-01-01T00:00:00.000000Z",
        "duration: 1m30s",
        "network: {peers: 0}  # nothing happens but what the timeline says",
        "timeline:",
        '  - {at: 1.5s, do: emit, type: file_deleted, data: {key: "a$${b}", node: n}}',
        "  - {at: 1m30s, do: mark, name: it ends}",
    ]
    event, _ = played(made.text)
    assert isinstance(event, Timed)
    assert event.text == EVENT


def test_a_client_has_two_seconds_for_what_comes_last() -> None:
    header = Header(start=Timestamp.parse("2024-01-01T00:00:00Z"))
    for entries, lasts in ([Message(0, "recv", EVENT)], "2s"), ([Message(500_000, "recv", EVENT)], "2.5s"):
        assert f"\nduration: {lasts}\n" in script_of(header, entries, "mine").text


@pytest.mark.parametrize(
    "data",
    [
        b'{"type":"broadcast","topic":"alerts","data":{"it\'s":"${x}"}}',
        EVENT.replace(b'","', b'", "'),
        EVENT.replace(b'"node":"n",', b'"node":"n","new":1,'),
        '{"topic":"alerts","type":"grüß\\t\\n"}'.encode(),
        b'{"topic":"alerts","type":" "}',
    ],
)
def test_what_our_encoder_would_write_otherwise_is_sent_as_it_is(data: bytes) -> None:
    made = script_of(Header(), [Message(5, "recv", data)], "x")
    assert (made.typed, made.raw) == (0, 1)
    (event,) = played(made.text)
    assert isinstance(event, Timed)
    assert event.text == data


def test_times_of_its_own_that_differ_from_the_stages_are_kept() -> None:
    data = EVENT.replace(b"01.500Z", b"01.400Z", 1)
    made = script_of(Header(start=Timestamp.parse("2024-01-01T00:00:00Z")), [Message(1_500_000, "recv", data)], "x")
    assert 'timestamp: "2024-01-01T00:00:01.400Z"' in made.text or "timestamp: 2024-01-01T00:00:01.400Z" in made.text
    (event,) = played(made.text)
    assert isinstance(event, Timed)
    assert event.text == data


def test_joined_messages_are_taken_apart_and_a_close_disconnects() -> None:
    data = b'{"topic":"alerts","type":"a"}\n{"topic":"system","type":"b"}'
    made = script_of(Header(), [Message(5, "recv", data), Close(6, "recv", 1012, "restart")], "x")
    one, other, cue = played(made.text)
    assert isinstance(one, Timed) and isinstance(other, Timed) and isinstance(cue, Cue)
    assert [one.text, other.text] == data.split(b"\n")
    assert (cue.kind, cue.code, cue.reason) == ("disconnect", 1012, "restart")


def test_a_client_that_closes_is_not_disconnected_by_the_server_that_answers() -> None:
    made = script_of(Header(), [Close(5, "send", 1000), Close(6, "recv", 1000)], "x")
    assert played(made.text) == []
    assert made.left_out == {}


def test_what_several_clients_received_is_said_once() -> None:
    entries: list[Entry] = [
        *(Message(t, "recv", EVENT, conn) for t in (5, 6) for conn in (1, 2, 3)),
        Close(7, "recv", 1001, conn=2),
    ]
    made = script_of(Header(), entries, "x")
    assert made.typed == 2
    assert made.left_out == {"closes of one of several connections": 1}


def test_what_a_script_can_not_have_is_counted_by_its_kind() -> None:
    entries: list[Entry] = [
        Message(0, "send", b"{}"),
        Message(0, "recv", b'{"type":"pong"}'),
        Message(0, "recv", b"\xff", opcode="binary"),
        Message(0, "recv", b'{"topic":"weather","type":"rain"}'),
        Close(0, "recv"),
        Mark(0, "\a"),
        Ping(0, "recv"),
    ]
    assert script_of(Header(), entries, "x").left_out == {
        "messages that the client sent": 1,
        "messages without a topic of the API": 2,
        "binary messages": 1,
        "closes that a script can't have": 1,
        "marks without a printable name": 1,
    }


def test_more_events_than_a_timeline_can_have_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "TIMELINE_STEPS_MAX", 50)
    many = (Mark(0, "x") for _ in range(51))
    with pytest.raises(
        InputError, match=r"^f: expected a recording that makes at most 50 steps and .*, got more \(repl"
    ):
        script_of(Header(), many, "x", "f")
    large = Message(0, "recv", b'{"topic":"alerts","data":"%b"}' % (b"x" * 1_000_000))
    with pytest.raises(InputError, match="4194304 bytes of a script, got more"):
        script_of(Header(), [large] * 5, "x", "f")


@given(recordings)
@settings(max_examples=30)
def test_any_recording_makes_a_scenario_that_can_be_loaded(entries: list[Entry]) -> None:
    short = [entry for entry in entries if entry.t < 10**12]
    load(script_of(Header(note=json.dumps("x")), short, "a: b").text, "made.yaml")
    assert "scenario: recorded" in script_of(Header(), [], "\a").text
