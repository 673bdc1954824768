import json

import msgspec
import pytest

from pvws.answers import ClockState, Happening, Message, StageState
from pvws.client.control.event_stream import EventStreamReader, happenings
from pvws.timestamp import Timestamp

STREAM = (
    b": welcome\n\n"
    b'event: clock\nid: 7\ndata: {"a":\ndata: 1}\n\n'
    b"event: lonely\n\n"
    b"data:no blank\r\nretry: 5\r\n\r\n"
    b'event: gap\ndata: {"events": 3}\n\n'
    b"event: cut\ndata: ne"
)
AT = "2024-01-01T00:00:00.000001Z"


@pytest.mark.parametrize("size", [1, 2, 3, 11, 1000])
def test_events_are_the_same_however_the_stream_is_cut(size: int) -> None:
    reader = EventStreamReader()
    found = [told for at in range(0, len(STREAM), size) for told in reader.feed(STREAM[at : at + size])]
    assert found == [
        ("clock", "7", b'{"a":\n1}'),
        ("message", "7", b"no blank"),
        ("gap", "7", b'{"events": 3}'),
    ]


def test_events_that_come_many_in_one_are_told_one_by_one() -> None:
    each = {"at": AT, "topic": "alerts", "type": "x", "text": '{"a": "ä"}'}
    data = json.dumps({"events": [each | {"sequence": 1}, each | {"sequence": 2}]}).encode()
    found = happenings("event", "9", data)
    assert [happening.data.sequence for happening in found] == [1, 2]
    assert found[0] == Happening(
        kind="event",
        id="9",
        data=Message(at=Timestamp.parse(AT), sequence=1, topic="alerts", type="x", text='{"a": "ä"}'),
    )


def test_states_and_clocks_are_typed_and_everything_else_is_plain() -> None:
    clock = json.dumps({"at": AT, "start": AT})
    (told,) = happenings("clock", None, clock.encode())
    assert isinstance(told.data, ClockState)
    (told,) = happenings("state", None, f'{{"world": "main", "clock": {clock}}}'.encode())
    assert isinstance(told.data, StageState)
    assert happenings("gap", None, b'{"events": 3}') == [Happening(kind="gap", data={"events": 3})]


@pytest.mark.parametrize(("kind", "data"), [("gap", b"{"), ("event", b"{}"), ("clock", b"7")])
def test_what_is_not_of_its_kind_is_an_error(kind: str, data: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        happenings(kind, None, data)
