"""What a source asks its nodes, and what they say of themselves."""

from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from pvws.errors import MessageError

__all__ = ["Node", "NodeLedger", "Question", "Settled", "Waiting", "decoded", "encoded"]

_T = TypeVar("_T")

encoded = msgspec.json.encode
"""What is sent of any of these."""


class Node(Struct, frozen=True):
    """A server that shows what a source plays: its `id` on the bus, where clients connect, how many there are, and how
    far it has come. `lost` events of the source it never got. One that says that it `left` is none any more.
    `version` is that of its pvws.
    """

    id: str
    url: str = ""
    clients: int = 0
    place: int = 0
    lost: int = 0
    left: bool = False
    version: str = ""

    def __str__(self) -> str:
        return self.url or self.id


class Question(Struct, frozen=True):
    """To `settle`: to answer when everything up to a `place` was given out and handed to every client, but within so
    many `seconds`; with `ack` when all clients have answered a ping behind it. Or to tell the `ledger`.
    """

    what: Literal["settle", "deeds", "ledger"]
    place: int = 0
    seconds: float = 0.0
    ack: bool = False


class Waiting(Struct, frozen=True):
    """A client of a node that has not got everything; as `Straggler` has it."""

    client: int
    client_id: str
    why: Literal["stalled", "slow", "silent", "held"]
    messages: int = 0
    bytes: int = 0
    faults: tuple[str, ...] = ()


class Settled(Struct, frozen=True):
    """The clients of a node that have not got everything, once it has settled; `behind` is one that has not come to the
    place in time.
    """

    waiting: tuple[Waiting, ...] = ()
    behind: bool = False


class NodeLedger(Struct, frozen=True):
    """What a node has delivered to `clients` connections, and how late: `late` deliveries by the bucket of a histogram,
    the worst in microseconds.
    """

    clients: int = 0
    owed: int = 0
    written: int = 0
    lost: int = 0
    late: dict[int, int] = {}
    worst: int = 0


def decoded(content: bytes, kind: type[_T]) -> _T:
    """What was sent. Raises MessageError."""
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise MessageError("", f"a {kind.__name__} of pvws", str(error)) from None
