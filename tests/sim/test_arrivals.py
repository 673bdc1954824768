"""Arrivals: as often as the rate says, at the same draws whatever the rate, and never twice in a microsecond."""

import copy
import math
import pickle
from collections.abc import Callable
from itertools import accumulate, count, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.sim.arrivals import Arrivals, Gaps
from pvws.sim.chance import Stream
from pvws.sim.profile import DAY, FOREVER, Bursts, Daily, Level, Piece, Product, Profile, Ramp
from tests.sim.fit import fits, is_about

SECOND = 1_000_000
START = 1_704_067_200 * SECOND  # 2024-01-01T00:00:00Z


def gaps(profile: Profile, arrivals: Arrivals = "poisson", seed: int = 7) -> Gaps:
    return Gaps(profile, arrivals, Stream(seed, "test"))


def instants(source: Gaps, number: int, now: int = START) -> list[int]:
    """When so many arrive, or fewer when no more do."""
    found: list[int] = []
    while len(found) < number and (gap := source.next(now)) is not None:
        assert gap >= 1
        now += gap
        found.append(now)
    return found


def integral(profile: Profile, begin: int, end: int) -> float:
    total, at = 0.0, begin
    while at < end:
        piece = profile.piece(at)
        until = min(piece.end, end)
        total += (piece.at(at) + piece.at(until)) / 2 * ((until - at) / SECOND)
        at = until
    return total


