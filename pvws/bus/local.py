"""A bus within this process: joins the stages of one event loop, and shows what any bus does."""

import asyncio
import sys
from collections import deque
from collections.abc import Callable, Sequence
from itertools import takewhile

from pvws.bus.bus import Answerer, Beat, TakenError, Taker, UnansweredError
from pvws.bus.entry import Carried, Entry, Wire, decode_entry, encode_entry
from pvws.limits import BUS_BYTES_MAX

__all__ = ["Local", "LocalServer"]


class _World:
    """What a world's source and nodes share. Of its entries it keeps so many bytes, the last ones."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: deque[tuple[int, Wire]] = deque()
        self.place = 0
        self.led = False
        self.takers: dict[Taker, int] = {}
        self.listeners: dict[tuple[Beat, Callable[[bytes], None]], None] = {}
        self.answerers: dict[str, Answerer] = {}
        self.waiting = False

    def store(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            wire = encode_entry(entry)
            self.place += 1
            self._kept.append((self.place, wire))
            self._bytes += len(wire.payload)
            while self._bytes > self._bytes_max and len(self._kept) > 1:
                self._bytes -= len(self._kept.popleft()[1].payload)

    def hand_out(self) -> None:
        """Give everybody what it has not got yet, once a turn of the loop."""
        self.waiting = False
        for take, after in list(self.takers.items()):
            behind = list(takewhile(lambda kept: kept[0] > after, reversed(self._kept)))  # noqa: B023 - used at once
            found = [
                Carried(place, decode_entry(wire.name, wire.header, wire.payload)) for place, wire in reversed(behind)
            ]
            if found and take in self.takers:
                self.takers[take] = found[-1].place
                take(found)

    def soon(self) -> None:
        if not self.waiting:
            self.waiting = True
            asyncio.get_running_loop().call_soon(self.hand_out)


class LocalServer:
    """Where buses within this process meet. A world keeps `bytes_max` of its last entries."""

    def __init__(self, bytes_max: int = BUS_BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._worlds: dict[str, _World] = {}

    def bus(self, world: str = "main") -> "Local":
        """A bus of a world, for one source or node."""
        return Local(self._worlds.setdefault(world, _World(self._bytes_max)), world)


class Local:
    """A `Bus` and a `Feed` that lead to whoever got theirs of the same server, by the same world."""

    def __init__(self, world: _World, name: str) -> None:
        self._world = world
        self._name = name
        self._leads = False
        self._closing: list[Callable[[], object]] = []

    @property
    def text(self) -> str:
        """What a person calls it."""
        return f"the bus of this process, world {self._name}"

    @property
    def room(self) -> int:
        """As many as somebody likes."""
        return sys.maxsize

    @property
    def up(self) -> bool:
        """It always is."""
        return True

    @property
    def lost(self) -> int:
        """Nothing ever is."""
        return 0

    @property
    def full(self) -> bool:
        """It never is."""
        return False

    @property
    def place(self) -> int:
        """That of the last entry."""
        return self._world.place

    @property
    def last(self) -> int:
        """That of the last entry, which is stored."""
        return self._world.place

    @property
    def waiting(self) -> int:
        """Nothing ever waits."""
        return 0

    async def lead(self) -> "Local":
        """Be the source."""
        if self._world.led:
            raise TakenError("the bus of this process", self._name)
        self._world.led = self._leads = True
        return self

    def send(self, entries: Sequence[Entry]) -> None:
        """Have entries stored, and given to all nodes at the end of this turn of the loop."""
        self._world.store(entries)
        self._world.soon()

    async def drain(self) -> int:
        """Return at once: what was sent is stored."""
        return self._world.place

    async def follow(self, after: int | None, take: Taker) -> None:
        """Be given every entry behind a place."""
        self._world.takers[take] = self._world.place if after is None else after
        self._closing.append(lambda: self._world.takers.pop(take, None))
        self._world.soon()

    def tell(self, beat: Beat, content: bytes) -> None:
        """Tell everybody who listens, in the next turn of the loop."""
        loop = asyncio.get_running_loop()
        for listened, heard in self._world.listeners:
            if listened == beat:
                loop.call_soon(heard, content)

    async def listen(self, beat: Beat, heard: Callable[[bytes], None]) -> None:
        """Hear what others tell."""
        self._world.listeners[beat, heard] = None
        self._closing.append(lambda: self._world.listeners.pop((beat, heard), None))

    async def ask(self, whom: str, question: bytes, timeout: float) -> bytes:  # noqa: ASYNC109
        """The answer of somebody."""
        handle = self._world.answerers.get(whom)
        if handle is None:
            raise UnansweredError(whom, None)
        try:
            async with asyncio.timeout(timeout):
                return await handle(question)
        except TimeoutError:
            raise UnansweredError(whom, timeout) from None

    async def answer(self, name: str, handle: Answerer) -> None:
        """Answer what is asked of a name."""
        self._world.answerers[name] = handle
        self._closing.append(lambda: self._world.answerers.pop(name, None))

    async def close(self) -> None:
        """Leave it."""
        for each in self._closing:
            each()
        self._closing.clear()
        if self._leads:
            self._world.led = self._leads = False
