import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.recording.format import Entry, Header, Mark, Message, Open
from pvws.recording.quick import Quick
from pvws.recording.read import Recording
from pvws.recording.replayer import Choice, Replayer, Track
from pvws.recording.write import entry_line, header_line
from pvws.sim.source import Cue, Timed

EVENT = b'{"type":"storage_alert","topic":"alerts","data":{"message":"full"}}'


def quick() -> Quick:
    return Quick(100, 7, lambda at, sequence, data: None)


def line(t: int, data: bytes = EVENT, **more: object) -> bytes:
    return entry_line(Message(t, "recv", data, **more))[:-1]  # type: ignore[arg-type]


def test_events_are_made_of_lines_and_counted() -> None:
    read = quick()
    chunk = b"\n".join([line(1), entry_line(Message(2, "send", b"{}"))[:-1], line(3)])
    assert read(chunk, 0) == (
        [Timed(101, 7, "alerts", "storage_alert", EVENT), Timed(103, 8, "alerts", "storage_alert", EVENT)],
        3,
        3,
    )
    assert read.sequence == 9


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"no JSON",
        b'{"t":2,"dir":"recv","message":{"type":"a","topic":"alerts"},"conn":1}',
        b'{"t":2,"dir":"recv","message":{"type":"a","topic":"alerts"},"t":{}}',
        b'{"t":2,"dir":"recv","message":{"type":1,"topic":"alerts"}}',
        b'{"t":2,"dir":"recv","message":{"type":"\xff","topic":"alerts"}}',
        b'{"t":0.5,"dir":"recv","message":{"type":"a","topic":"alerts"}}',
        b'{"t":2000000000,"dir":"recv","message":{"type":"a","topic":"alerts"}}',
        line(2_000_000, b"[1]"),
        line(2_000_000, b"text"),
        line(2_000_000, EVENT, conn=2),
        line(2_000_000, EVENT, fragments=(1, len(EVENT) - 1)),
        entry_line(Mark(2_000_000, "m"))[:-1],
    ],
)
def test_a_chunk_with_any_other_line_is_left_to_the_reader(wrong: bytes) -> None:
    assert quick()(b"\n".join([line(1_000_000), wrong, line(3_000_000)]), 0) is None


@pytest.mark.parametrize(
    "written",
    [
        b'{"message": %s, "dir": "recv", "t": 2}',
        b'{"t":2,"dir":"recv","message" :\t%s }\r',
        b'{"t":2,"dir":"recv","mess\\u0061ge":%s}',
        b'{"t":2,"dir":"recv","message":{"type":"b"} , "message":%s}',
    ],
)
def test_the_message_is_what_stands_there_however_the_line_is_written(written: bytes) -> None:
    data = b'{ "type":"a", "topic":"alerts", "message":{"message":{}} }'
    source = header_line(Header()) + written % data
    assert [entry.data for entry in Recording([source]) if isinstance(entry, Message)] == [data]
    made = quick()(written % data, 0)
    assert made is not None
    assert [event.text for event in made[0]] == [data]


def test_what_was_left_out_of_a_chunk_that_is_left_to_the_reader_is_not_counted() -> None:
    read = quick()
    answer = line(1, b'{"type":"pong"}')
    assert read(b"\n".join([answer, line(2, b"[1]")]), 0) is None
    assert read.left_out == 0
    assert read(answer, 0) == ([], 1, 1)
    assert read.left_out == 1


def test_once_it_is_off_it_knows_nothing() -> None:
    read = quick()
    read.off = True
    assert read(line(1), 0) is None


def test_what_is_no_event_of_a_topic_is_asked_for() -> None:
    asked: list[bytes] = []
    read = Quick(0, 0, lambda at, sequence, data: asked.append(data))
    assert read(b"\n".join([line(1, b'{"type":"pong"}'), line(2)]), 0) == (
        [Timed(2, 0, "alerts", "storage_alert", EVENT)],
        2,
        2,
    )
    assert asked == [b'{"type":"pong"}']


ENTRIES = st.one_of(
    st.sampled_from([EVENT, b'{"type":"pong"}', b'{"type":"x","topic":"elsewhere"}', "ö".encode(), b'{"a":"\\n"}']).map(
        lambda data: Message(0, "recv", data)
    ),
    st.just(Message(0, "send", b"{}")),
    st.just(Message(0, "recv", EVENT, 2)),
    st.just(Mark(0, "m")),
    st.just(Open(0, 2)),
)


@given(st.lists(st.tuples(ENTRIES, st.integers(0, 3)), max_size=12), st.integers(10, 400), st.booleans())
def test_the_quick_way_and_the_readers_give_the_same(steps: list[tuple[Entry, int]], size: int, exact: bool) -> None:
    entries, t = [], 0
    for entry, later in steps:
        t += later
        entry = type(entry)(**{name: getattr(entry, name) for name in entry.__struct_fields__} | {"t": t})
        entries.append(entry)
    source = header_line(Header()) + b"".join(entry_line(entry) for entry in entries)
    blocks = [source[at : at + size] for at in range(0, len(source), size)]

    def played(track: Track) -> list[Timed | Cue]:
        replayer = Replayer([track], 0, Choice(exact=exact))
        given: list[Timed | Cue] = []
        while replayer.peek() is not None:
            given += replayer.take(None, 2)
        return given

    slow = Track(lambda: Recording(blocks))
    assert played(slow) == played(Track(slow.entries, parts=lambda quick: Recording(blocks).parts(quick)))
