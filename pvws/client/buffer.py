"""What has come and is not yet taken: bounded, with a policy for what happens when it is full."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, Literal, TypeAlias, TypeVar

from pvws.client.errors import BufferFullError

__all__ = ["BUFFER_EVENTS", "POLICIES", "Buffer", "Overflow"]

_T = TypeVar("_T")

BUFFER_EVENTS = 1024
"""Events that may wait: 50 ms at 20,000 a second, and below 1 MiB of the usual ones."""

Overflow: TypeAlias = Literal["wait", "drop_oldest", "fail"]
"""What happens to one more item when the buffer is full.

`wait`: nothing is read until half of them are taken; then the server holds them back, and its policy for slow
consumers decides. `drop_oldest`: the oldest makes room and is counted. `fail`: BufferFullError, behind what waits.
"""

POLICIES: tuple[Overflow, ...] = ("wait", "drop_oldest", "fail")
"""All of them; the first is the default, since it loses nothing that the server does not drop."""


class Buffer(Generic[_T]):
    """Items in their order, at most `size`. One puts, any number take, all on one event loop.

    Nothing is lost when a taker is cancelled. `end` comes behind what waits, `clear` in its place. What `keeps` says
    is dropped last.
    """

    def __init__(self, size: int, overflow: Overflow, *, keeps: Callable[[_T], bool] = lambda item: False) -> None:
        assert size > 0, "a buffer has room"
        self.items: deque[_T] = deque()
        """What waits. To be looked at and taken from the left; put through `put` alone."""
        self.size = size
        self.dropped = 0
        """Items dropped so far, in all."""
        self._overflow = overflow
        self._keeps = keeps
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()
        self._ended = False
        self._failure: BaseException | None = None

    async def put(self, item: _T) -> None:
        """Add an item, by the policy if there is no room. After the end it is ignored.

        Raises BufferFullError where the policy says so.
        """
        items = self.items
        if len(items) >= self.size:
            match self._overflow:
                case "wait":
                    await self._until_drained()
                case "drop_oldest":
                    self._make_room()
                case "fail":
                    raise BufferFullError(self.size)
        if not self._ended:
            items.append(item)
            if not self._filled.is_set():
                self._filled.set()

    def _make_room(self) -> None:
        """Drop the oldest that is not to be kept; if all are, the oldest."""
        items = self.items
        kept: list[_T] = []
        while items and self._keeps(items[0]):
            kept.append(items.popleft())
        if items:
            items.popleft()
        else:
            kept.pop(0)
        items.extendleft(reversed(kept))
        self.dropped += 1

    async def _until_drained(self) -> None:
        # Half of it at once: a reader that is woken for each single item would spend its time being woken.
        while len(self.items) > self.size // 2 and not self._ended:
            self._drained.clear()
            await self._drained.wait()

    async def ready(self) -> None:
        """Return once there is something to take.

        At the end it raises, the first time, what the buffer was ended with, and StopAsyncIteration from then on.
        """
        while not self.items:
            if self._ended:
                failure, self._failure = self._failure, None
                raise failure or StopAsyncIteration
            self._filled.clear()
            await self._filled.wait()

    def took(self) -> None:
        """Say that items were taken, so that whoever waits for room may go on."""
        if not self._drained.is_set() and len(self.items) <= self.size // 2:
            self._drained.set()

    def end(self, failure: BaseException | None = None) -> None:
        """Nothing more will come; whoever takes the last item gets the failure next. Only the first call counts."""
        if not self._ended:
            self._ended = True
            self._failure = failure
            self._filled.set()
            self._drained.set()

    def clear(self) -> None:
        """End it at once: what waits is forgotten."""
        self.items.clear()
        self._ended = True
        self._failure = None
        self._filled.set()
        self._drained.set()
