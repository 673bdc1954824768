"""The payloads of the sixteen event types (contract, "Topics and events").

Attributes are in snake case here and in camel case on the wire. Six payloads are the documentation's own, the
others take their field names from the upstream project's GraphQL schema. Numbers carry at most six decimals.
"""

from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from pvws.limits import INTEGER_MAX
from pvws.timestamp import Timestamp
from pvws.wire.topics import Topic

__all__ = [
    "EVENT_TYPES",
    "AlertLevel",
    "Cluster",
    "Count",
    "DisconnectReason",
    "FileDeleted",
    "FileReplicated",
    "FileUpdated",
    "FileUploaded",
    "HealthStatus",
    "NetworkAlert",
    "NetworkMetrics",
    "NetworkTopologyChanged",
    "NetworkTotals",
    "Payload",
    "PeerConnected",
    "PeerDisconnected",
    "PeerHealthChanged",
    "Percent",
    "PerformanceAlert",
    "PerformanceMetrics",
    "PerformanceTotals",
    "Port",
    "ReplicationStatus",
    "SecurityAlert",
    "SecurityCategory",
    "Share",
    "StorageAlert",
    "StorageMetrics",
    "StorageTotals",
    "SystemMetrics",
]

Count: TypeAlias = Annotated[int, Meta(ge=0, le=INTEGER_MAX)]
Port: TypeAlias = Annotated[int, Meta(ge=0, le=65_535)]
Percent: TypeAlias = Annotated[float, Meta(ge=0, le=100)]
Share: TypeAlias = Annotated[float, Meta(ge=0, le=1)]

ReplicationStatus: TypeAlias = Literal["SYNCED", "SYNCING", "FAILED", "PENDING"]
DisconnectReason: TypeAlias = Literal["timeout", "shutdown", "network_error", "partition", "evicted"]
HealthStatus: TypeAlias = Literal["ONLINE", "DEGRADED", "OFFLINE", "UNKNOWN"]
AlertLevel: TypeAlias = Literal["info", "warning", "critical"]
SecurityCategory: TypeAlias = Literal["auth_failure", "unknown_peer", "integrity_violation", "rate_abuse"]


class _Part(Struct, frozen=True, gc=False, rename="camel"):
    """A part of a payload; `gc=False` because none of them can be in a cycle."""


class _Payload(_Part, frozen=True, gc=False, rename="camel"):
    """A payload: it knows its event type and its topic, so that an event need not be told them."""

    type: ClassVar[str]
    topic: ClassVar[Topic]


class FileUploaded(_Payload, frozen=True, gc=False, rename="camel"):
    """A file came into the network. `size` in bytes, `node` is the peer that took it (documented)."""

    type: ClassVar[str] = "file_uploaded"
    topic: ClassVar[Topic] = Topic.FILE_OPERATIONS

    key: str
    size: Count
    node: str
    timestamp: Timestamp


class FileDeleted(_Payload, frozen=True, gc=False, rename="camel"):
    """A file left the network; `node` is the peer that was asked to (documented)."""

    type: ClassVar[str] = "file_deleted"
    topic: ClassVar[Topic] = Topic.FILE_OPERATIONS

    key: str
    node: str
    timestamp: Timestamp


class FileUpdated(_Payload, frozen=True, gc=False, rename="camel"):
    """A file's metadata or content changed. `checksum` is of the content, `tags` are all it has now."""

    type: ClassVar[str] = "file_updated"
    topic: ClassVar[Topic] = Topic.FILE_OPERATIONS

    key: str
    size: Count
    node: str
    content_type: str
    checksum: str
    tags: list[str]
    timestamp: Timestamp


class FileReplicated(_Payload, frozen=True, gc=False, rename="camel"):
    """A copy of a file from `source` to `node` got on; `replicas` is the copies SYNCED after this event."""

    type: ClassVar[str] = "file_replicated"
    topic: ClassVar[Topic] = Topic.FILE_OPERATIONS

    key: str
    size: Count
    source: str
    node: str
    replicas: Count
    status: ReplicationStatus
    timestamp: Timestamp


class PeerConnected(_Payload, frozen=True, gc=False, rename="camel"):
    """A peer joined the network (documented)."""

    type: ClassVar[str] = "peer_connected"
    topic: ClassVar[Topic] = Topic.PEER_NETWORK

    id: str
    address: str
    port: Port
    capabilities: list[str]
    timestamp: Timestamp


class PeerDisconnected(_Payload, frozen=True, gc=False, rename="camel"):
    """A peer left the network (documented; the contract lists the reasons)."""

    type: ClassVar[str] = "peer_disconnected"
    topic: ClassVar[Topic] = Topic.PEER_NETWORK

    id: str
    reason: DisconnectReason
    timestamp: Timestamp


class PeerHealthChanged(_Payload, frozen=True, gc=False, rename="camel"):
    """A peer's health is another now. `response_time` and `uptime` in seconds."""

    type: ClassVar[str] = "peer_health_changed"
    topic: ClassVar[Topic] = Topic.PEER_NETWORK

    id: str
    status: HealthStatus
    previous_status: HealthStatus
    is_healthy: bool
    response_time: float
    uptime: float
    last_heartbeat: Timestamp
    errors: list[str]
    timestamp: Timestamp


