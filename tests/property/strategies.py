"""Every message of the contract, as Hypothesis draws them."""

from typing import get_args

from hypothesis import strategies as st
from msgspec import UNSET

from pvws.limits import INTEGER_MAX
from pvws.timestamp import Timestamp
from pvws.wire import events, messages
from pvws.wire.events import Payload
from pvws.wire.topics import TOPICS

# The wire has whole milliseconds, so a timestamp comes back as it went only if it has none finer.
timestamps = st.integers(-62_135_596_800_000, 253_402_300_799_999).map(lambda millis: Timestamp(millis * 1000))
texts = st.text()  # whatever Unicode has but lone surrogates, which UTF-8 does not
lists = st.lists(texts, max_size=4)
counts = st.integers(0, INTEGER_MAX)
numbers = st.floats(allow_nan=False, allow_infinity=False)
shares = st.floats(0, 1)
percents = st.floats(0, 100)
client_ids = st.none() | st.text("0123456789abcdef", min_size=32, max_size=32)


def _literal(alias: object) -> st.SearchStrategy[str]:
    return st.sampled_from(get_args(alias))


_alert = {
    "level": _literal(events.AlertLevel),
    "message": texts,
    "metric": texts,
    "value": numbers,
    "threshold": numbers,
    "timestamp": timestamps,
}
_space = {"total_space": counts, "used_space": counts, "available_space": counts}

by_type: dict[str, st.SearchStrategy[Payload]] = {
    "file_uploaded": st.builds(events.FileUploaded, key=texts, size=counts, node=texts, timestamp=timestamps),
    "file_deleted": st.builds(events.FileDeleted, key=texts, node=texts, timestamp=timestamps),
    "file_updated": st.builds(
        events.FileUpdated,
        key=texts,
        size=counts,
        node=texts,
        content_type=texts,
        checksum=texts,
        tags=lists,
        timestamp=timestamps,
    ),
    "file_replicated": st.builds(
        events.FileReplicated,
        key=texts,
        size=counts,
        source=texts,
        node=texts,
        replicas=counts,
        status=_literal(events.ReplicationStatus),
        timestamp=timestamps,
    ),
    "peer_connected": st.builds(
        events.PeerConnected,
        id=texts,
        address=texts,
        port=st.integers(0, 65_535),
        capabilities=lists,
        timestamp=timestamps,
    ),
    "peer_disconnected": st.builds(
        events.PeerDisconnected, id=texts, reason=_literal(events.DisconnectReason), timestamp=timestamps
    ),
    "peer_health_changed": st.builds(
        events.PeerHealthChanged,
        id=texts,
        status=_literal(events.HealthStatus),
        previous_status=_literal(events.HealthStatus),
        is_healthy=st.booleans(),
        response_time=numbers,
        uptime=numbers,
        last_heartbeat=timestamps,
        errors=lists,
        timestamp=timestamps,
    ),
    "network_topology_changed": st.builds(
        events.NetworkTopologyChanged,
        total_nodes=counts,
        connected_nodes=counts,
        average_latency=numbers,
        network_diameter=counts,
        clusters=st.lists(st.builds(events.Cluster, id=texts, nodes=lists, leader=texts, size=counts), max_size=3),
        timestamp=timestamps,
    ),
    "system_metrics": st.builds(
        events.SystemMetrics,
        storage=st.builds(events.StorageTotals, **_space),
        network=st.builds(events.NetworkTotals, active_connections=counts, total_bytes_transferred=counts),
        performance=st.builds(events.PerformanceTotals, average_response_time=numbers, requests_per_second=numbers),
    ),
    "storage_metrics": st.builds(
        events.StorageMetrics, **_space, file_count=counts, replication_factor=numbers, timestamp=timestamps
    ),
    "network_metrics": st.builds(
        events.NetworkMetrics,
        active_connections=counts,
        total_bytes_transferred=counts,
        average_bandwidth=numbers,
        error_rate=shares,
        timestamp=timestamps,
    ),
    "performance_metrics": st.builds(
        events.PerformanceMetrics,
        average_response_time=numbers,
        requests_per_second=numbers,
        error_rate=shares,
        memory_usage=percents,
        cpu_usage=percents,
        timestamp=timestamps,
    ),
    "performance_alert": st.builds(events.PerformanceAlert, **_alert),
    "storage_alert": st.builds(events.StorageAlert, **_alert, node=texts | st.just(UNSET)),
    "network_alert": st.builds(events.NetworkAlert, **_alert, peers=lists),
    "security_alert": st.builds(
        events.SecurityAlert, **_alert, source=texts, category=_literal(events.SecurityCategory)
    ),
}
"""The payloads of each event type."""

payloads: st.SearchStrategy[Payload] = st.one_of(*by_type.values())

server_messages: st.SearchStrategy[messages.ServerMessage] = st.one_of(
    st.builds(messages.Event, payloads, timestamps, client_ids),
    st.builds(messages.Pong, timestamps, client_ids),
    st.builds(
        messages.ErrorMessage,
        st.sampled_from(messages.ErrorCode),
        texts,
        timestamps,
        st.none() | st.integers(0, 3600),
        client_ids,
    ),
)

client_messages: st.SearchStrategy[messages.ClientMessage] = st.one_of(
    st.builds(messages.Subscribe, st.sampled_from(TOPICS)),
    st.builds(messages.Unsubscribe, st.sampled_from(TOPICS)),
    st.builds(messages.Auth, texts),
    st.just(messages.Ping()),
)
