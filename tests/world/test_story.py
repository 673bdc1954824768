"""The story: what it takes for true, and that it finds what can't be."""

from typing import Any

import pytest

from pvws.timestamp import Timestamp
from pvws.world.alerts import DEFAULT_THRESHOLDS
from tests.world.stagehand import QUARTERS, START
from tests.world.story import Story

LIMITS = DEFAULT_THRESHOLDS | {"storage_usage": QUARTERS}
del LIMITS["peer_storage_usage"]

NOBODY: dict[str, Any] = {"address": "10.0.0.1", "port": 8000, "capabilities": []}
A, B, C = ({"id": name} | NOBODY for name in "abc")
UPLOAD = {"key": "k", "size": 60, "node": "a"}
COPY = {"key": "k", "size": 60, "source": "a", "node": "b", "replicas": 2, "status": "SYNCED"}
SYNCING, FAILED = COPY | {"replicas": 1, "status": "SYNCING"}, COPY | {"replicas": 1, "status": "FAILED"}
UPDATE = {"key": "k", "size": 60, "node": "a", "contentType": "text/plain", "checksum": "k", "tags": []}
SPACE = {"totalSpace": 300, "usedSpace": 60, "availableSpace": 240}
NETWORK = {"activeConnections": 3, "totalBytesTransferred": 60}
PERFORMANCE = {"averageResponseTime": 0.1, "requestsPerSecond": 1}
FIGURES = PERFORMANCE | {"errorRate": 0.5, "memoryUsage": 20, "cpuUsage": 4}
STORED = SPACE | {"fileCount": 1, "replicationFactor": 1}
STORAGE = {"level": "warning", "metric": "storage_usage", "value": 66.666667, "threshold": 50}
ERRORS = {"level": "critical", "metric": "error_rate", "value": 0.5, "threshold": 0.2}
REACH = {"level": "warning", "metric": "unreachable_peers", "value": 33.333333, "threshold": 25, "peers": ["b"]}
ATTACK = {
    "level": "warning",
    "metric": "auth_failure",
    "value": 6,
    "threshold": 5,
    "source": "10.0.0.9",
    "category": "auth_failure",
}
SLOW = {
    "id": "a",
    "status": "DEGRADED",
    "previousStatus": "ONLINE",
    "isHealthy": False,
    "responseTime": 0.6,
    "uptime": 0,
    "lastHeartbeat": Timestamp(START).text,
    "errors": ["slow responses"],
}
UNKNOWN = SLOW | {"status": "UNKNOWN", "uptime": 15, "responseTime": 0.1}
OFFLINE = SLOW | {"status": "OFFLINE", "previousStatus": "UNKNOWN", "uptime": 30, "responseTime": 0.1}
CLUSTER = {"id": "cluster-a", "nodes": ["a", "b", "c"], "leader": "a", "size": 3}
GRAPH = {
    "totalNodes": 3,
    "connectedNodes": 3,
    "averageLatency": 0.1,
    "networkDiameter": 1,
    "clusters": [CLUSTER],
}

Event = tuple[Any, ...]


def of(*events: Event, replication: int = 3) -> Story:
    """The story of three peers with room for 100 bytes, and what then happens: type, data, and seconds since START."""
    story = Story(LIMITS, replication)
    story.capacities = dict.fromkeys("abc", 100)
    for kind, data, *seconds in [("peer_connected", each) for each in (A, B, C)] + list(events):
        at = Timestamp(START + int((seconds[0] if seconds else 0) * 1_000_000)).text
        stamp = {} if kind == "system_metrics" else {"timestamp": at}
        story.tell({"type": kind, "topic": "t", "data": stamp | data, "timestamp": at})
        story.rest()
    return story


GOOD: list[list[Event]] = [
    [("file_uploaded", UPLOAD), ("file_replicated", COPY), ("file_deleted", {"key": "k", "node": "b"})],
    [("file_uploaded", UPLOAD), ("file_replicated", SYNCING | {"status": "PENDING"}), ("file_replicated", SYNCING),
     ("file_replicated", COPY)],
    [("file_uploaded", UPLOAD), ("file_replicated", SYNCING), ("file_replicated", FAILED)],
    [("file_uploaded", UPLOAD), ("file_replicated", FAILED)],
    [("file_uploaded", UPLOAD), ("file_replicated", COPY), ("file_replicated", FAILED), ("file_replicated", COPY)],
    [("file_uploaded", UPLOAD), ("file_updated", UPDATE), ("file_updated", UPDATE | {"checksum": "l"})],
    [("file_uploaded", UPLOAD), ("system_metrics", {"storage": SPACE, "network": NETWORK, "performance": PERFORMANCE}),
     ("storage_metrics", STORED), ("network_metrics", NETWORK | {"averageBandwidth": 0, "errorRate": 1}),
     ("performance_metrics", FIGURES), ("performance_alert", ERRORS)],
    [("peer_health_changed", SLOW), ("peer_health_changed", UNKNOWN | {"previousStatus": "DEGRADED"}, 15)],
    [("peer_health_changed", UNKNOWN, 15), ("network_topology_changed", GRAPH, 15),
     ("network_topology_changed", GRAPH, 16)],
    [("peer_disconnected", {"id": "b", "reason": "timeout"}), ("network_alert", REACH), ("peer_connected", B),
     ("network_alert", REACH | {"level": "info", "value": 0, "threshold": 10, "peers": []})],
    [("security_alert", ATTACK), ("security_alert", ATTACK | {"level": "critical", "value": 30, "threshold": 20})],
]  # fmt: skip


