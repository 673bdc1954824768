"""Whole messages: what a client sends, and what a server answers and broadcasts (contract, "Envelope")."""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from pvws.timestamp import Timestamp
from pvws.wire.events import Payload
from pvws.wire.topics import Topic

__all__ = [
    "SENTENCES",
    "Auth",
    "ClientMessage",
    "ErrorCode",
    "ErrorMessage",
    "Event",
    "Ping",
    "Pong",
    "ServerMessage",
    "Subscribe",
    "Unsubscribe",
]


class Subscribe(Struct, frozen=True, gc=False):
    """From now on every event of the topic, please. Not acknowledged; twice is as good as once."""

    topic: str


class Unsubscribe(Struct, frozen=True, gc=False):
    """No more events of the topic. Not acknowledged; no error where there was no subscription."""

    topic: str


class Auth(Struct, frozen=True, gc=False):
    """The documentation's "Connection Init Message". Its token is kept out of its `repr`."""

    token: str

    def __repr__(self) -> str:
        return "Auth(token=…)"


class Ping(Struct, frozen=True, gc=False):
    """Are you there? Answered by a `Pong`, after every earlier event. Not the control frame."""


ClientMessage: TypeAlias = Subscribe | Unsubscribe | Auth | Ping
"""What a client may send."""


class Event(Struct, frozen=True, gc=False):
    """Something happened. `timestamp` is when it was due to be sent; the payload's own is when it happened.

    `client_id` is absent in what the server broadcasts: the same bytes go to every subscriber.
    """

    data: Payload
    timestamp: Timestamp
    client_id: str | None = None

    @property
    def type(self) -> str:
        """The event type, by its name on the wire."""
        return self.data.type

    @property
    def topic(self) -> Topic:
        """The topic whose subscribers get it."""
        return self.data.topic


class Pong(Struct, frozen=True, gc=False):
    """The answer to a `Ping`. `client_id` is 32 lower-case hex digits, one per connection."""

    timestamp: Timestamp
    client_id: str | None = None


class ErrorCode(StrEnum):
    """The four errors of the API (API documentation, "Error Handling" and "Rate Limiting")."""

    CONNECTION_REFUSED = "CONNECTION_REFUSED"
    AUTH_FAILED = "AUTH_FAILED"
    INVALID_MESSAGE = "INVALID_MESSAGE"
    RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED"


SENTENCES: dict[ErrorCode, str] = {
    ErrorCode.CONNECTION_REFUSED: "Server is not accepting connections",
    ErrorCode.AUTH_FAILED: "Invalid authentication credentials",
    ErrorCode.INVALID_MESSAGE: "Message format is invalid",
    ErrorCode.RATE_LIMIT_EXCEEDED: "Rate limit exceeded. Please slow down your requests.",
}
"""The documented sentence of each code, with which an error's message begins."""


class ErrorMessage(Struct, frozen=True, gc=False):
    """Something was refused. `retry_after` in whole seconds, only with rate limits."""

    code: ErrorCode
    message: str
    timestamp: Timestamp
    retry_after: int | None = None
    client_id: str | None = None

    @classmethod
    def of(
        cls,
        code: ErrorCode,
        detail: str | None,
        timestamp: Timestamp,
        *,
        client_id: str | None = None,
        retry_after: int | None = None,
    ) -> "ErrorMessage":
        """An error whose message is the documented sentence, then `: ` and the detail if there is one."""
        sentence = SENTENCES[code]
        message = sentence if detail is None else f"{sentence}: {detail}"
        return cls(code, message, timestamp, retry_after, client_id)


ServerMessage: TypeAlias = Event | Pong | ErrorMessage
"""What a server may send."""
