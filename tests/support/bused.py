"""What is sent over a bus in tests, and a taker of it that can be waited for."""

import asyncio
from collections.abc import Sequence

from pvws.bus.entry import Carried, Entry
from pvws.sim.source import Timed


def event(sequence: int, text: bytes | None = None, *, topic: str = "alerts", type: str = "made_up") -> Timed:  # noqa: A002
    """An event of a number."""
    return Timed(1_000_000 + sequence, sequence, topic, type, text or b'{"number":%d}' % sequence)


class Taken:
    """A `Taker` that keeps what it is given."""

    def __init__(self) -> None:
        self.carried: list[Carried] = []
        self._more = asyncio.Event()

    def __call__(self, carried: Sequence[Carried]) -> None:
        self.carried += carried
        self._more.set()

    @property
    def entries(self) -> list[Entry]:
        """What came."""
        return [each.entry for each in self.carried]

    @property
    def places(self) -> list[int]:
        """Where it stands."""
        return [each.place for each in self.carried]

    @property
    def numbers(self) -> list[int]:
        """Of the events that came."""
        return [each.entry.sequence for each in self.carried if isinstance(each.entry, Timed)]

    async def until(self, number: int, seconds: float = 15.0) -> "Taken":
        """Return once so many have come."""
        async with asyncio.timeout(seconds):
            while len(self.carried) < number:
                self._more.clear()
                await self._more.wait()
        return self
