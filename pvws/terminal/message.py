"""A message as a client tells of it: all that this floor needs to know of a client. Pure."""

from typing import Protocol

from pvws.errors import MessageError
from pvws.wire.messages import ServerMessage

__all__ = ["Message"]


class Message(Protocol):
    """One message: its text as it came, and when, in seconds since the epoch. It is decoded when it is asked for."""

    text: str
    at: float

    @property
    def message(self) -> ServerMessage | None:
        """What it says, if it is one of the contract's."""

    @property
    def trouble(self) -> MessageError | None:
        """Why it is none."""
