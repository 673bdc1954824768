"""What the control plane answers, as types: the server writes them, and clients read them.

Instants of stage time are `Timestamp`s (RFC 3339 texts with six decimals in JSON), durations are seconds in fields that
end in `_s`, sizes are bytes. A reader leaves out fields that it does not know, so that an older client and a newer
server understand each other.
"""

from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct, field

from pvws.ledgers import ClientLedger, DeliveryReport, Lateness, NodeInfo, Nodes, OfNodes, Together
from pvws.timestamp import Timestamp

__all__ = [
    "ActiveFault",
    "ActiveRule",
    "Backlog",
    "ClientLedger",
    "ClientState",
    "ClientStates",
    "ClockState",
    "Comparison",
    "DeliveryReport",
    "Difference",
    "Disconnected",
    "Emitted",
    "EventCounts",
    "Faults",
    "FaultsElsewhere",
    "Happening",
    "JournalEntries",
    "JournalEntry",
    "Lateness",
    "Marked",
    "Message",
    "Mistake",
    "Moved",
    "NodeInfo",
    "Nodes",
    "OfNodes",
    "Playing",
    "ProblemDocument",
    "Rules",
    "ServerInfo",
    "ShippedScenario",
    "ShippedScenarios",
    "StageState",
    "Stopping",
    "Straggling",
    "Together",
    "WorldInfo",
    "Worlds",
    "decoded",
    "encoded",
]

_T = TypeVar("_T")


class ServerInfo(Struct, frozen=True, kw_only=True):
    """The server: its version `pvws`, its process, where clients connect, and where it is controlled."""

    pvws: str
    pid: int
    url: str
    control: str
    profile: str = "documented"
    worlds: list[str] = field(default_factory=list)
    started: Timestamp | None = None


class Message(Struct, frozen=True, kw_only=True):
    """A message that was published; `text` is all of it, as the documented profile sends it."""

    at: Timestamp
    sequence: int
    topic: str
    type: str
    text: str = ""


class Straggling(Struct, frozen=True, kw_only=True):
    """A client that has not got everything: the `client`-th connection of its world. So much waits for it.

    `why` is `stalled` (took no byte for a second), `slow` (took some, not all in time), `silent` (did not answer a
    ping) or `held` (these `faults` hold something back). `node` is where it is, if that is another server of a bus.
    """

    client: int
    client_id: str
    why: str
    messages: int = 0
    bytes: int = 0
    faults: list[str] = field(default_factory=list)
    node: str | None = None


class ClockState(Struct, frozen=True, kw_only=True):
    """Where stage time stands. `end` is None where there is none; a `speed` of `max` is as fast as it goes.

    While it is `held` it stands until it is moved; `ended` says that nothing is left to play.
    """

    at: Timestamp
    start: Timestamp
    world: str = "main"
    end: Timestamp | None = None
    held: bool = False
    ended: bool = False
    speed: float | Literal["max"] = 1.0


