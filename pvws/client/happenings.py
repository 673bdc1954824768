"""What a client tells of: messages, and connections made, missed and lost."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pvws.client.reading import may_be_answer, read_message
from pvws.errors import MessageError
from pvws.wire.messages import ErrorMessage, Pong, ServerMessage

__all__ = ["Cause", "Connected", "Disconnected", "Gap", "Happening", "Received", "Unreached"]

Cause: TypeAlias = Literal["closed", "cut", "silent"]
"""How a connection ended: by a close frame; without one; or it stood, but the server answered no ping (half-open)."""


class Received:
    """One message. `text` is as it came; `at` is when, in seconds since the epoch.

    It is decoded when `message` or `trouble` is first asked for: whoever passes texts on need not pay for it.
    """

    __slots__ = ("_inferred", "_outcome", "at", "text")

    def __init__(self, text: str, at: float) -> None:
        self.text = text
        self.at = at
        self._outcome: ServerMessage | MessageError | None = None

    @property
    def message(self) -> ServerMessage | None:
        """The event, pong or error, or None for a text that is none of the contract's messages.

        A broadcast of the shipped server is an event as well, where topic and data tell which.
        """
        outcome = self._decoded()
        return None if isinstance(outcome, MessageError) else outcome

    @property
    def answer(self) -> Pong | ErrorMessage | None:
        """The pong or error, which is for this client alone, or None for whatever else; that is not decoded."""
        message = self.message if may_be_answer(self.text) else None
        return message if isinstance(message, Pong | ErrorMessage) else None

    @property
    def trouble(self) -> MessageError | None:
        """Why there is no `message`: an unknown type, a wrong field, no JSON."""
        outcome = self._decoded()
        return outcome if isinstance(outcome, MessageError) else None

    @property
    def inferred(self) -> bool:
        """Whether the event's type was not on the wire, but follows from its topic and data (a broadcast)."""
        self._decoded()
        return self._inferred

    @property
    def lag_s(self) -> float | None:
        """Seconds from the message's own timestamp to its arrival, by two clocks that may differ; None without one.

        Of a simulation that does not play in real time it says nothing.
        """
        outcome = self._decoded()
        return None if isinstance(outcome, MessageError) else self.at - outcome.timestamp.micros / 1_000_000

    def _decoded(self) -> ServerMessage | MessageError:
        outcome = self._outcome
        if outcome is None:
            outcome, self._inferred = read_message(self.text)
            self._outcome = outcome
        return outcome

    def __repr__(self) -> str:
        return f"Received({self.text!r}, {self.at!r})"


@dataclass(frozen=True, slots=True)
class Gap:
    """Time without a connection: what was sent in it is missed, for servers keep nothing.

    `began_at` and `ended_at` are seconds since the epoch. It begins with the loss or, where the loss was noticed late
    (cause `silent`), with the last sign of life; it ends when the topics are asked for again. `code` and `reason` are
    those of the loss, `attempts` the tries that it took to connect again.
    """

    began_at: float
    ended_at: float
    cause: Cause
    code: int
    reason: str
    attempts: int

    @property
    def for_s(self) -> float:
        """How long it was, in seconds; never less than nothing, even if the clock was set back."""
        return max(0.0, self.ended_at - self.began_at)


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection stands and its topics are asked for. `attempt` is which try it was, from 1; `url` hides secrets.

    `gap` is what was missed since the connection before; None for the first.
    """

    url: str
    attempt: int
    gap: Gap | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Unreached:
    """A try to connect failed; the next one follows in `retry_in` seconds. `trouble` is in words of our own.

    `retry_after_s` is what the server asked for, which `retry_in` is never below; None where it asked for nothing.
    """

    url: str
    attempt: int
    trouble: str
    retry_in: float
    retry_after_s: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Disconnected:
    """A connection was lost; what was sent meanwhile is missed.

    `code` is the close code (RFC 6455, section 7.4; 1006 where no close frame came) and `reason` its text, which
    the server chose: print it with care. `retry_in` is seconds, or None where no further connection is made.
    `error` is what the server said right before it closed, `at` when the loss was noticed, in seconds since the epoch,
    and `lasted_s` how long the connection stood.
    """

    code: int
    reason: str
    retry_in: float | None
    cause: Cause = field(default="closed", compare=False)
    error: ErrorMessage | None = field(default=None, compare=False)
    at: float = field(default=0.0, compare=False)
    lasted_s: float = field(default=0.0, compare=False)


Happening: TypeAlias = Received | Connected | Unreached | Disconnected
"""Whatever a client may tell of. Match on its class."""
