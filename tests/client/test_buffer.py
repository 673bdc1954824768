import asyncio
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.client.buffer import POLICIES, Buffer, Overflow
from pvws.client.errors import BufferFullError
from tests.support.virtual_loop import run


async def take(buffer: Buffer[int]) -> int:
    await buffer.ready()
    item = buffer.items.popleft()
    buffer.took()
    return item


async def test_items_come_in_their_order_and_then_the_end() -> None:
    buffer: Buffer[int] = Buffer(3, "wait")
    await buffer.put(1)
    await buffer.put(2)
    buffer.end()
    await buffer.put(3)
    assert [await take(buffer), await take(buffer)] == [1, 2]
    for _ in range(2):
        with pytest.raises(StopAsyncIteration):
            await buffer.ready()


async def test_a_failure_stands_behind_what_waits_and_is_told_once() -> None:
    buffer: Buffer[int] = Buffer(3, "wait")
    await buffer.put(1)
    buffer.end(ValueError("over"))
    buffer.end(KeyError("too late"))
    assert await take(buffer) == 1
    with pytest.raises(ValueError, match="over"):
        await buffer.ready()
    with pytest.raises(StopAsyncIteration):
        await buffer.ready()


async def test_waiting_for_room_ends_when_half_of_it_is_taken() -> None:
    buffer: Buffer[int] = Buffer(4, "wait")
    for item in range(4):
        await buffer.put(item)
    putting = asyncio.ensure_future(buffer.put(4))
    await asyncio.sleep(0)
    assert await take(buffer) == 0
    await asyncio.sleep(0)
    assert not putting.done(), "one place alone is not worth waking anybody"
    assert await take(buffer) == 1
    await putting
    assert list(buffer.items) == [2, 3, 4]
    assert buffer.dropped == 0


async def test_the_oldest_makes_room_and_is_counted() -> None:
    buffer: Buffer[int] = Buffer(3, "drop_oldest")
    for item in range(10):
        await buffer.put(item)
    assert list(buffer.items) == [7, 8, 9]
    assert buffer.dropped == 7


async def test_what_is_to_be_kept_is_dropped_last() -> None:
    buffer: Buffer[int] = Buffer(3, "drop_oldest", keeps=lambda item: item % 10 == 0)
    for item in (10, 20, 1, 2, 3, 30, 40):
        await buffer.put(item)
    assert list(buffer.items) == [20, 30, 40]
    assert buffer.dropped == 4


async def test_failing_keeps_what_waits() -> None:
    buffer: Buffer[int] = Buffer(2, "fail")
    await buffer.put(1)
    await buffer.put(2)
    with pytest.raises(BufferFullError, match="2 events were waiting and one more came") as caught:
        await buffer.put(3)
    assert caught.value.size == 2
    assert list(buffer.items) == [1, 2]


@pytest.mark.parametrize("how", ["end", "clear"])
async def test_an_end_frees_everybody_who_waits(how: Literal["end", "clear"]) -> None:
    full: Buffer[int] = Buffer(1, "wait")
    await full.put(1)
    empty: Buffer[int] = Buffer(1, "wait")
    putting = asyncio.ensure_future(full.put(2))
    taking = [asyncio.ensure_future(empty.ready()) for _ in range(3)]
    await asyncio.sleep(0)
    for buffer in (full, empty):
        getattr(buffer, how)()
    await putting
    assert list(full.items) == ([1] if how == "end" else [])
    ends = await asyncio.gather(*taking, return_exceptions=True)
    assert [type(end) for end in ends] == [StopAsyncIteration] * 3


async def test_a_taker_that_is_cancelled_loses_nothing() -> None:
    buffer: Buffer[int] = Buffer(1, "wait")
    taking = asyncio.ensure_future(take(buffer))
    await asyncio.sleep(0)
    await buffer.put(1)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert await take(buffer) == 1


@given(st.sampled_from(POLICIES), st.integers(1, 5), st.lists(st.integers(0, 4), max_size=40))
def test_there_are_never_more_than_its_size_and_none_is_lost_uncounted(
    policy: Overflow, size: int, pauses: list[int]
) -> None:
    async def story() -> tuple[list[int], int]:
        buffer: Buffer[int] = Buffer(size, policy)

        async def put() -> None:
            for item, pause in enumerate(pauses):
                await buffer.put(item)
                assert len(buffer.items) <= size
                await asyncio.sleep(pause)
            buffer.end()

        async def fill() -> None:
            try:
                await put()
            except BufferFullError:
                buffer.end()

        filling = asyncio.ensure_future(fill())
        taken = []
        try:
            while True:
                taken.append(await take(buffer))
                await asyncio.sleep(2)
        except StopAsyncIteration:
            await filling
            return taken, buffer.dropped

    taken, dropped = run(story())
    assert taken == sorted(set(taken))
    if policy != "fail":
        assert len(taken) + dropped == len(pauses)
    if policy == "wait":
        assert dropped == 0
