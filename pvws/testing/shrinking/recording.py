"""Makes a recording with which something fails as short as it can be: the fewest messages, and the least time.

A replay gives out what clients received, with marks; all else in a recording is left out at once. Then types of
messages go as a whole, then single ones, then pauses. Each message that is left is byte for byte as it was recorded.
"""

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import structs

from pvws.recording.concern import concern_of
from pvws.recording.format import Entry, Message
from pvws.testing.shrinking.ddmin import Fails, fewest, least

__all__ = ["Entries", "RecordingShrinking"]

Entries: TypeAlias = tuple[Entry, ...]
"""A recording but for its header, in the order of time."""

_PAUSE = 1_000  # microseconds: what is shorter is no pause that anybody waits for
_GRAINS = 8


class RecordingShrinking:
    """One recording, made shorter while `run` is awaited; `entries` are the shortest found so far, at any time.

    `fails` is given recordings, and so many at once; it is to remember what it has said. All of it is taken to fail.
    """

    def __init__(self, entries: Sequence[Entry], fails: Fails[Entries], *, at_once: int = 1) -> None:
        self.entries: Entries = tuple(entries)
        self._given_fails = fails
        self._at_once = at_once

    async def run(self) -> None:
        """Make it as short as it gets."""
        current = await self._only_played(self.entries)
        current = await self._without_kinds(current)
        current = await self._kept(current, [(number,) for number in range(len(current))])
        current = await self._sooner(current)
        # What was needed for its time alone can go now.
        await self._kept(current, [(number,) for number in range(len(current))])

    async def _only_played(self, entries: Entries) -> Entries:
        played = tuple(entry for entry in entries if isinstance(entry, Message) and entry.dir == "recv")
        return played if await self._fails(played) else entries

    async def _without_kinds(self, entries: Entries) -> Entries:
        kinds: dict[tuple[str, ...], tuple[int, ...]] = {}
        for number, entry in enumerate(entries):
            kind: tuple[str, ...] = (type(entry).__name__,)
            if isinstance(entry, Message):
                topics, types = concern_of(entry.data)
                kind = (*topics, "", *types)
            kinds[kind] = (*kinds.get(kind, ()), number)
        return await self._kept(entries, list(kinds.values()))

    async def _kept(self, entries: Entries, groups: Sequence[tuple[int, ...]]) -> Entries:
        """The fewest groups of entries, by their places, with which it fails."""

        def of(kept: tuple[tuple[int, ...], ...]) -> Entries:
            return tuple(entries[number] for number in sorted(number for group in kept for number in group))

        return of(tuple(await fewest(groups, lambda kept: self._fails(of(kept)), self._at_once)))

    async def _sooner(self, entries: Entries) -> Entries:
        """The fewest pauses, and those as short as they can be."""
        pauses = [
            number
            for number, entry in enumerate(entries)
            if entry.t - (entries[number - 1].t if number else 0) >= _PAUSE
        ]

        def pausing(kept: tuple[int, ...]) -> Entries:
            return _without_time(entries, {number: 0 for number in pauses if number not in kept})

        kept = await fewest(pauses, lambda kept: self._fails(pausing(kept)), self._at_once)
        entries = pausing(tuple(kept))
        for number in kept:
            pause = entries[number].t - (entries[number - 1].t if number else 0)

            async def fails(shorter: int, number: int = number, entries: Entries = entries) -> bool:
                return await self._fails(_without_time(entries, {number: shorter}))

            shortest = await least(0, pause, fails, self._at_once, grain=max(_PAUSE, pause // _GRAINS))
            entries = _without_time(entries, {number: shortest})
        return entries

    async def _fails(self, entries: Entries) -> bool:
        if not await self._given_fails(entries):
            return False
        if _size(entries) < _size(self.entries):
            self.entries = entries
        return True


def _size(entries: Entries) -> tuple[int, int, int]:
    """How large it is: by its entries first, then by its length, then by the times of its messages."""
    return len(entries), entries[-1].t if entries else 0, sum(entry.t for entry in entries)


def _without_time(entries: Entries, pauses: dict[int, int]) -> Entries:
    """The entries with other pauses before some of them; what comes behind comes as much earlier."""
    made, before, now = list[Entry](), 0, 0
    for number, entry in enumerate(entries):
        now += pauses.get(number, entry.t - before)
        before = entry.t
        made.append(structs.replace(entry, t=now))
    return tuple(made)
