"""Waiting for what clients do anywhere: each server of a bus tells of one thing after another until there is enough."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import msgspec
from msgspec import structs

from pvws.answers import JournalEntries, JournalEntry, OfNodes
from pvws.bus.bus import UnansweredError
from pvws.control.problems import Refusal

__all__ = ["Next", "wait_everywhere"]

Next: TypeAlias = Callable[[int, float], Awaitable[JournalEntry | None]]
"""The next entry of a server that is meant: behind one of a number, within so many seconds; None where none came."""


async def wait_everywhere(servers: dict[str, Next], count: int, timeout: float) -> JournalEntries:  # noqa: ASYNC109
    """So many entries, of whichever servers; in the order of real time, each with its server.

    Raises Refusal where they did not come in time, with those that did. `servers` are by what they are called, the one
    that was asked first: what goes wrong there is raised.
    """
    waiting = _Waiting(count, timeout)
    first = next(iter(servers))
    following = [asyncio.ensure_future(waiting.follow(name, ask, first == name)) for name, ask in servers.items()]
    enough: asyncio.Future[Any] = asyncio.ensure_future(waiting.enough.wait())
    try:
        pending: set[asyncio.Future[Any]] = {enough, *following}
        while pending - {enough} and not enough.done():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
    finally:
        for task in (enough, *following):
            task.cancel()
        await asyncio.wait((enough, *following))
    return waiting.result()


class _Waiting:
    def __init__(self, count: int, timeout: float) -> None:
        self.enough = asyncio.Event()
        self._count = count
        self._timeout = timeout
        self._time = asyncio.get_running_loop().time
        self._began = self._time()
        self._found: list[JournalEntry] = []
        self._missing = OfNodes()

    async def follow(self, name: str, ask: Next, is_first: bool) -> None:
        """Take what one server tells."""
        after = 0
        try:
            while not self.enough.is_set():
                left = self._timeout - (self._time() - self._began)
                entry = await ask(after, max(0.0, left))
                if entry is None:
                    return
                after = entry.sequence
                self._found.append(structs.replace(entry, node=name))
                if len(self._found) >= self._count:
                    self.enough.set()
        except (UnansweredError, msgspec.MsgspecError):
            self._missing.silent.append(name)
        except Refusal as refusal:
            if is_first:
                raise
            self._missing.refused[name] = refusal.document.detail

    def result(self) -> JournalEntries:
        """What came."""
        found = sorted(self._found, key=lambda each: 0 if each.real is None else each.real.micros)[: self._count]
        if len(found) < self._count:
            missing = [*self._missing.silent, *self._missing.refused]
            besides = f"; of {', '.join(missing)} there was no answer" if missing else ""
            said = f"{len(found)} of {self._count} came on all nodes within {self._timeout:g} s{besides}"
            raise Refusal("timeout", said, entries=found)
        return JournalEntries(entries=found, silent=self._missing.silent, refused=self._missing.refused)
