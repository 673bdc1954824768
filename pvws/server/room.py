"""Rooms: what a client comes into behind the door, by the name under `?world=` (contract, "Connection life")."""

import re
from typing import Protocol

from pvws.server.hub import Hub
from pvws.timestamp import Timestamp

__all__ = ["MAIN", "Room", "Rooms", "is_world"]

MAIN = "main"
"""The room of those who name none; it never ends."""

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def is_world(name: str) -> bool:
    """Whether a room may have this name."""
    return _NAME.fullmatch(name) is not None


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

    def now(self) -> Timestamp:
        """Stage time."""
        ...

    def client_id(self) -> str:
        """The id of one more client."""
        ...


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
