"""The two profiles: what the documentation promises, and what the shipped server was observed to do.

A profile is a preset of quirks, and every quirk can be switched by itself. The names in brackets are the rows of the
observations of the real server (docs/upstream-profile.md) that a quirk stands for.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

__all__ = ["DOCUMENTED", "PROFILES", "UPSTREAM", "ProfileName", "Quirks"]

ProfileName: TypeAlias = Literal["documented", "upstream"]


class Quirks(Struct, frozen=True):
    """How a server differs from its documentation. With everything at its default it does not."""

    # What clients send
    subscribe_by_data: bool = False
    """The topic stands under `data`; one under `topic` is not looked at (A1–A4, A6–A8)."""
    any_topic: bool = False
    """Any string is a topic, compared exactly (A5)."""
    silent: bool = False
    """Bad messages are dropped in silence instead of being answered by an error (A10–A12)."""
    strict_timestamps: bool = False
    """A message whose `timestamp` is not what Go's reader takes is dropped whole (A13)."""
    fold_keys: bool = False
    """Keys of a message match whatever their case (A14)."""
    lenient_utf8: bool = False
    """A text that is not UTF-8 is read all the same, instead of closing with 1007 (A15)."""
    read_limit: Annotated[int, Meta(ge=1)] | None = None
    """Bytes that a message may have, instead of the configured limit; closes with 1009 and no reason (A17)."""
    rate_limit: bool = True
    """Whether there is one (A18)."""
    connection_limit: bool = True
    """Whether there is one (A19)."""
    authentication: bool = True
    """Whether tokens are looked at (H12)."""

    # What the server sends
    broadcast_envelope: bool = False
    """Events say `broadcast` where the documentation has their type, which is nowhere else (B1)."""
    go_json: bool = False
    """Keys within `data` are sorted, `<`, `>` and `&` escaped, floats printed as Go does (B3, B5)."""
    go_timestamps: bool = False
    """Up to nine decimals without trailing zeros, in the server's zone (B4, E5)."""
    zone: str = "UTC"
    """That zone, by its IANA name."""
    coalesce: bool = False
    """Messages that are queued at the moment of a write are joined by newlines into one (B6)."""
    fragment: Annotated[int, Meta(ge=126)] | None = None
    """Messages are cut into frames of that many bytes (B7)."""
    interleave_pongs: bool = False
    """Answers to control pings may come between the frames of a message (B8)."""
    queue: Annotated[int, Meta(ge=1)] | None = None
    """Messages that may wait for a client: past it the queue is written and closed without a code (B11)."""
    stalled_cut: Annotated[int, Meta(ge=1)] | None = None
    """Microseconds after which a client that takes nothing is cut, instead of the write timeout (B12)."""
    crash: bool = False
    """Where the real server panics, every client is cut and new ones are refused (A20, B11, B13)."""

    # Keep-alive and closing
    only_pongs_renew: bool = False
    """The pong wait is renewed by pongs alone, not by any other byte (C3)."""
    cut_without_pong: bool = False
    """A client without pongs is cut without a close frame (C2)."""
    empty_close_reason: bool = False
    """A client's close frame is answered with its code and no reason (C6)."""
    go_close_reasons: bool = False
    """Protocol errors close with 1002 and gorilla/websocket's words (C7, C10)."""
    abrupt_stop: bool = False
    """A server that stops sends no close frames (C12)."""

    # HTTP and handshake
    go_endpoints: bool = False
    """Bodies have sorted keys and end with a newline, and CORS headers as in E10 go with them (E1–E6, E10)."""
    shrinking_total: bool = False
    """`total_connections` is the number of active ones (E7)."""
    any_method: bool = False
    """Every method is answered like GET, and OPTIONS with 200 on any path (E8, E9)."""
    bare_handshake: bool = False
    """The 101 has three headers; compression and subprotocols are ignored (H1–H3)."""
    go_refusals: bool = False
    """Handshakes that are none, and unknown paths, are refused in Go's words (H4, H6, H7, H10)."""
    any_origin: bool = False
    """No origin is refused (H8)."""
    early_frames_vanish: bool = False
    """A frame in the same segment as the handshake closes the connection without an answer (H11)."""


DOCUMENTED = Quirks()
"""What the documentation promises."""

UPSTREAM = Quirks(
    subscribe_by_data=True,
    any_topic=True,
    silent=True,
    strict_timestamps=True,
    fold_keys=True,
    lenient_utf8=True,
    read_limit=512,
    rate_limit=False,
    connection_limit=False,
    authentication=False,
    broadcast_envelope=True,
    go_json=True,
    go_timestamps=True,
    coalesce=True,
    fragment=1024,
    interleave_pongs=True,
    queue=256,
    stalled_cut=10_000_000,
    only_pongs_renew=True,
    cut_without_pong=True,
    empty_close_reason=True,
    go_close_reasons=True,
    abrupt_stop=True,
    go_endpoints=True,
    shrinking_total=True,
    any_method=True,
    bare_handshake=True,
    go_refusals=True,
    any_origin=True,
    early_frames_vanish=True,
)
"""What the shipped server does (PeerVault 51a68c2); `crash` has to be asked for."""

PROFILES: dict[ProfileName, Quirks] = {"documented": DOCUMENTED, "upstream": UPSTREAM}
"""Both presets by name."""
