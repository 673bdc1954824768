import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.testing.load.reckoning import Reckoning, compare


@pytest.mark.parametrize(
    ("got", "found"),
    [
        ([1, 2, 3, 4], Reckoning(reach=1)),
        ([1, 2, 4], Reckoning(lost=1)),
        ([], Reckoning(lost=4)),
        ([1, 2, 2, 3, 4], Reckoning(repeated=1)),
        ([1, 3, 2, 4], Reckoning(disordered=1)),
        ([1, 2, 9, 3, 4], Reckoning(strange=1)),
        ([4, 1, 2, 3, 3, 9], Reckoning(disordered=3, repeated=1, strange=1)),
        ([1, 9, 3, 4, 4], Reckoning(lost=1, strange=1, repeated=1)),
    ],
)
def test_each_mistake_is_counted_as_what_it_is(got: list[int], found: Reckoning) -> None:
    assert compare([1, 2, 3, 4], got) == found


def test_messages_that_are_alike_are_told_apart_by_their_order() -> None:
    assert compare([7, 7, 8, 7], [7, 7, 8, 7]) == Reckoning(reach=1)
    assert compare([7, 7, 8, 7], [7, 8, 7]) == Reckoning(lost=1)
    assert compare([7, 7, 8, 7], [7, 7, 8, 7, 7]) == Reckoning(repeated=1)


def test_reckonings_add_up() -> None:
    total = Reckoning(1, 2, 3, 4, 5) + Reckoning(10, 20, 30, 40, 50)
    assert total == Reckoning(11, 22, 33, 44, 55)
    assert not total.exact
    assert Reckoning(reach=3).exact


@given(st.lists(st.integers(0, 5), max_size=30), st.sets(st.integers(0, 29)))
def test_what_is_left_out_is_lost_and_nothing_else_is_wrong(wanted: list[int], without: set[int]) -> None:
    got = [message for place, message in enumerate(wanted) if place not in without]
    found = compare(wanted, got)
    assert found.lost == len(wanted) - len(got)
    assert (found.repeated, found.disordered, found.strange) == (0, 0, 0)
    assert found.reach == (got == wanted)
