"""What a recording holds: a header, and entries in the order of time. docs/recording-format.md is the specification.

Times are whole microseconds since the recording began. Directions are as seen from the client.
"""

from typing import Literal, TypeAlias

from msgspec import Struct

from pvws.timestamp import Timestamp

__all__ = [
    "CLOSE_CODES",
    "ENTRY_KINDS",
    "FORMAT",
    "SECONDS_MAX",
    "VERSION",
    "Close",
    "Direction",
    "Entry",
    "Gap",
    "Header",
    "Headers",
    "Mark",
    "Message",
    "MessageOpcode",
    "Open",
    "Ping",
    "Pong",
]

FORMAT = "pvws-recording"
"""What the header says under `format`."""

VERSION = 1
"""The version that is written. Older ones are read for ever: pvws/recording/versions.py."""

SECONDS_MAX = 1_000_000_000
"""Thirty years: past it, a double no longer has the microseconds."""

CLOSE_CODES = (1000, *range(1001, 1004), *range(1007, 1015), *range(3000, 5000))
"""Those that can be sent (RFC 6455, section 7.4); others stand for what no frame said."""

Direction: TypeAlias = Literal["send", "recv"]
"""As seen from the client: what it sends, what it receives."""

MessageOpcode: TypeAlias = Literal["text", "binary"]
"""What kind of data a message is (RFC 6455, section 5.6)."""

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""HTTP header fields in their order, names as they came."""


class Header(Struct, frozen=True, kw_only=True):
    """What was recorded, and of whom. Everything may be missing, and is `""`, None or empty then.

    `recorded` is the wall clock's instant at t = 0, and `start` stage time's, where that is another: the timestamps
    within the messages count from there. `by` is the program. `redacted` names what was made unreadable: `tokens`, and
    the paths of `--redact`. `note` is a sentence for people, such as where a converted recording came from.
    """

    recorded: Timestamp | None = None
    by: str = ""
    url: str = ""
    server: str = ""
    profile: str = ""
    topics: tuple[str, ...] = ()
    scenario: str = ""
    seed: int | None = None
    start: Timestamp | None = None
    redacted: tuple[str, ...] = ()
    note: str = ""


class Message(Struct, frozen=True, gc=False):
    """One WebSocket message, whole. `data` is its payload byte for byte; `t` is when its last frame came or went.

    `fragments` are the sizes in bytes of its frames, where it came in several; they add up to the payload's.
    """

    t: int
    dir: Direction
    data: bytes
    conn: int = 1
    opcode: MessageOpcode = "text"
    fragments: tuple[int, ...] | None = None


class Ping(Struct, frozen=True, gc=False):
    """A control ping with its payload, at most 125 bytes."""

    t: int
    dir: Direction
    data: bytes = b""
    conn: int = 1


class Pong(Struct, frozen=True, gc=False):
    """A control pong with its payload, at most 125 bytes."""

    t: int
    dir: Direction
    data: bytes = b""
    conn: int = 1


class Open(Struct, frozen=True, gc=False):
    """A connection was opened; or refused, where `status` is not 101.

    `url` is what the client asked for, `address` where the client is, `subprotocol` what was agreed on; `request` and
    `response` are the handshake's header fields.
    """

    t: int
    conn: int = 1
    url: str = ""
    status: int = 101
    address: str = ""
    subprotocol: str = ""
    request: Headers = ()
    response: Headers = ()


class Close(Struct, frozen=True, gc=False):
    """A close frame, sent or received. `code` is None where it had none (1005).

    The code 1006 stands for an end of the connection without a close frame.
    """

    t: int
    dir: Direction
    code: int | None = None
    reason: str = ""
    conn: int = 1


class Mark(Struct, frozen=True, gc=False):
    """A name for an instant, to seek to."""

    t: int
    name: str


class Gap(Struct, frozen=True, gc=False):
    """Something was lost here, and why. `conn` is None where it concerns all connections.

    `messages` and `bytes` are how much, None where nobody knows; `micros` is how long it lasted, up to `t`.
    """

    t: int
    reason: str
    conn: int | None = None
    messages: int | None = None
    bytes: int | None = None
    micros: int | None = None


Entry: TypeAlias = Message | Ping | Pong | Open | Close | Mark | Gap
"""Whatever a recording may hold. Match on its class."""

ENTRY_KINDS: tuple[str, ...] = ("message", "text", "base64", "ping", "pong", "open", "close", "mark", "gap")
"""The keys of which a line has exactly one; the first three are messages."""
