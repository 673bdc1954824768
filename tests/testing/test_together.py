import asyncio

import pytest

from pvws.testing.together import together


async def test_what_comes_of_all_is_given_in_their_order() -> None:
    async def after(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return turns

    assert await together(after(turns) for turns in (3, 0, 2)) == [3, 0, 2]
    assert await together(()) == []


@pytest.mark.parametrize("way", ["one goes wrong", "it is cancelled"])
async def test_none_is_left_behind(way: str) -> None:
    ended = list[int]()

    async def wait(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # it takes its time
            ended.append(number)

    async def fail() -> None:
        await asyncio.sleep(0)
        raise KeyError

    runs = [wait(1), wait(2)]
    if way == "one goes wrong":
        with pytest.raises(KeyError):
            await together([*runs, fail()])
    else:
        task = asyncio.ensure_future(together(runs))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert sorted(ended) == [1, 2]