@pytest.mark.parametrize("events", GOOD)
def test_a_story_that_is_true_passes(events: list[Event]) -> None:
    assert of(*events).problems == []


def test_a_peer_that_was_given_up_is_gone_with_the_next_event() -> None:
    story = Story(LIMITS, 3)
    for kind, data, at in [
        ("peer_connected", A, 0),
        ("peer_health_changed", UNKNOWN, 15),
        ("peer_health_changed", OFFLINE, 30),
        ("peer_disconnected", {"id": "a", "reason": "timeout"}, 30),
    ]:
        stamp = Timestamp(START + at * 1_000_000).text
        story.tell({"type": kind, "data": data | {"timestamp": stamp}, "timestamp": stamp})
    story.rest()
    assert story.problems == []
    assert (story.connected, story.peers["a"].status) == ([], "OFFLINE")


def test_who_comes_back_has_what_it_had_but_for_what_was_deleted_and_what_there_is_enough_of() -> None:
    """Of three files one is deleted meanwhile, and one copied to somebody else."""
    events: list[Event] = []
    for key in "klm":
        events += [("file_uploaded", UPLOAD | {"key": key, "size": 10})]
        events += [("file_replicated", COPY | {"key": key, "size": 10})]
    story = of(
        *events,
        ("peer_disconnected", {"id": "b", "reason": "shutdown"}),
        ("file_deleted", {"key": "k", "node": "a"}),
        ("file_replicated", COPY | {"key": "l", "size": 10, "node": "c"}),
        ("peer_connected", B),
        replication=2,
    )
    assert story.problems == []
    assert {name: list(peer.disk) for name, peer in story.peers.items()} == {"a": ["l", "m"], "b": ["m"], "c": ["l"]}
    assert story.used == 40


# Canaries: what can't be true

ALERTS = ("storage_alert", STORAGE)
UPLOADED = ("file_uploaded", UPLOAD)
COPIED = ("file_replicated", COPY)
GONE = ("peer_disconnected", {"id": "b", "reason": "timeout"})
MEASURED = ("performance_metrics", FIGURES)


def graph(**others: Any) -> Event:
    return ("network_topology_changed", GRAPH | others)


def cluster(**others: Any) -> Event:
    return graph(clusters=[CLUSTER | others])


