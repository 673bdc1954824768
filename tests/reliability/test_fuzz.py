"""The fuzzing counts what it tries, and sees what goes wrong."""

from hypothesis import given
from hypothesis import strategies as st

from tests.reliability.fuzz import READERS, Tally, _read, _tried


def test_cases_and_crashes_are_counted() -> None:
    def case(number: int) -> None:
        if number % 2:
            raise ValueError("odd")

    tally = _tried(st.integers(0, 1_000), case, 40, 1)
    assert tally.cases == 40
    assert 0 < tally.wrong < 40
    assert tally.errors[0].startswith("ValueError: odd with (")


def test_a_property_is_tried_more_often_than_the_tests_do_and_is_as_before_then() -> None:
    seen = list[int]()

    @given(st.integers())
    def property_of_ours(number: int) -> None:
        seen.append(number)
        assert abs(number) < 1_000

    before = property_of_ours.hypothesis.inner_test  # type: ignore[attr-defined]
    tally: Tally = _read([property_of_ours], 120, 1)
    assert len(seen) == tally.cases == 120
    assert tally.wrong
    assert property_of_ours.hypothesis.inner_test is before  # type: ignore[attr-defined]


def test_every_reader_has_a_property() -> None:
    assert all(READERS.values())
