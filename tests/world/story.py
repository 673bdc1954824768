"""What the events say, followed by a client that knows nothing else, and what in them can't be true."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pvws.timestamp import Timestamp
from pvws.world.alerts import Thresholds
from pvws.world.truth import Truth
from pvws.world.world import WorldRules

HEARTBEAT_S = 5
LEVELS = {"info": ("warning", "critical"), "warning": ("info",), "critical": ("info", "warning")}
"""The levels that an alert may have had before it has this one."""


class StoredFile:
    """A file of which an upload told: who of those that are here has it whole, and what is on its way, by peer."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.tags: list[str] | None = None
        self.checksum: str | None = None
        self.holders: dict[str, None] = {}
        self.under_way: dict[str, tuple[str, str]] = {}
        """Status and source of a copy that was told of, by the peer that it goes to."""


class KnownPeer:
    """A peer that has connected: what its events said of it, and its disk, which it takes along when it goes."""

    def __init__(self) -> None:
        self.about: dict[str, Any] = {}
        self.connected = False
        self.since = 0
        """When it connected last, in microseconds."""
        self.reason = ""
        """Why it went …"""
        self.left = 0
        """… and when, in microseconds."""
        self.status = "UNKNOWN"
        self.disk: dict[str, int] = {}

    @property
    def used(self) -> int:
        """Bytes on its disk."""
        return sum(self.disk.values())


