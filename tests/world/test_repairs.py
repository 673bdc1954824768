"""Repairs: so many at a time, the others wait in order."""

from hypothesis import given
from hypothesis import strategies as st

from pvws.world.entities import Transfer
from pvws.world.repairs import Repairs


def transfer(key: str = "key") -> Transfer:
    return Transfer(key, 1, 0, 1, 0, 5, repair=True)


def test_there_are_so_many_turns_and_the_next_ones_wait() -> None:
    repairs = Repairs(2)
    assert [repairs.begin(transfer()) for _ in range(4)] == [True, True, False, False]
    assert repairs.under_way == 2


def test_a_turn_goes_to_who_has_waited_longest() -> None:
    repairs, waiting = Repairs(1), [transfer("b"), transfer("c")]
    for each in (transfer("a"), *waiting):
        repairs.begin(each)
    assert [repairs.end(), repairs.end(), repairs.end()] == [*waiting, None]
    assert repairs.under_way == 0


def test_who_has_failed_while_it_waited_gets_no_turn() -> None:
    repairs, failed, lives = Repairs(1), transfer(), transfer()
    for each in (transfer(), failed, lives):
        repairs.begin(each)
    failed.live = False
    assert repairs.end() is lives
    assert repairs.under_way == 1


@given(st.integers(1, 4), st.lists(st.booleans(), max_size=60))
def test_never_more_than_may_be_are_under_way_and_no_turn_is_left_unused(at_once: int, begins: list[bool]) -> None:
    repairs, under_way, waiting = Repairs(at_once), 0, list[Transfer]()
    for begin in begins:
        if begin:
            each = transfer()
            if repairs.begin(each):
                under_way += 1
            else:
                waiting.append(each)
        elif under_way:
            assert repairs.end() is (waiting.pop(0) if waiting else None) or waiting
            under_way = repairs.under_way
        assert repairs.under_way == under_way <= at_once
        assert not waiting or under_way == at_once
