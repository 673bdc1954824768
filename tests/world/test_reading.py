"""Readings: the figures of the time between two looks at traffic."""

import pickle

from hypothesis import given
from hypothesis import strategies as st

from pvws.world.reading import Reading, Window
from pvws.world.traffic import Traffic

SECOND = 1_000_000


def test_rates_and_means_are_those_of_the_time_since_the_last_look() -> None:
    traffic = Traffic()
    reading = Reading(traffic, 5 * SECOND)
    traffic.request(300, 200_000)
    traffic.request(100, 400_000)
    traffic.failure()
    assert reading.look(7 * SECOND) == Window(
        requests_per_second=1.5,
        average_response_time=0.3,
        bytes_per_second=200.0,
        error_rate=0.333333,
        requests=3,
        failures=1,
    )
    assert reading.look(8 * SECOND) == Window(0.0, 0.0, 0.0, 0.0)


def test_a_reading_that_begins_later_has_nothing_of_what_was_before() -> None:
    traffic = Traffic()
    traffic.request(300, 1)
    reading = Reading(traffic, SECOND)
    assert reading.look(2 * SECOND) == Window(0.0, 0.0, 0.0, 0.0)


def test_two_looks_at_one_instant_divide_nothing_by_zero() -> None:
    traffic = Traffic()
    reading = Reading(traffic, 0)
    traffic.request(1, 1)
    assert reading.look(0).requests_per_second == SECOND
    assert reading.look(0).requests_per_second == 0


def test_failures_alone_have_no_response_time() -> None:
    traffic = Traffic()
    reading = Reading(traffic, 0)
    traffic.failure()
    assert reading.look(SECOND) == Window(1.0, 0.0, 0.0, 1.0, requests=1, failures=1)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=30))
def test_readings_do_not_disturb_each_other(deeds: list[tuple[int, int]]) -> None:
    """What one reading sees is the same whether or not others look in between."""
    traffic, now = Traffic(), 0
    often, seldom = Reading(traffic, 0), Reading(traffic, 0)
    seen = [0.0, 0.0]
    for seconds, requests in deeds:
        now += (seconds + 1) * SECOND
        for _ in range(requests):
            traffic.request(7, 5)
        seen[0] += often.look(now).bytes_per_second * (seconds + 1)
    if now:
        seen[1] = seldom.look(now).bytes_per_second * now / SECOND
    assert abs(seen[0] - seen[1]) < 0.01
    assert abs(seen[0] - traffic.bytes) < 0.01


def test_a_reading_goes_on_after_pickling_with_the_traffic_it_was_pickled_with() -> None:
    traffic = Traffic()
    traffic.request(5, 5)
    copy, reading = pickle.loads(pickle.dumps((traffic, Reading(traffic, 0))))
    copy.request(10, 5)
    assert reading.look(SECOND).bytes_per_second == 10
