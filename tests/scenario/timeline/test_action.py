"""What steps have in common: what ends in time, what comes one after the other."""

import pytest

from pvws.scenario.timeline.action import Action, Ends, Series
from pvws.sim.kernel import Kernel
from tests.support.small_run import SmallRun


class Diary:
    """Writes down what was done, and when."""

    def __init__(self) -> None:
        self.kernel = Kernel(0)
        self.ends = Ends(self.kernel, self.undo)
        self.entries: list[tuple[int, object]] = []

    def undo(self, what: object) -> None:
        self.entries.append((self.kernel.now, what))

    def act(self, what: object, number: int) -> None:
        self.entries.append((self.kernel.now, (what, number)))


def test_what_lasts_is_undone_in_time_and_once() -> None:
    diary = Diary()
    diary.ends.begin("a", 5)
    diary.ends.begin("b", 3)
    diary.ends.begin("c", None)
    diary.kernel.run(100)
    assert diary.entries == [(3, "b"), (5, "a")]


def test_what_is_begun_again_lasts_anew() -> None:
    diary = Diary()
    diary.ends.begin("a", 5)
    diary.kernel.run(4)
    diary.ends.begin("a", 5)
    diary.kernel.run(100)
    assert diary.entries == [(9, "a")]


def test_what_is_begun_again_without_an_end_does_not_end() -> None:
    diary = Diary()
    diary.ends.begin("a", 5)
    diary.ends.begin("a", None)
    diary.kernel.run(100)
    assert diary.entries == []


@pytest.mark.parametrize("at_once", [None, 1, 2, 100])
def test_a_series_is_even_whatever_is_done_at_once(at_once: int | None) -> None:
    diary = Diary()
    diary.kernel.run(10)
    Series(diary.kernel, diary.act, at_once=at_once).begin(4, 10, "x")
    diary.kernel.run(100)
    assert diary.entries == [(10, ("x", 0)), (12, ("x", 1)), (15, ("x", 2)), (17, ("x", 3))]


def test_a_series_gives_way_after_as_many_as_it_may_do_at_once() -> None:
    diary = Diary()
    Series(diary.kernel, diary.act, at_once=3).begin(7, 0)
    assert len(diary.entries) == 3
    diary.kernel.step()
    assert len(diary.entries) == 6
    diary.kernel.step()
    assert [number for _, (_, number) in diary.entries] == list(range(7))
    assert diary.kernel.peek() is None


def test_two_series_do_not_disturb_each_other() -> None:
    diary = Diary()
    series = Series(diary.kernel, diary.act)
    series.begin(2, 4, "a")
    series.begin(3, 3, "b")
    diary.kernel.run(100)
    assert sorted(diary.entries) == [(0, ("a", 0)), (0, ("b", 0)), (1, ("b", 1)), (2, ("a", 1)), (2, ("b", 2))]


def test_an_action_says_nothing_of_itself_unless_its_kind_does() -> None:
    action = Action()
    assert not any((*action.mistakes(()), *action.peer_names(), *action.new_names(), *action.behaviour_names()))
    assert (action.new_peers(), action.repetitions(1)) == (0, 1)
    with pytest.raises(NotImplementedError):
        action.begin("timeline[0]", SmallRun(0))
