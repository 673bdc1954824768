"""What behaviours that run have in common: when they act."""

from typing import Any

import pytest

from tests.scenario.behaviours.ticking import Ticking

SECOND = 1_000_000


def test_it_runs_from_its_beginning_to_its_end_both_included(rehearsal: Any) -> None:
    ticking = Ticking("{rate: 2/s, arrivals: fixed, from: 10s, until: 12s}", rehearsal())
    assert ticking.until(60 * SECOND) == [10_500_000, 11_000_000, 11_500_000, 12_000_000]


def test_rate_zero_is_never(rehearsal: Any) -> None:
    assert Ticking("{rate: 0/s}", rehearsal()).until(1_000 * SECOND) == []


def test_it_can_be_sped_up_under_its_name(rehearsal: Any) -> None:
    play = rehearsal()
    ticking = Ticking("{rate: 1/s, arrivals: fixed}", play)
    ticking.until(2 * SECOND)
    play.behaviours["ticks"].set_factor(4)
    assert ticking.until(3 * SECOND)[2:] == [2_250_000, 2_500_000, 2_750_000, 3_000_000]
    play.behaviours["ticks"].set_factor(1)
    assert ticking.until(5 * SECOND)[6:] == [4 * SECOND, 5 * SECOND]


def test_what_had_passed_of_a_gap_counts_when_the_factor_changes(rehearsal: Any) -> None:
    ticking = Ticking("{rate: 1/s, arrivals: fixed}", rehearsal())
    ticking.until(SECOND // 2)
    ticking.set_factor(2)
    assert ticking.until(SECOND) == [750_000]


def test_a_factor_of_nothing_is_silence_until_the_next_one(rehearsal: Any) -> None:
    ticking = Ticking("{rate: 1/s, arrivals: fixed}", rehearsal())
    ticking.set_factor(0)
    assert ticking.until(100 * SECOND) == []
    ticking.set_factor(1)
    assert ticking.until(101 * SECOND) == [101 * SECOND]


def test_a_factor_counts_also_when_it_comes_before_the_beginning(rehearsal: Any) -> None:
    ticking = Ticking("{rate: 1/s, arrivals: fixed, from: 10s}", rehearsal())
    ticking.set_factor(2)
    assert ticking.until(11 * SECOND) == [10_500_000, 11 * SECOND]


def test_no_factor_wakes_what_has_ended(rehearsal: Any) -> None:
    ticking = Ticking("{rate: 1/s, arrivals: fixed, until: 2s}", rehearsal())
    ticking.until(10 * SECOND)
    ticking.set_factor(100)
    assert ticking.until(20 * SECOND) == [1 * SECOND, 2 * SECOND]


def test_a_factor_takes_nothing_from_chance(rehearsal: Any) -> None:
    """Twice as fast is the same gaps, each half as long."""
    plain, fast = (Ticking("{rate: 1/s}", rehearsal()) for _ in range(2))
    fast.set_factor(2)
    halves = fast.until(100 * SECOND)
    assert halves == pytest.approx([tick / 2 for tick in plain.until(200 * SECOND)], abs=1)


def test_even_arrivals_take_nothing_from_chance(rehearsal: Any) -> None:
    play, twin = rehearsal(), rehearsal()
    Ticking("{rate: 2/s, arrivals: fixed}", play).until(10 * SECOND)
    assert play.chance.stream("behaviours.ticks").random() == twin.chance.stream("behaviours.ticks").random()


def test_two_of_a_kind_have_times_of_their_own(rehearsal: Any) -> None:
    play = rehearsal()
    one, other = (Ticking("{rate: 2/s}", play, f"behaviours.{name}") for name in ("one", "other"))
    play.kernel.run(play.start + 100 * SECOND)
    assert not set(one.ticks) & set(other.ticks)
