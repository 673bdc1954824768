"""A small world, and short words for what tests do to it."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from pvws.sim.chance import Stream
from pvws.sim.kernel import Kernel
from pvws.wire.codec import encode_event
from pvws.world.alerts import Thresholds
from pvws.world.entities import File, Peer
from pvws.world.health import HEARTBEAT_MICROS
from pvws.world.invariants import contradictions
from pvws.world.world import World, WorldRules
from tests.world.story import Story

START = 1_704_067_200_000_000  # 2024-01-01T00:00:00Z
SECOND = 1_000_000
MEBIBYTE = 1024**2
QUARTERS = Thresholds(warning=50, critical=75, clear=25)


def key_of(name: str) -> str:
    """The key of a file that a test calls by a name."""
    return sha256(name.encode()).hexdigest()


def peer_id(name: str, phase: int | None = None) -> str:
    """The id of a peer; with a phase, its heartbeats come so many microseconds after a multiple of their period."""
    digest = sha256(f"peer {name}".encode()).hexdigest()
    return digest if phase is None else f"{-(-(phase << 24) // HEARTBEAT_MICROS):06x}{digest[6:]}"


def new_peer(number: int, name: str = "", **figures: Any) -> Peer:
    """A peer as a stagehand makes them, that belongs to no world yet."""
    name = name or f"p{number}"
    phase = figures.pop("phase", None)
    usual = {"capacity": 64 * MEBIBYTE, "bandwidth": MEBIBYTE, "latency": 0}
    return Peer(number, name, peer_id(name, phase), "10.0.0.1", 8000, ["storage"], **(usual | figures))


class Stagehand:
    """A world of peers that are all equal unless a test says otherwise: a mebibyte takes exactly a second from one to
    another. Alarms are silent but those that have `thresholds`; what else is given are rules of the world.

    Whatever a test asks, it asks after the world was searched for contradictions and a story has followed its events.
    """

    def __init__(self, replication: int = 3, thresholds: Mapping[str, Thresholds] | None = None, **rules: Any) -> None:
        self.kernel = Kernel(START)
        self.chance = Stream(1, "test")
        self.world = World(self.kernel, WorldRules(replication=replication, thresholds=thresholds or {}, **rules))
        self.store = self.world.store
        self.story = Story(thresholds or {}, replication)
        self._told: list[tuple[str, dict[str, Any]]] = []

    @property
    def now(self) -> int:
        """Microseconds since the beginning."""
        return self.kernel.now - START

    def peer(self, name: str = "", **figures: Any) -> Peer:
        """One more peer, connected: `capacity`, `bandwidth`, `latency`, and `phase` of its heartbeats may be given."""
        peer = new_peer(len(self.world.peers), name, **figures)
        self.story.capacities[peer.id] = peer.capacity
        self.world.connect(peer, self.chance)
        return peer

    def peers(self, number: int, **figures: Any) -> list[Peer]:
        """So many of them."""
        return [self.peer(**figures) for _ in range(number)]

    def upload(self, name: str = "f", size: int = MEBIBYTE, node: Peer | None = None) -> File:
        """A file comes in; there must be room."""
        file = self.store.upload(key_of(name), size, self.chance, node)
        assert file is not None, "no peer has room"
        return file

    def leave(self, peer: Peer, reason: Any = "timeout") -> None:
        """A peer disconnects."""
        self.world.disconnect(peer, reason)

    def back(self, peer: Peer) -> None:
        """A peer comes back, or answers again."""
        self.world.recover(peer, self.chance)

    def cut(self, *sides: list[Peer]) -> None:
        """The network falls apart."""
        self.world.partition(sides, self.chance)

    def heal(self) -> None:
        """All is one network again."""
        self.world.heal(self.chance)

    def passes(self, micros: int) -> None:
        """Time passes. After every step of it the world is searched for contradictions."""
        self._listen()
        until = self.kernel.now + micros
        while (at := self.kernel.peek()) is not None and at <= until:
            self.kernel.step()
            self._listen()
        self.kernel.run(until)
        self._listen()

    def told(self, kind: str = "") -> list[dict[str, Any]]:
        """The payloads of a type, or of all, that were told since the last question."""
        self._listen()
        told = [data for name, data in self._told if name == kind or not kind]
        self._told.clear()
        return told

    def kinds(self) -> list[str]:
        """The types of what was told since the last question."""
        self._listen()
        kinds = [name for name, _ in self._told]
        self._told.clear()
        return kinds

    def statuses(self, file: File | None = None) -> list[tuple[str, str, int]]:
        """Status, peer and number of replicas of each replication told since then, of a file or of all."""
        names = {peer.id: peer.name for peer in self.world.peers}
        return [
            (data["status"], names[data["node"]], data["replicas"])
            for data in self.told("file_replicated")
            if file is None or data["key"] == file.key
        ]

    def holders(self, file: File) -> set[str]:
        """The names of the connected peers that have a file whole."""
        return {self.world.peers[number].name for number in file.copies}

    def _listen(self) -> None:
        outbox = self.world.herald.outbox
        for payload in outbox:
            message = json.loads(encode_event(payload, self.world.herald.now))
            self._told.append((message["type"], message["data"]))
            self.story.tell(message)
        outbox.clear()
        self.story.rest()
        problems = contradictions(self.world) + self.story.problems
        assert not problems, "\n".join(problems)