WRONG: list[tuple[list[Event], str]] = [
    ([("peer_connected", A)], "a peer connects that is here"),
    ([GONE, ("peer_connected", B | {"port": 1})], "a peer comes back as another"),
    ([GONE, GONE], "a peer disconnects that is not here"),
    ([("peer_disconnected", {"id": "d", "reason": "timeout"})], "d is nobody"),
    ([UPLOADED, UPLOADED], "a file is uploaded that is stored"),
    ([GONE, ("file_uploaded", UPLOAD | {"node": "b"})], "an upload to a peer that is not here"),
    ([("file_uploaded", UPLOAD | {"size": 101})], "a peer holds more than it can"),
    ([("file_deleted", {"key": "k", "node": "a"})], "a file is deleted that is not stored"),
    ([UPLOADED, ("file_deleted", {"key": "k", "node": "b"})], "a deletion where no copy is"),
    ([("file_updated", UPDATE)], "a file is updated that is not stored"),
    ([UPLOADED, ("file_updated", UPDATE | {"size": 1})], "an update that changes the size"),
    ([UPLOADED, ("file_updated", UPDATE | {"node": "b"})], "an update where no copy is"),
    ([COPIED], "a copy of a file that is not stored"),
    ([UPLOADED, ("file_replicated", COPY | {"size": 61})], "a copy of another size"),
    ([UPLOADED, ("file_replicated", COPY | {"replicas": 3})], "3 replicas, not 2"),
    ([UPLOADED, ("file_replicated", SYNCING | {"replicas": 2})], "2 replicas, not 1"),
    ([UPLOADED, GONE, COPIED], "a copy to a peer that is not here"),
    ([UPLOADED, ("file_replicated", COPY | {"source": "c"})], "a copy from where there is none"),
    ([UPLOADED, COPIED, ("file_replicated", COPY | {"source": "b", "node": "a"})], "a copy to where there is one"),
    ([UPLOADED, ("file_replicated", COPY | {"node": "a"})], "a copy from a peer to itself"),
    ([UPLOADED, ("file_replicated", SYNCING | {"status": "PENDING"}), COPIED], "SYNCED after PENDING"),
    ([UPLOADED, ("file_replicated", SYNCING), ("file_replicated", SYNCING)], "SYNCING after SYNCING"),
    ([UPLOADED, COPIED, ("file_replicated", SYNCING | {"source": "b", "node": "c", "replicas": 2}),
      ("file_replicated", COPY | {"node": "c", "replicas": 3})], "a copy that comes from somewhere else now"),
    ([UPLOADED, ("file_replicated", FAILED | {"source": "b", "node": "a", "replicas": 0})], "the last copy is dropped"),
    ([UPLOADED, ("file_replicated", SYNCING), GONE], "a copy on its way without an end"),
    ([UPLOADED, COPIED, ("file_replicated", SYNCING | {"source": "b", "node": "c", "replicas": 2}), GONE],
     "a copy on its way without an end"),
    ([("storage_metrics", STORED)], "60 used, not 0"),
    ([UPLOADED, ("storage_metrics", STORED | {"totalSpace": 299})], "299 in all, not 300"),
    ([UPLOADED, ("storage_metrics", STORED | {"availableSpace": 1})], "used + available is not total"),
    ([UPLOADED, ("storage_metrics", STORED | {"fileCount": 2})], "2 files, not 1"),
    ([UPLOADED, ("storage_metrics", STORED | {"replicationFactor": 2})], "factor 2, not 1"),
    ([("network_metrics", NETWORK | {"activeConnections": 4, "averageBandwidth": 0, "errorRate": 0})], "than pairs"),
    ([UPLOADED, ("network_metrics", NETWORK | {"totalBytesTransferred": 59, "averageBandwidth": 0, "errorRate": 0})],
     "fewer bytes than moved"),
    ([("network_metrics", NETWORK | {"averageBandwidth": 0, "errorRate": 1.1})], "an error rate outside 0 to 1"),
    ([("performance_metrics", FIGURES | {"cpuUsage": 101})], "a usage outside 0 to 100"),
    ([("performance_metrics", FIGURES | {"errorRate": -1})], "an error rate outside 0 to 1"),
    ([UPLOADED, ("system_metrics", {"storage": SPACE, "network": NETWORK, "performance": {"x": -1}})], "than none"),
    ([UPLOADED, ALERTS], "an alert at 66.666667%, and it is 20.0%"),
    ([UPLOADED, COPIED, ("file_replicated", COPY | {"node": "c", "replicas": 3})], "no warning at 60.0%"),
    ([UPLOADED, COPIED, GONE, ("storage_alert", STORAGE | {"value": 30.0})], "warning without a crossing"),
    ([("storage_alert", STORAGE | {"level": "info", "value": 0.0, "threshold": 25})], "info after info"),
    ([("storage_alert", STORAGE | {"level": "info", "value": 0.0, "threshold": 9})], "a threshold of 9, not 25"),
    ([GONE, ("storage_alert", STORAGE | {"node": "b"})], "the storage of a peer that may be back"),
    ([("storage_alert", STORAGE | {"node": "a"})], "peer_storage_usage alarms without thresholds"),
    ([MEASURED, ("performance_alert", ERRORS | {"value": 0.6})], "a figure that no metrics had"),
    ([("performance_metrics", FIGURES | {"errorRate": 0.1}), ("performance_alert", ERRORS | {"value": 0.1})],
     "critical without a crossing"),
    ([MEASURED, ("performance_alert", ERRORS), ("performance_alert", ERRORS)], "critical after critical"),
    ([GONE, ("network_alert", REACH | {"peers": ["a"]})], "a peer that is gone, and not affected"),
    ([GONE, ("network_alert", REACH | {"peers": ["b", "b"]})], "a peer that is affected twice"),
    ([GONE, ("network_alert", REACH | {"peers": ["b", "d"]})], "d is nobody"),
    ([("network_alert", REACH | {"peers": []})], "a share of nobody"),
    ([("security_alert", ATTACK | {"category": "rate_abuse"})], "a category of another figure"),
    ([("security_alert", ATTACK | {"source": ""})], "an incident from nowhere"),
    ([("peer_health_changed", SLOW | {"previousStatus": "UNKNOWN"})], "it was ONLINE and not UNKNOWN"),
    ([("peer_health_changed", SLOW | {"status": "ONLINE"})], "no other health than before"),
    ([("peer_health_changed", SLOW | {"isHealthy": True})], "DEGRADED, and ['slow responses']"),
    ([("peer_health_changed", SLOW | {"errors": []})], "DEGRADED, and []"),
    ([("peer_health_changed", SLOW | {"responseTime": 0.4})], "degraded, and answers after 0.4 s"),
    ([("peer_health_changed", SLOW | {"uptime": 3})], "another uptime"),
    ([("peer_health_changed", SLOW | {"uptime": -0.001})], "it is up for less than no time"),
    ([("peer_health_changed", SLOW | {"lastHeartbeat": Timestamp(START + 1_000).text})], "a heartbeat from the future"),
    ([("peer_health_changed", UNKNOWN | {"uptime": 10}, 10)], "unknown after 10.0 s"),
    ([("peer_health_changed", UNKNOWN, 15), ("peer_health_changed", OFFLINE | {"uptime": 20}, 20)], "given up after"),
    ([("peer_health_changed", UNKNOWN, 15), ("peer_health_changed", OFFLINE, 30)], "a peer is OFFLINE, and still here"),
    ([("peer_health_changed", SLOW), ("peer_health_changed", SLOW | {"status": "ONLINE", "previousStatus": "DEGRADED",
      "isHealthy": True, "errors": []})], "well, and answers after 0.6 s"),
    ([("peer_health_changed", SLOW), ("peer_health_changed", SLOW | {"status": "ONLINE", "previousStatus": "DEGRADED",
      "isHealthy": True, "errors": [], "responseTime": 0.1, "uptime": 9}, 9)], "well, and not heard for 9.0 s"),
    ([GONE, ("peer_health_changed", SLOW | {"id": "b"})], "the health of a peer that is not here"),
    ([graph(totalNodes=4)], "4 nodes, not 3"),
    ([graph(connectedNodes=2)], "2 nodes here"),
    ([graph(), graph()], "less than a second later"),
    ([graph(networkDiameter=3)], "diameter 3"),
    ([graph(networkDiameter=0)], "diameter 0"),
    ([graph(averageLatency=-1)], "less latency than none"),
    ([cluster(leader="b")], "another leader than the first"),
    ([cluster(size=2)], "3 nodes of 2"),
    ([cluster(nodes=["a", "b", "b"])], "a peer twice, or one that is away"),
    ([cluster(nodes=["a", "b", "d"])], "a peer twice, or one that is away"),
    ([graph(clusters=[CLUSTER, CLUSTER])], "two clusters of one id"),
    ([graph(clusters=[CLUSTER | {"size": 4}])], "more peers in clusters than here"),
    ([graph(clusters=[CLUSTER | {"id": "z", "nodes": ["a"], "size": 1},
                      CLUSTER | {"nodes": ["b", "c"], "leader": "b", "size": 2}])], "not the largest clusters first"),
    ([(*UPLOADED, 5), ("file_deleted", {"key": "k", "node": "a"}, 4)], "an event from the past"),
    ([("file_uploaded", UPLOAD | {"timestamp": Timestamp(START + 5_000).text})], "two timestamps that differ"),
]  # fmt: skip


