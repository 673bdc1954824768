"""Entries of several servers, until there is enough: what each of them tells is made up."""

import asyncio

import pytest

from pvws.answers import JournalEntry
from pvws.bus.bus import UnansweredError
from pvws.control.problems import Refusal
from pvws.control.waiting import Next, wait_everywhere
from pvws.timestamp import Timestamp


def telling(*instants: int, then: Exception | None = None, waits: bool = False) -> Next:
    """A server that tells of what was done at some instants, one after the other, and then of nothing."""
    left = [
        JournalEntry(sequence=number + 1, at=Timestamp(at), did="connects", client="c", number=1, real=Timestamp(at))
        for number, at in enumerate(instants)
    ]

    async def ask(after: int, seconds: float) -> JournalEntry | None:
        if after < len(left):
            return left[after]
        if then is not None:
            raise then
        if waits:
            await asyncio.Event().wait()
        return None

    return ask


async def test_enough_is_what_all_of_them_together_have_by_real_time() -> None:
    found = await wait_everywhere({"a": telling(1, 4, waits=True), "b": telling(2, 3, waits=True)}, 4, 10)
    assert [(each.node, each.sequence) for each in found.entries] == [("a", 1), ("b", 1), ("b", 2), ("a", 2)]
    assert (found.silent, found.refused) == ([], {})


async def test_what_is_too_little_is_told_with_what_came_and_who_has_not_answered() -> None:
    servers = {
        "a": telling(1),
        "b": telling(then=UnansweredError("b", 5)),
        "c": telling(2, then=Refusal("conflict", "not now")),
    }
    with pytest.raises(Refusal, match="2 of 3 came on all nodes within 1 s; of b, c there was no answer") as caught:
        await wait_everywhere(servers, 3, 1)
    assert caught.value.kind == "timeout"
    assert [each.node for each in caught.value.document.entries] == ["a", "c"]


async def test_who_has_not_answered_is_told_where_there_was_enough() -> None:
    found = await wait_everywhere({"b": telling(then=UnansweredError("b", 5)), "a": telling(1, 2)}, 2, 1)
    assert (found.silent, len(found.entries)) == (["b"], 2)


async def test_what_is_wrong_with_the_question_is_raised() -> None:
    with pytest.raises(Refusal, match="wrong"):
        await wait_everywhere({"a": telling(then=Refusal("invalid", "wrong")), "b": telling(waits=True)}, 1, 1)
