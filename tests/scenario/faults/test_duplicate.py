from collections.abc import Callable

from tests.scenario.faults.conftest import Passage


def test_a_copy_comes_right_behind_and_the_ledger_owes_the_event_once(passage: Callable[..., Passage]) -> None:
    story = passage("duplicate: 100%")
    story.take(0, "a")
    story.take(1, "b")
    assert story.left == [(0, "a"), (0, "a"), (1, "b"), (1, "b")]
    assert [message.events for message in story.messages] == [1, 0, 1, 0]
    assert story.counts == {"duplicated": 2}


def test_a_share_of_them_more_than_once(passage: Callable[..., Passage]) -> None:
    story = passage("duplicate: {share: 25%, copies: 3}")
    for number in range(400):
        story.take(number, f"{number}")
    doubled = {text for text in story.texts if story.texts.count(text) == 4}
    assert 70 < len(doubled) < 130
    assert len(story.texts) == 400 + 3 * len(doubled)
    assert story.counts["duplicated"] == 3 * len(doubled)


def test_zero_means_never(passage: Callable[..., Passage]) -> None:
    for text in ("duplicate: 0%", "duplicate: {share: 100%, copies: 0}"):
        story = passage(text)
        story.take(0, "a")
        assert story.texts == ["a"]
