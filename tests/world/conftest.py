"""What must be true of the world at any time, and of what it tells: written down once, here.

`contradictions` looks at a world from outside the events, `Story` at the events from outside the world.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from pvws.scenario.director import Director
from pvws.scenario.loader import load
from pvws.sim.chance import Stream
from pvws.sim.kernel import Kernel
from pvws.wire.codec import encode_event
from pvws.world.alerts import Thresholds
from pvws.world.entities import File, Peer, Transfer
from pvws.world.world import World

START = 1_704_067_200_000_000
MEBIBYTE = 1024**2


def contradictions(world: World) -> list[str]:
    """What contradicts itself in a world, in sentences; nothing, if all is well."""
    transfers = {id(each): each for peer in world.peers.values() for each in peer.transfers}.values()
    return [*_sums(world, transfers), *_peers(world), *_files(world), *_transfers(world, transfers)]


def _sums(world: World, transfers: Iterable[Transfer]) -> Iterable[str]:
    connected = [peer for peer in world.peers.values() if peer.connected]
    for name, told, true in (
        ("total_space", world.total_space, sum(peer.capacity for peer in connected)),
        ("used_space, by peers", world.used_space, sum(peer.used for peer in connected)),
        ("used_space, by copies", world.used_space, sum(f.size * len(f.copies) for f in world.files.values())),
        ("reserved_space", world.reserved_space, sum(each.file.size for each in transfers)),
        ("available", set(world.available), {file for file in world.files.values() if file.copies}),
        ("connected", set(world.connected), set(connected)),
    ):
        if told != true:
            yield f"{name} is {told}, and should be {true}"


def _peers(world: World) -> Iterable[str]:
    for name, peer in world.peers.items():
        if peer.name != name:
            yield f"{name} calls itself {peer.name}"
        if peer.used != sum(file.size for file in peer.held):
            yield f"{name} has used {peer.used}, which is not what it holds"
        if peer.reserved != sum(each.file.size for each in peer.transfers if each.target is peer):
            yield f"{name} has reserved {peer.reserved}, which is not what is on its way to it"
        if min(peer.used, peer.reserved, peer.room) < 0:
            yield f"{name} holds more than it can: {peer.used} + {peer.reserved} of {peer.capacity}"
        if peer.links and not peer.connected:
            yield f"{name} is away and has links"
        if peer in peer.links:
            yield f"{name} is linked to itself"
        for other in peer.links:
            if peer not in other.links or not other.connected:
                yield f"the link from {name} to {other.name} is none in the other direction"
        for file in peer.held:
            if peer.connected and (file.deleted or peer not in file.copies):
                yield f"{name} holds {file.key}, which knows nothing of it"


def _files(world: World) -> Iterable[str]:
    for key, file in world.files.items():
        if file.key != key or file.deleted:
            yield f"{key} is stored and deleted, or has another key"
        for peer in file.copies:
            if not peer.connected or file not in peer.held:
                yield f"{key} has a copy on {peer.name}, which is away or has none"
        for peer in file.coming:
            if not peer.connected or peer in file.copies:
                yield f"{key} is on its way to {peer.name}, which is away or has it"


def _transfers(world: World, transfers: Iterable[Transfer]) -> Iterable[str]:
    for each in transfers:
        names = f"the transfer of {each.file.key} from {each.source.name} to {each.target.name}"
        if not each.live or each.target not in each.file.coming:
            yield f"{names} has ended and is on its way"
        if each.source is each.target or not (each.source.connected and each.target.connected):
            yield f"{names} lacks one of its peers"
        if each not in each.source.transfers or each not in each.target.transfers:
            yield f"{names} is known to one of them only"
        if not each.file.deleted and each.source not in each.file.copies:
            yield f"{names} has nothing at its source"


class Story:
    """Follows events and nothing else, as a client would, and collects what can't be true in `problems`.

    All peers have the same capacity. Disks of peers that are away are remembered, for they come back with them.
    """

    def __init__(self, capacity: int, thresholds: Thresholds) -> None:
        self.capacity = capacity
        self.thresholds = thresholds
        self.connected: set[str] = set()
        self.files: dict[str, tuple[int, set[str]]] = {}
        self.level = "info"
        self.problems: list[str] = []
        self.told: list[str] = []

    @property
    def used(self) -> int:
        return sum(size * len(disks & self.connected) for size, disks in self.files.values())

    @property
    def usage(self) -> float | None:
        """Percent of the storage of connected peers; None while there are none."""
        return 100 * self.used / (self.capacity * len(self.connected)) if self.connected else None

    def tell(self, kind: str, data: dict[str, Any]) -> None:
        """Take the next event."""
        self.told.append(kind)
        getattr(self, f"_{kind}")(data)

    def rest(self) -> None:
        """Nothing more happens at this step: the last alert must be what the storage deserves."""
        usage, limits = self.usage, self.thresholds
        if usage is None:
            return
        self._must(self.level == "critical" or usage < limits.critical, f"no critical alert at {usage}%")
        self._must(self.level != "info" or usage < limits.warning, f"no warning at {usage}%")
        self._must(self.level == "info" or round(usage, 6) >= limits.clear, f"not well again at {usage}%")

    def _must(self, holds: object, otherwise: str) -> None:
        if not holds:
            self.problems.append(f"event {len(self.told)}: {otherwise}")

    def _replicas(self, key: str) -> int:
        return len(self.files[key][1] & self.connected)

    def _peer_connected(self, data: dict[str, Any]) -> None:
        self._must(data["id"] not in self.connected, "a peer connects that is here")
        self.connected.add(data["id"])

    def _peer_disconnected(self, data: dict[str, Any]) -> None:
        self._must(data["id"] in self.connected, "a peer disconnects that is not here")
        self.connected.discard(data["id"])

    def _file_uploaded(self, data: dict[str, Any]) -> None:
        self._must(data["key"] not in self.files, "a file is uploaded that is stored")
        self._must(data["node"] in self.connected, "an upload to a peer that is not here")
        self.files[data["key"]] = (data["size"], {data["node"]})

    def _file_deleted(self, data: dict[str, Any]) -> None:
        size, disks = self.files.pop(data["key"], (0, set()))
        self._must(size, "a file is deleted that is not stored")
        self._must(data["node"] in disks & self.connected, "a deletion at a peer that is away or has no copy")

    def _file_replicated(self, data: dict[str, Any]) -> None:
        key, source, node = data["key"], data["source"], data["node"]
        if key not in self.files:
            self.problems.append(f"event {len(self.told)}: a copy of a file that is not stored")
            return
        size, disks = self.files[key]
        self._must(size == data["size"], "a copy of another size")
        self._must(node not in disks & self.connected, "a copy to where there is one")
        if data["status"] == "SYNCED":
            self._must(source in disks & self.connected, "a copy from where there is none")
            self._must(node in self.connected, "a copy on a peer that is not here")
            disks.add(node)
        else:
            self._must(data["status"] == "FAILED", f"what is {data['status']}?")
            self._must({source, node} - self.connected, "a copy fails between peers that are here")
        self._must(data["replicas"] == self._replicas(key), f"{data['replicas']} replicas, not {self._replicas(key)}")

    def _storage(self, data: dict[str, Any]) -> None:
        self._must(data["totalSpace"] == self.capacity * len(self.connected), "another total")
        self._must(data["usedSpace"] == self.used, f"{data['usedSpace']} used, not {self.used}")
        self._must(data["usedSpace"] + data["availableSpace"] == data["totalSpace"], "used + available is not total")

    def _system_metrics(self, data: dict[str, Any]) -> None:
        self._storage(data["storage"])

    def _storage_metrics(self, data: dict[str, Any]) -> None:
        self._storage(data)
        counts = [replicas for key in self.files if (replicas := self._replicas(key))]
        self._must(data["fileCount"] == len(counts), f"{data['fileCount']} files, not {len(counts)}")
        factor = round(sum(counts) / len(counts), 6) if counts else 0
        self._must(data["replicationFactor"] == factor, f"factor {data['replicationFactor']}, not {factor}")

    def _network_metrics(self, data: dict[str, Any]) -> None:
        peers = len(self.connected)
        self._must(data["activeConnections"] <= peers * (peers - 1) // 2, "more links than pairs")
        self._must(0 <= data["errorRate"] <= 1, "an error rate outside 0 to 1")

    def _performance_metrics(self, data: dict[str, Any]) -> None:
        self._must(0 <= data["memoryUsage"] <= 100 and 0 <= data["cpuUsage"] <= 100, "a usage outside 0 to 100")

    def _storage_alert(self, data: dict[str, Any]) -> None:
        level, value = data["level"], data["value"]
        self._must(value == round(self.usage or 0, 6), f"an alert at {value}%, and it is {self.usage}%")
        self._must(data["threshold"] == getattr(self.thresholds, {"info": "clear"}.get(level, level)), "no threshold")
        if level == "info":
            self._must(self.level != "info" and value < self.thresholds.clear, "well again without a reason")
        else:
            legal = {"warning": ("info",), "critical": ("info", "warning")}[level]
            self._must(self.level in legal and value >= data["threshold"], f"{level} without a crossing")
        self.level = level


def checked_run(script: str, seed: int | None = None) -> Story:
    """Play a script to its end; after every step look at the world and at what it has told so far."""
    scenario = load(script, "made-up.yaml")
    seed = scenario.seed if seed is None else seed
    director = Director(scenario, start=START, seed=seed, duration=scenario.duration)
    assert scenario.alerts.storage_usage is not None
    story = Story(scenario.network.capacity, scenario.alerts.storage_usage)
    while director.peek() is not None:
        for event in director.step():
            story.tell(event.type, json.loads(event.text)["data"])
        story.rest()
        problems = contradictions(director.play.world) + story.problems
        assert not problems, "\n".join([f"after {len(story.told)} events of", script, *problems])
        assert story.used == director.play.world.used_space
    return story


class Stagehand:
    """A small world and short words for what tests do to it. All peers are equal: one second a mebibyte."""

    def __init__(self, replication: int = 3, thresholds: Thresholds | None = None) -> None:
        self.kernel = Kernel(START)
        self.chance = Stream(1, "test")
        self.world = World(self.kernel, seed=1, replication=replication, storage_usage=thresholds)

    def peer(self, name: str, capacity: int = 64 * MEBIBYTE) -> Peer:
        """One more peer, connected."""
        peer = Peer(name, f"id of {name}", "10.0.0.1", 8000, ["storage"], capacity, MEBIBYTE, 10_000)
        self.world.connect(peer, self.chance)
        return peer

    def upload(self, name: str, size: int = MEBIBYTE) -> File:
        """A file comes in; there must be room."""
        file = self.world.upload(name, size, self.chance)
        assert file is not None
        return file

    def passes(self, micros: int) -> None:
        """Time passes, and with it the transfers."""
        self.kernel.run(self.kernel.now + micros)
        assert not contradictions(self.world)

    def told(self, kind: str = "") -> list[dict[str, Any]]:
        """The payloads of a type, or of all, that were told since the last question."""
        assert not contradictions(self.world)
        messages = [json.loads(encode_event(payload, self.world.now)) for payload in self.world.outbox]
        self.world.outbox.clear()
        return [message["data"] for message in messages if message["type"] == kind or not kind]


@pytest.fixture
def invariants() -> Callable[[World], list[str]]:
    """What contradicts itself in a world, in sentences."""
    return contradictions


@pytest.fixture
def story() -> type[Story]:
    return Story


@pytest.fixture
def run_checked() -> Callable[..., Story]:
    return checked_run


@pytest.fixture
def stagehand() -> type[Stagehand]:
    return Stagehand
