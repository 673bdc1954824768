"""The agenda: entries have a total order, whatever they are to do."""

import pickle
from heapq import heappop, heappush
from random import Random
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from pvws.sim.agenda import Action, Entry, Instant
from pvws.sim.kernel import Kernel


class Incomparable:
    """An argument that no heap may ever compare."""

    def __lt__(self, other: object) -> bool:
        raise AssertionError("the order must not depend on arguments")


class Diary:
    """Notes what happens, and when."""

    def __init__(self) -> None:
        self.kernel = Kernel(0)
        self.notes: list[Any] = []

    def note(self, what: Any) -> None:
        self.notes.append(what)

    def happened(self) -> list[Any]:
        """All of it, after everything has."""
        self.kernel.run(10**9)
        return self.notes


def test_an_entry_says_when_with_which_rank_and_sequence_what_and_with_which_argument() -> None:
    assert Instant is int
    assert get_args(Entry) == (Instant, int, int, Action, Any)


def test_the_earlier_comes_first() -> None:
    diary = Diary()
    for at in (30, 10, 20):
        diary.kernel.schedule(at, diary.note, at)
    assert diary.kernel.peek() == 10
    assert diary.happened() == [10, 20, 30]


def test_at_one_instant_the_lower_rank_comes_first_and_then_what_was_put_down_first() -> None:
    diary = Diary()
    diary.kernel.schedule(5, diary.note, "late rank", rank=1)
    diary.kernel.schedule(5, diary.note, "first")
    diary.kernel.after(5, diary.note, "second")
    diary.kernel.after(5, diary.note, "early rank", rank=-1)
    assert diary.happened() == ["early rank", "first", "second", "late rank"]


def test_actions_and_arguments_are_never_compared() -> None:
    diary = Diary()
    for _ in range(20):
        diary.kernel.schedule(1, diary.note, Incomparable())
    assert len(diary.happened()) == 20


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(-2, 2)), max_size=60))
def test_any_order_of_putting_down_gives_the_order_of_instants_and_ranks(entries: list[tuple[int, int]]) -> None:
    diary = Diary()
    for number, (at, rank) in enumerate(entries):
        diary.kernel.schedule(at, diary.note, (at, rank, number), rank=rank)
    assert diary.happened() == sorted((at, rank, number) for number, (at, rank) in enumerate(entries))


def test_a_heap_of_entries_is_what_a_list_of_them_sorted_is() -> None:
    chance, entries = Random(1), list[Entry]()
    for sequence in range(300):
        heappush(entries, (chance.randrange(20), chance.randrange(3), sequence, print, Incomparable()))
    order = [heappop(entries)[:3] for _ in range(300)]
    assert order == sorted(order)


def test_an_agenda_that_was_pickled_goes_on_in_the_same_order() -> None:
    diary = Diary()
    diary.kernel.schedule(1, diary.note, "before")
    diary.kernel.schedule(1, diary.note, "too")
    copy = pickle.loads(pickle.dumps(diary))
    for each in (diary, copy):
        each.kernel.schedule(1, each.note, "after")
    assert copy.happened() == diary.happened() == ["before", "too", "after"]
