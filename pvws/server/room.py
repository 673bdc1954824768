"""Rooms: what a client comes into behind the door, by the name under `?world=` (contract, "Connection life")."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from pvws.scenario.faults.refusal import Refusal
from pvws.server.hub import Hub
from pvws.server.sightings import Sighting
from pvws.server.subscriber import Subscriber
from pvws.server.tally import Tally
from pvws.sim.source import Deed, Timed
from pvws.timestamp import Timestamp
from pvws.wire.topics import TOPICS

__all__ = [
    "MAIN",
    "Caller",
    "Client",
    "Hold",
    "Room",
    "Rooms",
    "Said",
    "change_topics",
    "is_name",
    "is_world",
]

MAIN = "main"
"""The room of those who name none; it never ends."""

_WORLD = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}", re.ASCII)


def is_world(name: str) -> bool:
    """Whether a room may have this name."""
    return _WORLD.fullmatch(name) is not None


def is_name(name: str) -> bool:
    """Whether a client may call itself so: it begins with a letter, so that it is no number."""
    return _NAME.fullmatch(name) is not None


class Hold:
    """A handshake is not answered for now: `go_on` is called, once, when it is to be, unless it is `dropped` before.

    `go_on` is set by whoever was told to hold; it takes the refusal, or None for a WebSocket.
    """

    __slots__ = ("dropped", "go_on")

    def __init__(self, dropped: Callable[["Hold"], None] = lambda hold: None) -> None:
        self.dropped = dropped
        """To be called when the client has not waited."""
        self.go_on: Callable[[Refusal | None], None] = lambda refusal: None


class Caller(Struct):
    """Somebody at the door of a room: where it is, what it calls itself, and which handshake of the room this is."""

    address: str
    name: str = ""
    number: int = 0


class Said(Struct, frozen=True):
    """What a client has sent, and what came of it: the code of the `error` that it was answered, and the detail."""

    message: str | bytes
    error: str = ""
    why: str = ""


class Client(Protocol):
    """Somebody in a room, as the room sees it."""

    address: str

    @property
    def client_id(self) -> str:
        """Its id: 32 lower-case hex digits."""
        ...

    @property
    def number(self) -> int:
        """The how manieth handshake of the room this was, counted from 1: those that a fault refused have one too."""
        ...

    @property
    def name(self) -> str:
        """What it calls itself; empty if it has no name."""
        ...

    @property
    def member(self) -> Subscriber:
        """What it hears with."""
        ...

    def post(self, message: Timed, *, to_all: bool = False) -> None:
        """Have it, and nobody else, get a message, behind all that was published; nothing once it is told to go.

        `to_all` says that everybody gets it, which a real server's messages tell (B2).
        """
        ...

    def probe(self, payload: bytes, answered: Callable[[], object]) -> None:
        """Send a ping behind everything; call `answered` with its pong, the next probe, or the connection's end."""
        ...

    def close(self, code: int, reason: str = "", grace: float | None = None) -> None:
        """Say goodbye behind all that was queued; cut when that takes longer than the grace time (seconds)."""
        ...


class Room(Protocol):
    """A hub with a time of its own, and ids for those who come in."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def hub(self) -> Hub:
        """Who is here, and what they hear."""
        ...

    @property
    def tally(self) -> Tally:
        """What is counted of its clients."""
        ...

    def now(self) -> Timestamp:
        """Stage time."""
        ...

    def client_id(self) -> str:
        """The id of one more client."""
        ...

    def attempt(self, caller: Caller) -> Refusal | Hold | None:
        """Somebody wants to come in, and gets a number: what becomes of the handshake. None: nothing unusual."""
        ...

    def note(
        self,
        client: Client,
        did: Deed,
        topic: str = "",
        type: str = "",  # noqa: A002 - the API's word
        *,
        said: Said | None = None,
        code: int | None = None,
    ) -> None:
        """A client did something; the first is that it connects, the last that it disconnects.

        `said` is what it has sent, now that it was judged; `code` that of its close frame, if one came.
        """
        ...

    def hear(self, client: Client, message: str | bytes) -> None:
        """A client has sent a whole message, right or wrong, which is judged after this."""
        ...

    def refused(self, caller: Caller, refusal: Refusal) -> None:
        """Somebody who wants to come in is refused: it has a number if the handshake was right, else 0."""
        ...

    def saw(self, client: Client, sighting: Sighting) -> None:
        """Something was seen of a client's connection, which may be one that could not stay."""
        ...

    def welcome(self, topic: str) -> Sequence[Timed]:
        """What a new subscriber of a topic is told before everything else."""
        ...


def change_topics(room: Room, client: Client, member: Subscriber, topics: frozenset[str]) -> None:
    """Have a client get these topics from now on, and the room know which are new and which are left."""
    before = member.topics
    room.hub.join(member, topics)
    for topic in TOPICS:
        if (topic in topics) != (topic in before):
            if topic in topics:
                for event in room.welcome(topic):
                    member.tell(event)
            room.note(client, "subscribes" if topic in topics else "unsubscribes", topic=topic)


class Rooms(Protocol):
    """All rooms of a server. Whoever has entered one leaves it once."""

    def enter(self, name: str) -> Room | None:
        """The room of this name, made if there is none; None where no more can be made."""
        ...

    def leave(self, room: Room) -> None:
        """A client has left."""
        ...

    def find(self, name: str) -> Room | None:
        """The room of this name, if there is one."""
        ...

    def published(self) -> Mapping[str, int]:
        """How many events there were of each topic, in all rooms that there ever were."""
        ...
