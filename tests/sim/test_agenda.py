"""The agenda: a total order, whatever is put on it."""

import pickle
from random import Random
from typing import Any

import pytest

from pvws.sim.agenda import Agenda


class Incomparable:
    """An argument that no heap may ever compare."""

    def __lt__(self, other: object) -> bool:
        raise AssertionError("the order must not depend on arguments")


def ignore(argument: Any) -> None:
    """An action that can be pickled."""


def drained(agenda: Agenda) -> list[Any]:
    return [agenda.pop()[2] for _ in range(len(agenda))]


def test_the_earlier_comes_first() -> None:
    agenda = Agenda()
    for at in (30, 10, 20):
        agenda.add(at, ignore, at)
    assert agenda.peek() == 10
    assert drained(agenda) == [10, 20, 30]


def test_at_one_instant_the_lower_rank_comes_first_and_then_what_was_put_down_first() -> None:
    agenda = Agenda()
    agenda.add(5, ignore, "late rank", rank=1)
    agenda.add(5, ignore, "first")
    agenda.add(5, ignore, "second")
    agenda.add(5, ignore, "early rank", rank=-1)
    assert drained(agenda) == ["early rank", "first", "second", "late rank"]


def test_arguments_and_actions_are_never_compared() -> None:
    agenda = Agenda()
    for _ in range(20):
        agenda.add(1, ignore, Incomparable())
    assert len(drained(agenda)) == 20


def test_pop_gives_the_instant_the_action_and_the_argument() -> None:
    agenda = Agenda()
    agenda.add(7, ignore, "argument")
    assert agenda.pop() == (7, ignore, "argument")


def test_an_empty_agenda_has_nothing_to_show() -> None:
    agenda = Agenda()
    assert len(agenda) == 0
    assert agenda.peek() is None
    with pytest.raises(IndexError):
        agenda.pop()


def test_any_order_of_putting_down_gives_the_order_of_instants_and_ranks() -> None:
    chance = Random(1)
    entries = [(chance.randrange(20), chance.randrange(3)) for _ in range(300)]
    agenda = Agenda()
    for number, (at, rank) in enumerate(entries):
        agenda.add(at, ignore, (at, rank, number), rank=rank)
    assert drained(agenda) == sorted((at, rank, number) for number, (at, rank) in enumerate(entries))


def test_a_pickled_agenda_goes_on_in_the_same_order() -> None:
    agenda = Agenda()
    agenda.add(1, ignore, "before")
    agenda.add(1, ignore, "too")
    copy = pickle.loads(pickle.dumps(agenda))
    for each in (agenda, copy):
        each.add(1, ignore, "after")
    assert drained(copy) == drained(agenda) == ["before", "too", "after"]
