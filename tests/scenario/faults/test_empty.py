from collections.abc import Callable

from tests.scenario.faults.conftest import Passage


def test_a_message_without_a_text_comes_and_its_event_is_lost(passage: Callable[..., Passage]) -> None:
    story = passage("empty: 100%, nth: 2")
    for text in ("a", "b", "c"):
        story.take(0, text)
    assert story.texts == ["a", "", "c"]
    assert [message.events for message in story.messages] == [1, 0, 1]
    assert story.chain.lost == 1
    assert story.counts == {"emptied": 1}
