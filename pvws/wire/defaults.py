"""Payloads with nothing said of them: what `emit` fills in for what is left out (contract, "Topics and events")."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, TypeAlias, get_args, get_origin

from msgspec import Struct, structs

from pvws.wire.events import EVENT_TYPES

__all__ = ["EXAMPLE_TIMESTAMP", "Keys", "completed", "default_payload", "unknown_fields"]

EXAMPLE_TIMESTAMP = "2024-01-01T00:00:00.000Z"
"""The time in the documentation's examples."""

Keys: TypeAlias = tuple[str | int, ...]
"""Where something stands in a payload: names of fields and places in lists, from the outside in."""

_FILE = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_PEER = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
_OTHER_PEER = "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"
_TIME = "<time>"  # stands for the instant of whoever asks

_STORAGE = {"totalSpace": 1_099_511_627_776, "usedSpace": 549_755_813_888, "availableSpace": 549_755_813_888}
_NETWORK = {"activeConnections": 24, "totalBytesTransferred": 1_073_741_824}
_PERFORMANCE = {"averageResponseTime": 0.05, "requestsPerSecond": 100.0}
_CLUSTER = {"id": "cluster-2c26b46b", "nodes": [_PEER, _OTHER_PEER], "leader": _PEER, "size": 2}


def _alert(message: str, metric: str, value: float, threshold: float, **more: Any) -> dict[str, Any]:
    said = {"level": "warning", "message": message, "metric": metric, "value": value, "threshold": threshold}
    return said | {"timestamp": _TIME} | more


_DEFAULTS: dict[str, dict[str, Any]] = {
    "file_uploaded": {"key": _FILE, "size": 1_048_576, "node": _PEER, "timestamp": _TIME},
    "file_deleted": {"key": _FILE, "node": _PEER, "timestamp": _TIME},
    "file_updated": {
        "key": _FILE,
        "size": 1_048_576,
        "node": _PEER,
        "contentType": "application/octet-stream",
        "checksum": _FILE,
        "tags": [],
        "timestamp": _TIME,
    },
    "file_replicated": {
        "key": _FILE,
        "size": 1_048_576,
        "source": _PEER,
        "node": _OTHER_PEER,
        "replicas": 2,
        "status": "SYNCED",
        "timestamp": _TIME,
    },
    "peer_connected": {
        "id": _PEER,
        "address": "192.0.2.1",  # RFC 5737: an address that is nobody's
        "port": 8080,
        "capabilities": ["storage"],
        "timestamp": _TIME,
    },
    "peer_disconnected": {"id": _PEER, "reason": "timeout", "timestamp": _TIME},
    "peer_health_changed": {
        "id": _PEER,
        "status": "DEGRADED",
        "previousStatus": "ONLINE",
        "isHealthy": False,
        "responseTime": 0.75,
        "uptime": 3600.0,
        "lastHeartbeat": _TIME,
        "errors": ["slow responses"],
        "timestamp": _TIME,
    },
    "network_topology_changed": {
        "totalNodes": 2,
        "connectedNodes": 2,
        "averageLatency": 0.02,
        "networkDiameter": 1,
        "clusters": [_CLUSTER],
        "timestamp": _TIME,
    },
    "system_metrics": {"storage": _STORAGE, "network": _NETWORK, "performance": _PERFORMANCE},
    "storage_metrics": _STORAGE | {"fileCount": 1_000, "replicationFactor": 3.0, "timestamp": _TIME},
    "network_metrics": _NETWORK | {"averageBandwidth": 1_048_576.0, "errorRate": 0.0, "timestamp": _TIME},
    "performance_metrics": _PERFORMANCE | {"errorRate": 0.0, "memoryUsage": 40.0, "cpuUsage": 20.0, "timestamp": _TIME},
    "performance_alert": _alert("CPU usage is 85%, at or above 80%", "cpu_usage", 85.0, 80.0),
    "security_alert": _alert(
        "Failed authentications in a minute is 5, at or above 5",
        "auth_failure",
        5.0,
        5.0,
        source="192.0.2.1",
        category="auth_failure",
    ),
    "storage_alert": _alert("Storage usage is 85%, at or above 80%", "storage_usage", 85.0, 80.0),
    "network_alert": _alert(
        "Share of unreachable peers is 25%, at or above 25%", "unreachable_peers", 25.0, 25.0, peers=[]
    ),
}


def default_payload(event_type: str, timestamp: str = EXAMPLE_TIMESTAMP) -> dict[str, Any]:
    """A whole payload of a type as JSON values, in the contract's order. `timestamp` stands in all that is a time.

    Raises KeyError for an event type that does not exist.
    """
    payload = deepcopy(_DEFAULTS[event_type])
    for name, value in payload.items():
        if value == _TIME:
            payload[name] = timestamp
    return payload


def completed(event_type: str, data: Mapping[str, Any], timestamp: str) -> dict[str, Any]:
    """What is said of a payload, with its type's defaults for what is left out, also within its objects.

    Fields are in the contract's order, unknown ones behind them. Raises KeyError for an event type that does not exist.
    """
    return _merged(default_payload(event_type, timestamp), data, EVENT_TYPES[event_type])


def unknown_fields(event_type: str, data: Mapping[str, Any]) -> Iterator[tuple[Keys, list[str]]]:
    """Fields that the payload of a type has not: where each stands, and which there are in its place.

    Raises KeyError for an event type that does not exist.
    """
    return _unknown(data, EVENT_TYPES[event_type], ())


def _merged(default: dict[str, Any], data: Mapping[str, Any], kind: type[Struct]) -> dict[str, Any]:
    """Neither of the two is changed."""
    merged = {**default, **data}
    for field in structs.fields(kind):
        name = field.encode_name
        if name not in data or name not in default:
            continue
        inner, value, usual = _struct(field.type), data[name], default[name]
        if inner is None:
            continue
        if isinstance(value, Mapping) and isinstance(usual, dict):
            merged[name] = _merged(usual, value, inner)
        elif isinstance(value, list) and isinstance(usual, list):
            merged[name] = [_merged(usual[0], each, inner) if isinstance(each, Mapping) else each for each in value]
    return merged


def _unknown(data: Mapping[str, Any], kind: type[Struct], keys: Keys) -> Iterator[tuple[Keys, list[str]]]:
    fields = {field.encode_name: field.type for field in structs.fields(kind)}
    for name, value in data.items():
        if name not in fields:
            yield (*keys, name), list(fields)
            continue
        inner = _struct(fields[name])
        if inner is None or isinstance(value, list) != (get_origin(fields[name]) is list):
            continue
        for place, each in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(each, Mapping):
                yield from _unknown(each, inner, (*keys, name) if place is None else (*keys, name, place))


def _struct(kind: Any) -> type[Struct] | None:
    """The Struct that a field holds, alone or in a list."""
    if get_origin(kind) is list:
        kind = get_args(kind)[0]
    return kind if isinstance(kind, type) and issubclass(kind, Struct) else None
