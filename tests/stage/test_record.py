from pvws.recording.format import Entry, Mark, Message
from pvws.sim.source import Cue, Timed, Verbatim
from pvws.stage.record import StageRecord
from pvws.wire.profiles import UPSTREAM

START = 1_704_067_200_000_000
TEXT = (
    b'{"type":"file_deleted","topic":"file_operations","data":{"key":"k","node":"n",'
    b'"timestamp":"2024-01-01T00:00:00.000Z"},"timestamp":"2024-01-01T00:00:00.000Z"}'
)


def test_events_are_messages_with_the_stages_time_and_marks_are_marks() -> None:
    written: list[Entry] = []
    record = StageRecord(written.append, START)
    record.published([Timed(START, 0, "file_operations", "file_deleted", TEXT)], 0)
    record.cued(Cue(START + 3, "mark", "here"))
    record.cued(Cue(START + 4, "disconnect"))
    record.published([Verbatim(START + 5, 1, "", "", b"\0\1", ("alerts",), True, (1, 1))], 0)  # noqa: FBT003
    assert written == [
        Message(0, "recv", TEXT),
        Mark(3, "here"),
        Message(5, "recv", b"\0\1", 1, "binary", (1, 1)),
    ]


def test_in_the_upstream_profile_it_is_what_the_shipped_server_sends() -> None:
    written: list[Entry] = []
    StageRecord(written.append, START, UPSTREAM).published([Timed(START, 7, "file_operations", "x", TEXT)], 0)
    (message,) = written
    assert isinstance(message, Message)
    assert message.data.startswith(b'{"type":"broadcast","topic":"file_operations"')
    assert message.data.endswith(b'"timestamp":"2024-01-01T00:00:00.000000007Z"}')


def test_when_stage_time_is_set_back_the_recordings_stands() -> None:
    written: list[Entry] = []
    record = StageRecord(written.append, START)
    for at in (10, 2, 11):
        record.published([Timed(START + at, 0, "alerts", "x", TEXT)], 0)
    assert [entry.t for entry in written] == [10, 10, 11]
