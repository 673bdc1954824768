from collections.abc import Callable

import pytest

from tests.scenario.faults.conftest import Passage


@pytest.mark.parametrize(("share", "left"), [("0%", 1_000), ("100%", 0), ("30%", 690)])
def test_about_that_share_is_lost_and_the_ledger_is_told(
    passage: Callable[..., Passage], share: str, left: int
) -> None:
    story = passage(f"drop: {share}")
    for number in range(1_000):
        story.take(number, f"{number}")
    assert len(story.left) == left
    assert story.chain.lost == 1_000 - left
    assert story.counts["dropped"] == 1_000 - left
    assert story.texts == sorted(story.texts, key=int), "the rest is in order"


def test_the_same_chance_loses_the_same(passage: Callable[..., Passage]) -> None:
    stories = [passage("drop: 50%", seed=seed) for seed in (1, 1, 2)]
    for story in stories:
        for number in range(50):
            story.take(number, f"{number}")
    assert stories[0].texts == stories[1].texts != stories[2].texts


def test_a_reply_is_lost_without_an_event(passage: Callable[..., Passage]) -> None:
    story = passage("drop: 100%, types: [pong]")
    story.reply(1, "pong")
    story.take(2, "event")
    assert story.texts == ["event"]
    assert story.chain.lost == 0
