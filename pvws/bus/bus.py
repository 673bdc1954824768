"""The bus: what a source and its nodes need of it, be it in this process or a NATS server."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, Protocol, TypeAlias

from pvws.bus.entry import Carried, Entry
from pvws.errors import PvwsError

__all__ = ["Answerer", "Beat", "Bus", "BusError", "Feed", "TakenError", "Taker", "UnansweredError"]

Taker: TypeAlias = Callable[[Sequence[Carried]], None]
"""Takes what has come, in order: all that came in a turn of the event loop at once."""

Answerer: TypeAlias = Callable[[bytes], Awaitable[bytes]]
"""Answers a question."""

Beat: TypeAlias = Literal["state", "node"]
"""What is told beside the stream, again and again: how the source stands, and which nodes there are."""


class BusError(PvwsError):
    """A bus can't do what it was asked for."""


class TakenError(BusError):
    """Another source plays in this world of the bus."""

    exit_code = 3

    def __init__(self, bus: str, world: str) -> None:
        self.world = world
        super().__init__(f"{bus}: another simulation plays in the world {world} of this bus; name another: {bus}/NAME")


class UnansweredError(BusError):
    """Somebody did not answer: nobody of that name is there, or it took too long."""

    def __init__(self, whom: str, seconds: float | None) -> None:
        self.whom = whom
        self.seconds = seconds
        """How long it took; None where nobody is there."""
        super().__init__(f"{whom} is not there" if seconds is None else f"{whom} did not answer in {seconds:g} s")


class Feed(Protocol):
    """A source's end of a world's stream. What is sent is stored in the order of the calls, once, or is `lost`."""

    @property
    def lost(self) -> int:
        """How many entries never got into the stream, since it took nothing for too long."""
        ...

    @property
    def full(self) -> bool:
        """Whether so much waits that a source which can wait should."""
        ...

    @property
    def place(self) -> int:
        """That of the last entry that is known to be stored."""
        ...

    @property
    def last(self) -> int:
        """The place at which what was sent last stands, or will, if nothing is lost."""
        ...

    @property
    def waiting(self) -> int:
        """How many entries were sent, and are not known to be stored."""
        ...

    def send(self, entries: Sequence[Entry]) -> None:
        """Have entries stored. Never waits, and never fails: what is wrong is told to who made the bus."""
        ...

    async def drain(self) -> int:
        """Return once all that was sent is stored; at which place the last of it is."""
        ...


class Bus(Protocol):
    """One world of a bus, as one process sees it. All calls are to be made on the event loop on which it was made."""

    @property
    def text(self) -> str:
        """What a person calls it; no secret is in it."""
        ...

    @property
    def room(self) -> int:
        """How many bytes a question may have, or an answer."""
        ...

    @property
    def up(self) -> bool:
        """Whether it is there just now."""
        ...

    async def lead(self) -> Feed:
        """Be the source of the world. Raises TakenError where another one is."""
        ...

    async def follow(self, after: int | None, take: Taker) -> None:
        """Be given every entry behind a place from now on, also across failures of the bus; None is behind all that
        there is. What the stream has no longer is left out.
        """
        ...

    def tell(self, beat: Beat, content: bytes) -> None:
        """Tell everybody in the world; who is not there misses it."""
        ...

    async def listen(self, beat: Beat, heard: Callable[[bytes], None]) -> None:
        """Hear what others tell, from now on."""
        ...

    async def ask(self, whom: str, question: bytes, timeout: float) -> bytes:  # noqa: ASYNC109 - it says who was silent
        """The answer of the source (`source`), or of a node by its id. Raises UnansweredError."""
        ...

    async def answer(self, name: str, handle: Answerer) -> None:
        """Answer what is asked of a name, from now on."""
        ...

    async def close(self) -> None:
        """Leave it."""
        ...
