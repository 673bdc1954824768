"""Distributions: each is what it is called, bounds clamp, and a list knows where a run is in it."""

import math
import pickle
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from pvws.limits import INTEGER_MAX
from pvws.sim.chance import Stream
from pvws.sim.distributions import (
    Choice,
    Constant,
    Cycle,
    Distribution,
    Exponential,
    Lognormal,
    Normal,
    Pareto,
    Uniform,
    Values,
    draw_whole,
    fresh,
)
from tests.sim.fit import fits, is_about, is_as_often_as

DRAWS = 20_000


@pytest.fixture
def stream() -> Stream:
    return Stream(7, "test")


def normal(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2


CONTINUOUS = {
    "uniform": (Uniform(-2.0, 6.0), lambda x: (x + 2) / 8, math.sqrt(64 / 12)),
    "normal": (Normal(10.0, 2.0), lambda x: normal((x - 10) / 2), 2.0),
    "lognormal": (Lognormal(100.0, 0.5), lambda x: normal(math.log(x / 100) / 0.5), 60.4),
    "pareto": (Pareto(2.0, 4.0), lambda x: 1 - (2 / x) ** 4, math.sqrt(8 / 9)),
    "exponential": (Exponential(5.0), lambda x: 1 - math.exp(-x / 5), 5.0),
}
EVERY: list[Any] = [
    Constant(3.0),
    *(distribution for distribution, _, _ in CONTINUOUS.values()),
    Choice((5.0, 1.0, 9.0), (1.0, 2.0, 0.5)),
    Choice((5.0, 1.0, 9.0)),
    Values((4.0, 8.0, 2.0)),
    Values((4.0, 8.0, 2.0), "cycle"),
]


@pytest.mark.parametrize("name", CONTINUOUS)
def test_values_are_spread_as_the_distribution_says(name: str, stream: Stream) -> None:
    distribution, cumulative, _ = CONTINUOUS[name]
    assert fits((distribution.draw(stream) for _ in range(DRAWS)), cumulative)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_the_average_is_the_one_it_tells(name: str, stream: Stream) -> None:
    distribution, _, deviation = CONTINUOUS[name]
    average = distribution.average()
    assert average is not None
    assert is_about((distribution.draw(stream) for _ in range(DRAWS)), average, deviation)


def test_a_pareto_tail_that_falls_slowly_has_no_average(stream: Stream) -> None:
    assert Pareto(1.0, 1.0).average() is None
    assert Pareto(1.0, 1.5).average() == pytest.approx(3)
    assert all(math.isfinite(Pareto(2.0**53, 1e-9).draw(stream)) for _ in range(100))


def test_a_choice_is_as_often_as_its_weight_says(stream: Stream) -> None:
    choice = Choice((5.0, 1.0, 9.0, 7.0), (1.0, 2.0, 0.0, 0.5))
    counts = Counter(choice.draw(stream) for _ in range(DRAWS))
    assert is_as_often_as(counts, {5.0: 1.0, 1.0: 2.0, 7.0: 0.5})
    assert choice.average() == pytest.approx((5 + 2 + 3.5) / 3.5)


def test_a_choice_without_weights_is_fair(stream: Stream) -> None:
    choice = Choice((5.0, 1.0, 9.0))
    assert is_as_often_as(Counter(choice.draw(stream) for _ in range(DRAWS)), {5.0: 1, 1.0: 1, 9.0: 1})
    assert choice.average() == 5


@pytest.mark.parametrize(
    "weights", [(1.0, 0.0), (0.1, 0.0), (0.1, 0.2), (0.3, 0.3, 0.3), (1e300, 1e-300), (5e-324, 0.0)]
)
def test_a_choice_at_the_ends_of_chance_is_one_of_what_has_weight(weights: tuple[float, ...], stream: Stream) -> None:
    choice = Choice(tuple(range(len(weights))), weights)
    stream.random = lambda: 0.0
    assert choice.draw(stream) == 0
    stream.random = lambda: 1 - 2**-53
    assert weights[int(choice.draw(stream))] > 0


def test_values_of_a_list_are_any_of_them(stream: Stream) -> None:
    values = Values((4.0, 8.0, 2.0, 4.0))
    assert is_as_often_as(Counter(values.draw(stream) for _ in range(DRAWS)), {4.0: 2, 8.0: 1, 2.0: 1})
    assert values.average() == 4.5
    assert fresh(values) is values


def test_values_in_order_begin_anew_in_each_run(stream: Stream) -> None:
    values = Values((4.0, 8.0, 2.0), "cycle", max=5)
    for _ in range(2):
        run = fresh(values)
        assert [run.draw(stream) for _ in range(7)] == [4, 5, 2, 4, 5, 2, 4]
        assert run.average() == pytest.approx(14 / 3)
    assert stream.random() == Stream(7, "test").random(), "order takes no chance"


def test_values_in_order_are_not_drawn_from_what_runs_share(stream: Stream) -> None:
    with pytest.raises(AssertionError):
        Values((1.0,), "cycle").draw(stream)


@pytest.mark.parametrize("distribution", EVERY, ids=repr)
def test_bounds_clamp_and_change_nothing_within_them(distribution: Struct) -> None:
    free: Any = fresh(distribution)  # type: ignore[arg-type]
    bounded: Any = fresh(replace(distribution, min=2.5, max=7.5))  # type: ignore[arg-type]
    one, other = Stream(1, "a"), Stream(1, "a")
    values = [free.draw(one) for _ in range(200)]
    assert [bounded.draw(other) for _ in range(200)] == [min(max(value, 2.5), 7.5) for value in values]


@pytest.mark.parametrize("distribution", EVERY, ids=repr)
def test_a_copy_in_the_middle_of_a_run_goes_on_the_same(distribution: Distribution) -> None:
    run = fresh(distribution), Stream(1, "a")
    for _ in range(50):
        run[0].draw(run[1])
    copy = pickle.loads(pickle.dumps(run, 5))
    assert [copy[0].draw(copy[1]) for _ in range(50)] == [run[0].draw(run[1]) for _ in range(50)]
    if not isinstance(run[0], Cycle):
        assert copy[0] == distribution


@pytest.mark.parametrize(
    ("value", "least", "whole"),
    [(1.49, 0, 1), (1.5, 0, 2), (-3.7, -9, -4), (-3.7, 0, 0), (0.2, 1, 1), (5e-324, 1, 1), (2.0**53, 1, INTEGER_MAX)],
)
def test_whole_units_are_the_nearest_within_bounds(value: float, least: int, whole: int, stream: Stream) -> None:
    drawn = draw_whole(Constant(value), stream, least)
    assert drawn == whole
    assert type(drawn) is int


@pytest.mark.parametrize("bounds", [{}, {"min": 2.5}, {"max": 6.0}, {"min": 3.0, "max": 5.0}])
@pytest.mark.parametrize("distribution", EVERY)
def test_many_at_once_are_the_same_as_one_by_one(distribution: Any, bounds: dict[str, float]) -> None:
    bounded = replace(distribution, **bounds)
    many, single = (fresh(bounded), Stream(7, "test")), (fresh(bounded), Stream(7, "test"))
    assert many[0].draws(many[1], 200) == [single[0].draw(single[1]) for _ in range(200)]


@given(
    st.one_of(
        st.builds(Lognormal, st.floats(1e-300, 2.0**53), st.floats(0, 29)),
        st.builds(Pareto, st.floats(1e-300, 2.0**53), st.floats(1e-300, 1e300)),
        st.builds(Exponential, st.floats(0, 1e300)),
        st.builds(Normal, st.floats(-1e300, 1e300), st.floats(0, 1e300)),
        st.builds(Constant, st.floats(-1e308, 1e308)),
    ),
    st.integers(0),
)
def test_whole_units_are_readable_whatever_the_distribution(distribution: Distribution, seed: int) -> None:
    stream = Stream(seed, "any")
    for _ in range(20):
        assert 1 <= draw_whole(distribution, stream, 1) <= INTEGER_MAX


@pytest.mark.parametrize(
    "make",
    [
        lambda: Constant(1.0, min=2, max=1),
        lambda: Uniform(2.0, 1.0),
        lambda: Normal(1.0, -1.0),
        lambda: Lognormal(0.0, 1.0),
        lambda: Lognormal(1.0, 30.0),
        lambda: Pareto(0.0, 1.0),
        lambda: Pareto(1.0, 0.0),
        lambda: Exponential(-1.0),
        lambda: Choice(()),
        lambda: Choice((1.0,), (1.0, 2.0)),
        lambda: Choice((1.0,), (0.0,)),
        lambda: Choice((1.0, 2.0), (2.0, -1.0)),
        lambda: Choice((1.0,), (math.inf,)),
        lambda: Values(()),
    ],
)
def test_what_no_reader_lets_through_is_our_own_mistake(make: Any) -> None:
    with pytest.raises(AssertionError):
        make()
