"""The kernel: stage time moves with the agenda, and a run that was put away goes on as if nothing had happened."""

import pickle
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.sim.chance import Chance
from pvws.sim.kernel import SILENT_STEPS_MAX, Kernel

START = 1_704_067_200_000_000


class Bakery:
    """A small world of its own: customers come at random, each buys something and some come back."""

    def __init__(self, kernel: Kernel, chance: Chance) -> None:
        self.kernel = kernel
        self.chance = chance
        self.log: list[tuple[int, str, int]] = []
        kernel.schedule(START, self.arrive)

    def arrive(self, argument: Any) -> int:
        arrivals = self.chance.stream("arrivals")
        gap = 1 + int(arrivals.exponential(50_000))
        self.buy(arrivals.below(100))
        return gap

    def buy(self, customer: int) -> None:
        breads = self.chance.stream("breads")
        self.log.append((self.kernel.now, breads.choice(["rye", "wheat", "spelt"]), customer))
        if breads.random() < 0.3:
            self.kernel.after(int(breads.lognormal(80_000, 0.5)), self.buy, customer, rank=1)


def test_actions_run_in_order_each_at_its_instant() -> None:
    kernel = Kernel(100)
    seen: list[tuple[int, str]] = []

    def note(what: str) -> None:
        seen.append((kernel.now, what))

    kernel.schedule(300, note, "third")
    kernel.schedule(100, note, "first")
    kernel.after(50, note, "second")
    assert kernel.peek() == 100
    kernel.step()
    kernel.step()
    assert seen == [(100, "first"), (150, "second")]
    assert kernel.now == 150
    assert kernel.peek() == 300


@pytest.mark.parametrize("way", ["run", "step", "run_on"])
def test_an_action_that_gives_a_number_happens_again_so_much_later_with_argument_and_rank(way: str) -> None:
    kernel, seen = Kernel(0), list[tuple[int, str]]()
    gaps = {"often": [1, 1, 2], "seldom": [4]}

    def note(what: str) -> int | None:
        seen.append((kernel.now, what))
        return gaps[what].pop(0) if gaps[what] else None

    kernel.schedule(1, note, "often", rank=2)
    kernel.schedule(1, note, "seldom", rank=1)
    while len(kernel):
        if way == "run_on":
            kernel.run_on(9, seen, 100)
        elif way == "run":
            kernel.run(9)
        else:
            kernel.step()
    assert seen == [(1, "seldom"), (1, "often"), (2, "often"), (3, "often"), (5, "seldom"), (5, "often")]


def test_what_happens_again_comes_behind_what_it_has_put_down_for_the_same_instant() -> None:
    kernel, seen = Kernel(0), list[str]()

    def note(_: None) -> int | None:
        seen.append("again")
        if len(seen) > 1:
            return None
        kernel.after(5, seen.append, "put down")
        return 5

    kernel.schedule(0, note)
    kernel.run(9)
    assert seen == ["again", "put down", "again"]


def test_run_includes_its_last_instant_and_ends_there() -> None:
    kernel = Kernel(0)
    seen: list[int] = []
    for at in (1, 2, 3):
        kernel.schedule(at, seen.append, at)
    kernel.run(2)
    assert seen == [1, 2]
    assert kernel.now == 2
    kernel.run(10)
    assert seen == [1, 2, 3]
    assert kernel.now == 10
    assert kernel.peek() is None


def test_run_never_turns_time_back() -> None:
    kernel = Kernel(100)
    kernel.run(50)
    assert kernel.now == 100


def test_an_action_may_schedule_another_for_the_same_instant() -> None:
    kernel = Kernel(0)
    seen: list[str] = []

    def again(argument: Any) -> None:
        seen.append("again")
        kernel.after(0, seen.append, "now")

    kernel.schedule(5, again)
    kernel.run(5)
    assert seen == ["again", "now"]


def test_scheduling_in_the_past_is_our_own_mistake() -> None:
    with pytest.raises(AssertionError, match="an action was scheduled for 99, before 100"):
        Kernel(100).schedule(99, print)


def test_a_step_with_nothing_left_to_do_is_an_error() -> None:
    kernel = Kernel(0)
    assert kernel.peek() is None
    with pytest.raises(IndexError):
        kernel.step()


def test_the_same_seed_gives_the_same_run() -> None:
    logs = []
    for _ in range(2):
        bakery = Bakery(Kernel(START), Chance(7))
        bakery.kernel.run(START + 5_000_000)
        logs.append(bakery.log)
    assert logs[0] == logs[1]
    assert len(logs[0]) > 100


def test_a_run_that_is_pickled_midway_goes_on_identically() -> None:
    bakery = Bakery(Kernel(START), Chance(7))
    bakery.kernel.run(START + 2_500_000)
    frozen = pickle.dumps(bakery)
    bakery.kernel.run(START + 5_000_000)
    for _ in range(2):
        copy: Bakery = pickle.loads(frozen)
        assert len(copy.log) < len(bakery.log)
        copy.kernel.run(START + 5_000_000)
        assert copy.log == bakery.log
        assert copy.kernel.peek() == bakery.kernel.peek()
        assert copy.chance.stream("breads").random() == pytest.approx(
            pickle.loads(pickle.dumps(bakery)).chance.stream("breads").random(), abs=0
        )


