"""Security incidents: how many there were within the last minute."""

from hypothesis import given
from hypothesis import strategies as st

from pvws.world.security import INCIDENT_WINDOW_MICROS, Incidents

MINUTE = INCIDENT_WINDOW_MICROS


def test_attempts_of_the_last_minute_count() -> None:
    incidents = Incidents("auth_failure")
    incidents.add(0, "10.0.0.1", 3)
    incidents.add(MINUTE - 1, "10.0.0.2", 2)
    assert incidents.lately(MINUTE - 1) == 5
    assert incidents.lately(MINUTE) == 2
    assert incidents.lately(2 * MINUTE - 2) == 2
    assert incidents.lately(2 * MINUTE - 1) == 0


def test_the_source_is_that_of_the_latest() -> None:
    incidents = Incidents("auth_failure")
    for source in ("10.0.0.1", "10.0.0.2"):
        incidents.add(0, source, 1)
    assert incidents.source == "10.0.0.2"
    assert incidents.category == "auth_failure"


@given(st.lists(st.tuples(st.integers(0, MINUTE), st.integers(1, 9)), max_size=40))
def test_it_counts_what_adding_all_up_would(deeds: list[tuple[int, int]]) -> None:
    incidents, now, all_of_them = Incidents("rate_abuse"), 0, list[tuple[int, int]]()
    for wait, attempts in deeds:
        now += wait
        incidents.add(now, "10.0.0.1", attempts)
        all_of_them.append((now, attempts))
        assert incidents.lately(now) == sum(number for at, number in all_of_them if at > now - MINUTE)
