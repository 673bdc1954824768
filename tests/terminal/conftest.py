"""One message of every type, the same for all tests of the terminal."""

import pytest

from pvws.timestamp import Timestamp
from pvws.wire.events import (
    Cluster,
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

KEY = "9c1e44aa" * 8
NODE = "5d01c2f7" * 8
PEER = "00ff00ff" * 8
UNHEALTHY = False
AT = Timestamp(1_704_110_403_417_000)  # 2024-01-01T12:00:03.417Z


@pytest.fixture
def payloads() -> dict[str, Payload]:
    """By event type."""
    made: list[Payload] = [
        FileUploaded(KEY, 2_500_000, NODE, AT),
        FileDeleted(KEY, NODE, AT),
        FileUpdated(KEY, 1_500, NODE, "text/plain", "c0ffee" * 8, ["a", "b", "c", "d", "e"], AT),
        FileReplicated(KEY, 2_500_000, PEER, NODE, 1, "SYNCED", AT),
        PeerConnected(NODE, "10.0.0.1", 9000, ["storage", "compute"], AT),
        PeerDisconnected(NODE, "timeout", AT),
        PeerHealthChanged(NODE, "DEGRADED", "ONLINE", UNHEALTHY, 0.25, 100.0, AT, ["slow disk"], AT),
        NetworkTopologyChanged(24, 22, 0.0123, 3, [Cluster("1", [NODE], NODE, 12), Cluster("2", [KEY], KEY, 10)], AT),
        SystemMetrics(
            StorageTotals(10**12, 3 * 10**11, 7 * 10**11), NetworkTotals(1, 10**10), PerformanceTotals(1.5, 1234.5)
        ),
        StorageMetrics(10**12, 3 * 10**11, 7 * 10**11, 1234, 2.94, AT),
        NetworkMetrics(44, 10**10, 1_234_567.8, 0.012, AT),
        PerformanceMetrics(0.034, 12.34, 0.0, 45.2, 12.3, AT),
        PerformanceAlert("warning", "CPU is busy", "cpu_usage", 91.234, 90.0, AT),
        StorageAlert("critical", "Storage is nearly full", "storage_usage", 95.6, 95.0, AT, NODE),
        NetworkAlert("info", "Partition healed", "peers_lost", 0.0, 3.0, AT, [NODE, PEER]),
        SecurityAlert("critical", "Wrong token", "failures", 12.0, 10.0, AT, "10.0.0.9", "auth_failure"),
    ]
    return {payload.type: payload for payload in made}
