"""Evidence: plain facts about clients, in the order in which they happened. Pure.

Each has its `real` time and its stage time `at`, in microseconds, and the `client` it is about: the number of its
handshake, counted from 1; 0 where it is about nobody in particular.
"""

from msgspec import Struct

from pvws.sim.agenda import Instant
from pvws.testing.words import shown, shown_bytes

__all__ = [
    "Closed",
    "Ended",
    "Fact",
    "Given",
    "GoneAway",
    "Hidden",
    "Hindered",
    "Knocked",
    "Landmark",
    "Opened",
    "Pinged",
    "Ponged",
    "Refused",
    "Sent",
    "Stood",
    "Subscribed",
    "ToldError",
    "ToldToGo",
    "Violated",
    "line",
]


class Fact(Struct, frozen=True, kw_only=True):
    """Something that happened."""

    real: Instant
    at: Instant = 0
    client: int = 0

    def __str__(self) -> str:
        raise NotImplementedError(f"{type(self).__name__} has no words")


class Knocked(Fact, frozen=True, kw_only=True):
    """Somebody asked for a WebSocket, with a handshake that is right."""

    name: str = ""
    address: str = ""

    def __str__(self) -> str:
        return "began a handshake"


class Refused(Fact, frozen=True, kw_only=True):
    """A handshake was answered with an HTTP status; without a number if it was not even right. `retry_after` is what
    the answer asks for, in seconds.
    """

    status: int
    name: str = ""
    retry_after: int | None = None

    def __str__(self) -> str:
        wait = "" if self.retry_after is None else f", Retry-After {self.retry_after}"
        return f"was refused with HTTP {self.status}{wait}"


class GoneAway(Fact, frozen=True, kw_only=True):
    """A handshake was not answered for so long that the client has gone."""

    def __str__(self) -> str:
        return "did not wait for the answer to its handshake"


class Opened(Fact, frozen=True, kw_only=True):
    """The handshake succeeded: it is connected."""

    def __str__(self) -> str:
        return "connected"


class Subscribed(Fact, frozen=True, kw_only=True):
    """It gets a topic from now on, or (`to` is false) no longer."""

    topic: str
    to: bool = True

    def __str__(self) -> str:
        return f"{'subscribed to' if self.to else 'unsubscribed from'} {self.topic}"


class Sent(Fact, frozen=True, kw_only=True):
    """It has sent a message of `size` bytes; `type` is empty where that was none of the API's, `error` the code of the
    error it was answered. `text` is its beginning, without tokens.
    """

    type: str = ""
    size: int = 0
    text: str = ""
    error: str = ""
    why: str = ""

    def __str__(self) -> str:
        words = f"sent {shown(self.text) or f'{self.size:,} bytes'}"
        if self.error:
            words += f" and was answered {self.error}" + (f": {shown(self.why)}" if self.why else "")
        return words


class ToldError(Fact, frozen=True, kw_only=True):
    """It was told an error; `retry_after` in seconds, where the error asks for that."""

    code: str
    retry_after: int | None = None

    def __str__(self) -> str:
        wait = "" if self.retry_after is None else f", retryAfter {self.retry_after}"
        return f"was told {self.code}{wait}"


class Pinged(Fact, frozen=True, kw_only=True):
    """It was sent a control ping; `delayed` where a fault may hold that, or its pong, on the way."""

    payload: bytes = b""
    delayed: bool = False

    def __str__(self) -> str:
        return f"was sent a ping{_with(self.payload)}"


class Ponged(Fact, frozen=True, kw_only=True):
    """It has sent a pong."""

    payload: bytes = b""

    def __str__(self) -> str:
        return f"sent a pong{_with(self.payload)}"


class Given(Fact, frozen=True, kw_only=True):
    """It was given an event of a type that it can't know."""

    type: str

    def __str__(self) -> str:
        return f'was given an event of the unknown type "{shown(self.type)}"'


class Hindered(Fact, frozen=True, kw_only=True):
    """A fault begins, or ends, to keep its connection from working although that stands."""

    by: str
    begins: bool = True

    def __str__(self) -> str:
        return f"the fault {self.by} {'begins' if self.begins else 'ends'}"


class Violated(Fact, frozen=True, kw_only=True):
    """It has sent what no WebSocket may say, or a message that is `larger_than` so many bytes."""

    code: int
    why: str = ""
    larger_than: int | None = None

    def __str__(self) -> str:
        if self.larger_than is not None:
            return f"sent a message of more than {self.larger_than:,} bytes"
        return f"broke the protocol ({self.code}: {shown(self.why)})"


class ToldToGo(Fact, frozen=True, kw_only=True):
    """The server has sent a close frame, which is no answer to the client's."""

    code: int | None = None
    reason: str = ""

    def __str__(self) -> str:
        reason = f' "{shown(self.reason)}"' if self.reason else ""
        return f"was sent a close frame, {_code(self.code)}{reason}"


class Closed(Fact, frozen=True, kw_only=True):
    """It has sent a close frame: its own, or the answer to the server's."""

    code: int | None = None

    def __str__(self) -> str:
        return f"sent a close frame, {_code(self.code)}"


class Ended(Fact, frozen=True, kw_only=True):
    """Its connection is gone. `how` is `closed` after close frames, `eof` when the client ended the stream without
    one, `reset` when it did not even do that, `cut` when the server did, and `why` that was. By a half-close it is gone
    as soon as the server's half is, whatever the client does with its own.
    """

    how: str
    why: str = ""

    def __str__(self) -> str:
        match self.how:
            case "eof":
                return "ended the connection without a close frame"
            case "reset":
                return "was gone without a close frame, by a reset"
            case "cut":
                return f"was cut off: {shown(self.why)}"
            case _:
                return "the connection ended"


class Landmark(Fact, frozen=True, kw_only=True):
    """A mark was passed, or a step of the timeline is taken: what expectations count from."""

    name: str

    def __str__(self) -> str:
        return f"“{shown(self.name)}”"


class Hidden(Fact, frozen=True, kw_only=True):
    """The server begins, or ends, to refuse connections before it sees them: who tries then is not seen."""

    begins: bool = True

    def __str__(self) -> str:
        return f"the server {'takes no connections' if self.begins else 'takes connections again'}"


class Stood(Fact, frozen=True, kw_only=True):
    """This process had no turn since `since`, so nothing could be seen, and little be said."""

    since: Instant

    def __str__(self) -> str:
        return f"this process stood still for {(self.real - self.since) / 1_000_000:.3f} s"


def line(fact: Fact, began: Instant, who: str = "") -> str:
    """A fact as a line of evidence: seconds of real time since the beginning, who, and what."""
    return f"{(fact.real - began) / 1_000_000:10.3f} s  {who + ' ' if who else ''}{fact}"


def _code(code: int | None) -> str:
    return "without a code" if code is None else f"code {code}"


def _with(payload: bytes) -> str:
    return f" with {shown_bytes(payload)}" if payload else ""
