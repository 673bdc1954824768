import asyncio

from pvws.server.deadlines import Deadlines
from tests.support import virtual_loop


def test_deadlines_are_reached_in_their_order_and_at_their_time() -> None:
    async def story() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        deadlines, reached = Deadlines(loop), list[tuple[str, float]]()
        for name, seconds in (("late", 5), ("early", 1), ("middle", 3), ("early too", 1)):
            deadlines.after(seconds, lambda name=name: reached.append((name, loop.time())))
        await asyncio.sleep(10)
        return reached

    assert virtual_loop.run(story()) == [("early", 1), ("early too", 1), ("middle", 3), ("late", 5)]


def test_a_cancelled_deadline_is_not_reached_and_the_others_are() -> None:
    async def story() -> list[int]:
        deadlines, reached = Deadlines(asyncio.get_running_loop()), list[int]()
        made = [deadlines.after(1 + number / 10, lambda number=number: reached.append(number)) for number in range(6)]
        for number in (0, 3, 5):
            made[number].cancel()
            made[number].cancel()
        await asyncio.sleep(10)
        assert not any(deadline.pending for deadline in made)
        return reached

    assert virtual_loop.run(story()) == [1, 2, 4]


def test_a_deadline_set_while_one_is_reached_counts() -> None:
    async def story() -> list[float]:
        loop = asyncio.get_running_loop()
        deadlines, reached = Deadlines(loop), list[float]()

        def again() -> None:
            reached.append(loop.time())
            if len(reached) < 3:
                deadlines.after(2, again)

        again()
        await asyncio.sleep(10)
        return reached

    assert virtual_loop.run(story()) == [0, 2, 4]


def test_ten_thousand_cancelled_deadlines_leave_nothing_behind() -> None:
    async def story() -> None:
        deadlines = Deadlines(asyncio.get_running_loop())
        for _ in range(10_000):
            deadlines.after(60, lambda: None).cancel()
        assert len(deadlines) < 3_000

    virtual_loop.run(story())


def test_nothing_is_reached_after_close() -> None:
    async def story() -> list[int]:
        deadlines, reached = Deadlines(asyncio.get_running_loop()), list[int]()
        deadlines.after(1, lambda: reached.append(1))
        deadlines.close()
        await asyncio.sleep(5)
        return reached

    assert virtual_loop.run(story()) == []
