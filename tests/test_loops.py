"""The loops that tests run on: their time stands still while the process has no turn."""

import asyncio
import time

from tests.support.loops import Loop, on_each_loop, run


@on_each_loop
def test_a_standstill_makes_no_deadline_due(loop: Loop) -> None:
    async def story() -> None:
        running = asyncio.get_running_loop()
        began, really = running.time(), time.monotonic()
        for _ in range(3):
            await asyncio.sleep(0)
            time.sleep(0.1)  # noqa: ASYNC251 # nobody has a turn: that is the point
        assert running.time() - began < time.monotonic() - really - 0.2
        due = asyncio.ensure_future(asyncio.sleep(0.08))
        await asyncio.sleep(0)
        time.sleep(0.1)  # noqa: ASYNC251
        await asyncio.sleep(0.01)
        assert not due.done()
        due.cancel()

    run(loop, story())


@on_each_loop
def test_waiting_takes_the_time_that_was_meant(loop: Loop) -> None:
    async def story() -> None:
        running = asyncio.get_running_loop()
        really, began = time.monotonic(), running.time()  # this one within that, at both ends
        await asyncio.sleep(0.05)
        passed = running.time() - began
        assert 0.04 < passed <= time.monotonic() - really

    run(loop, story())
