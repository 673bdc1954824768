from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.client.backoff import Backoff as Delays
from pvws.scenario.expectations import Backoff
from pvws.sim.chance import Stream
from pvws.testing.judging.outages import Pause
from pvws.testing.judging.pauses import JITTERED_PAUSES_MIN, no_chance, no_growth, out_of_bounds


def series(*pauses_ms: float, stood: int = 0, seen: bool = True) -> list[Pause]:
    return [Pause(int(each * 1_000), stood * 1_000, seen) for each in pauses_ms]


def jittered(seed: int, count: int, first_s: float = 0.5, most_s: float = 1e9) -> list[Pause]:
    """Pauses as `pvws.connect` makes them: exponential, with full jitter."""
    delays = Delays(Stream(seed, "pauses").random, first_s=first_s, most_s=most_s)
    return [Pause(int(delays.next_s() * 1_000_000)) for _ in range(count)]


def test_full_jitter_is_taken_for_what_has_no_growth_in_few_runs_and_for_what_has_no_chance_in_none() -> None:
    wrong = Backoff(jitter=True)
    runs = [jittered(seed, JITTERED_PAUSES_MIN) for seed in range(2_000)]
    assert sum(no_growth(run, wrong) is not None for run in runs) < 10
    assert not any(no_chance([run]) for run in runs)


def test_full_jitter_at_its_ceiling_need_not_grow() -> None:
    backoff = Backoff(jitter=True, most=1_000_000)
    assert not any(no_growth(jittered(seed, 8, 1, 1), backoff) for seed in range(500) if _reaches(seed))


def _reaches(seed: int) -> bool:
    return max(pause.micros for pause in jittered(seed, 8, 1, 1)[:4]) > 500_000


@given(st.integers(1, 1_000), st.floats(1.1, 4), st.integers(2, 8))
def test_whatever_grows_by_a_factor_grows(first: int, factor: float, count: int) -> None:
    pauses = [Pause(int((100 + first) * 1_000 * factor**place)) for place in range(count)]
    assert no_growth(pauses, Backoff()) is None


@given(st.integers(0, 60_000), st.integers(2, 8), st.lists(st.integers(-2, 2), min_size=8, max_size=8))
def test_what_is_the_same_but_for_the_timers_errors_does_not_grow(first: int, count: int, errors: list[int]) -> None:
    pauses = [Pause(max(0, (first + error) * 1_000)) for error in errors[:count]]
    assert no_growth(pauses, Backoff()) is not None
    if count > 2:
        assert no_chance([pauses]) is not None


@pytest.mark.parametrize(
    ("pauses", "wrong"),
    [
        (series(100, 5_000, stood=4_900), None),
        (series(400, 100, stood=350), None),
        (series(400, 100, seen=False), None),
    ],
)
def test_what_was_not_measured_well_is_not_held_against_anybody(pauses: list[Pause], wrong: str | None) -> None:
    backoff = Backoff(most=1_000_000)
    assert no_growth(pauses, backoff) == wrong
    assert [out_of_bounds(pause, backoff, 0) for pause in pauses] == [None, None]


@pytest.mark.parametrize(
    ("outages", "found"),
    [
        ([], False),
        ([series(10, 20)], False),
        ([series(50), series(50), series(50), series(50)], True),
        ([series(50), series(90), series(50), series(50)], False),
        ([series(100, 200), series(100, 200)], False),
        ([series(100, 200, 300), series(100, 200, 300)], True),
    ],
)
def test_what_is_the_same_in_each_outage_has_no_chance_in_it(outages: Sequence[list[Pause]], found: bool) -> None:
    assert (no_chance(outages) is not None) is found


@pytest.mark.parametrize(
    ("pauses", "wrong"),
    [
        (series(100, 100), None),
        (series(100, 101, 99), "pauses that are all the same, where they are to grow: 0.100 s, 0.101 s, 0.099 s"),
        (series(0, 0, 0), "pauses that are all the same, where they are to grow: 0.000 s, 0.000 s, 0.000 s"),
        (series(100, 145, 120), "pauses that are all the same, where they are to grow: 0.100 s, 0.145 s, 0.120 s"),
        (series(100, 145, 151), None),
        (series(10, 20, 40), None),
        (series(100, 120, 126), None),
        (series(100, 90, 300), None),
        (series(100, 200, 400), None),
        (
            series(100, 101, 99, stood=20),
            "pauses that are all the same, where they are to grow: 0.100 s, 0.101 s, 0.099 s",
        ),
        (series(100, 120, 140, stood=30), None),  # the first may have been one of 70 ms
        (series(1_000, 1_000, 1_000), None),
        (series(160, 50, 60, 40, 50, 40), "pauses that do not grow: "),
    ],
)
def test_where_chance_may_have_a_part_only_what_shows_no_growth_at_all_is_wrong(
    pauses: list[Pause], wrong: str | None
) -> None:
    found = no_growth(pauses, Backoff(jitter="any", most=1_000_000))
    assert found == wrong or (wrong and found and found.startswith(wrong))


def test_chance_hardly_ever_makes_three_pauses_the_same() -> None:
    alike = [no_growth(jittered(seed, 3), Backoff(jitter="any")) for seed in range(2_000)]
    assert sum(each is not None for each in alike) < 20
