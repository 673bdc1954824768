"""The sixteen payloads: their types, topics and fields, as the contract's table has them."""

from typing import get_args

import msgspec
import pytest

from pvws.timestamp import Timestamp
from pvws.wire import events
from pvws.wire.events import EVENT_TYPES, FileDeleted, Payload, StorageAlert

ALERT = "level message metric value threshold timestamp"
SPACE = "totalSpace usedSpace availableSpace"

# topic, type and the fields of `data` in order; "?" marks what may be absent.
CONTRACT = {
    "file_operations": {
        "file_uploaded": "key size node timestamp",
        "file_deleted": "key node timestamp",
        "file_updated": "key size node contentType checksum tags timestamp",
        "file_replicated": "key size source node replicas status timestamp",
    },
    "peer_network": {
        "peer_connected": "id address port capabilities timestamp",
        "peer_disconnected": "id reason timestamp",
        "peer_health_changed": (
            "id status previousStatus isHealthy responseTime uptime lastHeartbeat errors timestamp"
        ),
        "network_topology_changed": "totalNodes connectedNodes averageLatency networkDiameter clusters timestamp",
    },
    "system": {
        "system_metrics": "storage network performance",
        "storage_metrics": f"{SPACE} fileCount replicationFactor timestamp",
        "network_metrics": "activeConnections totalBytesTransferred averageBandwidth errorRate timestamp",
        "performance_metrics": "averageResponseTime requestsPerSecond errorRate memoryUsage cpuUsage timestamp",
    },
    "alerts": {
        "performance_alert": ALERT,
        "storage_alert": f"{ALERT} node?",
        "network_alert": f"{ALERT} peers",
        "security_alert": f"{ALERT} source category",
    },
}
PARTS = {
    events.Cluster: "id nodes leader size",
    events.StorageTotals: SPACE,
    events.NetworkTotals: "activeConnections totalBytesTransferred",
    events.PerformanceTotals: "averageResponseTime requestsPerSecond",
}


def fields(struct: type) -> str:
    return " ".join(f"{field.encode_name}{'' if field.required else '?'}" for field in msgspec.structs.fields(struct))


def test_there_are_exactly_the_sixteen_event_types_of_the_contract() -> None:
    assert {name for types in CONTRACT.values() for name in types} == EVENT_TYPES.keys()
    assert len(EVENT_TYPES) == 16
    assert set(get_args(Payload)) == set(EVENT_TYPES.values())


@pytest.mark.parametrize(
    ("topic", "event_type", "expected"),
    [(topic, event_type, names) for topic, types in CONTRACT.items() for event_type, names in types.items()],
)
def test_a_payload_has_the_contracts_topic_and_fields(topic: str, event_type: str, expected: str) -> None:
    payload = EVENT_TYPES[event_type]
    assert payload.type == event_type
    assert payload.topic == topic
    assert fields(payload) == expected


@pytest.mark.parametrize(("part", "expected"), PARTS.items())
def test_a_part_of_a_payload_has_the_contracts_fields(part: type, expected: str) -> None:
    assert fields(part) == expected


@pytest.mark.parametrize(
    ("literal", "values"),
    [
        (events.ReplicationStatus, "SYNCED SYNCING FAILED PENDING"),
        (events.DisconnectReason, "timeout shutdown network_error partition evicted"),
        (events.HealthStatus, "ONLINE DEGRADED OFFLINE UNKNOWN"),
        (events.AlertLevel, "info warning critical"),
        (events.SecurityCategory, "auth_failure unknown_peer integrity_violation rate_abuse"),
    ],
)
def test_words_from_a_list_are_those_of_the_contract(literal: object, values: str) -> None:
    assert list(get_args(literal)) == values.split()


def test_a_payload_cannot_be_changed() -> None:
    payload = FileDeleted("key", "node", Timestamp(0))
    with pytest.raises(AttributeError):
        payload.key = "other"  # type: ignore[misc]


def test_a_storage_alert_of_the_whole_network_has_no_node() -> None:
    alert = StorageAlert("warning", "Storage fills up", "storage_usage", 81.5, 80.0, Timestamp(0))
    assert alert.node is msgspec.UNSET
