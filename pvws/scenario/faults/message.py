"""A message on its way to one client, as faults see it: they may change it, hold it, send it twice or not at all."""

from typing import Literal, TypeAlias

from msgspec import Struct

__all__ = ["Message", "MessageKind"]

MessageKind: TypeAlias = Literal["event", "reply", "control"]
"""An event of the stage, a message for this client alone, or a control frame of RFC 6455."""


class Message(Struct, frozen=True, gc=False):
    """What one client is to get: `text` as its profile has it, or as it stands if it is `verbatim`.

    `topics` are those whose subscribers get it, none for a reply; `type` is its documented one. `events` says how many
    events of the ledger are in it. `binary` says how it is sent, and `fragments`, the sizes of its frames, or
    `frame_size`, the most that one may have, compressed or not; with `illegal` each frame begins a message, which
    RFC 6455 forbids. A control frame is whole in `text`.
    """

    text: bytes
    kind: MessageKind = "event"
    topics: tuple[str, ...] = ()
    type: str = ""
    events: int = 0
    verbatim: bool = False
    binary: bool = False
    fragments: tuple[int, ...] | None = None
    frame_size: int | None = None
    illegal: bool = False