class Story:
    """Follows events, and collects in `problems` what can't be true. `tell` it every event, and let it `rest` when
    nothing more happens at that instant.

    What no event tells it is given: how many copies a file should have, the thresholds of the alarms, and the capacity
    of each peer by id. All else it knows from events, by the rules of `Store` for a peer that is back: it has dropped
    what was deleted meanwhile and copies of which there are enough, and what it finds corrupt is told.
    """

    def __init__(self, thresholds: Mapping[str, Thresholds], replication: int) -> None:
        self.thresholds = thresholds
        self.replication = replication
        self.capacities: dict[str, int] = {}
        self.peers: dict[str, KnownPeer] = {}
        self.files: dict[str, StoredFile] = {}
        self.levels: dict[tuple[str, str | None], str] = {}
        """The level of each alert, by figure and the peer it is about."""
        self.problems: list[str] = []
        self.told: list[str] = []
        """The types of all events."""
        self._at = 0
        self._surveyed: int | None = None
        self._doomed: str | None = None
        """A peer that is OFFLINE, and is to be disconnected before anything else happens."""
        self._moved = 0
        self._transferred = 0
        self._performance: dict[str, Any] = {}

    # What it knows

    @property
    def connected(self) -> list[str]:
        """The ids of the peers that are here."""
        return [peer_id for peer_id, peer in self.peers.items() if peer.connected]

    @property
    def used(self) -> int:
        """Bytes used at the peers that are here."""
        return sum(file.size * len(file.holders) for file in self.files.values())

    @property
    def total(self) -> int:
        """Bytes that the peers that are here have."""
        return sum(self.capacities[peer_id] for peer_id in self.connected)

    def against(self, truth: Truth) -> list[str]:
        """In what the truth is another than this story."""
        here = [peer for peer in truth.peers if peer.connected]
        pairs: list[tuple[str, object, object]] = [
            ("used space", self.used, truth.used_space),
            ("total space", self.total, truth.total_space),
            ("file count", sum(bool(file.holders) for file in self.files.values()), truth.file_count),
            ("peers", list(self.peers), [peer.id for peer in truth.peers]),
            ("connected", self.connected, [peer.id for peer in here]),
            ("health", [peer.status for peer in self.peers.values()], [peer.status for peer in truth.peers]),
            ("used, by peer", [self.peers[peer_id].used for peer_id in self.connected], [peer.used for peer in here]),
            ("files", {key: file.size for key, file in self.files.items()}, {f.key: f.size for f in truth.files}),
            (
                "copies",
                {key: set(file.holders) for key, file in self.files.items()},
                {f.key: {copy.node for copy in f.copies if copy.status == "SYNCED"} for f in truth.files},
            ),
            (
                "alerts",
                {about: level for about, level in self.levels.items() if level != "info"},
                {(alert.metric, alert.node): alert.level for alert in truth.alerts},
            ),
        ]
        found = [f"{name}: told {told}, and true is {true}" for name, told, true in pairs if told != true]
        return found + list(self._against_files(truth))

    def _against_files(self, truth: Truth) -> Iterable[str]:
        for true in truth.files:
            file = self.files.get(true.key)
            coming = {copy.node: copy.status for copy in true.copies if copy.status != "SYNCED"}
            for node, (status, _) in (file.under_way if file else {}).items():
                if coming.get(node) != status:
                    yield f"a copy of {true.key} to {node} is told to be {status}, and is {coming.get(node)}"
            if file and file.tags is not None and (file.tags, file.checksum) != (true.tags, true.checksum):
                yield f"{true.key} was told to have other tags or content"

    # Events

    def tell(self, message: dict[str, Any]) -> None:
        """Take the next event, as it is on the wire."""
        kind, data = message["type"], message["data"]
        self.told.append(kind)
        at = Timestamp.parse(message["timestamp"]).micros
        self._must(data.get("timestamp", message["timestamp"]) == message["timestamp"], "two timestamps that differ")
        self._must(at >= self._at, "an event from the past")
        self._must(self._doomed in (None, data.get("id")), "a peer is OFFLINE, and still here")
        self._at = at
        tell: Callable[[dict[str, Any]], None] = getattr(self, f"_{kind}")
        tell(data)

    def rest(self) -> None:
        """Nothing more happens at this instant: alerts must be what figures deserve, and transfers have two ends."""
        self._must(self._doomed is None, "a peer is OFFLINE, and still here")
        usages: dict[tuple[str, str | None], tuple[int, int]] = {("storage_usage", None): (self.used, self.total)}
        for peer_id in self.connected:
            usages["peer_storage_usage", peer_id] = self.peers[peer_id].used, self.capacities[peer_id]
            self._must(self.peers[peer_id].used <= self.capacities[peer_id], "a peer holds more than it can")
        for (name, peer_id), (used, total) in usages.items():
            limits, level = self.thresholds.get(name), self.levels.get((_metric(name), peer_id), "info")
            if limits is not None and total:
                usage = round(100 * used / total, 6)
                self._must(level == "critical" or usage < limits.critical, f"no critical alert at {usage}%")
                self._must(level != "info" or usage < limits.warning, f"no warning at {usage}%")
                self._must(level == "info" or usage >= limits.clear, f"not well again at {usage}%")
        for file in self.files.values():
            here = len(file.holders) + len(file.under_way)
            self._must(here <= self.replication, "more copies than there should be")
            for node, (_, source) in file.under_way.items():
                self._must(self.peers[node].connected and source in file.holders, "a copy on its way without an end")

    def _must(self, holds: object, otherwise: str) -> None:
        if not holds:
            self.problems.append(f"event {len(self.told)}: {otherwise}")

    def _known(self, peer_id: str) -> KnownPeer:
        self._must(peer_id in self.peers, f"{peer_id} is nobody")
        return self.peers.get(peer_id) or KnownPeer()

    def _forgotten(self, peer: KnownPeer) -> bool:
        return not peer.connected and self._at - peer.left >= WorldRules().forget_micros

    def _here(self, peer_id: str, otherwise: str) -> KnownPeer:
        peer = self._known(peer_id)
        self._must(peer.connected, otherwise)
        return peer

    # peer_network

    def _peer_connected(self, data: dict[str, Any]) -> None:
        peer = self.peers.setdefault(data["id"], KnownPeer())
        self._must(not peer.connected, "a peer connects that is here")
        about = {name: data[name] for name in ("address", "port", "capabilities")}
        self._must(peer.about in ({}, about), "a peer comes back as another")
        peer.about, peer.connected, peer.since, peer.status = about, True, self._at, "ONLINE"
        for key in list(peer.disk):
            file = self.files.get(key)
            if file is None or len(file.holders) >= self.replication:
                del peer.disk[key]
            else:
                file.holders[data["id"]] = None

    def _peer_disconnected(self, data: dict[str, Any]) -> None:
        peer = self._here(data["id"], "a peer disconnects that is not here")
        if self._doomed is not None:
            self._must(data["reason"] == "timeout", "a peer that was given up says why it goes")
        self._doomed = None
        peer.connected, peer.reason, peer.left, peer.status = False, data["reason"], self._at, "OFFLINE"
        for key in peer.disk:
            self.files[key].holders.pop(data["id"], None)

    def _peer_health_changed(self, data: dict[str, Any]) -> None:
        peer = self._here(data["id"], "the health of a peer that is not here")
        status, before, response = data["status"], data["previousStatus"], data["responseTime"]
        heard = Timestamp.parse(data["lastHeartbeat"]).micros
        self._must(before == peer.status, f"it was {peer.status} and not {before}")
        self._must(status != before, "no other health than before")
        self._must(data["isHealthy"] == (status == "ONLINE") == (not data["errors"]), f"{status}, and {data['errors']}")
        self._must(0 <= heard <= self._at, "a heartbeat from the future")
        self._must(abs(data["uptime"] - (self._at - peer.since) / 1e6) < 0.002, "another uptime")
        self._must(data["uptime"] >= 0, "it is up for less than no time")
        silent = (self._at - heard) / 1e6
        match status:
            case "UNKNOWN":
                self._must(abs(silent - 3 * HEARTBEAT_S) < 0.002, f"unknown after {silent} s")
            case "OFFLINE":
                self._must(before == "UNKNOWN" and silent > 6 * HEARTBEAT_S - 0.002, f"given up after {silent} s")
                self._doomed = data["id"]
            case "DEGRADED":
                self._must(response >= 0.5, f"degraded, and answers after {response} s")
            case _:
                self._must(response < 0.5, f"well, and answers after {response} s")
                self._must(silent < HEARTBEAT_S, f"well, and not heard for {silent} s")
        peer.status = status

    def _network_topology_changed(self, data: dict[str, Any]) -> None:
        clusters, connected = data["clusters"], set(self.connected)
        self._must(data["totalNodes"] == len(self.peers), f"{data['totalNodes']} nodes, not {len(self.peers)}")
        self._must(data["connectedNodes"] == len(connected), f"{data['connectedNodes']} nodes here")
        self._must(self._surveyed is None or self._at - self._surveyed >= 1_000_000, "less than a second later")
        self._surveyed = self._at
        sizes = [cluster["size"] for cluster in clusters]
        self._must(len(sizes) <= 16 and sizes == sorted(sizes, reverse=True), "not the largest clusters first")
        self._must(sum(sizes) <= len(connected), "more peers in clusters than here")
        for cluster in clusters:
            nodes, size = cluster["nodes"], cluster["size"]
            self._must(nodes[0] == cluster["leader"], "another leader than the first")
            self._must(len(nodes) == min(size, 32), f"{len(nodes)} nodes of {size}")
        nodes = [node for cluster in clusters for node in cluster["nodes"]]
        self._must(len(nodes) == len(set(nodes)) and connected.issuperset(nodes), "a peer twice, or one that is away")
        self._must(len({cluster["id"] for cluster in clusters}) == len(clusters), "two clusters of one id")
        largest, diameter = sizes[0] if sizes else 0, data["networkDiameter"]
        self._must(min(1, largest - 1) <= diameter <= largest - 1 or largest == diameter == 0, f"diameter {diameter}")
        self._must(data["averageLatency"] >= 0, "less latency than none")

    # file_operations

    def _file_uploaded(self, data: dict[str, Any]) -> None:
        key, size, node = data["key"], data["size"], data["node"]
        self._must(key not in self.files, "a file is uploaded that is stored")
        peer = self._here(node, "an upload to a peer that is not here")
        file = self.files[key] = StoredFile(size)
        file.holders[node], peer.disk[key] = None, size
        self._moved += size

    def _file_deleted(self, data: dict[str, Any]) -> None:
        file = self.files.pop(data["key"], None)
        self._must(file, "a file is deleted that is not stored")
        self._must(file is None or data["node"] in file.holders, "a deletion where no copy is")
        for node in file.holders if file else ():
            del self.peers[node].disk[data["key"]]

    def _file_updated(self, data: dict[str, Any]) -> None:
        file = self.files.get(data["key"])
        if file is None:
            self.problems.append(f"event {len(self.told)}: a file is updated that is not stored")
            return
        self._must(data["size"] == file.size, "an update that changes the size")
        self._must(data["node"] in file.holders, "an update where no copy is")
        file.tags, file.checksum = data["tags"], data["checksum"]

    def _file_replicated(self, data: dict[str, Any]) -> None:
        key, source, node, status = data["key"], data["source"], data["node"], data["status"]
        file = self.files.get(key)
        if file is None:
            self.problems.append(f"event {len(self.told)}: a copy of a file that is not stored")
            return
        self._known(source)
        target = self._known(node)
        before = file.under_way.pop(node, None)
        self._must(file.size == data["size"], "a copy of another size")
        self._must(source != node, "a copy from a peer to itself")
        self._must(before is None or before[1] == source, "a copy that comes from somewhere else now")
        if status == "FAILED":
            self._failed(file, key, node, before)
        else:
            self._must(source in file.holders, "a copy from where there is none")
            self._must(node not in file.holders, "a copy to where there is one")
            self._must(target.connected, "a copy to a peer that is not here")
            last = None if before is None else before[0]
            self._must(last in {"PENDING": (None,), "SYNCING": (None, "PENDING"), "SYNCED": (None, "SYNCING")}[status],
                       f"{status} after {last}")  # fmt: skip
            if status == "SYNCED":
                file.holders[node], target.disk[key] = None, file.size
                self._moved += file.size
            else:
                file.under_way[node] = status, source
        self._must(data["replicas"] == len(file.holders), f"{data['replicas']} replicas, not {len(file.holders)}")

    def _failed(self, file: StoredFile, key: str, node: str, before: object) -> None:
        """A copy on its way is lost; or a copy that was there, since it was corrupt."""
        if node in file.holders:
            self._must(before is None, "a copy on its way to where there is one")
            self._must(len(file.holders) > 1, "the last copy is dropped")
            del file.holders[node], self.peers[node].disk[key]

    # system

    def _storage(self, data: dict[str, Any]) -> None:
        self._must(data["totalSpace"] == self.total, f"{data['totalSpace']} in all, not {self.total}")
        self._must(data["usedSpace"] == self.used, f"{data['usedSpace']} used, not {self.used}")
        self._must(data["usedSpace"] + data["availableSpace"] == data["totalSpace"], "used + available is not total")

    def _network(self, data: dict[str, Any]) -> None:
        peers = len(self.connected)
        self._must(0 <= data["activeConnections"] <= peers * (peers - 1) // 2, "more links than pairs")
        self._must(data["totalBytesTransferred"] >= max(self._moved, self._transferred), "fewer bytes than moved")
        self._transferred = data["totalBytesTransferred"]

    def _system_metrics(self, data: dict[str, Any]) -> None:
        self._storage(data["storage"])
        self._network(data["network"])
        self._must(min(data["performance"].values()) >= 0, "less performance than none")

    def _storage_metrics(self, data: dict[str, Any]) -> None:
        self._storage(data)
        counts = [len(file.holders) for file in self.files.values() if file.holders]
        self._must(data["fileCount"] == len(counts), f"{data['fileCount']} files, not {len(counts)}")
        factor = round(sum(counts) / len(counts), 6) if counts else 0
        self._must(data["replicationFactor"] == factor, f"factor {data['replicationFactor']}, not {factor}")

    def _network_metrics(self, data: dict[str, Any]) -> None:
        self._network(data)
        self._must(0 <= data["errorRate"] <= 1 and data["averageBandwidth"] >= 0, "an error rate outside 0 to 1")

    def _performance_metrics(self, data: dict[str, Any]) -> None:
        self._must(0 <= data["memoryUsage"] <= 100 and 0 <= data["cpuUsage"] <= 100, "a usage outside 0 to 100")
        self._must(0 <= data["errorRate"] <= 1, "an error rate outside 0 to 1")
        self._performance = data

    # alerts

    def _alert(self, name: str, peer_id: str | None, data: dict[str, Any]) -> None:
        """What all alerts have in common; `name` is that of the thresholds."""
        level, value, about = data["level"], data["value"], (data["metric"], peer_id)
        before, limits = self.levels.get(about, "info"), self.thresholds.get(name)
        if limits is None:
            self.problems.append(f"event {len(self.told)}: {name} alarms without thresholds")
            return
        threshold = {"info": limits.clear, "warning": limits.warning, "critical": limits.critical}[level]
        self._must(data["threshold"] == threshold, f"a threshold of {data['threshold']}, not {threshold}")
        self._must(before in LEVELS[level], f"{level} after {before}")
        self._must(value < threshold if level == "info" else value >= threshold, f"{level} without a crossing")
        self.levels[about] = level

    def _storage_alert(self, data: dict[str, Any]) -> None:
        peer_id = data.get("node")
        used, total = self.used, self.total
        if peer_id is not None:
            peer = self._known(peer_id)
            # Of one that is gone for good nothing is used, and that is told once.
            used, total = peer.used if peer.connected else 0, self.capacities[peer_id]
            gone = peer.reason == "evicted" or self._forgotten(peer)
            self._must(peer.connected or gone, "the storage of a peer that may be back")
        usage = round(100 * used / total, 6) if total else 0
        self._must(data["value"] == usage, f"an alert at {data['value']}%, and it is {usage}%")
        self._alert("storage_usage" if peer_id is None else "peer_storage_usage", peer_id, data)

    def _performance_alert(self, data: dict[str, Any]) -> None:
        figures, metric = self._performance, data["metric"]
        name = {"memory_usage": "memoryUsage", "cpu_usage": "cpuUsage", "error_rate": "errorRate"}.get(metric)
        self._must(data["value"] == figures.get(name or "averageResponseTime"), "a figure that no metrics had")
        self._alert(metric, None, data)

    def _network_alert(self, data: dict[str, Any]) -> None:
        gone = {
            i
            for i, peer in self.peers.items()
            if peer.reason not in ("", "shutdown", "evicted") and not peer.connected and not self._forgotten(peer)
        }
        affected = set(data["peers"])
        for peer_id in affected:
            self._known(peer_id)
        self._must(len(affected) == len(data["peers"]), "a peer that is affected twice")
        self._must(len(affected) == 100 or gone <= affected, "a peer that is gone, and not affected")
        self._must(0 <= data["value"] <= 100 and bool(affected) == (data["value"] > 0), "a share of nobody")
        self._alert("unreachable_peers", None, data)

    def _security_alert(self, data: dict[str, Any]) -> None:
        self._must(data["metric"] == data["category"], "a category of another figure")
        self._must(data["source"], "an incident from nowhere")
        self._alert(data["category"], None, data)


def _metric(name: str) -> str:
    """What an alert calls the figure of a name."""
    return name.removeprefix("peer_")
