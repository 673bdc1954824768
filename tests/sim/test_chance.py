"""Chance: streams that are the same everywhere, and distributions that are what they are called."""

import copy
import math
import pickle
import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from hashlib import shake_256
from statistics import fmean, median, pstdev
from typing import Any

import pytest

from pvws.sim.chance import Chance, Keys, Stream
from pvws.sim.ziggurat import exponential_seldom, normal_seldom

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
    assert [stream.exponential(1e6) for _ in range(2)] == [694217.8944670076, 1023808.6215310335]
    assert [stream.normal(10, 2) for _ in range(2)] == [8.162888330595898, 16.178577702716257]
    assert [stream.lognormal(2**21, 1.5) for _ in range(2)] == [1628428.2919877619, 1250144.1981403544]


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


def test_what_is_forgotten_is_not_kept_and_goes_on_where_it_is_in_use() -> None:
    chance, untouched = Chance(0), Chance(0)
    for each in (chance, untouched):
        for name in ("orders[1]", "links of orders[1]", "orders[11]", "links of orders[11]"):
            each.stream(name).random()
    used = chance.stream("links of orders[1]")
    chance.forget("orders[1]")
    assert used.random() == untouched.stream("links of orders[1]").random()
    assert chance.stream("orders[11]").random() == untouched.stream("orders[11]").random()
    assert chance.stream("links of orders[1]") is not used
    assert len(pickle.dumps(chance)) < len(pickle.dumps(untouched))


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    many, single = Stream(7, "test"), Stream(7, "test")
    assert many.exponentials(3_000) == [single.exponential(1.0) for _ in range(3_000)]
    assert many.lognormals(5.0, 200.0, 3_000) == [single.lognormal(5.0, 200.0) for _ in range(3_000)]
    assert many.exponentials(0) == many.lognormals(1.0, 1.0, 0) == []
    assert many.random() == single.random()


def draws(stream: Stream) -> list[object]:
    """Something of everything that a stream can draw."""
    return [
        *(stream.random(), stream.below(10), stream.between(0, 9), stream.choice("abc"), stream.sample(range(9), 3)),
        *(stream.exponential(1.0) for _ in range(300)),
        *(stream.normal(0.0, 1.0) for _ in range(300)),
        stream.lognormal(1.0, 1.0),
    ]


def copies() -> list[Callable[[Any], Any]]:
    by_pickle = [
        partial(lambda protocol, what: pickle.loads(pickle.dumps(what, protocol)), protocol)
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
    ]
    return [*by_pickle, copy.deepcopy]


@pytest.mark.parametrize("copied", copies())
def test_a_copy_goes_on_where_the_stream_was_and_on_its_own(copied: Callable[[Any], Any]) -> None:
    stream = Stream(3, "a")
    draws(stream)
    other = copied(stream)
    first = draws(stream)
    assert draws(other) == first
    assert draws(stream) == draws(other) != first


def test_streams_that_were_one_are_one_in_a_copy_too() -> None:
    chance = Chance(3)
    stream = chance.stream("a")
    chance_copy, stream_copy = pickle.loads(pickle.dumps((chance, stream)))
    assert chance_copy.stream("a") is stream_copy
    assert draws(chance_copy.stream("b")) == draws(chance.stream("b"))


def test_keys_are_64_hexadecimal_digits_and_all_different() -> None:
    keys = Keys(7, "files")
    made = [keys.next() for _ in range(1_000)]
    assert len(set(made)) == 1_000
    for key in made:
        assert re.fullmatch("[0-9a-f]{64}", key)


def test_keys_are_what_they_always_were() -> None:
    keys = Keys(7, "files")
    made = "".join(keys.next() for _ in range(65))
    assert made == shake_256(b"7\0files\x000").hexdigest(64 * 32) + shake_256(b"7\0files\x001").hexdigest(32)


def test_keys_depend_on_seed_and_name_alone() -> None:
    first = Keys(7, "files").next()
    assert Chance(7).keys("files").next() == first
    assert len({first, Keys(8, "files").next(), Keys(7, "other").next(), Keys(7, "files\x000").next()}) == 4


@pytest.mark.parametrize("copied", copies())
@pytest.mark.parametrize("before", [0, 1, 63, 64, 65])
def test_a_copy_of_keys_goes_on_where_they_were(before: int, copied: Callable[[Any], Any]) -> None:
    keys = Keys(7, "files")
    for _ in range(before):
        keys.next()
    other = copied(keys)
    assert [other.next() for _ in range(100)] == [keys.next() for _ in range(100)]


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


def test_the_short_way_is_the_ziggurats() -> None:
    stream, other = Stream(7, "test"), Stream(7, "test")
    for _ in range(DRAWS):
        layer, part = divmod(other.random() * 256, 1)
        assert stream.exponential(3.0) == 3.0 * exponential_seldom(int(layer), part, other.random)
        layer, part = divmod(other.random() * 512, 1)
        assert stream.normal(1.0, 3.0) == 1.0 + 3.0 * normal_seldom(int(layer), part, other.random)


def test_lognormal_with_an_absurd_sigma_stays_finite(stream: Stream) -> None:
    values = [stream.lognormal(2.0**53, 1e6) for _ in range(100)]
    assert all(math.isfinite(value) and value > 0 for value in values)
    assert min(values) < 1e-200
    assert max(values) > 1e200
