from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.recording.pairing import longest_rising, pairs_in_time

rising = st.lists(st.integers(0, 30), max_size=7).map(sorted)


@pytest.mark.parametrize(
    ("first", "second", "pairs"),
    [
        ([], [1], []),
        ([1, 2, 3], [1, 2, 3], [(0, 0), (1, 1), (2, 2)]),
        ([10, 20, 30], [20, 30], [(1, 0), (2, 1)]),
        ([20, 30], [10, 20, 30], [(0, 1), (1, 2)]),
        ([10, 20, 30, 40], [11, 41], [(0, 0), (3, 1)]),
    ],
)
def test_where_one_is_missing_the_others_keep_their_partners(
    first: list[int], second: list[int], pairs: list[tuple[int, int]]
) -> None:
    assert pairs_in_time(first, second) == pairs


@given(rising, rising)
def test_pairs_are_as_near_in_time_as_can_be(first: list[int], second: list[int]) -> None:
    pairs = pairs_in_time(first, second)
    assert len(pairs) == min(len(first), len(second))
    assert all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(pairs))
    shorter, longer = sorted((first, second), key=len)
    least = min(
        sum(abs(one - other) for one, other in zip(shorter, chosen, strict=True))
        for chosen in combinations(longer, len(shorter))
    )
    assert sum(abs(first[a] - second[b]) for a, b in pairs) == least


def test_too_many_ways_are_not_tried() -> None:
    assert pairs_in_time(range(2_000), range(5_000)) == [(place, place) for place in range(2_000)]


@given(st.lists(st.integers(0, 20), unique=True, max_size=8))
def test_the_longest_part_that_rises_is_found(values: list[int]) -> None:
    places = sorted(longest_rising(values))
    assert all(values[one] < values[other] for one, other in pairwise(places))
    longest = max(
        (
            len(part)
            for size in range(len(values) + 1)
            for part in combinations(values, size)
            if list(part) == sorted(part)
        ),
        default=0,
    )
    assert len(places) == longest
