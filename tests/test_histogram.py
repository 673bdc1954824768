import sys
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.histogram import HIGHEST_MICROS, RELATIVE_ERROR, Histogram, Spread, bucket_of, spread_of

durations = st.one_of(st.integers(0, 200), st.integers(0, HIGHEST_MICROS))


@given(st.lists(durations, min_size=1, max_size=200))
def test_a_quantile_is_never_below_the_true_one_and_hardly_above_it(values: list[int]) -> None:
    histogram, other = Histogram(), Histogram()
    for value in values:
        histogram.record(value)
    other.record_all(values)
    assert (other.counts(), other.count, other.total, other.worst) == (
        histogram.counts(),
        histogram.count,
        histogram.total,
        histogram.worst,
    )
    ordered = sorted(values)
    spread = histogram.spread
    assert (spread.count, spread.worst, histogram.total) == (len(values), ordered[-1], sum(values))
    for share, found in ((0.5, spread.p50), (0.99, spread.p99)):
        true = ordered[ceil(share * len(values)) - 1]
        assert true <= found <= true * (1 + RELATIVE_ERROR)


@given(durations)
def test_what_is_below_64_microseconds_is_exact_and_buckets_rise(value: int) -> None:
    if value < 64:
        assert bucket_of(value) == value
    assert bucket_of(value) <= bucket_of(min(value + 1, HIGHEST_MICROS)) <= bucket_of(value) + 1


def test_nothing_has_no_spread_and_one_value_is_all_of_its_own() -> None:
    histogram = Histogram()
    assert histogram.spread == Spread()
    histogram.record(1_234_567, times=5)
    assert histogram.spread == Spread(5, 1_234_567, 1_234_567, 1_234_567)


def test_what_is_out_of_range_counts_as_the_nearest() -> None:
    histogram = Histogram()
    histogram.record_all([-5, 10 * HIGHEST_MICROS])
    assert histogram.spread == Spread(2, 0, HIGHEST_MICROS, HIGHEST_MICROS)


@given(st.lists(durations, min_size=1), st.lists(durations, min_size=1))
def test_the_spread_of_the_difference_of_two_readings_is_that_of_what_came_between(
    before: list[int], between: list[int]
) -> None:
    histogram, other = Histogram(), Histogram()
    for value in before:
        histogram.record(value)
    reading = histogram.counts()
    for value in between:
        histogram.record(value)
        other.record(value)
    difference = {bucket: number - reading.get(bucket, 0) for bucket, number in histogram.counts().items()}
    found, true = spread_of({bucket: number for bucket, number in difference.items() if number}), other.spread
    assert found.count == true.count
    for one, exact in ((found.p50, true.p50), (found.p99, true.p99), (found.worst, true.worst)):
        assert exact <= one <= exact * (1 + RELATIVE_ERROR)


@pytest.mark.parametrize("number", [1, 1_000_000])
def test_it_takes_the_same_memory_however_much_it_counts(number: int) -> None:
    histogram = Histogram()
    histogram.record(70, number)
    assert sys.getsizeof(histogram._counts) < 10_000
