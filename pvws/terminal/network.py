"""What a client knows of the network from the events it got: a fold with bounds. Pure."""

from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias, assert_never

from msgspec import UNSET, Struct

from pvws.limits import ALERTS_KEPT_MAX, FILES_KEPT_MAX, PEERS_KEPT_MAX, TEXT_KEPT_CHARACTERS_MAX
from pvws.wire.events import (
    FileDeleted,
    FileReplicated,
    FileUpdated,
    FileUploaded,
    NetworkAlert,
    NetworkMetrics,
    NetworkTopologyChanged,
    NetworkTotals,
    Payload,
    PeerConnected,
    PeerDisconnected,
    PeerHealthChanged,
    PerformanceAlert,
    PerformanceMetrics,
    PerformanceTotals,
    SecurityAlert,
    StorageAlert,
    StorageMetrics,
    StorageTotals,
    SystemMetrics,
)

__all__ = ["Alert", "File", "Network", "Peer"]

_LIST_KEPT_MAX = 8  # of a peer's errors and capabilities, or a file's tags


class Peer(Struct, gc=False):
    """A peer as the last events told it. `status` is a health status, or `GONE`; times are microseconds.

    What no event has told yet is empty or None. `era` is which connection of ours told it, from 1.
    """

    id: str
    status: str = "ONLINE"
    address: str = ""
    capabilities: tuple[str, ...] = ()
    response_time: float | None = None
    reason: str = ""
    """Why it is gone."""
    errors: tuple[str, ...] = ()
    changed: int = 0
    era: int = 0


class File(Struct, gc=False):
    """A file as the last events told it. `status` is that of its latest copy, or `UPLOADED`, `UPDATED`, `DELETED`."""

    key: str
    status: str = "UPLOADED"
    size: int | None = None
    copies: int | None = None
    node: str = ""
    content_type: str = ""
    tags: tuple[str, ...] = ()
    changed: int = 0
    era: int = 0


class Alert(Struct, gc=False):
    """A figure that alarms, or did: `level` is `info` once it is well again. `where` is a node, peers or a source.

    `since` is when it began to alarm, or when it was well again.
    """

    type: str
    metric: str
    level: str
    message: str
    value: float
    threshold: float
    where: str
    since: int
    changed: int
    era: int


_AlertKey: TypeAlias = tuple[str, str, str]
_AnyAlert: TypeAlias = PerformanceAlert | StorageAlert | NetworkAlert | SecurityAlert


