"""Whom a fault concerns, which messages, and for how long."""

from collections.abc import Collection
from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct

from pvws import units
from pvws.notation.document import Node
from pvws.notation.forms import Form
from pvws.notation.quantities import Duration, Percentage
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.timeline.emission import TopicWord
from pvws.scenario.timeline.texts import Label
from pvws.sim.chance import Stream
from pvws.wire.events import EVENT_TYPES

__all__ = ["ClientShare", "ClientWord", "MessageType", "Scope", "Who"]

_TYPES = (*EVENT_TYPES, "pong", "error")
_ID_DIGITS_SHOWN = 8  # of a client's id, in logs and summaries


def _read_client(reader: Reader, node: Node, path: str) -> Any:
    value = node.value
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value >= 1 else reader.problem(node, path, "a number from 1 on: connections are counted")
    name = reader.read(node, str, path)
    if name is INVALID or (name.strip() and name.isprintable()):
        return name
    return reader.problem(node, path, "a client's id, the name under its ?client=, or the number of its connection")


def _read_clients(reader: Reader, node: Node, path: str) -> Any:
    if node.value == "all":
        return 1.0
    if isinstance(node.value, str) and node.value.rstrip().endswith("%"):
        return reader.read(node, Percentage, path)
    return reader.problem(node, path, 'a percentage like "50%", or all')


def _read_type(reader: Reader, node: Node, path: str) -> Any:
    return reader.word(node, _TYPES, path)


ClientWord: TypeAlias = Annotated[
    int | str,
    Form(
        _read_client,
        label="id, name or number of a client",
        schema={"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "minLength": 1}]},
        write=lambda client: client,
    ),
]
"""One client: the number of its connection, its id (or the eight digits that are shown), or the name it gives."""

ClientShare: TypeAlias = Annotated[
    float,
    Form(
        _read_clients,
        label="percentage, or all",
        schema={"type": "string", "pattern": r"^(all|\s*([0-9]{1,16}(\.[0-9]{0,9})?|\.[0-9]{1,9})\s*%\s*)$"},
        write=lambda share: "all" if share >= 1 else units.percentage_notation(share),
    ),
]
"""A share of the clients; `all` is 1, and 0 means none."""

MessageType: TypeAlias = Annotated[
    str, Form(_read_type, label="type of a message", schema={"enum": list(_TYPES)}, write=str)
]
"""One of the sixteen event types, `pong` or `error`."""


class Who(Struct, frozen=True):
    """A client as it is addressed: how manieth connection it is, its id, and the name under `?client=`, if any."""

    number: int
    client_id: str = ""
    name: str = ""


class Scope(Struct, frozen=True, kw_only=True, rename={"lasting": "for"}):
    """Whom a fault concerns, which messages, and for how long. What is left out restricts nothing."""

    client: Annotated[
        ClientWord | None,
        Meta(
            description="One client alone: the name under its `?client=`, its id, or the number of its connection.",
            examples=["dashboard", 3],
        ),
    ] = None
    clients: Annotated[
        ClientShare,
        Meta(
            description="Which share of the clients, or `all`; chance decides for each when it comes.",
            examples=["50%", "all"],
        ),
    ] = 1.0
    topics: Annotated[
        tuple[TopicWord, ...] | None,
        Meta(min_length=1, description="Only events of these topics.", examples=[["alerts"]]),
    ] = None
    types: Annotated[
        tuple[MessageType, ...] | None,
        Meta(min_length=1, description="Only messages of these types.", examples=[["storage_alert"], ["pong"]]),
    ] = None
    nth: Annotated[
        int | None,
        Meta(ge=1, description="Only from the n-th such message of a client on; without `count`, that alone."),
    ] = None
    count: Annotated[int | None, Meta(ge=1, description="Only so many such messages of a client.")] = None
    attempts: Annotated[
        int | None, Meta(ge=1, description="Only the first so many handshakes; then all succeed.", examples=[3])
    ] = None
    lasting: Annotated[
        Duration | None,
        Meta(description="For how long, in stage time; left out: until it is removed.", examples=["30s"]),
    ] = None
    name: Annotated[Label | None, Meta(description="What it is called, so that it can be removed by that.")] = None
    seed: Annotated[int | None, Meta(description="Of its chance; left out: that of the stage.")] = None

    def concerns(self, who: Who) -> bool:
        """Whether it may concern a client; chance, if it has a part in that, has not been asked."""
        match self.client:
            case None:
                return True
            case int():
                return self.client == who.number
            case _:
                known = who.client_id, who.client_id[:_ID_DIGITS_SHOWN], who.name
                return self.client in known

    def chosen(self, chance: Stream) -> bool:
        """Whether chance, which is one client's, has it concern that client. A number is drawn in any case."""
        return chance.random() < self.clients

    @property
    def selects(self) -> bool:
        """Whether it is about some messages alone."""
        return any(each is not None for each in (self.topics, self.types, self.nth, self.count))

    def matches(self, topics: Collection[str], type: str) -> bool:  # noqa: A002 - the API's word
        """Whether it is about messages of these topics and this type, be it the n-th or not."""
        return (self.types is None or type in self.types) and (
            self.topics is None or not frozenset(topics).isdisjoint(self.topics)
        )

    def counts(self, number: int) -> bool:
        """Whether it is about the how manieth such message of a client, counted from 1."""
        first = 1 if self.nth is None else self.nth
        most = 1 if self.count is None and self.nth is not None else self.count
        return number >= first and (most is None or number < first + most)
