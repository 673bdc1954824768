"""The ledger as the control plane answers with it: what was delivered, to whom, and how late."""

from msgspec import Struct, field

__all__ = ["ClientLedger", "DeliveryReport", "Lateness", "Together"]


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
