"""Gaps between arrivals: even ones, or those of a Poisson process, at the rate that was asked for."""

from statistics import mean, stdev

import pytest

from pvws.scenario.behaviours.arrivals import Gaps
from pvws.sim.chance import Stream

RATES = [0.001, 0.3, 2.0, 1_000.0]


def gaps(rate: float, arrivals: str, number: int = 5_000) -> list[int]:
    source = Gaps(rate, arrivals, Stream(1, "gaps"))  # type: ignore[arg-type]
    return [source.next() for _ in range(number)]


@pytest.mark.parametrize("rate", RATES)
def test_fixed_arrivals_are_even(rate: float) -> None:
    assert set(gaps(rate, "fixed")) == {round(1_000_000 / rate)}


@pytest.mark.parametrize("rate", RATES)
def test_poisson_arrivals_keep_the_rate_with_the_scatter_of_chance(rate: float) -> None:
    drawn = gaps(rate, "poisson")
    assert mean(drawn) * rate / 1_000_000 == pytest.approx(1, abs=0.06)
    assert stdev(drawn) / mean(drawn) == pytest.approx(1, abs=0.08)


@pytest.mark.parametrize("arrivals", ["fixed", "poisson"])
def test_time_always_moves_on(arrivals: str) -> None:
    drawn = gaps(1_000_000, arrivals)
    assert min(drawn) == 1
    assert all(isinstance(gap, int) for gap in drawn)


def test_fixed_arrivals_take_nothing_from_chance() -> None:
    chance, twin = Stream(1, "gaps"), Stream(1, "gaps")
    Gaps(2.0, "fixed", chance).next()
    assert chance.random() == twin.random()