# The stamp: the instant as the API writes it


def test_the_stamp_is_the_instant_to_the_millisecond_rounded_down() -> None:
    kernel = Kernel(START + 1_999)
    assert kernel.stamp.text == "2024-01-01T00:00:00.001Z"
    kernel.run(START + 2_000)
    assert kernel.stamp.text == "2024-01-01T00:00:00.002Z"


def test_what_happens_in_one_millisecond_shares_one_stamp() -> None:
    kernel = Kernel(START)
    stamps: list[Any] = []

    def note(_: None) -> None:
        stamps.append(kernel.stamp)

    for at in (0, 1, 999, 1_000, 1_999, 7_000):
        kernel.schedule(START + at, note)
    kernel.run(START + 10_000)
    assert [stamp.micros - START for stamp in stamps] == [0, 0, 0, 1_000, 1_000, 7_000]
    assert [one is other for one, other in pairwise(stamps)] == [True, True, False, True, False]
    assert kernel.stamp.micros == START + 10_000


@given(st.lists(st.integers(0, 3_000), max_size=30))
def test_however_time_is_moved_on_the_stamp_is_that_of_now(waits: list[int]) -> None:
    kernel, told = Kernel(START), list[int]()
    for place, wait in enumerate(waits):
        kernel.after(wait, told.append, place)
        if place % 3 == 0:
            kernel.run(kernel.now + wait)
        elif place % 3 == 1:
            kernel.step()
        else:
            told.clear()
            kernel.run_on(kernel.now + wait, told, 1)
        assert kernel.stamp.micros == kernel.now - kernel.now % 1_000


# Running on until there is something to tell


def test_run_on_stops_when_enough_was_told_and_goes_on_when_it_was_taken() -> None:
    kernel, told, seen = Kernel(0), list[str](), list[int]()
    kernel.schedule(1, seen.append, 1)
    kernel.schedule(2, told.append, "a")
    kernel.schedule(2, told.append, "b")
    kernel.schedule(9, seen.append, 9)
    assert kernel.run_on(5, told, 1) == [2]
    assert (seen, told, kernel.now) == ([1], ["a"], 2)
    assert kernel.run_on(5, told, 1) == [2]
    assert told == ["a"], "nobody took it"
    told.clear()
    assert kernel.run_on(5, told, 1) == [2]
    assert told == ["b"]
    told.clear()
    assert kernel.run_on(5, told, 1) == []
    assert (seen, kernel.now, len(kernel)) == ([1], 2, 1)
    assert kernel.run_on(9, told, 1) == []
    assert (seen, kernel.now, len(kernel)) == ([1, 9], 9, 0)


def test_run_on_gives_the_instant_of_each_thing_told() -> None:
    kernel, told = Kernel(0), list[str]()
    for at, what in ((2, "a"), (3, ""), (4, "bcd"), (7, "e"), (8, "f")):
        kernel.schedule(at, told.extend, what)
    assert (kernel.run_on(7, told, 100), told, kernel.now) == ([2, 4, 4, 4, 7], list("abcde"), 7)
    told.clear()
    assert (kernel.run_on(9, told, 1), told) == ([8], ["f"])


def test_run_on_stops_behind_an_action_that_calls_for_a_halt() -> None:
    kernel, told = Kernel(0), list[str]()
    kernel.schedule(1, told.append, "a")
    kernel.schedule(1, lambda _: kernel.halt())
    kernel.schedule(1, told.append, "b")
    assert kernel.run_on(5, told, 100) == [1]
    told.clear()
    assert kernel.run_on(5, told, 100) == [1], "a halt is over when one goes on"
    assert told == ["b"]


def test_run_on_gives_the_turn_back_after_many_steps_of_which_nothing_is_told() -> None:
    kernel, told, seen = Kernel(0), list[str](), list[None]()
    for at in range(SILENT_STEPS_MAX + 5):
        kernel.schedule(at, seen.append)
    assert kernel.run_on(SILENT_STEPS_MAX * 2, told, 1) == []
    assert len(seen) == SILENT_STEPS_MAX
    assert len(kernel) == 5


def test_running_on_is_running_step_by_step() -> None:
    logs = []
    for way in ("run", "step", "run_on"):
        bakery = Bakery(Kernel(START), Chance(7))
        kernel, until = bakery.kernel, START + 5_000_000
        if way == "run":
            kernel.run(until)
        while way == "step" and (at := kernel.peek()) is not None and at <= until:
            kernel.step()
        if way == "run_on":
            kernel.run_on(until, [], 1)
        logs.append((bakery.log, len(kernel), kernel.peek()))
    assert logs[0] == logs[1] == logs[2]


def test_its_length_is_what_is_left_to_do() -> None:
    kernel = Kernel(0)
    assert len(kernel) == 0
    kernel.after(1, print)
    kernel.after(2, print)
    assert len(kernel) == 2


def test_what_is_due_at_once_happens_behind_what_is_happening() -> None:
    kernel, seen = Kernel(0), list[str]()

    def first(_: None) -> None:
        kernel.after(0, seen.append, "behind")
        seen.append("first")

    kernel.after(0, first)
    kernel.run(0)
    assert seen == ["first", "behind"]