SHAPES: dict[str, Profile] = {
    "level": Level(20.0),
    "bursts": Product((Level(5.0), Bursts(20.0, every=60 * SECOND, length=10 * SECOND, begin=START))),
    "silences": Product((Level(50.0), Bursts(0.0, every=7 * SECOND, length=3 * SECOND, begin=START))),
    "daily": Product((Level(20.0), Daily(0.1, START, period=24 * 7 * SECOND))),
    "nights without any": Product((Level(20.0), Daily(0.0, START, period=24 * 7 * SECOND))),
    "ramp up from nothing": Ramp(0.0, 40.0, START + SECOND, 50 * SECOND),
    "ramp down": Ramp(60.0, 10.0, START, 50 * SECOND),
    "all at once": Product(
        (
            Ramp(1.0, 30.0, START, 50 * SECOND),
            Daily(0.3, START, period=24 * 7 * SECOND),
            Bursts(4.0, every=11 * SECOND, length=5 * SECOND, begin=START + 3),
        )
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_arrivals_by_chance_are_those_of_a_poisson_process_with_that_rate(shape: str) -> None:
    profile = SHAPES[shape]
    found = [START, *instants(gaps(profile), 4_000)]
    # Time measured by the integrated rate makes any Poisson process one of rate 1.
    passed = [integral(profile, begin, end) for begin, end in pairwise(found)]
    assert fits(passed, lambda x: 1 - math.exp(-x))
    assert is_about(passed, 1, 1)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_draws_are_the_same_whatever_the_profile(shape: str) -> None:
    profile, stream = SHAPES[shape], Stream(7, "test")
    drawn = list(accumulate(stream.exponential(1.0) for _ in range(1_000)))
    at, passed = START, 0.0
    for instant, expected in zip(instants(gaps(profile), 1_000), drawn, strict=True):
        passed += integral(profile, at, instant)
        at = instant
        # An instant is rounded by half a microsecond, at 1,000/s at most; and a slope bends within it.
        assert passed == pytest.approx(expected, abs=0.000_51)


@pytest.mark.parametrize("shape", SHAPES)
def test_even_arrivals_are_one_for_each_whole_of_the_integrated_rate(shape: str) -> None:
    profile = SHAPES[shape]
    at, passed = START, 0.0
    for number, instant in enumerate(instants(gaps(profile, "fixed"), 1_000), 1):
        passed += integral(profile, at, instant)
        at = instant
        assert passed == pytest.approx(number, abs=0.000_51)


def test_even_arrivals_take_nothing_from_the_stream() -> None:
    stream = Stream(7, "test")
    instants(Gaps(Level(20.0), "fixed", stream), 100)
    assert stream.random() == Stream(7, "test").random()


@pytest.mark.parametrize("rate", [3.0, 7.0, 1_000_000 / 3, 700_000.0, 1_000_000.0, 1 / 3600])
def test_even_arrivals_do_not_drift(rate: float) -> None:
    for number, instant in enumerate(instants(gaps(Level(rate), "fixed"), 5_000), 1):
        assert abs(instant - START - number * SECOND / rate) < 0.51


@pytest.mark.parametrize("rate", [100_000.0, 500_000.0, 900_000.0])
def test_rates_near_one_a_microsecond_lose_none(rate: float) -> None:
    found = instants(gaps(Level(rate)), 50_000)
    assert found[-1] - START == pytest.approx(50_000 / rate * SECOND, rel=4 / math.sqrt(50_000))


def test_more_than_one_a_microsecond_is_one_and_is_not_made_up_for_ever() -> None:
    source = gaps(Level(1.0))
    now = START
    source.next(now)
    gap = source.set_factor(now, 50_000_000.0)
    for _ in range(10_000):
        assert gap == 1
        now += gap
        gap = source.next(now)
    assert source.set_factor(now, 1.0) == 1
    found = instants(source, 200, now + 1)
    assert sum(later - earlier > 1 for earlier, later in pairwise(found)) >= 98


@pytest.mark.parametrize("arrivals", ["poisson", "fixed"])
def test_nothing_arrives_in_a_silence(arrivals: Arrivals) -> None:
    source = gaps(Product((Level(3.0), Bursts(0.0, every=10 * SECOND, length=9 * SECOND, begin=START))), arrivals)
    for instant in instants(source, 2_000):
        assert (instant - START) % (10 * SECOND) >= 9 * SECOND - 1 or (instant - START) % (10 * SECOND) == 0


def test_three_in_a_burst_are_three_in_each_burst() -> None:
    # What rounding leaves of the third is no reason to wait for the next burst.
    source = gaps(
        Product(
            (
                Level(0.1),
                Bursts(10.0, 60 * SECOND, 3 * SECOND, START),
                Bursts(0.0, 60 * SECOND, 57 * SECOND, START + 3 * SECOND),
            )
        ),
        "fixed",
    )
    found = [instant - START for instant in instants(source, 300)]
    assert found == [(minute * 60 + second) * SECOND for minute in range(100) for second in (1, 2, 3)]


def test_what_little_is_left_of_a_gap_does_not_reach_into_a_silence() -> None:
    profile = Product((Level(1e-4), Bursts(0.0, 2 * SECOND, SECOND, START + SECOND)))
    source = gaps(profile, "fixed")
    gap = source.next(START)
    assert gap == 20_000 * SECOND - SECOND
    # A ten billionth of an arrival is left, which takes a quarter of an hour at the rate that it gets.
    left = source.set_factor(START + gap - 1, 1e-9)
    assert left == 1


@pytest.mark.parametrize(
    "profile",
    [
        Level(0.0),
        Product((Level(0.0), Daily(0.5, START))),
        Product((Level(5.0), Bursts(0.0, 10_000, 5_000), Bursts(0.0, 10_000, 5_000, 5_000))),
        Ramp(0.0, 0.0, START, SECOND),
        Level(1e-13),
        Level(5e-324),
        Product((Level(1e-300), Daily(0.5, START))),
    ],
)
@pytest.mark.parametrize("arrivals", ["poisson", "fixed"])
def test_where_nothing_ever_arrives_there_is_no_gap(profile: Profile, arrivals: Arrivals) -> None:
    source = gaps(profile, arrivals)
    assert source.next(START) is None
    assert source.set_factor(START + SECOND, 0.5) is None
    assert source.next(START + 2 * SECOND) is None


def test_nothing_arrives_after_the_end_and_the_last_is_that_of_an_endless_run() -> None:
    for profile in SHAPES.values():
        endless = instants(gaps(profile), 1_000)
        for end in (endless[600], endless[600] + 1, endless[601] - 1):
            assert instants(Gaps(profile, "poisson", Stream(7, "test"), end), 1_000) == endless[:601]


def test_arrivals_end_with_their_rate() -> None:
    found = instants(gaps(Ramp(50.0, 0.0, START, 100 * SECOND)), 10_000)
    assert 2_300 < len(found) < 2_700  # 2,500 on average, give or take 50
    assert found[-1] <= START + 100 * SECOND


class Counted:
    """A profile that counts how often it is looked at."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.settled, self.period = profile.settled, profile.period
        self.looks = 0

    def piece(self, at: int) -> Piece:
        self.looks += 1
        return self._profile.piece(at)


def test_a_gap_of_years_is_exact_and_does_not_take_years() -> None:
    profile = Counted(
        Product((Level(1 / (3653 * 86_400)), Daily(0.2, START), Bursts(3.0, DAY // 24, DAY // 240, START)))
    )
    gap = gaps(profile, "fixed").next(START)
    assert gap is not None
    assert profile.looks < 2.5 * 24 * 3
    days = gap // DAY
    assert days > 3000
    passed = days * integral(profile, START, START + DAY) + integral(profile, START + days * DAY, START + gap)
    assert passed == pytest.approx(1, abs=1e-12)


def test_a_gap_of_years_over_periods_that_hardly_ever_meet_is_nearly_right() -> None:
    bursts = Bursts(9.0, 7 * 3600 * SECOND + 1, 3600 * SECOND, START)
    profile = Counted(Product((Level(1 / (3653 * 86_400)), Daily(0.2, START), bursts)))
    gap = gaps(profile, "fixed").next(START)
    assert gap is not None
    assert gap > 1000 * DAY
    assert profile.looks < 2.5 * 100 * 32
    assert integral(profile, START, START + gap) == pytest.approx(1, abs=0.01)


def test_bursts_that_begin_at_night_are_not_all_there_is() -> None:
    # An hour in 30 is awake: the first when the day is at its lowest, the others at other times of the day.
    hour = DAY // 24
    awake = Bursts(0.0, 30 * hour, 29 * hour, START + hour)
    profile = Product((Level(1 / 3600), Daily(0.0, START + 12 * hour), awake))
    gap = gaps(profile, "fixed").next(START)
    assert gap is not None
    assert integral(profile, START, START + gap) == pytest.approx(1)
    assert 30 * hour < gap < 31 * hour + 30 * hour


def test_without_a_next_there_is_nothing_for_a_factor_to_move() -> None:
    source = gaps(Level(1.0), "fixed")
    assert source.set_factor(START, 4.0) is None
    assert source.next(START) == SECOND // 4


def test_a_factor_moves_what_is_waited_for() -> None:
    source = gaps(Level(1.0), "fixed")
    assert source.next(START) == SECOND
    assert source.set_factor(START + 400_000, 3.0) == 200_000
    assert source.set_factor(START + 500_000, 0.0) is None
    assert source.set_factor(START + 9 * SECOND, 0.5) == 600_000
    assert source.next(START + 9 * SECOND + 600_000) == 2 * SECOND


def test_with_a_factor_of_0_nothing_arrives_whoever_asks() -> None:
    source = gaps(Level(1.0))
    source.next(START)
    assert source.set_factor(START + 1, 0.0) is None
    assert source.next(START + 2) is None


def test_a_factor_at_the_very_instant_of_an_arrival_leaves_it_one_microsecond() -> None:
    source = gaps(Level(1.0), "fixed")
    assert source.next(START) == SECOND
    assert source.set_factor(START + SECOND, 2.0) == 1
    assert source.next(START + SECOND + 1) == SECOND // 2 - 1


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("arrivals", ["poisson", "fixed"])
def test_a_factor_changes_no_draw(shape: str, arrivals: Arrivals) -> None:
    profile, stream = SHAPES[shape], Stream(7, "test")
    factors = [(START + at * SECOND, factor) for at, factor in ((2, 3.0), (3, 0.0), (31, 0.25), (32, 0.25), (44, 1.0))]
    source = gaps(profile, arrivals)
    since, factor, passed, expected = START, 1.0, 0.0, 0.0
    for number in count():
        if number >= 400 and not factors:
            break
        gap = source.next(since)
        expected += 1.0 if arrivals == "fixed" else stream.exponential(1.0)
        now = since
        while factors and (gap is None or factors[0][0] <= now + gap):
            at, changed = factors.pop(0)
            passed += integral(profile, since, at) * factor
            gap, since, now, factor = source.set_factor(at, changed), at, at, changed
        assert gap is not None
        passed += integral(profile, since, now + gap) * factor
        since = now + gap
        assert passed == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("copied", [lambda run: pickle.loads(pickle.dumps(run, 5)), copy.deepcopy])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_copy_in_the_middle_of_a_run_goes_on_the_same(shape: str, copied: Callable[[Any], Any]) -> None:
    source = gaps(SHAPES[shape])
    now = instants(source, 500)[-1]
    other = copied(source)
    assert instants(other, 500, now) == instants(source, 500, now)


RATES = st.one_of(st.just(0.0), st.floats(1e-14, 1e6), st.floats(0.01, 100))
BURSTS = st.builds(
    lambda factor, length, rest, begin: Bursts(factor, length + rest, length, START + begin),
    st.floats(0, 1e6),
    st.integers(SECOND, 2 * DAY),
    st.integers(DAY // 24, 2 * DAY),
    st.integers(-DAY, DAY),
)
FACTORS = st.one_of(
    BURSTS,
    st.builds(Daily, st.floats(0, 1), st.integers(START - DAY, START + DAY)),
    st.builds(Ramp, RATES, RATES, st.integers(START - DAY, START + DAY), st.integers(1, 7 * DAY)),
)
PROFILES = st.builds(lambda rate, others: Product((Level(rate), *others)), RATES, st.lists(FACTORS, max_size=2))


@given(PROFILES, st.sampled_from(["poisson", "fixed"]), st.integers(0), st.lists(st.floats(0, 1e6), max_size=3))
def test_every_gap_is_one_microsecond_or_more_whatever_the_rate_and_its_factor(
    profile: Profile, arrivals: Arrivals, seed: int, factors: list[float]
) -> None:
    source, now = gaps(profile, arrivals, seed), START
    for factor in (None, *factors):
        if factor is not None:
            assert (source.set_factor(now, factor) or 1) >= 1
        for _ in range(10):
            gap = source.next(now)
            if gap is None:
                break
            assert type(gap) is int
            assert 1 <= gap <= FOREVER - now
            now += gap


def test_a_negative_factor_is_our_own_mistake() -> None:
    with pytest.raises(AssertionError):
        gaps(Level(1.0)).set_factor(START, -1.0)
