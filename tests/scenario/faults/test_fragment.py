from collections.abc import Callable

from pvws.server.encoder import frames_of
from tests.scenario.faults.conftest import Passage


def test_a_message_that_does_not_fit_says_how_large_its_frames_are(passage: Callable[..., Passage]) -> None:
    story = passage("fragment: 4")
    story.take(0, "0123456789")
    story.take(1, "0123")
    first, second = story.messages
    assert frames_of(first) == b"\x01\x040123" + b"\x00\x044567" + b"\x80\x0289"
    assert frames_of(second) == b"\x81\x040123"
    assert story.counts == {"fragmented": 1}


def test_illegal_frames_all_begin_a_message(passage: Callable[..., Passage]) -> None:
    story = passage("fragment: {size: 8, illegal: on}")
    story.take(0, "0123456789")
    assert frames_of(story.messages[0]) == b"\x01\x0801234567" + b"\x81\x0289"


def test_frames_of_0_bytes_cut_nothing(passage: Callable[..., Passage]) -> None:
    story = passage("fragment: 0")
    story.take(0, "0123456789")
    assert story.messages[0].frame_size is None
