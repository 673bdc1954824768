"""What matters in each payload, in a few words. Pure."""

from typing import assert_never

from msgspec import UNSET

from pvws.limits import INTEGER_MAX
from pvws.terminal.figures import number_text, seconds_text
from pvws.terminal.printable import shown
from pvws.terminal.spans import Span
from pvws.units import size_text
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
    SystemMetrics,
)

__all__ = ["essentials"]

_LISTED_MAX = 4  # names of a list in a line; `wide` lists them all
_SIZE_WIDTH = 8  # "1023 MiB"

_STATUS_STYLES = {
    "SYNCED": "good",
    "SYNCING": "faint",
    "PENDING": "faint",
    "FAILED": "bad",
    "ONLINE": "good",
    "DEGRADED": "warning",
    "OFFLINE": "bad",
    "UNKNOWN": "faint",
}


def essentials(data: Payload, *, wide: bool) -> list[Span]:
    """The payload's essentials, to be shown with two spaces between. `wide` shortens nothing."""
    match data:
        case FileUploaded():
            return [_name(data.key, wide), _size(data.size), _to(data.node, wide)]
        case FileDeleted():
            return [_name(data.key, wide), Span(" " * _SIZE_WIDTH), Span(f"at {shown(data.node, wide=wide)}", "name")]
        case FileUpdated():
            return _file_updated(data, wide)
        case FileReplicated():
            return _file_replicated(data, wide)
        case PeerConnected():
            return _peer_connected(data, wide)
        case PeerDisconnected():
            return [_name(data.id, wide), Span(data.reason, "faint" if data.reason == "shutdown" else "warning")]
        case PeerHealthChanged():
            return _peer_health_changed(data, wide)
        case NetworkTopologyChanged():
            return _network_topology_changed(data)
        case SystemMetrics():
            return _system_metrics(data)
        case StorageMetrics():
            return _storage_metrics(data)
        case NetworkMetrics():
            return _network_metrics(data)
        case PerformanceMetrics():
            return _performance_metrics(data)
        case PerformanceAlert():
            return _alert(data, wide)
        case StorageAlert():
            where = [] if data.node is UNSET else [Span(f"at {shown(data.node, wide=wide)}", "name")]
            return [*_alert(data, wide), *where]
        case NetworkAlert():
            return [*_alert(data, wide), *_listed("peers ", data.peers, wide)]
        case SecurityAlert():
            source = Span(f"from {shown(data.source, wide=wide)}", "name")
            return [*_alert(data, wide), Span(data.category, "warning"), source]
        case _:
            assert_never(data)


def _file_updated(data: FileUpdated, wide: bool) -> list[Span]:
    content = Span(shown(data.content_type, wide=wide), "faint")
    checksum = [Span(shown(data.checksum, wide=wide), "faint")] if wide else []
    node = Span(f"at {shown(data.node, wide=wide)}", "name")
    return [_name(data.key, wide), _size(data.size), node, content, *checksum, *_listed("", data.tags, wide)]


def _file_replicated(data: FileReplicated, wide: bool) -> list[Span]:
    way = Span(f"{shown(data.source, wide=wide)} → {shown(data.node, wide=wide)}", "name")
    copies = Span(_count(data.replicas, "copy", "copies"), "faint")
    return [_name(data.key, wide), _size(data.size), way, Span(data.status, _STATUS_STYLES[data.status]), copies]


def _peer_connected(data: PeerConnected, wide: bool) -> list[Span]:
    address = Span(f"{shown(data.address, wide=wide)}:{data.port}", "name")
    return [_name(data.id, wide), address, *_listed("", data.capabilities, wide)]


def _peer_health_changed(data: PeerHealthChanged, wide: bool) -> list[Span]:
    return [
        _name(data.id, wide),
        Span(f"{data.previous_status} → {data.status}", _STATUS_STYLES[data.status]),
        Span(seconds_text(data.response_time), "faint"),
        *_listed("", data.errors, wide),
    ]


def _network_topology_changed(data: NetworkTopologyChanged) -> list[Span]:
    parted = len(data.clusters) > 1
    return [
        Span(f"{data.connected_nodes:,} of {_count(data.total_nodes, 'peer', 'peers')}", "amount"),
        Span(_count(len(data.clusters), "cluster", "clusters"), "warning" if parted else "faint"),
        Span(_count(data.network_diameter, "hop", "hops") + " across", "faint"),
        Span(seconds_text(data.average_latency), "faint"),
    ]


def _system_metrics(data: SystemMetrics) -> list[Span]:
    return [
        _storage(data.storage.used_space, data.storage.total_space),
        *_traffic(data.network),
        Span(_pace(data.performance), "name"),
    ]


def _storage_metrics(data: StorageMetrics) -> list[Span]:
    return [
        _storage(data.used_space, data.total_space),
        Span(_count(data.file_count, "file", "files"), "name"),
        Span(f"{number_text(data.replication_factor)} copies each", "name"),
    ]


def _network_metrics(data: NetworkMetrics) -> list[Span]:
    return [
        *_traffic(data),
        Span(f"{size_text(int(min(data.average_bandwidth, INTEGER_MAX)))}/s", "amount"),
        _error_rate(data.error_rate),
    ]


def _performance_metrics(data: PerformanceMetrics) -> list[Span]:
    return [
        Span(_pace(data), "amount"),
        Span(f"CPU {data.cpu_usage:.0f}%", "name"),
        Span(f"memory {data.memory_usage:.0f}%", "name"),
        _error_rate(data.error_rate),
    ]


def _alert(data: PerformanceAlert | StorageAlert | NetworkAlert | SecurityAlert, wide: bool) -> list[Span]:
    figures = f"{shown(data.metric, wide=wide)} {number_text(data.value)}, threshold {number_text(data.threshold)}"
    return [
        Span(f"{data.level:<8}", data.level),
        Span(shown(data.message, wide=wide), "good" if data.level == "info" else "amount"),
        Span(figures, "faint"),
    ]


def _name(identifier: str, wide: bool) -> Span:
    return Span(shown(identifier, wide=wide), "name")


def _to(node: str, wide: bool) -> Span:
    return Span(f"→ {shown(node, wide=wide)}", "name")


def _size(size: int) -> Span:
    return Span(size_text(size).rjust(_SIZE_WIDTH), "amount")


def _storage(used: int, total: int) -> Span:
    share = f" ({100 * used / total:.0f}%)" if total else ""
    return Span(f"{size_text(used)} of {size_text(total)}{share}", "amount")


def _traffic(data: NetworkTotals | NetworkMetrics) -> list[Span]:
    links = _count(data.active_connections, "link", "links")
    return [Span(links, "name"), Span(f"{size_text(data.total_bytes_transferred)} moved", "name")]


def _pace(data: PerformanceTotals | PerformanceMetrics) -> str:
    return f"{number_text(data.requests_per_second)}/s in {seconds_text(data.average_response_time)}"


def _error_rate(share: float) -> Span:
    return Span(f"errors {number_text(100 * share)}%", "warning" if share else "faint")


def _listed(head: str, names: list[str], wide: bool) -> list[Span]:
    if not names:
        return []
    listed = names if wide else names[:_LISTED_MAX]
    more = f" +{len(names) - len(listed):,}" if len(names) > len(listed) else ""
    return [Span(f"{head}{', '.join(shown(name, wide=wide) for name in listed)}{more}", "faint")]


def _count(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"
