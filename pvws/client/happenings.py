"""What a client tells of: messages, and connections made, missed and lost."""

from dataclasses import dataclass
from typing import TypeAlias

from pvws.errors import MessageError
from pvws.wire.codec import decode_server_message
from pvws.wire.messages import ServerMessage

__all__ = ["Connected", "Disconnected", "Happening", "Received", "Unreached"]


class Received:
    """One message. `text` is as it came; `at` is when, in seconds since the epoch.

    It is decoded when `message` or `trouble` is first asked for: whoever passes texts on need not pay for it.
    """

    __slots__ = ("_outcome", "at", "text")

    def __init__(self, text: str, at: float) -> None:
        self.text = text
        self.at = at
        self._outcome: ServerMessage | MessageError | None = None

    @property
    def message(self) -> ServerMessage | None:
        """The event, pong or error, or None for a text that is none of the contract's messages."""
        outcome = self._decoded()
        return None if isinstance(outcome, MessageError) else outcome

    @property
    def trouble(self) -> MessageError | None:
        """Why there is no `message`: an unknown type, a wrong field, no JSON."""
        outcome = self._decoded()
        return outcome if isinstance(outcome, MessageError) else None

    def _decoded(self) -> ServerMessage | MessageError:
        outcome = self._outcome
        if outcome is None:
            try:
                outcome = decode_server_message(self.text)
            except MessageError as error:
                outcome = error
            self._outcome = outcome
        return outcome

    def __repr__(self) -> str:
        return f"Received({self.text!r}, {self.at!r})"


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection stands and its topics are asked for. `attempt` is which try it was, from 1; `url` hides secrets."""

    url: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Unreached:
    """A try to connect failed; the next one follows in `retry_in` seconds. `trouble` is in words of our own."""

    url: str
    attempt: int
    trouble: str
    retry_in: float


@dataclass(frozen=True, slots=True)
class Disconnected:
    """A connection was lost; what was sent meanwhile is missed.

    `code` is the close code (RFC 6455, section 7.4; 1006 where no close frame came) and `reason` its text, which
    the server chose: print it with care. `retry_in` is seconds, or None where no further connection is made.
    """

    code: int
    reason: str
    retry_in: float | None


Happening: TypeAlias = Received | Connected | Unreached | Disconnected
"""Whatever a client may tell of. Match on its class."""
