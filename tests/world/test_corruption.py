"""Corruption: who has a bad copy, while nobody knows of it."""

import pickle

import pytest

from pvws.world.corruption import Corruption


def test_a_copy_is_corrupt_until_it_is_mended() -> None:
    corruption = Corruption()
    corruption.add("a", 1)
    corruption.add("a", 2)
    assert (corruption.has("a", 1), corruption.has("a", 3), corruption.has("b", 1)) == (True, False, False)
    corruption.mend("a", 1)
    assert not corruption.has("a", 1)
    assert corruption.has("a", 2)


def test_nothing_is_left_of_a_file_without_corrupt_copies() -> None:
    corruption = Corruption()
    corruption.add("a", 1)
    corruption.mend("a", 1)
    assert not corruption


def test_mending_what_is_whole_changes_nothing() -> None:
    corruption = Corruption()
    corruption.add("a", 1)
    corruption.mend("a", 2)
    corruption.mend("b", 1)
    assert corruption == {"a": [1]}


def test_becoming_corrupt_twice_is_our_own_mistake() -> None:
    corruption = Corruption()
    corruption.add("a", 1)
    with pytest.raises(AssertionError, match="a copy becomes corrupt once"):
        corruption.add("a", 1)


def test_the_bad_copies_of_a_peer_are_found_in_order() -> None:
    corruption = Corruption()
    for key, number in (("b", 1), ("a", 2), ("a", 1), ("c", 2)):
        corruption.add(key, number)
    assert corruption.at(1) == ["b", "a"]
    assert corruption.at(3) == []


def test_it_is_the_same_after_pickling() -> None:
    corruption = Corruption()
    corruption.add("a", 1)
    copy = pickle.loads(pickle.dumps(corruption))
    assert copy.has("a", 1)