class Moved(Struct, frozen=True, kw_only=True):
    """What came of moving the clock: where it stands, how many messages were given out, which marks were passed, and
    who has not got everything. `matched` is the message that was waited for, `events` are the last that were given out.
    `silent` are the nodes of a bus that have not said whether their clients have everything.
    """

    clock: ClockState
    count: int = 0
    marks: list[str] = field(default_factory=list)
    matched: Message | None = None
    events: list[Message] = field(default_factory=list)
    stragglers: list[Straggling] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every subscriber has got everything."""
        return not self.stragglers and not self.silent


class Playing(Struct, frozen=True, kw_only=True):
    """The scenario that plays; `source` is where it was read from."""

    name: str
    title: str = ""
    seed: int = 0
    duration_s: float | None = None
    source: str | None = None


class EventCounts(Struct, frozen=True, kw_only=True):
    """How many events were published."""

    total: int = 0
    by_topic: dict[str, int] = field(default_factory=dict)
    by_type: dict[str, int] = field(default_factory=dict)


class StageState(OfNodes, frozen=True, kw_only=True):
    """One world at a glance: counts of clients, faults and rules, and what was delivered, without its clients.

    It is `quiet` where nothing plays; where it is not, and has no `scenario`, something else plays: a recording.
    Where all nodes of a bus were asked clients, faults and rules are those of all, and the `ledger` has `together`.
    """

    world: str
    clock: ClockState
    scenario: Playing | None = None
    quiet: bool = True
    clients: int = 0
    events: EventCounts = EventCounts()
    faults: int = 0
    rules: int = 0
    ledger: DeliveryReport = DeliveryReport()


class Backlog(Struct, frozen=True, kw_only=True):
    """What waits for a client."""

    messages: int = 0
    bytes: int = 0


class ClientState(Struct, frozen=True, kw_only=True):
    """A client that is connected: the `number`-th of its world; `name` is what it calls itself (`?client=NAME`).

    So many messages were `received` from it, of which `errors` were answered by an error, and so many `sent` to it.
    `lag_s` is how late it is with the oldest that waits for it.
    `faults` are the ids of those that touch it. `node` is the server where it is, where those of all nodes were asked.
    """

    id: str
    number: int
    node: str | None = None
    name: str | None = None
    address: str = ""
    topics: list[str] = field(default_factory=list)
    received: int = 0
    errors: int = 0
    sent: int = 0
    backlog: Backlog = Backlog()
    lag_s: float = 0.0
    dropped: int = 0
    faults: list[str] = field(default_factory=list)
    connected_at: Timestamp | None = None
    connected_real: Timestamp | None = None


class ClientStates(OfNodes, frozen=True, kw_only=True):
    """Who is connected to a world, in the order in which they came; of all nodes of a bus, one node after the other."""

    clients: list[ClientState]


class JournalEntry(Struct, frozen=True, kw_only=True):
    """What a client did: `did` is `connects`, `disconnects`, `subscribes`, `unsubscribes` or `sends`.

    `sequence` counts from 1. `at` is stage time, `real` the wall clock's. A message has its `text` with tokens hidden
    (empty where its bytes are none), its `size` in bytes, its `type` and `topic` as far as it has them, and the `error`
    it was answered by if it was not `valid`, with `why`. Who goes has the `code` of its close frame, if one came. Where
    all nodes were asked `node` is the server that it was done at; each counts its entries by itself.
    """

    sequence: int
    at: Timestamp
    did: str
    client: str
    number: int
    real: Timestamp | None = None
    name: str | None = None
    topic: str = ""
    type: str = ""
    text: str | None = None
    binary: bool = False
    size: int = 0
    valid: bool = True
    error: str | None = None
    why: str | None = None
    code: int | None = None
    node: str | None = None


class JournalEntries(OfNodes, frozen=True, kw_only=True):
    """Entries in their order. `last` is the sequence of the last there is; `lost` older ones were forgotten."""

    entries: list[JournalEntry]
    last: int = 0
    lost: int = 0


class Emitted(Struct, frozen=True, kw_only=True):
    """A message was published: its number on the stage, when in stage time, and how many clients it is for."""

    at: Timestamp
    sequence: int | None = None
    reached: int = 0


class Marked(Struct, frozen=True, kw_only=True):
    """An instant was given a name."""

    name: str
    at: Timestamp


class Disconnected(OfNodes, frozen=True, kw_only=True):
    """Which clients were told goodbye, by id."""

    clients: list[str]


class ActiveFault(Struct, frozen=True, kw_only=True):
    """A fault that is on: its `kind` and `value`, and the `scope` that it was given; `text` is all of it in one line.

    `origin` is who added it. It is over at `ends_at` in stage time, if ever, and touches so many `clients` now;
    `effects` counts what it did. `note` says where it does more than was asked for, as what is listener-wide does.
    Where all nodes of a bus were meant `node` is the server where it is, and `elsewhere` has it as it is on the others.
    """

    id: str
    kind: str
    value: Any = None
    scope: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    origin: str = ""
    added_at: Timestamp | None = None
    ends_at: Timestamp | None = None
    clients: int = 0
    effects: dict[str, int] = field(default_factory=dict)
    note: str | None = None
    node: str | None = None
    elsewhere: "FaultsElsewhere | None" = None


class FaultsElsewhere(OfNodes, frozen=True, kw_only=True):
    """A fault as it is on other nodes."""

    faults: list[ActiveFault]


class Faults(OfNodes, frozen=True, kw_only=True):
    """Faults, in the order in which they were added."""

    faults: list[ActiveFault]


class ActiveRule(Struct, frozen=True, kw_only=True):
    """A rule that holds: `rule` is the mapping that describes it; it was met `fired` times since what plays began to.
    `trouble` says what was wrong when it was last met, if something was.
    """

    id: str
    rule: dict[str, Any]
    fired: int = 0
    trouble: str | None = None


class Rules(Struct, frozen=True, kw_only=True):
    """Rules, in the order in which they were added."""

    rules: list[ActiveRule]


class ShippedScenario(Struct, frozen=True, kw_only=True):
    """A scenario that comes with the server, and can be loaded by its name."""

    name: str
    title: str = ""
    description: str = ""
    duration_s: float | None = None


class ShippedScenarios(Struct, frozen=True, kw_only=True):
    """Those that come with the server."""

    scenarios: list[ShippedScenario]


class Difference(Struct, frozen=True, kw_only=True):
    """A field of a client's view that is not as in the world; what is missing on one side is None there."""

    path: str
    expected: Any = None
    found: Any = None


