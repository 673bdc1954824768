"""Several things at the same time, of which none is left behind."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

__all__ = ["together"]

_T = TypeVar("_T")


async def together(runs: Iterable[Awaitable[_T]]) -> list[_T]:
    """What comes of them, in their order. When one goes wrong, or this is cancelled, all others are, and have ended."""
    tasks = [asyncio.ensure_future(run) for run in runs]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
