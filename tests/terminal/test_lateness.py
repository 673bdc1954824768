import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.limits import LATENESS_SAMPLES_MAX
from pvws.terminal.lateness import Lateness

SECOND = 1_000_000


def stream(lateness: Lateness, delays: list[float], *, offset: float = 0.0, every_s: float = 0.1) -> None:
    for number, delay in enumerate(delays):
        lateness.saw(round(number * every_s * SECOND), number * every_s + offset + delay)


def test_late_is_what_a_message_took_longer_than_the_promptest() -> None:
    lateness = Lateness()
    stream(lateness, [0.05] * 60 + [0.25] + [0.05] * 38 + [0.15], offset=50_000_000)
    assert lateness.latest == pytest.approx(0.1)
    assert lateness.quantiles((0.5, 0.98)) == pytest.approx([0.0, 0.1, 0.2])


def test_of_nothing_there_is_nothing_to_say() -> None:
    assert (Lateness().latest, Lateness().speed, Lateness().quantiles((0.5,))) == (None, None, [])


@pytest.mark.parametrize("speed", [0.5, 2.0, 100.0])
def test_a_clock_of_another_speed_makes_nothing_late(speed: float) -> None:
    lateness = Lateness()
    for number in range(100):
        lateness.saw(round(number * 0.1 * speed * SECOND), 1_000 + number * 0.1)
    assert lateness.speed == pytest.approx(speed)
    assert lateness.latest is None
    assert lateness.quantiles((0.5,)) == []


def test_where_both_clocks_tell_the_time_of_day_messages_may_come_ever_later() -> None:
    lateness = Lateness()
    for number in range(100):
        lateness.saw(round(number * 0.1 * SECOND), 5 + number * 0.2)
    assert lateness.latest == pytest.approx(9.9)


def test_one_message_late_at_the_beginning_is_no_clock_of_another_speed() -> None:
    lateness = Lateness()
    stream(lateness, [0.0] * 12 + [0.4])
    assert lateness.latest == pytest.approx(0.4)


def test_behind_another_connection_another_clock_may_stand() -> None:
    lateness = Lateness()
    stream(lateness, [0.0, 0.3, 0.0])
    lateness.begin_anew()
    stream(lateness, [0.0, 0.0, 0.1], offset=-1_000_000.0)
    assert lateness.latest == pytest.approx(0.1)
    assert lateness.quantiles((0.5,)) == pytest.approx([0.0, 0.3])


def test_a_sample_of_bounded_size_is_kept_and_its_quantiles_are_those_of_all() -> None:
    lateness = Lateness()
    for number in range(200_000):
        lateness.saw(number * 1_000, number / 1_000 + (number % 100) / 1_000)
        assert len(lateness._distances) <= LATENESS_SAMPLES_MAX
    half, most, worst = lateness.quantiles((0.5, 0.99))
    assert half == pytest.approx(0.05, abs=0.003)
    assert most == pytest.approx(0.098, abs=0.003)
    assert worst == pytest.approx(0.099)


@given(st.lists(st.tuples(st.integers(0, 2**53), st.floats(0, 1e10))))
def test_whatever_comes_lateness_is_never_negative_and_the_worst_is_the_worst(seen: list[tuple[int, float]]) -> None:
    lateness = Lateness()
    for micros, at in seen:
        lateness.saw(micros, at)
    found = lateness.quantiles((0.0, 0.5, 0.99))
    assert found == sorted(found)
    assert all(value >= 0 for value in found)
