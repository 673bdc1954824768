"""Delta debugging: what is left fails, and nothing of it can go; in the same way however many are tried at once."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.testing.shrinking.ddmin import fewest, first_failing, least


def run_fewest(number: int, causes: Sequence[frozenset[int]], at_once: int = 1) -> tuple[list[int], int]:
    """The fewest of so many things of which any of some groups fails, and how many candidates were tried."""
    tried = 0

    async def fails(kept: tuple[int, ...]) -> bool:
        nonlocal tried
        tried += 1
        return any(cause <= set(kept) for cause in causes)

    return asyncio.run(fewest(range(number), fails, at_once)), tried


groups = st.lists(st.frozensets(st.integers(0, 39), max_size=5), min_size=1, max_size=3)


@given(groups, st.integers(1, 3))
def test_what_is_left_fails_and_no_single_thing_of_it_can_go(causes: list[frozenset[int]], at_once: int) -> None:
    kept, _ = run_fewest(40, causes, at_once)
    assert any(cause <= set(kept) for cause in causes)
    assert kept == sorted(kept)
    for thing in kept:
        assert not any(cause <= set(kept) - {thing} for cause in causes)


@given(groups)
def test_how_many_are_tried_at_once_changes_nothing(causes: list[frozenset[int]]) -> None:
    assert run_fewest(40, causes, 1)[0] == run_fewest(40, causes, 4)[0]


@given(st.integers(0, 999))
def test_one_cause_among_a_thousand_is_found_by_halving(cause: int) -> None:
    kept, tried = run_fewest(1_000, [frozenset((cause,))])
    assert kept == [cause]
    assert tried <= 30


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_where_nothing_is_needed_nothing_is_left(number: int) -> None:
    assert run_fewest(number, [frozenset()])[0] == []


@pytest.mark.parametrize("number", [1, 2, 3, 7])
def test_where_all_is_needed_all_is_left(number: int) -> None:
    assert run_fewest(number, [frozenset(range(number))])[0] == list(range(number))


async def test_the_first_that_fails_is_found_though_a_later_one_is_known_sooner() -> None:
    later, started = asyncio.Event(), list[int]()

    async def fails(candidate: int) -> bool:
        started.append(candidate)
        if candidate == 2:
            await later.wait()
        elif candidate == 3:
            later.set()
        return candidate in (2, 3)

    assert await first_failing(range(1, 9), fails, 3) == 1
    assert started == [1, 2, 3], "once one is known to fail none behind it is begun"


async def test_what_is_not_needed_any_more_is_cancelled_and_has_ended() -> None:
    ended = list[int]()

    async def fails(candidate: int) -> bool:
        try:
            if candidate:
                await asyncio.Event().wait()
        finally:
            ended.append(candidate)
        return True

    assert await first_failing(range(5), fails, 3) == 0
    assert sorted(ended) == [0, 1, 2]


async def test_no_more_are_tried_at_once_than_may_be() -> None:
    now, most = 0, 0

    async def fails(candidate: int) -> bool:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return False

    assert await first_failing(range(20), fails, 3) is None
    assert (now, most) == (0, 3)


async def test_what_goes_wrong_in_a_trial_is_raised() -> None:
    async def fails(candidate: int) -> bool:
        raise OSError(candidate)

    with pytest.raises(OSError, match=r"^0$"):
        await first_failing(range(3), fails, 1)


@given(st.integers(0, 5_000), st.integers(0, 5_000), st.integers(1, 3), st.integers(1, 50))
def test_the_least_number_is_found_but_for_a_grain(one: int, other: int, at_once: int, grain: int) -> None:
    border, high = sorted((one, other))
    tried = list[int]()

    async def fails(number: int) -> bool:
        tried.append(number)
        return number >= border

    found = asyncio.run(least(0, high, fails, at_once, grain=grain))
    assert border <= found <= max(border, min(high, border + grain - 1))
    assert len(tried) <= 3 * 14


def test_where_the_lowest_fails_nothing_else_is_tried() -> None:
    tried = list[int]()

    async def fails(number: int) -> bool:
        tried.append(number)
        return True

    assert asyncio.run(least(3, 9, fails)) == 3
    assert tried == [3]
    assert asyncio.run(least(9, 9, fails)) == 9
