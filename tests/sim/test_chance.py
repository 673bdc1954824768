"""Chance: streams that are the same everywhere, and distributions that are what they are called."""

import math
import pickle
from collections import Counter
from random import Random
from statistics import fmean, median, pstdev

import pytest

from pvws.sim.chance import Chance, Stream, exp, ln

DRAWS = 20_000


@pytest.fixture
def stream() -> Stream:
    return Stream(7, "test")


def test_the_first_values_of_a_stream_are_what_they_always_were() -> None:
    # If this fails, every scenario in the world plays differently: that is a new major version.
    stream = Stream(7, "uploads")
    assert [stream.random() for _ in range(3)] == [0.46236837991559054, 0.03443778427924826, 0.8944490496743391]
    assert [stream.below(1000) for _ in range(5)] == [338, 453, 666, 942, 16]
    assert [stream.between(-3, 3) for _ in range(5)] == [-2, -1, -2, -2, -3]
    assert stream.choice("abcdefgh") == "h"
    assert stream.sample(range(10), 4) == [7, 0, 4, 9]
    assert [stream.exponential(1e6) for _ in range(2)] == [370667.17598521546, 607549.0196047684]
    assert [stream.normal(10, 2) for _ in range(2)] == [7.780180273239258, 8.10022455770113]
    assert [stream.lognormal(2**21, 1.5) for _ in range(2)] == [7487857.234405002, 6978169.947700111]


def test_a_stream_depends_on_seed_and_name_alone() -> None:
    chance = Chance(7)
    chance.stream("another").random()
    first = [chance.stream("uploads").random() for _ in range(3)]
    fresh = Stream(7, "uploads")
    assert first == [fresh.random() for _ in range(3)]
    assert first != [Stream(8, "uploads").random() for _ in range(3)]
    assert first != [Stream(7, "deletes").random() for _ in range(3)]
    assert Stream(1, "1").random() != Stream(11, "").random()


def test_a_stream_is_the_same_each_time_it_is_asked_for() -> None:
    chance = Chance(0)
    assert chance.stream("a") is chance.stream("a")
    assert chance.stream("a") is not chance.stream("b")


def test_pickled_streams_go_on_where_they_were() -> None:
    chance = Chance(3)
    chance.stream("a").random()
    copy = pickle.loads(pickle.dumps(chance))
    for name in ("a", "b"):
        assert [copy.stream(name).random() for _ in range(5)] == [chance.stream(name).random() for _ in range(5)]


def test_ln_is_the_logarithm_within_its_stated_error() -> None:
    chance = Random(1)
    values = [math.ldexp(0.5 + chance.random() / 2, chance.randrange(-1073, 1024)) for _ in range(20_000)]
    values += [1 + sign * 2.0**-power for power in range(1, 53) for sign in (-1, 1)]
    values += [5e-324, 2.2250738585072014e-308, 0.5, 0.7071067811865475, 0.7071067811865476, 2.0, math.e, 1.797e308]
    assert max(abs(ln(x) - math.log(x)) / abs(math.log(x)) for x in values) < 1e-14
    assert ln(1) == 0


def test_exp_is_the_exponential_within_its_stated_error() -> None:
    chance = Random(2)
    values = [chance.uniform(-700, 700) for _ in range(20_000)] + [chance.uniform(-1, 1) for _ in range(2_000)]
    values += [-700, 700, 1, -1, 1e-300, 0.34657359027997264, -0.34657359027997264]
    assert max(abs(exp(x) - math.exp(x)) / math.exp(x) for x in values) < 1e-13
    assert exp(0) == 1


@pytest.mark.parametrize("x", [701, -701, math.inf, math.nan])
def test_exp_outside_its_range_is_our_own_mistake(x: float) -> None:
    with pytest.raises(AssertionError):
        exp(x)


def test_random_is_uniform_from_0_to_below_1(stream: Stream) -> None:
    values = [stream.random() for _ in range(DRAWS)]
    assert min(values) >= 0
    assert max(values) < 1
    assert fmean(values) == pytest.approx(1 / 2, abs=0.01)
    assert pstdev(values) == pytest.approx(math.sqrt(1 / 12), abs=0.01)


def test_whole_numbers_stay_in_their_bounds_and_reach_them(stream: Stream) -> None:
    below = Counter(stream.below(6) for _ in range(DRAWS))
    between = Counter(stream.between(-2, 3) for _ in range(DRAWS))
    assert sorted(below) == [0, 1, 2, 3, 4, 5]
    assert sorted(between) == [-2, -1, 0, 1, 2, 3]
    for count in (*below.values(), *between.values()):
        assert count == pytest.approx(DRAWS / 6, rel=0.08)


def test_choice_is_fair(stream: Stream) -> None:
    counts = Counter(stream.choice("abcd") for _ in range(DRAWS))
    assert sorted(counts) == ["a", "b", "c", "d"]
    for count in counts.values():
        assert count == pytest.approx(DRAWS / 4, rel=0.05)


def test_choice_among_nothing_is_an_error(stream: Stream) -> None:
    with pytest.raises(IndexError):
        stream.choice([])


def test_sample_gives_different_ones_each_as_likely(stream: Stream) -> None:
    counts: Counter[int] = Counter()
    for _ in range(DRAWS // 4):
        drawn = stream.sample(range(10), 3)
        assert len(set(drawn)) == 3
        counts.update(drawn)
    for count in counts.values():
        assert count == pytest.approx(DRAWS / 4 * 3 / 10, rel=0.08)
    assert len(counts) == 10


def test_sample_of_more_than_there_are_gives_all_and_leaves_its_argument_alone(stream: Stream) -> None:
    among = [1, 2, 3]
    assert sorted(stream.sample(among, 5)) == [1, 2, 3]
    assert among == [1, 2, 3]
    assert stream.sample(among, 0) == []


def test_exponential_has_its_mean_and_as_much_deviation(stream: Stream) -> None:
    values = [stream.exponential(5.0) for _ in range(DRAWS)]
    assert min(values) >= 0
    assert fmean(values) == pytest.approx(5, rel=0.03)
    assert pstdev(values) == pytest.approx(5, rel=0.05)


def test_normal_has_its_mean_and_deviation(stream: Stream) -> None:
    values = [stream.normal(10, 2) for _ in range(DRAWS)]
    assert fmean(values) == pytest.approx(10, abs=0.05)
    assert pstdev(values) == pytest.approx(2, rel=0.03)
    assert sum(8 < value < 12 for value in values) / DRAWS == pytest.approx(0.6827, abs=0.015)


def test_lognormal_has_its_median_and_its_logarithm_its_deviation(stream: Stream) -> None:
    values = [stream.lognormal(2**21, 1.5) for _ in range(DRAWS)]
    assert median(values) == pytest.approx(2**21, rel=0.05)
    assert pstdev(map(math.log, values)) == pytest.approx(1.5, rel=0.03)


def test_lognormal_with_an_absurd_sigma_stays_finite(stream: Stream) -> None:
    assert all(math.isfinite(stream.lognormal(1.0, 1e6)) for _ in range(100))


def test_1_minus_random_is_never_0_so_that_its_logarithm_exists(stream: Stream) -> None:
    stream.random = lambda: 1 - 2**-53
    assert stream.exponential(1.0) == pytest.approx(53 * math.log(2))