class Network:
    """Peers, files and alerts, one each, the one that changed last at the end; and the latest figures.

    Of each kind so many are kept, those that changed last; `forgotten` counts the others. Texts are cut to what a
    screen can show, so that memory has a bound whatever is sent.
    """

    def __init__(self) -> None:
        self.peers: dict[str, Peer] = {}
        self.files: dict[str, File] = {}
        self.alerts: dict[_AlertKey, Alert] = {}
        self.statuses: Counter[str] = Counter()
        """Peers by status."""
        self.open_alerts = 0
        self.forgotten: Counter[str] = Counter()
        """By `peers`, `files`, `alerts`: how many were too many."""
        self.storage: StorageTotals | StorageMetrics | None = None
        self.files_stored: StorageMetrics | None = None
        self.traffic: NetworkTotals | NetworkMetrics | None = None
        self.bandwidth: NetworkMetrics | None = None
        self.pace: PerformanceTotals | PerformanceMetrics | None = None
        self.load: PerformanceMetrics | None = None
        self.topology: NetworkTopologyChanged | None = None
        self.era = 0
        """Which connection this is, from 1. What an earlier one told may have changed unseen."""

    def connected(self) -> None:
        """A connection was made."""
        self.era += 1

    def saw(self, data: Payload, micros: int) -> None:
        """An event came, sent at an instant."""
        match data:
            case FileUploaded() | FileUpdated() | FileReplicated() | FileDeleted():
                self._file(data, micros)
            case PeerConnected() | PeerDisconnected() | PeerHealthChanged():
                self._peer(data, micros)
            case NetworkTopologyChanged():
                self.topology = data
            case SystemMetrics():
                self.storage, self.traffic, self.pace = data.storage, data.network, data.performance
            case StorageMetrics():
                self.storage = self.files_stored = data
            case NetworkMetrics():
                self.traffic = self.bandwidth = data
            case PerformanceMetrics():
                self.pace = self.load = data
            case PerformanceAlert() | StorageAlert() | NetworkAlert() | SecurityAlert():
                self._alert(data, micros)
            case _:
                assert_never(data)

    def worst_alerts(self) -> Iterator[Alert]:
        """Open alerts: critical ones first, and of a level the latest first."""
        latest = [alert for alert in reversed(self.alerts.values()) if alert.level != "info"]
        yield from (alert for alert in latest if alert.level == "critical")
        yield from (alert for alert in latest if alert.level != "critical")

    def _file(self, data: FileUploaded | FileUpdated | FileReplicated | FileDeleted, micros: int) -> None:
        key = _kept(data.key)
        file = self.files.pop(key, None)
        if file is None:
            file = File(key)
        self.files[key] = file
        file.changed, file.era = micros, self.era
        match data:
            case FileUploaded():
                file.status, file.size, file.node, file.copies = "UPLOADED", data.size, _kept(data.node), None
            case FileUpdated():
                file.status, file.size, file.node = "UPDATED", data.size, _kept(data.node)
                file.content_type, file.tags = _kept(data.content_type), _kept_list(data.tags)
            case FileReplicated():
                file.status, file.size, file.copies, file.node = data.status, data.size, data.replicas, _kept(data.node)
            case FileDeleted():
                file.status, file.copies, file.node = "DELETED", None, _kept(data.node)
        if len(self.files) > FILES_KEPT_MAX:
            del self.files[next(iter(self.files))]
            self.forgotten["files"] += 1

    def _peer(self, data: PeerConnected | PeerDisconnected | PeerHealthChanged, micros: int) -> None:
        key = _kept(data.id)
        peer = self.peers.pop(key, None)
        if peer is None:
            peer = Peer(key)
        else:
            self.statuses[peer.status] -= 1
        self.peers[key] = peer
        peer.changed, peer.era = micros, self.era
        match data:
            case PeerConnected():
                peer.status, peer.reason, peer.errors = "ONLINE", "", ()
                peer.address = f"{_kept(data.address)}:{data.port}"
                peer.capabilities = _kept_list(data.capabilities)
            case PeerDisconnected():
                peer.status, peer.reason, peer.response_time = "GONE", data.reason, None
            case PeerHealthChanged():
                peer.status, peer.reason = data.status, ""
                peer.response_time, peer.errors = data.response_time, _kept_list(data.errors)
        self.statuses[peer.status] += 1
        if len(self.peers) > PEERS_KEPT_MAX:
            self.statuses[self.peers.pop(next(iter(self.peers))).status] -= 1
            self.forgotten["peers"] += 1

    def _alert(self, data: _AnyAlert, micros: int) -> None:
        where = _place(data)
        # The peers of a network alert come and go while it lasts, as does a category's source: the figure is the same.
        key = (data.type, _kept(data.metric), where if isinstance(data, StorageAlert) else "")
        before = self.alerts.pop(key, None)
        was_open = before is not None and before.level != "info"
        level, message = data.level, _kept(data.message)
        since = before.since if before is not None and was_open and level != "info" else micros
        alert = Alert(data.type, key[1], level, message, data.value, data.threshold, where, since, micros, self.era)
        self.alerts[key] = alert
        self.open_alerts += (level != "info") - was_open
        if len(self.alerts) > ALERTS_KEPT_MAX:
            gone = next((old for old, each in self.alerts.items() if each.level == "info"), next(iter(self.alerts)))
            self.open_alerts -= self.alerts.pop(gone).level != "info"
            self.forgotten["alerts"] += 1


def _place(data: _AnyAlert) -> str:
    match data:
        case StorageAlert(node=node):
            return "" if node is UNSET else _kept(node)
        case NetworkAlert(peers=peers):
            return f"{len(peers):,} peers" if len(peers) != 1 else _kept(peers[0])
        case SecurityAlert(source=source):
            return _kept(source)
        case _:
            return ""


def _kept(text: str) -> str:
    return text if len(text) <= TEXT_KEPT_CHARACTERS_MAX else text[:TEXT_KEPT_CHARACTERS_MAX]


def _kept_list(texts: list[str]) -> tuple[str, ...]:
    return tuple(_kept(text) for text in texts[:_LIST_KEPT_MAX])
