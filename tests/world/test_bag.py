"""Bags: add, remove and pick in constant time, in an order that repeats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.world.bag import Bag


def test_the_last_thing_takes_the_place_of_the_one_removed() -> None:
    bag: Bag[str] = Bag()
    for thing in "abcd":
        bag.add(thing)
    bag.remove("b")
    assert list(bag) == ["a", "d", "c"]
    assert [bag[place] for place in range(len(bag))] == ["a", "d", "c"]
    bag.remove("c")
    assert list(bag) == ["a", "d"]


def test_removing_what_is_not_there_is_a_key_error_and_changes_nothing() -> None:
    bag: Bag[str] = Bag()
    bag.add("a")
    with pytest.raises(KeyError):
        bag.remove("b")
    assert list(bag) == ["a"]


def test_adding_a_thing_twice_is_our_own_mistake() -> None:
    bag: Bag[str] = Bag()
    bag.add("a")
    with pytest.raises(AssertionError, match="a thing is in a bag once"):
        bag.add("a")


@given(st.lists(st.integers(0, 9)))
def test_it_holds_what_a_set_would_and_repeats_its_order(things: list[int]) -> None:
    """Each number is put in, or taken out when it is there."""
    bag, twin, model = Bag[int](), Bag[int](), set[int]()
    for thing in things:
        for each in (bag, twin):
            (each.remove if thing in model else each.add)(thing)
        model ^= {thing}
        assert set(bag) == model
        assert len(bag) == len(model)
        assert [thing in bag for thing in range(10)] == [thing in model for thing in range(10)]
        assert list(bag) == list(twin)