class Cluster(_Part, frozen=True, gc=False, rename="camel"):
    """Peers that reach each other: at most 32 ids in `nodes`, the leader first; `size` is the true count."""

    id: str
    nodes: list[str]
    leader: str
    size: Count


class NetworkTopologyChanged(_Payload, frozen=True, gc=False, rename="camel"):
    """The graph of the network is another now.

    `average_latency` in seconds, `network_diameter` in hops within the largest cluster; at most 16 clusters,
    the largest first.
    """

    type: ClassVar[str] = "network_topology_changed"
    topic: ClassVar[Topic] = Topic.PEER_NETWORK

    total_nodes: Count
    connected_nodes: Count
    average_latency: float
    network_diameter: Count
    clusters: list[Cluster]
    timestamp: Timestamp


class StorageTotals(_Part, frozen=True, gc=False, rename="camel"):
    """Bytes in the whole network; used and available add up to the total."""

    total_space: Count
    used_space: Count
    available_space: Count


class NetworkTotals(_Part, frozen=True, gc=False, rename="camel"):
    """Links of the simulated network (not WebSocket clients), and bytes moved since it began."""

    active_connections: Count
    total_bytes_transferred: Count


class PerformanceTotals(_Part, frozen=True, gc=False, rename="camel"):
    """Mean response time in seconds, and requests a second."""

    average_response_time: float
    requests_per_second: float


class SystemMetrics(_Payload, frozen=True, gc=False, rename="camel"):
    """The network's figures at a glance (documented; the one payload without a timestamp)."""

    type: ClassVar[str] = "system_metrics"
    topic: ClassVar[Topic] = Topic.SYSTEM

    storage: StorageTotals
    network: NetworkTotals
    performance: PerformanceTotals


class StorageMetrics(_Payload, frozen=True, gc=False, rename="camel"):
    """What is stored, in bytes; `replication_factor` is the mean number of copies a file."""

    type: ClassVar[str] = "storage_metrics"
    topic: ClassVar[Topic] = Topic.SYSTEM

    total_space: Count
    used_space: Count
    available_space: Count
    file_count: Count
    replication_factor: float
    timestamp: Timestamp


class NetworkMetrics(_Payload, frozen=True, gc=False, rename="camel"):
    """What moves: links, bytes since the beginning, bytes a second, and the share of transfers that failed."""

    type: ClassVar[str] = "network_metrics"
    topic: ClassVar[Topic] = Topic.SYSTEM

    active_connections: Count
    total_bytes_transferred: Count
    average_bandwidth: float
    error_rate: Share
    timestamp: Timestamp


class PerformanceMetrics(_Payload, frozen=True, gc=False, rename="camel"):
    """How it performs: seconds, requests a second, share of errors, and percentages of memory and CPU."""

    type: ClassVar[str] = "performance_metrics"
    topic: ClassVar[Topic] = Topic.SYSTEM

    average_response_time: float
    requests_per_second: float
    error_rate: Share
    memory_usage: Percent
    cpu_usage: Percent
    timestamp: Timestamp


class _Alert(_Payload, frozen=True, gc=False, rename="camel"):
    """What every alert says: which figure crossed which threshold; `value` and `threshold` in the metric's unit."""

    level: AlertLevel
    message: str
    metric: str
    value: float
    threshold: float
    timestamp: Timestamp


class PerformanceAlert(_Alert, frozen=True, gc=False, rename="camel"):
    """A figure of the system crossed its threshold (documented)."""

    type: ClassVar[str] = "performance_alert"
    topic: ClassVar[Topic] = Topic.ALERTS


class StorageAlert(_Alert, frozen=True, gc=False, rename="camel"):
    """Storage crossed its threshold, at one `node` or, where that is absent, in the whole network."""

    type: ClassVar[str] = "storage_alert"
    topic: ClassVar[Topic] = Topic.ALERTS

    node: str | UnsetType = UNSET


class NetworkAlert(_Alert, frozen=True, gc=False, rename="camel"):
    """The network has trouble; `peers` are the ids affected."""

    type: ClassVar[str] = "network_alert"
    topic: ClassVar[Topic] = Topic.ALERTS

    peers: list[str]


class SecurityAlert(_Alert, frozen=True, gc=False, rename="camel"):
    """Something looks like an attack; `source` is a peer's id or an address."""

    type: ClassVar[str] = "security_alert"
    topic: ClassVar[Topic] = Topic.ALERTS

    source: str
    category: SecurityCategory


Payload: TypeAlias = (
    FileUploaded
    | FileDeleted
    | FileUpdated
    | FileReplicated
    | PeerConnected
    | PeerDisconnected
    | PeerHealthChanged
    | NetworkTopologyChanged
    | SystemMetrics
    | StorageMetrics
    | NetworkMetrics
    | PerformanceMetrics
    | PerformanceAlert
    | SecurityAlert
    | StorageAlert
    | NetworkAlert
)
"""What an event says. Match on its class; `assert_never` at the end finds a type that was forgotten."""

EVENT_TYPES: dict[str, type[Payload]] = {payload.type: payload for payload in Payload.__args__}
"""Every event type's payload by its name on the wire, in the documentation's order."""
