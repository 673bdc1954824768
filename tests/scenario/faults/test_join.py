from collections.abc import Callable
from typing import TypeAlias

from pvws.scenario.faults.message import Message
from tests.scenario.faults.conftest import Passage

Made: TypeAlias = Callable[..., Passage]


def test_so_many_come_as_one_when_the_last_of_them_is_there(passage: Made) -> None:
    story = passage("join: 3")
    for at, text in ((0, "a"), (10, "b"), (20, "c"), (30, "d")):
        story.take(at, text)
    assert story.left == [(20, "a\nb\nc")]
    assert story.messages[0].events == 3
    assert story.counts == {"joined": 3}
    assert story.chain.waiting() == (1, 1)


def test_none_waits_for_too_long(passage: Made) -> None:
    story = passage("join: {messages: 3, within: 100ms}")
    story.take(0, "a")
    story.take(50, "b")
    story.wait(10_000)
    assert story.left == [(100, "a\nb")]
    story.take(20_000, "c")
    story.wait(30_000)
    assert story.left[1:] == [(20_100, "c")], "one alone is as it was"
    assert not story.messages[1].verbatim


def test_events_and_replies_are_joined_with_each_other_and_binary_messages_with_none(passage: Made) -> None:
    story = passage("join: 3")
    story.take(0, "a")
    story.reply(0, "pong")
    story._note(0, story.chain.take(Message(b"\x00", binary=True), 0))
    assert story.texts == ["a\npong", "\x00"]
    assert story.messages[0].kind == "event"
    assert story.messages[0].topics == ("alerts",)


def test_one_or_none_is_never(passage: Made) -> None:
    for number in (0, 1):
        story = passage(f"join: {number}")
        story.take(0, "a")
        assert story.texts == ["a"]


def test_the_oldest_can_be_forgotten(passage: Made) -> None:
    story = passage("join: 3")
    story.take(0, "a")
    story.take(0, "b")
    assert story.chain.forget() is not None
    story.end(0)
    assert story.texts == ["b"]
    assert story.chain.forget() is None
