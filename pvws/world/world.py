"""The simulated network: every event is the consequence of something that happened in it."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from pvws.sim.chance import Stream
from pvws.sim.kernel import Kernel
from pvws.wire.events import Cluster, DisconnectReason, NetworkTopologyChanged, PeerConnected, PeerDisconnected
from pvws.world.alerts import DEFAULT_THRESHOLDS, Thresholds
from pvws.world.care import Care
from pvws.world.descriptions import Descriptions
from pvws.world.entities import File, Peer
from pvws.world.health import delay_micros
from pvws.world.herald import Herald
from pvws.world.names import DEFAULT_NAMES, Names
from pvws.world.overlay import Overlay
from pvws.world.reading import Reading
from pvws.world.store import Store
from pvws.world.topology import CLUSTER_NODES_MAX, CLUSTERS_MAX, survey
from pvws.world.watch import Watch

__all__ = ["TOPOLOGY_PERIOD_MICROS", "World", "WorldRules"]

TOPOLOGY_PERIOD_MICROS = 1_000_000
"""A change of the topology is told at most so often: telling it costs a visit to every link."""

_LAST = 9  # rank of what looks at an instant when all else of it has happened
_GOODBYES: frozenset[DisconnectReason] = frozenset(("shutdown", "evicted"))


class WorldRules(Struct, frozen=True):
    """By what rules a network lives. Times in microseconds; alarms without thresholds stay silent."""

    replication: int = 3
    repair_delay: int = 10_000_000
    repairs_at_once: int = 16
    scrub_micros: int = 30_000_000
    """Within that time a corrupt copy is found out by itself."""
    forget_micros: int = 300_000_000
    """A peer that is away for longer is gone: it is not missed any more, and its alarms are over."""
    thresholds: Mapping[str, Thresholds] = field(default_factory=lambda: DEFAULT_THRESHOLDS)
    names: Names = DEFAULT_NAMES


_DEFAULT_RULES = WorldRules()


class World:
    """Peers, files and their copies; verbs change it, and what follows is put into the herald's `outbox`.

    `store` has the files and the space, `overlay` the links, `watch` the alarms, `care` the health, each with its
    own part of the rules. A peer that leaves keeps its disk. Nothing here draws chance but from a stream that is
    handed in.
    """

    def __init__(self, kernel: Kernel, rules: WorldRules = _DEFAULT_RULES) -> None:
        self.kernel = kernel
        self.rules = rules
        self.herald = Herald(kernel)
        self.peers: list[Peer] = []
        """All peers that ever connected, by number."""
        self.descriptions = Descriptions(rules.names)
        self.overlay = Overlay(self.peers)
        self.watch = Watch(kernel, self.herald, rules.thresholds)
        self.care = Care(kernel, self.herald, self._give_up)
        self.store = Store(
            kernel,
            self.herald,
            self.overlay,
            self.peers,
            self.watch,
            self.care,
            self.descriptions,
            replication=rules.replication,
            repair_delay=rules.repair_delay,
            repairs_at_once=rules.repairs_at_once,
        )
        self.missing = 0
        """Peers that are away, or on another side of a partition, without having said goodbye."""
        self._names: dict[str, Peer] = {}
        self._surveying = False
        self._surveyed = kernel.now - TOPOLOGY_PERIOD_MICROS

    def find(self, name: str) -> Peer | None:
        """The peer of this name, if it ever connected."""
        return self._names.get(name)

    # Peers come and go

    def connect(self, peer: Peer, chance: Stream) -> None:
        """A peer joins, or comes back with its disk; nothing, if it is here. It links up with random others."""
        if peer.connected:
            return
        if peer.name not in self._names:
            assert peer.number == len(self.peers), "peers are numbered in the order in which they join"
            self.peers.append(peer)
            self._names[peer.name] = peer
            self.watch.peer(peer)
        assert self._names[peer.name] is peer, f"two peers are called {peer.name}"
        peer.connected, peer.crashed = True, False
        self.care.begin(peer)
        self.overlay.add(peer, chance)
        superfluous = self.store.join(peer)
        self.herald.outbox.append(PeerConnected(peer.id, peer.address, peer.port, peer.capabilities, self.herald.now))
        self.store.call_off(superfluous)
        self.store.look_over(peer)
        if peer.group:
            self.care.silence(peer)
        if not peer.low <= peer.used < peer.high:
            self.watch.peer(peer)
        self._restructured([peer])
        self.watch.storage(self.store.used_space, self.store.total_space)
        self.store.lacking.reconsider()

    def disconnect(self, peer: Peer, reason: DisconnectReason) -> None:
        """A peer leaves; nothing, if it is not here. Copies on their way from or to it fail."""
        if not peer.connected:
            return
        peer.connected, peer.left = False, self.kernel.now
        if not peer.crashed:
            self.overlay.remove(peer)
        peer.crashed = False
        self.care.end(peer)
        failed = self.store.leave(peer)
        self.herald.outbox.append(PeerDisconnected(peer.id, reason, self.herald.now))
        self.store.fail(failed)
        self._restructured([peer], goodbye=reason in _GOODBYES)
        self.watch.storage(self.store.used_space, self.store.total_space)
        if reason == "evicted":
            self.watch.gone(peer)
        elif peer.missed or self.watch.alarms(peer):
            self.kernel.after(self.rules.forget_micros, self._forget, (peer, peer.left))

    def crash(self, peer: Peer) -> None:
        """A connected peer answers nothing more. Nobody is told: its heartbeats are missed, and in the end it counts
        as disconnected by `timeout`.
        """
        if peer.connected and not peer.crashed:
            peer.crashed = True
            self.overlay.remove(peer)
            self.store.interrupt(peer)
            self.care.silence(peer)
            self._survey_soon()

    def recover(self, peer: Peer, chance: Stream) -> None:
        """A peer that crashed, or left, is back."""
        if not peer.connected:
            self.connect(peer, chance)
        elif peer.crashed:
            peer.crashed = False
            self.overlay.add(peer, chance)
            self.store.fail(self.store.transfers_of(peer))
            self.store.look_over(peer)
            if not peer.group:
                self.care.hear(peer)
            self._restructured([peer])
            self.store.lacking.reconsider()

    # The network between them

    def partition(self, sides: Sequence[Sequence[Peer]], chance: Stream) -> None:
        """Cut the network into sides, which hold every peer that has links once. Copies between them fail."""
        was = [peer.group for peer in self.peers]
        for peer in self.peers:
            peer.group = 0  # whoever has no links comes back to where we look from
        self.overlay.split(sides, chance)
        for peer in self.store.connected:
            if peer.group:
                self.care.silence(peer)
            elif was[peer.number] and not peer.crashed:
                self.care.hear(peer)
        cut = [
            transfer
            for peer in self.store.connected
            for transfer in peer.incoming.values()
            if self.peers[transfer.source].group != peer.group
        ]
        self.store.fail(cut)
        self._restructured(self.store.connected)
        self.store.lacking.reconsider()

    def heal(self, chance: Stream) -> None:
        """All sides are one again."""
        if len(self.overlay.sides) > 1:
            self.partition([[peer for side in self.overlay.sides for peer in side]], chance)

    def burden(self, peer: Peer, *, slowness: float | None = None, load: float | None = None) -> None:
        """Make a peer slower by a factor, or busy to some share with other things."""
        peer.slowness = peer.slowness if slowness is None else slowness
        peer.load = peer.load if load is None else load
        peer.delay = delay_micros(peer)
        if peer.connected:
            self.care.look_soon(peer)

    # Its files

    def corrupt(self, file: File, peer: Peer, chance: Stream) -> None:
        """A copy is not what it should be any more. That is found out when it is read, and at the latest by a scrub."""
        key, number, store = file.key, peer.number, self.store
        if store.files.get(key) is file and number in file.copies and not store.corrupt.has(key, number):
            store.corrupt.add(key, number)
            delay = 1 + int(chance.random() * self.rules.scrub_micros)
            self.kernel.after(delay, store.find_out, (key, number))

    # What it tells of itself

    def reading(self) -> Reading:
        """A new reading of the traffic, from now on."""
        return Reading(self.store.traffic, self.kernel.now)

    def _give_up(self, peer: Peer) -> None:
        self.disconnect(peer, "timeout")

    def _forget(self, absence: tuple[Peer, int]) -> None:
        """Nobody waits any longer for a peer that has not been back."""
        peer, left = absence
        if not peer.connected and peer.left == left:
            self._reckon([peer], goodbye=True)
            self.watch.gone(peer)

    def _restructured(self, peers: Iterable[Peer], *, goodbye: bool = False) -> None:
        """Links are others than before, and these peers may be missing now, or not any more."""
        self._reckon(peers, goodbye=goodbye)
        self._survey_soon()

    def _reckon(self, peers: Iterable[Peer], *, goodbye: bool) -> None:
        for peer in peers:
            missed = peer.group > 0 if peer.connected else not goodbye
            self.missing += missed - peer.missed
            peer.missed = missed
        known = self.missing + sum(len(side) for side in self.overlay.sides[:1])
        self.watch.reach(self.missing, known, lambda: (peer for peer in self.peers if peer.missed))

    def _survey_soon(self) -> None:
        if not self._surveying:
            self._surveying = True
            at = max(self.kernel.now, self._surveyed + TOPOLOGY_PERIOD_MICROS)
            self.kernel.schedule(at, self._survey, rank=_LAST)

    def _survey(self, _: None) -> None:
        self._surveying = False
        self._surveyed = self.kernel.now
        linked = [peer for side in self.overlay.sides for peer in side]
        topology = survey(self.overlay, linked)
        clusters = [
            Cluster(
                id=f"cluster-{cluster[0].id[:8]}",
                nodes=[peer.id for peer in cluster[:CLUSTER_NODES_MAX]],
                leader=cluster[0].id,
                size=len(cluster),
            )
            for cluster in topology.clusters[:CLUSTERS_MAX]
        ]
        self.herald.outbox.append(
            NetworkTopologyChanged(
                total_nodes=len(self.peers),
                connected_nodes=len(self.store.connected),
                average_latency=topology.latency,
                network_diameter=topology.diameter,
                clusters=clusters,
                timestamp=self.herald.now,
            )
        )
