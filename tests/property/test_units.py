"""Quantities, for every value there is and for any text."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.units import (
    duration,
    duration_notation,
    duration_text,
    factor,
    number_notation,
    percent,
    percentage,
    percentage_notation,
    rate,
    rate_notation,
    size,
    size_notation,
    size_text,
)

MILLIONTHS = st.integers(0, 10**8)


@given(st.integers(0, 100 * 365 * 86_400 * 1_000_000))
def test_a_duration_comes_back_as_it_went(micros: int) -> None:
    assert duration(duration_text(micros)) == micros
    assert duration(duration_notation(micros)) == micros


@given(st.integers(0, 2**53 - 1))
def test_a_size_comes_back_within_the_digits_it_is_shown_with(count: int) -> None:
    text = size_text(count)
    if text != "8.0 PiB":  # 2^53 - 1 and its neighbours round up to a size that is too large to be read
        assert size(text) == pytest.approx(count, rel=0.05)


@given(st.integers(0, 2**53 - 1) | st.integers(0, 2**13).map(lambda count: count * 2**40))
def test_a_size_comes_back_to_the_byte(count: int) -> None:
    count = min(count, 2**53 - 1)
    assert size(size_notation(count)) == count


@given(MILLIONTHS)
def test_shares_numbers_and_rates_come_back_as_they_went(millionths: int) -> None:
    share, number = millionths / 10**8, millionths / 10**6
    assert percentage(percentage_notation(share)) == share
    assert percent(number_notation(number)) == number
    for unit in ("s", "min", "h", "d"):
        per_second = rate(f"{number_notation(number)}/{unit}")
        assert rate(rate_notation(per_second)) == per_second
    if number:
        assert factor(number_notation(number)) == number


@given(st.floats(0, 1_000_000))
def test_any_rate_is_written_as_one_that_is_near(per_second: float) -> None:
    assert rate(rate_notation(per_second)) == pytest.approx(per_second, abs=1e-9)


@pytest.mark.parametrize("read", [duration, size, rate, percentage, percent, factor])
@given(st.text() | st.from_regex(r"[\d.]{0,20} ?(ns|us|ms|s|m|h|%|/s|/min|[KMGTP]i?B)?", fullmatch=True))
def test_any_text_is_read_or_refused_with_what_was_expected(read: Callable[[str], float], text: str) -> None:
    try:
        assert read(text) >= 0
    except ValueError as error:
        assert str(error).startswith("a ")
