"""Quantities of the scenario language: their notations, and what chance makes of sizes."""

from statistics import median

import pytest

from pvws.scenario.quantities import Constant, Lognormal, draw_size, speed, start
from pvws.sim.chance import Stream


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("now", None),
        ("1970-01-01T00:00:00Z", 0),
        ("2024-01-01T00:00:00Z", 1_704_067_200_000_000),
        ("2024-01-01T02:00:00.5+02:00", 1_704_067_200_500_000),
    ],
)
def test_a_start_is_now_or_a_time(text: str, instant: int | None) -> None:
    assert start(text) == instant


@pytest.mark.parametrize(
    "text", ["", "Now", "2024-01-01", "2024-13-01T00:00:00Z", "1704067200", "0000-01-01T00:00:00Z"]
)
def test_what_is_no_start_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'^"now" or an RFC 3339 time such as 2024-01-01T00:00:00Z$'):
        start(text)


@pytest.mark.parametrize(
    ("text", "factor"), [("max", None), ("1", 1.0), ("0.5", 0.5), ("1000000", 1e6), ("0.001", 0.001)]
)
def test_a_speed_is_a_factor_or_max(text: str, factor: float | None) -> None:
    assert speed(text) == factor


@pytest.mark.parametrize("text", ["", "0", "-1", "fast", "nan", "inf", "1000001", "Max", "1x"])
def test_what_is_no_speed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'^a factor above 0 such as 1 or 0\.5, or "max"$'):
        speed(text)


def test_a_constant_size_is_always_the_same_and_at_least_a_byte() -> None:
    chance = Stream(1, "sizes")
    assert {draw_size(Constant(7), chance) for _ in range(100)} == {7}
    assert draw_size(Constant(0), chance) == 1


def test_lognormal_sizes_lie_around_their_median_and_below_their_maximum() -> None:
    chance = Stream(1, "sizes")
    drawn = [draw_size(Lognormal(median=10_000, sigma=1.5, max=50_000), chance) for _ in range(4_000)]
    assert 9_000 < median(drawn) < 11_000
    assert max(drawn) == 50_000
    assert min(drawn) >= 1
    assert all(isinstance(size, int) for size in drawn)


@pytest.mark.parametrize(
    ("shape", "size"),
    [(Lognormal(median=500, sigma=0.0), 500), (Lognormal(median=0), 1), (Lognormal(median=5, max=0), 1)],
)
def test_lognormal_sizes_at_their_limits(shape: Lognormal, size: int) -> None:
    assert draw_size(shape, Stream(1, "sizes")) == size
