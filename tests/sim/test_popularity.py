"""Popularity: weights as exact as stated, one number a pick, and nothing that depends on how many there were before."""

import math
import pickle
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.sim.chance import Stream
from pvws.sim.popularity import Popularity, Uniform, Zipf
from tests.sim.fit import is_as_often_as

EXPONENTS = [0.0, 0.3, 0.8, 1.0, 1.0 + 5e-8, 1.0 - 1e-6, 1.2, 2.0, 4.0]


class Chosen(Stream):
    """A stream of one number, which counts how often it is asked."""

    def __init__(self, number: float) -> None:
        self.number = number
        self.asked = 0
        self.random = self._random

    def _random(self) -> float:
        self.asked += 1
        return self.number


def share_up_to(popularity: Popularity, number: int, place: int) -> float:
    """How much of chance goes to the places up to one: found by halving, since picks rise with the number drawn."""
    low, high = 0.0, 1.0
    while (middle := (low + high) / 2) not in (low, high):
        low, high = (middle, high) if popularity.pick(number, Chosen(middle)) <= place else (low, middle)
    return high


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("number", [1, 2, 10, 64])
def test_the_head_is_exact(exponent: float, number: int) -> None:
    zipf = Zipf(exponent)
    weights = [rank**-exponent for rank in range(1, number + 1)]
    for place in range(number):
        expected = math.fsum(weights[: place + 1]) / math.fsum(weights)
        assert share_up_to(zipf, number, place) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("number", [65, 100, 5_000])
def test_behind_the_head_weights_are_off_by_no_more_than_stated(exponent: float, number: int) -> None:
    zipf = Zipf(exponent)
    first = share_up_to(zipf, number, 0)
    for rank in {65, 66, 80, 100, 1_000, number - 1, number}:
        if 64 < rank <= number:
            share = share_up_to(zipf, number, rank - 1) - share_up_to(zipf, number, rank - 2)
            stated = exponent * (exponent + 1) / (24 * rank * rank)
            # 1e-6 for an exponent that is taken as 1; the last term is what the halving itself is off by.
            expected = pytest.approx(rank**-exponent, rel=1.1 * stated + 1e-6, abs=4e-15 / first)
            assert share / first == expected


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("number", [7, 40, 300])
def test_picks_are_as_often_as_their_rank_says(exponent: float, number: int) -> None:
    zipf, stream = Zipf(exponent), Stream(5, "picks")
    seen = min(number, 40)  # what comes behind is counted together
    counts = Counter(min(zipf.pick(number, stream), seen) for _ in range(20_000))
    weights = {place: (place + 1) ** -exponent for place in range(number)}
    grouped = {place: weights[place] for place in range(seen)}
    if number > seen:
        grouped[seen] = math.fsum(weights[place] for place in range(seen, number))
    often = {place: weight for place, weight in grouped.items() if 20_000 * weight / math.fsum(grouped.values()) > 5}
    assert is_as_often_as({place: counts[place] for place in often}, often)


def test_uniform_picks_are_fair() -> None:
    stream = Stream(5, "picks")
    counts = Counter(Uniform().pick(30, stream) for _ in range(20_000))
    assert is_as_often_as(counts, dict.fromkeys(range(30), 1))


@given(
    st.one_of(st.builds(Zipf, st.floats(0, 10)), st.builds(Zipf, st.floats(0.999999, 1.000001)), st.builds(Uniform)),
    st.lists(st.tuples(st.integers(1, 10**12) | st.integers(1, 100), st.floats(0, 1, exclude_max=True)), min_size=1),
)
def test_every_pick_is_one_of_them_and_takes_one_number(popularity: Popularity, picks: list[tuple[int, float]]) -> None:
    for number, drawn in picks:
        stream = Chosen(min(drawn, 1 - 2**-53))
        assert 0 <= popularity.pick(number, stream) < number
        assert stream.asked == 1


@given(st.floats(0, 10), st.integers(1, 10**6), st.lists(st.floats(0, 1 - 2**-53), min_size=2))
def test_the_higher_the_number_drawn_the_less_popular_is_what_is_picked(
    exponent: float, number: int, drawn: list[float]
) -> None:
    zipf = Zipf(exponent)
    places = [zipf.pick(number, Chosen(value)) for value in sorted(drawn)]
    assert places == sorted(places)


@pytest.mark.parametrize("exponent", [0.8, 1.0, 2.0])
def test_a_pick_does_not_know_how_many_there_were_before(exponent: float) -> None:
    zipf, one, other = Zipf(exponent), Stream(1, "a"), Stream(1, "a")
    for number in (3, 100, 3, 64, 65, 1_000_000, 65, 1):
        assert zipf.pick(number, one) == Zipf(exponent).pick(number, other)


def test_a_copy_in_the_middle_of_a_run_goes_on_the_same() -> None:
    for popularity in (Zipf(1.2), Uniform()):
        run = popularity, Stream(1, "a")
        popularity.pick(1_000, run[1])
        copy = pickle.loads(pickle.dumps(run, 5))
        assert [copy[0].pick(1_000, copy[1]) for _ in range(50)] == [popularity.pick(1_000, run[1]) for _ in range(50)]


@pytest.mark.parametrize("popularity", [Zipf(1.0), Uniform()])
def test_a_pick_of_nothing_is_our_own_mistake(popularity: Popularity) -> None:
    with pytest.raises(AssertionError):
        popularity.pick(0, Stream(0, "a"))


@pytest.mark.parametrize("exponent", [-0.1, 10.1, math.nan])
def test_an_exponent_out_of_range_is_our_own_mistake(exponent: float) -> None:
    with pytest.raises(AssertionError):
        Zipf(exponent)
