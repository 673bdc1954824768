"""What a connection may tell besides events, and the states that it goes through."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from pvws.client.happenings import Connected, Disconnected, Unreached
from pvws.wire.messages import ErrorMessage

__all__ = ["Change", "Dropped", "Refused", "State", "state_after"]


class State(StrEnum):
    """Where a connection stands."""

    CONNECTING = "connecting"
    """It has never been connected yet."""
    CONNECTED = "connected"
    """A connection stands and its topics are asked for."""
    RECONNECTING = "reconnecting"
    """The connection was lost, and another one is sought."""
    CLOSED = "closed"
    """It is over."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The server refused something that was asked, but went on: a topic that the token does not permit
    (`AUTH_FAILED`), too many messages (`RATE_LIMIT_EXCEEDED`), a topic that it does not know (`INVALID_MESSAGE`).
    """

    error: ErrorMessage


@dataclass(frozen=True, slots=True)
class Dropped:
    """So many items were dropped here, because they were not taken fast enough."""

    count: int


Change: TypeAlias = Connected | Unreached | Disconnected | Refused | Dropped
"""Whatever a connection may tell besides events. Match on its class."""


def state_after(state: State, change: Change) -> State:
    """The state that a change leads to."""
    match change:
        case Connected():
            return State.CONNECTED
        case Disconnected(retry_in=None):
            return State.CLOSED
        case Disconnected():
            return State.RECONNECTING
        case _:
            return state
