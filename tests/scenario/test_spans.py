"""Values from one to another: in their notation, within their borders, and round."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws import units
from pvws.scenario.spans import Span


@pytest.mark.parametrize(
    ("low", "high", "middle"),
    [
        ("1", "9", "5"),
        ("3", "3", "3"),
        ("0", "10000000", "5000000"),
        ("1s", "3s", "2s"),
        ("0s", "20ms", "10ms"),
        ("1/s", "50/s", "25.524524525/s"),
        ("10%", "20%", "15.005005%"),
        ("0.5", "1.5", "1.000500501"),
        ("1 KiB", "3 KiB", "2 KiB"),
    ],
)
def test_the_border_and_the_middle_are_in_the_notation_of_the_border(low: str, high: str, middle: str) -> None:
    span = Span(low, high)
    span.check()
    assert [span.at(share) for share in (0, 0.5, 0.999_999_999)] == [low, middle, high]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("9", "1", 'a value that is not below "from", 9'),
        ("1", "9s", "two numbers, durations, sizes, rates or percentages"),
        ("a", "b", "two numbers, durations, sizes, rates or percentages"),
        ("1s", "2/s", "two numbers, durations, sizes, rates or percentages"),
    ],
)
def test_what_is_no_span_says_what_was_expected(low: str, high: str, expected: str) -> None:
    with pytest.raises(ValueError, match=f"^{expected}$"):
        Span(low, high).check()


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.floats(0, 1, exclude_max=True))
def test_a_time_is_within_its_borders_and_round(one: int, other: int, share: float) -> None:
    low, high = sorted((one, other))
    found = units.duration(Span(units.duration_notation(low), units.duration_notation(high)).at(share))
    assert low <= found <= high


@given(st.integers(-50, 50), st.integers(0, 50), st.floats(0, 1, exclude_max=True))
def test_each_whole_number_may_be_drawn(low: int, more: int, share: float) -> None:
    span = Span(str(low), str(low + more))
    assert low <= int(span.at(share)) <= low + more
    assert {int(span.at((place + 0.5) / (more + 1))) for place in range(more + 1)} == set(range(low, low + more + 1))
