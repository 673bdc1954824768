import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.session.rate import RateLimit


def test_exactly_the_message_after_the_limit_in_any_second_is_over() -> None:
    limit = RateLimit(3, 60.0)
    assert [limit.admit(at) for at in (0.0, 0.4, 0.8, 1.0, 1.3)] == [True, True, True, True, False]


def test_sending_on_does_not_lengthen_the_penalty() -> None:
    limit = RateLimit(1, 10.0)
    assert limit.admit(0.0)
    assert not limit.admit(0.5)
    assert not any(limit.admit(0.5 + number / 2) for number in range(1, 20))
    assert limit.admit(11.5)


def test_reminders_come_at_once_and_then_at_most_once_a_second_with_the_seconds_left_rounded_up() -> None:
    limit = RateLimit(1, 10.0)
    limit.admit(0.0)
    reminders = []
    for at in (0.5, 0.6, 1.4, 1.5, 2.4, 2.6, 10.4):
        assert not limit.admit(at)
        reminders.append(limit.reminder(at))
    assert reminders == [10, None, None, 9, None, 8, 1]


def test_the_whole_penalty_is_left_at_its_beginning_whatever_floats_make_of_it() -> None:
    now = 100.1234567
    assert now + 60 - now > 60
    limit = RateLimit(1, 60.0)
    limit.admit(now - 0.1)
    assert not limit.admit(now)
    assert limit.reminder(now) == 60


@given(st.lists(st.floats(0, 2, allow_nan=False), max_size=60))
def test_a_client_that_keeps_to_the_limit_is_always_heard(gaps: list[float]) -> None:
    limit, now = RateLimit(5, 60.0), 0.0
    for gap in gaps:
        now += 0.2 + gap + 1e-9
        assert limit.admit(now)


@pytest.mark.parametrize("messages", [5, None])
def test_a_penalty_may_begin_without_a_reason_and_be_pardoned(messages: int | None) -> None:
    limit = RateLimit(messages, 60.0)
    assert limit.admit(0.0)
    limit.penalise(0.5, 10.0)
    assert [limit.admit(at) for at in (0.6, 5.0, 10.4)] == [False] * 3
    assert limit.reminder(0.6) == 10
    limit.pardon()
    assert limit.admit(10.45)
    limit.penalise(11.0, 1.0)
    assert not limit.admit(11.5)
    assert limit.admit(12.0)


def test_of_two_penalties_the_longer_counts() -> None:
    limit = RateLimit(None, 60.0)
    limit.penalise(0.0, 10.0)
    limit.penalise(1.0, 2.0)
    assert [limit.admit(at) for at in (5.0, 10.0)] == [False, True]


def test_without_a_limit_nothing_is_over_it_and_nothing_is_kept() -> None:
    limit = RateLimit(None, 60.0)
    assert all(limit.admit(0.0) for _ in range(10_000))
    assert limit._arrivals is None
