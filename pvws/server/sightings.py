"""What can be seen of a connection beside the messages on it: control frames, errors, and how it ends."""

from typing import TypeAlias

from msgspec import Struct

__all__ = [
    "CloseCame",
    "CloseSent",
    "CutOff",
    "ErrorSent",
    "Hindered",
    "Lost",
    "PingSent",
    "PongCame",
    "Sighting",
    "StreamEnded",
    "Violated",
]


class PingSent(Struct, frozen=True):
    """The server has sent a control ping, behind all that was queued."""

    payload: bytes = b""


class PongCame(Struct, frozen=True):
    """A pong has come, asked for or not."""

    payload: bytes = b""


class ErrorSent(Struct, frozen=True):
    """The client was answered an error, or told one without having said anything; `retry_after` in seconds."""

    code: str
    why: str = ""
    retry_after: int | None = None


class CloseSent(Struct, frozen=True):
    """The server has sent a close frame: on its own account, or as the `answer` to the client's."""

    code: int | None
    reason: str = ""
    answer: bool = False


class CloseCame(Struct, frozen=True):
    """The client has sent a close frame; None: without a code."""

    code: int | None


class Violated(Struct, frozen=True):
    """The client has sent what no WebSocket may say, or more than the server takes: then `larger_than` says how many
    bytes that is. It is told to go with this code.
    """

    code: int
    why: str
    larger_than: int | None = None


class StreamEnded(Struct, frozen=True):
    """The client has ended its side of the TCP connection."""


class CutOff(Struct, frozen=True):
    """The server ends the connection without waiting for anything more; why."""

    why: str


class Lost(Struct, frozen=True):
    """The connection is gone; `reset`: the client's side did not end it cleanly."""

    reset: bool = False


class Hindered(Struct, frozen=True):
    """A fault begins, or ends, to keep the connection from working although it stands."""

    by: str
    begins: bool


Sighting: TypeAlias = (
    PingSent | PongCame | ErrorSent | CloseSent | CloseCame | Violated | StreamEnded | CutOff | Lost | Hindered
)
"""Something that was seen of a connection."""
