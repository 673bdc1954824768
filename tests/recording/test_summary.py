import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.recording.format import Close, Entry, Gap, Mark, Message, Open, Ping, Pong
from pvws.recording.summary import Histogram, Summary, picture
from tests.recording.entries import recordings


def summed(*entries: Entry) -> Summary:
    summary = Summary()
    for entry in entries:
        summary.add(entry)
    return summary


def test_everything_is_counted() -> None:
    event = b'{"type":"a","topic":"t"}'
    summary = summed(
        Open(5, 2, "ws://h"),
        Message(10, "send", b'{"type":"subscribe"}', 2),
        Message(20, "recv", event, 2),
        Message(30, "recv", event + b"\n" + event.replace(b'"t"', b'"u"'), 2, fragments=(10, 39)),
        Message(30, "recv", b"\x00", 2, "binary"),
        Ping(40, "recv"),
        Pong(50, "send"),
        Mark(60, "m"),
        Gap(70, "lost", messages=3),
        Close(80, "recv", 1000, conn=2),
        Close(90, "send", 1001, conn=2),
    )
    assert (summary.entries, summary.duration) == (11, 90)
    assert (summary.received, summary.events, summary.joined, summary.fragmented, summary.binary) == (3, 4, 1, 1, 1)
    assert (summary.sent, summary.received_bytes) == (1, 24 + 49 + 1)
    assert dict(summary.types) == {"a": 3, "other": 1}
    assert dict(summary.topics) == {"t": 2, "u": 1}
    assert (summary.pings, summary.pongs) == (1, 1)
    assert ([mark.name for mark in summary.marks], [gap.messages for gap in summary.gaps]) == (["m"], [3])
    connection = summary.connections[2]
    assert (connection.opened, connection.closed, connection.code, connection.url) == (5, 80, 1000, "ws://h")
    assert (connection.received, connection.sent) == (3, 1)


def test_the_busiest_second_and_the_longest_silence_are_known() -> None:
    times = [0, 900_000, 999_999, 1_000_000, 5_000_000]
    summary = summed(*(Message(t, "recv", b"x") for t in times))
    assert summary.peak == 3, "a second has no end of its own: what came at 0 is not in it at 1"
    assert (summary.longest_silence, summary.silence_from) == (4_000_000, 1_000_000)
    summary.add(Close(9_500_000, "recv", 1000))
    assert (summary.longest_silence, summary.silence_from) == (4_500_000, 5_000_000), (
        "until the end nothing came either"
    )
    assert len(summary.histogram.counts) == 9_500_000 // summary.histogram.width + 1


def test_a_million_messages_leave_a_few_numbers() -> None:
    summary = summed(*(Message(t * 100, "recv", b"x") for t in range(60_000)))
    assert summary.received == 60_000
    assert summary.peak == 10_000
    assert len(summary.histogram.counts) <= 320
    assert len(summary._recent) < 20_000


@pytest.mark.parametrize(
    ("seconds", "width"), [(0.3, 1_000), (20, 100_000), (240, 1_000_000), (3_600, 30_000_000), (86_400, 600_000_000)]
)
def test_a_histogram_has_buckets_of_round_width(seconds: float, width: int) -> None:
    histogram = Histogram()
    histogram.add(int(seconds * 1_000_000))
    assert histogram.width == width


def test_of_marks_and_gaps_all_are_counted_and_some_kept() -> None:
    summary = summed(*(Mark(t, "m") for t in range(1_200)), *(Gap(1_200, "g") for _ in range(1_100)))
    assert (summary.marks_count, len(summary.marks)) == (1_200, 1_000)
    assert (summary.gaps_count, len(summary.gaps)) == (1_100, 1_000)


@given(st.lists(st.integers(0, 10**13), max_size=50).map(sorted))
def test_a_histogram_forgets_nothing(times: list[int]) -> None:
    histogram = Histogram()
    for at in times:
        histogram.add(at)
    assert sum(histogram.counts) == len(times)
    assert len(histogram.counts) <= 320
    for place, count in enumerate(histogram.counts):
        low = place * histogram.width
        assert count == sum(low <= at < low + histogram.width for at in times)


@pytest.mark.parametrize(
    ("counts", "columns", "drawn"),
    [([], 9, ""), ([0, 1, 8], 9, " ▁█"), ([4, 4], 9, "██"), ([1, 1, 0, 0, 8], 3, "▂ █"), ([5] * 100, 4, "████")],
)
def test_counts_are_drawn_as_bars(counts: list[int], columns: int, drawn: str) -> None:
    assert picture(counts, columns) == drawn


@given(recordings)
def test_any_recording_can_be_summed_up(entries: list[Entry]) -> None:
    assert summed(*entries).entries == len(entries)
