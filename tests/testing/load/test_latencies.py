import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.testing.load.latencies import Latencies


def latencies(*micros: int) -> Latencies:
    found = Latencies()
    for each in micros:
        found.add(each)
    return found


def test_of_none_every_share_is_0() -> None:
    assert (latencies().share(0.99), latencies().worst, latencies().count) == (0, 0, 0)


@pytest.mark.parametrize(("share", "micros"), [(0.0, 10), (0.5, 510), (0.99, 1_000), (1.0, 1_000)])
def test_a_share_is_told_to_the_step(share: float, micros: int) -> None:
    assert latencies(*range(1, 1_001)).share(share) == micros


def test_what_is_below_0_is_0_and_what_is_longer_than_a_minute_is_still_the_worst() -> None:
    assert latencies(-5).share(1.0) == 0
    assert latencies(10, 90_000_000).worst == 90_000_000


@given(st.lists(st.integers(0, 59_000_000), min_size=1))
def test_a_share_is_never_less_than_it_was_and_at_most_a_step_more(micros: list[int]) -> None:
    found = latencies(*micros)
    for share in (0.5, 0.9, 0.99):
        place = max(0, -int(-share * len(micros) // 1) - 1)
        exact = sorted(micros)[place]
        assert exact <= found.share(share) <= exact + (10 if exact < 100_000 else 1_000)
