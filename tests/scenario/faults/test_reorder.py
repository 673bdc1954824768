from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenario.faults.conftest import Passage

Made: TypeAlias = Callable[..., Passage]


@pytest.mark.parametrize("window", [1, 3, 10])
def test_a_message_comes_so_many_places_later_at_most(passage: Made, window: int) -> None:
    story = passage(f"reorder: {window}")
    for number in range(500):
        story.take(number, f"{number}")
    story.end(1_000)
    places = [place - int(text) for place, text in enumerate(story.texts)]
    assert sorted(story.texts, key=int) == [f"{number}" for number in range(500)], "each once"
    assert max(places) <= window
    assert max(places) > 0
    assert story.counts["reordered"] > 100


def test_what_nothing_comes_behind_leaves_when_its_time_is_over(passage: Made) -> None:
    story = passage("reorder: {window: 5, within: 300ms}")
    story.take(0, "a")
    story.take(100, "b")
    story.wait(10_000)
    assert story.left == [(300, "a"), (400, "b")]
    assert not story.counts


def test_in_a_window_of_0_nothing_is_held(passage: Made) -> None:
    story = passage("reorder: 0")
    story.take(0, "a")
    assert story.left == [(0, "a")]


@given(st.integers(1, 8), st.lists(st.integers(0, 400), max_size=60), st.integers(0, 9))
def test_whatever_comes_when_nothing_is_lost_and_nothing_waits_too_long(
    window: int, gaps: list[int], seed: int
) -> None:
    story, now = Passage(f"reorder: {{window: {window}, within: 1s}}", seed=seed), 0
    came: dict[str, int] = {}
    for number, gap in enumerate(gaps):
        now += gap
        came[f"{number}"] = now
        story.take(now, f"{number}")
    story.wait(now + 1_000)
    assert sorted(story.texts, key=int) == [f"{number}" for number in range(len(gaps))]
    assert all(at - came[text] <= 1_000 for at, text in story.left)
    for place, text in enumerate(story.texts):
        assert sum(int(other) > int(text) for other in story.texts[:place]) <= window


def test_the_oldest_can_be_forgotten(passage: Made) -> None:
    story = passage("reorder: 3")
    story.take(0, "a")
    story.take(0, "b")
    assert story.chain.waiting() == (2, 2)
    assert story.chain.forget() is not None
    story.end(1)
    assert story.texts == ["b"]
    assert story.chain.forget() is None
