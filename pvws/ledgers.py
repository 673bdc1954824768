"""The ledger as the control plane answers with it, of one server or of all that are on a bus, and which these are."""

from msgspec import Struct, field

__all__ = ["ClientLedger", "DeliveryReport", "Lateness", "NodeInfo", "Nodes", "OfNodes", "Together"]


class Lateness(Struct, frozen=True, kw_only=True):
    """How late `count` deliveries were: from due to written, in seconds of real time."""

    count: int = 0
    p50_s: float = 0.0
    p99_s: float = 0.0
    worst_s: float = 0.0


class ClientLedger(Struct, frozen=True, kw_only=True):
    """What became of what one client was owed. `faults` counts what faults did to it, by kind of doing: `dropped` …"""

    client: str
    number: int = 0
    name: str | None = None
    written: int = 0
    pending: int = 0
    pending_bytes: int = 0
    lost: int = 0
    lateness: Lateness = Lateness()
    faults: dict[str, int] = field(default_factory=dict)
    connected: bool = True


class Together(Struct, frozen=True, kw_only=True):
    """What the source of a bus and so many `nodes` delivered to `clients` connections; `silent` nodes did not say."""

    nodes: int = 0
    silent: list[str] = field(default_factory=list)
    clients: int = 0
    owed: int = 0
    written: int = 0
    lost: int = 0
    lateness: Lateness = Lateness()


class DeliveryReport(Struct, frozen=True, kw_only=True):
    """The ledger: `owed` counts each event once for each client that was subscribed to it."""

    events: int = 0
    owed: int = 0
    written: int = 0
    pending: int = 0
    lost: int = 0
    lateness: Lateness = Lateness()
    clients: list[ClientLedger] = field(default_factory=list)
    faults: dict[str, dict[str, int]] = field(default_factory=dict)
    together: Together | None = None


class OfNodes(Struct, frozen=True, kw_only=True):
    """What was asked of all nodes of a bus: `silent` are those that did not answer, and `refused` those that could not
    do it, each with the reason. Both are empty where only one server was asked.
    """

    silent: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


class NodeInfo(Struct, frozen=True, kw_only=True):
    """A server on a bus: what it is called, where clients connect, how many there are, how many entries of the stream
    it has still to give out, and how many events it never got. The `source` plays; `here` is the one that was asked.
    """

    name: str
    url: str | None = None
    clients: int | None = None
    behind: int | None = None
    lost: int = 0
    source: bool = False
    here: bool = False


class Nodes(Struct, frozen=True, kw_only=True):
    """The servers that show the same: of a `bus`, or this one alone."""

    nodes: list[NodeInfo]
    bus: str | None = None
