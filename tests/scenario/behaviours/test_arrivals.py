"""What behaviours have in common in a script: when they run, and how often something arrives."""

from collections import Counter
from itertools import pairwise
from statistics import mean, stdev
from typing import Any

import pytest

from pvws.scenario.behaviours.arrivals import plain_name
from tests.scenario.behaviours.ticking import Ticking

SECOND = 1_000_000
HOUR = 3_600 * SECOND


def test_even_arrivals_come_at_even_times(rehearsal: Any) -> None:
    ticking = Ticking("{rate: 4/s, arrivals: fixed}", rehearsal())
    assert ticking.until(3 * SECOND) == [250_000 * number for number in range(1, 13)]


def test_arrivals_by_chance_keep_their_rate(rehearsal: Any) -> None:
    ticks = Ticking("{rate: 20/s}", rehearsal()).until(500 * SECOND)
    gaps = [later - earlier for earlier, later in pairwise(ticks)]
    assert mean(gaps) == pytest.approx(50_000, rel=0.04)
    assert stdev(gaps) == pytest.approx(50_000, rel=0.04)


def test_a_peak_is_the_end_of_each_period(rehearsal: Any) -> None:
    ticks = Ticking("{rate: 10/s, peak: {every: 60s, factor: 5, for: 10s}}", rehearsal()).until(600 * SECOND)
    shares = Counter(tick % (60 * SECOND) >= 50 * SECOND for tick in ticks)
    assert shares[True] == pytest.approx(5 * 10 * 100, rel=0.05)
    assert shares[False] == pytest.approx(10 * 500, rel=0.05)


def test_the_first_peak_counts_from_when_it_begins(rehearsal: Any) -> None:
    script = "{rate: 1/s, arrivals: fixed, from: 5s, peak: {every: 10s, factor: 2, for: 2s}}"
    ticks = Ticking(script, rehearsal()).until(17 * SECOND)
    halves = [13.5, 14, 14.5, 15]
    assert ticks == [int(second * SECOND) for second in (6, 7, 8, 9, 10, 11, 12, 13, *halves, 16, 17)]


def test_day_and_night_keep_the_average(rehearsal: Any) -> None:
    ticks = Ticking("{rate: 1/s, day: {low: 10%, busiest: 14h}}", rehearsal()).until(24 * HOUR)  # from midnight on
    hours = Counter(tick // HOUR for tick in ticks)
    assert len(ticks) == pytest.approx(86_400, rel=0.02)
    assert hours[13] + hours[14] == pytest.approx(2 * 3_600 * 1.9, rel=0.05)
    assert hours[1] + hours[2] == pytest.approx(2 * 3_600 * 0.1, rel=0.15)


def test_a_ramp_goes_from_one_rate_to_another_and_stays(rehearsal: Any) -> None:
    ticking = Ticking("{rate: 1/s, arrivals: fixed, from: 10s, ramp: {to: 3/s, over: 100s}}", rehearsal())
    assert len(ticking.until(110 * SECOND)) == 200
    assert len(ticking.until(210 * SECOND)) == 200 + 300


def test_a_ramp_may_begin_at_nothing_and_end_there(rehearsal: Any) -> None:
    up = Ticking("{rate: 0/s, arrivals: fixed, ramp: {to: 2/s, over: 10s}}", rehearsal())
    assert len(up.until(10 * SECOND)) == 10
    down = Ticking("{rate: 2/s, arrivals: fixed, ramp: {to: 0/s, over: 10s}}", rehearsal())
    assert len(down.until(1_000 * SECOND)) == 10


def test_a_name_is_what_the_script_says() -> None:
    assert plain_name("behaviours.night-uploads") == "night-uploads"
    assert plain_name("behaviours.behaviours.x") == "behaviours.x"
