import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.scenario.faults.bandwidth import Line, byte_rate
from pvws.scenario.faults.spec import read_fault

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("64 KiB/s", 65_536),
        ("100 B/s", 100),
        ("1000/s", 1_000),
        ("56 kbit/s", 7_000),
        ("2 Mbit/s", 250_000),
        ("1.5MB / s", 1_500_000),
        ("0", 0),
        ("0 B/s", 0),
    ],
)
def test_a_rate_is_of_bytes_or_of_bits(text: str, rate: int) -> None:
    assert byte_rate(text) == rate
    assert read_fault(f"bandwidth: {text}").never == (rate == 0)


@pytest.mark.parametrize("text", ["64 KiB", "fast", "64 KiB/min", "3 mbit/s", "-1/s"])
def test_what_is_none_is_told(text: str) -> None:
    with pytest.raises(InputError, match='a rate of bytes or bits like "64 KiB/s" or "2 Mbit/s"'):
        read_fault(f"bandwidth: {text}")


@pytest.mark.parametrize("text", ["4 bit/s", "0.5 B/s"])
def test_less_than_a_byte_is_told_for_it_would_be_as_fast_as_it_goes(text: str) -> None:
    with pytest.raises(InputError, match="of at least a byte"):
        read_fault(f"bandwidth: {text}")


def test_what_is_on_a_line_when_time_is_set_back_has_passed() -> None:
    line = Line(10)
    line.put(b"abc", 9 * SECOND)
    line.set_back()
    assert line.take(2 * SECOND) == b"abc"
    line.put(b"d", 2 * SECOND)
    assert line.due() == 2 * SECOND + SECOND // 10


def test_it_is_written_in_bytes_and_can_not_be_about_single_messages() -> None:
    assert str(read_fault("bandwidth: 2 Mbit/s")) == "bandwidth: 250 KB/s"
    with pytest.raises(InputError, match="topics"):
        read_fault("bandwidth: 1 KiB/s, topics: [alerts]")


def test_bytes_pass_one_by_one_where_the_line_is_narrow() -> None:
    line = Line(10)
    line.put(b"abc", 0)
    assert line.due() == SECOND // 10
    assert (line.take(99_999), line.take(100_000), line.take(250_000), line.take(300_000)) == (b"", b"a", b"b", b"c")
    assert line.due() is None


def test_after_a_pause_it_begins_anew_and_not_before_what_was_on_it_has_passed() -> None:
    line = Line(10)
    line.put(b"a", 0)
    assert line.take(SECOND) == b"a"
    line.put(b"bc", SECOND)
    assert line.take(SECOND + 99_999) == b""
    assert line.take(SECOND + 200_000) == b"bc"


def test_at_another_rate_it_goes_on_from_there() -> None:
    line = Line(10)
    line.put(b"x" * 100, 0)
    assert len(line.take(SECOND)) == 10
    line.set_rate(50, SECOND)
    assert len(line.take(2 * SECOND)) == 50
    assert (len(line.flush()), line.size, line.due()) == (40, 0, None)


@given(
    st.integers(1, 10**7),
    st.lists(st.tuples(st.integers(0, 3 * SECOND), st.binary(max_size=500)), max_size=20),
)
def test_whatever_is_put_when_it_passes_in_order_and_never_faster_than_the_rate(
    rate: int, puts: list[tuple[int, bytes]]
) -> None:
    line, now, got, times = Line(rate), 0, b"", list[tuple[int, int]]()

    def until(end: int) -> None:
        nonlocal got, now
        while (due := line.due()) is not None and due <= end:
            assert due >= now
            now = due
            data = line.take(due)
            assert data, "something has passed when it is due"
            got += data
            times.append((due, len(data)))
        now = max(now, end)

    for gap, data in puts:
        until(now + gap)
        line.put(data, now)
    until(now + 10**12)
    assert got == b"".join(data for _, data in puts)
    for start in range(len(times)):
        passed = 0
        for at, number in times[start + 1 :]:
            passed += number
            assert passed <= rate * (at - times[start][0]) // SECOND + 1