class Comparison(Struct, frozen=True, kw_only=True):
    """A client's view beside the truth at an instant."""

    equal: bool
    differences: list[Difference] = field(default_factory=list)
    at: Timestamp | None = None


class WorldInfo(Struct, frozen=True, kw_only=True):
    """A world of the server; `url` is where clients join it. One that is `leased` stays until `expires`, or for ever;
    any but `main` ends some time after its last client has left otherwise.
    """

    name: str
    url: str = ""
    clients: int = 0
    leased: bool = False
    expires: Timestamp | None = None


class Worlds(Struct, frozen=True, kw_only=True):
    """The worlds of a server, `main` first."""

    worlds: list[WorldInfo]


class Stopping(Struct, frozen=True, kw_only=True):
    """The server is ending."""

    stopping: bool = True


class Happening(Struct, frozen=True, kw_only=True):
    """Something that happened, as a server-sent event tells of it. `data` is as its `kind` has it.

    The kind `gap` says that this reader was too slow, and how many were left out.
    """

    kind: str
    data: Any = None
    id: str | None = None


class Mistake(Struct, frozen=True, omit_defaults=True):
    """One mistake in a request: the dotted path of the value, what was expected there and what was found."""

    path: str
    expected: str
    found: str | None = None
    hint: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None


class ProblemDocument(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was refused: `application/problem+json` (RFC 9457), and every mistake found.

    A wait that timed out has in `entries` what came, a clock that was not moved all the way in `came_to` how far.
    """

    type: str = "about:blank"
    title: str = ""
    status: int = 0
    detail: str = ""
    instance: str | None = None
    errors: list[Mistake] = field(default_factory=list)
    entries: list[JournalEntry] = field(default_factory=list)
    came_to: dict[str, Any] | None = None


def encoded(answer: object) -> bytes:
    """The JSON of an answer, or of anything that is made of them."""
    return _encoder.encode(answer)


def decoded(content: bytes | str, kind: type[_T]) -> _T:
    """An answer of this kind. Raises msgspec.MsgspecError."""
    return msgspec.json.decode(content, type=kind, dec_hook=_read)


def _write(value: object) -> object:
    if isinstance(value, Timestamp):
        return value.exact
    raise NotImplementedError(f"{type(value).__name__} is no part of an answer")


def _read(kind: type, value: object) -> object:
    assert kind is Timestamp, "every other type is one of msgspec's"
    if not isinstance(value, str):
        raise ValueError("expected an RFC 3339 time")  # msgspec adds the path to it
    return Timestamp.parse(value)


_encoder = msgspec.json.Encoder(enc_hook=_write)
