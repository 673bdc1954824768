"""What has been tried: no candidate is tried twice, and one counts only if it fails each time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

__all__ = ["Tried"]

_C = TypeVar("_C")


class Tried(Generic[_C]):
    """Tries candidates, each up to `repeat` times: it fails if it fails each time, so once that it does not is enough.

    `trial` says whether one run of a candidate fails; `key` is what two candidates have in common that are the same.
    `at_once` runs go on at a time, however many ask. `told` hears of every answer that is new.
    """

    def __init__(
        self,
        trial: Callable[[_C], Awaitable[bool]],
        key: Callable[[_C], object],
        *,
        repeat: int = 3,
        at_once: int = 1,
        told: Callable[[_C, bool], object] = lambda candidate, failed: None,
    ) -> None:
        self._trial = trial
        self._key = key
        self._repeat = repeat
        self._turns = asyncio.Semaphore(at_once)
        self._told = told
        self._known: dict[object, bool] = {}
        self.runs = 0
        """How many runs there have been."""
        self.again = 0
        """How many candidates were not tried because they had been."""

    async def fails(self, candidate: _C) -> bool:
        """Whether it fails in every run."""
        key = self._key(candidate)
        if key in self._known:
            self.again += 1
            return self._known[key]
        failed = True
        for _ in range(self._repeat):
            async with self._turns:
                self.runs += 1
                failed = await self._trial(candidate)
            if not failed:
                break
        self._known[key] = failed
        self._told(candidate, failed)
        return failed