@pytest.mark.parametrize(("events", "said"), WRONG, ids=[f"{place}-{said}" for place, (_, said) in enumerate(WRONG)])
def test_what_can_not_be_true_is_found(events: list[Event], said: str) -> None:
    assert said in "\n".join(of(*events).problems)


@pytest.mark.parametrize(("levels", "said"), [(["warning"], "no critical alert at 80.0%"), ([], "no warning at 80.0%")])
def test_an_alert_that_is_missing_is_found(levels: list[str], said: str) -> None:
    story = Story(LIMITS, 3)
    story.capacities = {"a": 100}
    at = Timestamp(START).text
    told = [("peer_connected", A), ("file_uploaded", UPLOAD | {"size": 80})]
    told += [("storage_alert", STORAGE | {"level": level, "value": 80.0}) for level in levels]
    for kind, data in told:
        story.tell({"type": kind, "data": data | {"timestamp": at}, "timestamp": at})
    story.rest()
    assert said in "\n".join(story.problems)
    story.problems.clear()
    story.levels["storage_usage", None] = "critical"
    story.tell({"type": "file_deleted", "data": {"key": "k", "node": "a", "timestamp": at}, "timestamp": at})
    story.rest()
    assert story.problems == [f"event {len(told) + 1}: not well again at 0.0%"]
