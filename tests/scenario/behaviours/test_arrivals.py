"""What behaviours have in common: when they run, and how often something arrives."""

from collections import Counter
from itertools import pairwise
from statistics import mean, stdev
from typing import Any

import pytest

from pvws.notation.document import parse
from pvws.notation.reader import Reader
from pvws.scenario.behaviours.arrivals import Arriving, Process, plain_name

SECOND = 1_000_000
HOUR = 3_600 * SECOND


class Ticking(Process):
    """Notes when something arrives, in microseconds since the start."""

    def __init__(self, script: str, play: Any, name: str = "behaviours.ticks") -> None:
        reader = Reader("f.yaml")
        spec = reader.read(parse(script, "f.yaml"), Arriving, "")
        assert not reader.problems
        super().__init__(spec, spec.profile(play.start), spec.arrivals, name, play)
        self.start = play.start
        self.ticks: list[int] = []

    def _act(self) -> None:
        self.ticks.append(self._kernel.now - self.start)

    def until(self, micros: int) -> list[int]:
        self._kernel.run(self.start + micros)
        return self.ticks


def test_even_arrivals_come_at_even_times(rehearsal: Any) -> None:
    ticking = Ticking("{rate: 4/s, arrivals: fixed}", rehearsal())
    assert ticking.until(3 * SECOND) == [250_000 * number for number in range(1, 13)]


def test_arrivals_by_chance_keep_their_rate(rehearsal: Any) -> None:
    ticks = Ticking("{rate: 20/s}", rehearsal()).until(500 * SECOND)
    gaps = [later - earlier for earlier, later in pairwise(ticks)]
    assert mean(gaps) == pytest.approx(50_000, rel=0.04)
    assert stdev(gaps) == pytest.approx(50_000, rel=0.04)


def test_it_runs_from_its_beginning_to_its_end_both_included(rehearsal: Any) -> None:
    ticking = Ticking("{rate: 2/s, arrivals: fixed, from: 10s, until: 12s}", rehearsal())
    assert ticking.until(60 * SECOND) == [10_500_000, 11_000_000, 11_500_000, 12_000_000]


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


def test_a_name_is_what_the_script_says() -> None:
    assert plain_name("behaviours.night-uploads") == "night-uploads"
    assert plain_name("behaviours.behaviours.x") == "behaviours.x"
