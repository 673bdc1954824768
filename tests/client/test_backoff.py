from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pvws.client.backoff import RETRY_AFTER_S_MAX, Backoff, asked_wait_s


def test_the_ceiling_doubles_until_it_stands_at_the_most() -> None:
    backoff = Backoff(lambda: 1.0, first_s=0.5, most_s=5.0)
    assert [backoff.next_s() for _ in range(6)] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_jitter_is_full_so_a_wait_may_be_any_part_of_the_ceiling() -> None:
    chances = iter([0.0, 0.25, 0.999])
    backoff = Backoff(lambda: next(chances), first_s=1.0, most_s=60.0)
    assert [backoff.next_s() for _ in range(3)] == [0.0, 0.5, 3.996]


def test_a_success_begins_anew() -> None:
    backoff = Backoff(lambda: 1.0, first_s=0.5, most_s=30.0)
    for _ in range(10):
        backoff.next_s()
    backoff.reset()
    assert backoff.next_s() == 0.5


@given(st.integers(), st.floats(0.01, 10), st.floats(1, 100), st.integers(1, 5000))
def test_no_wait_is_ever_longer_than_the_most(seed: int, first_s: float, factor: float, failures: int) -> None:
    most_s = first_s * factor
    backoff = Backoff(Random(seed).random, first_s=first_s, most_s=most_s)
    assert all(0 <= backoff.next_s() <= most_s for _ in range(failures))


def test_what_a_server_asks_for_is_honoured_within_reason() -> None:
    assert [asked_wait_s(seconds) for seconds in (-5, 0, 60, 86_400)] == [0, 0, 60, 86_400]
    assert asked_wait_s(10**15) == asked_wait_s(float("inf")) == RETRY_AFTER_S_MAX
