"""Delta debugging: the fewest of some things with which something still fails.

Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, IEEE Transactions on Software Engineering
28(2), 2002: `ddmin`, by complements alone, which find the same, and going on behind what was left out instead of from
the start. To try a candidate takes real time, so several are tried side by side.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeAlias, TypeVar

__all__ = ["Fails", "fewest", "first_failing", "least"]

_T = TypeVar("_T")

Fails: TypeAlias = Callable[[_T], Awaitable[bool]]
"""Whether something fails with a candidate. For the same candidate it is to say the same."""


async def first_failing(candidates: Iterable[_T], fails: Fails[_T], at_once: int = 1) -> int | None:
    """The place of the first candidate that fails; None if none does.

    So many are tried side by side, and the answer is the same however many. Those that are not needed any more are
    cancelled, and have ended when this returns.
    """
    waiting = enumerate(candidates)
    running: dict[int, asyncio.Future[bool]] = {}
    known: dict[int, bool] = {}
    answer = 0  # the first place of which is not known that it does not fail
    try:
        while True:
            while len(running) < at_once and not any(known.values()):
                place, candidate = next(waiting, (-1, None))
                if place < 0:
                    break
                running[place] = asyncio.ensure_future(fails(candidate))  # type: ignore[arg-type]
            while answer in known:
                if known[answer]:
                    return answer
                answer += 1
            if not running:
                return None
            await asyncio.wait(running.values(), return_when=asyncio.FIRST_COMPLETED)
            for place in [place for place, task in running.items() if task.done()]:
                known[place] = running.pop(place).result()
    finally:
        for task in running.values():
            task.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)


async def fewest(things: Sequence[_T], fails: Fails[tuple[_T, ...]], at_once: int = 1) -> list[_T]:
    """The fewest of things that fail together, in their order: leave out any one of them and nothing fails any more.

    All of them are taken to fail. That is a minimum of its own and need not be the smallest there is.
    """
    kept = list(things)
    if not kept or await fails(()):
        return []
    size = max(1, len(kept) // 2)
    while True:
        start, left_out = 0, False
        while start < len(kept):
            starts = range(start, len(kept), size)
            found = await first_failing(((*kept[:at], *kept[at + size :]) for at in starts), fails, at_once)
            if found is None:
                break
            start = starts[found]
            del kept[start : start + size]
            left_out = True
        if size == 1 and not left_out:
            return kept
        if size > 1:
            size = max(1, min(size, len(kept)) // 2)


async def least(low: int, high: int, fails: Fails[int], at_once: int = 1, *, grain: int = 1) -> int:
    """The least number from `low` to `high` that fails, `high` being taken to: the lowest if that does, else one below
    which, by a grain, nothing fails, as far as halving can tell.

    Where what fails does not go on failing with every larger number, there may be smaller ones.
    """
    if low >= high:
        return high
    if await fails(low):
        return low
    while high - low > grain:
        step = max(grain, (high - low) // (at_once + 1))
        numbers = list(range(low + step, high, step))[:at_once]
        found = await first_failing(numbers, fails, at_once)
        if found is None:
            low = numbers[-1]
        else:
            low, high = (numbers[found - 1] if found else low), numbers[found]
    return high
