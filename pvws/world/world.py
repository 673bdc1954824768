"""The simulated network: every event is the consequence of something that happened in it."""

from hashlib import sha256

from pvws.sim.chance import Stream
from pvws.sim.kernel import Kernel
from pvws.timestamp import Timestamp
from pvws.wire.events import (
    DisconnectReason,
    FileDeleted,
    FileReplicated,
    FileUploaded,
    NetworkMetrics,
    NetworkTotals,
    Payload,
    PeerConnected,
    PeerDisconnected,
    PerformanceMetrics,
    PerformanceTotals,
    ReplicationStatus,
    StorageAlert,
    StorageMetrics,
    StorageTotals,
    SystemMetrics,
)
from pvws.world.alerts import Alarm, Thresholds
from pvws.world.bag import Bag
from pvws.world.entities import File, Peer, Transfer
from pvws.world.traffic import Traffic

__all__ = ["World"]

_LINKS_PER_PEER = 4  # neighbours a peer looks for when it connects
_UPLOAD_ATTEMPTS = 8  # peers asked at random for room before the roomiest is looked for


class World:
    """Peers, files and their copies; verbs change it, and what follows is put into `outbox`.

    Only connected peers count: for storage, as a place for copies, and for requests. A peer that leaves keeps its
    disk, and drops on its return what was deleted meanwhile. Copies are placed by the key of the file, so that
    what one behaviour does moves no file of another.
    """

    def __init__(self, kernel: Kernel, *, seed: int, replication: int, storage_usage: Thresholds | None) -> None:
        self._kernel = kernel
        self._seed = seed
        self.replication = replication
        """Copies that a file should have."""
        self._alarm = None if storage_usage is None else Alarm(storage_usage)
        self._traffic = Traffic(kernel.now)
        self._stamp = Timestamp(kernel.now)
        self.outbox: list[Payload] = []
        """What has happened and was not yet told, in order; whoever tells it empties the list."""
        self.peers: dict[str, Peer] = {}
        """All peers that ever connected, by name."""
        self.connected: Bag[Peer] = Bag()
        self.files: dict[str, File] = {}
        """All that is stored, by key; also what only peers hold that are away."""
        self.available: Bag[File] = Bag()
        """The files of which a connected peer has a copy."""
        self.total_space = 0
        self.used_space = 0
        self.reserved_space = 0
        self._copies = 0
        self._links = 0
        self._transfers = 0

    @property
    def now(self) -> Timestamp:
        """The instant at which everything in this step happens."""
        if self._stamp.micros != self._kernel.now:
            self._stamp = Timestamp(self._kernel.now)
        return self._stamp

    # What can be done to it

    def connect(self, peer: Peer, chance: Stream) -> None:
        """A peer joins, or comes back with its disk; nothing, if it is here. It links up with random others."""
        if peer.connected:
            return
        peer.connected = True
        self.peers[peer.name] = peer
        for other in chance.sample(self.connected, _LINKS_PER_PEER):
            peer.links[other] = other.links[peer] = None
            self._links += 1
        self.connected.add(peer)
        self._reconcile(peer)
        self.total_space += peer.capacity
        self.used_space += peer.used
        self.outbox.append(PeerConnected(peer.id, peer.address, peer.port, peer.capabilities, self.now))
        self._watch_storage()

    def disconnect(self, peer: Peer, reason: DisconnectReason) -> None:
        """A peer leaves; nothing, if it is not here. Copies on their way from or to it fail."""
        if not peer.connected:
            return
        peer.connected = False
        self.connected.remove(peer)
        for other in peer.links:
            del other.links[peer]
        self._links -= len(peer.links)
        peer.links.clear()
        for file in peer.held:
            self._lose(file, peer)
        self.total_space -= peer.capacity
        self.used_space -= peer.used
        self.outbox.append(PeerDisconnected(peer.id, reason, self.now))
        for transfer in tuple(peer.transfers):
            self._fail(transfer)
        self._watch_storage()

    def upload(self, name: str, size: int, chance: Stream) -> File | None:
        """A file comes in at a random peer that has room; None if none has. The name decides its key."""
        peer = self._with_room(size, chance)
        key = sha256(f"{self._seed}\0{name}".encode()).hexdigest()
        if peer is None or key in self.files:
            self._traffic.failure()
            return None
        file = self.files[key] = File(key, size)
        self._store(file, peer)
        self._traffic.request(size, peer.latency + size * 1_000_000 // peer.bandwidth)
        self.outbox.append(FileUploaded(key, size, peer.id, self.now))
        self._watch_storage()
        self._replicate(file)
        return file

    def delete(self, file: File) -> None:
        """A file is deleted at the first peer that has it, and with it all copies. It must be available."""
        node = next(iter(file.copies))
        for peer in file.copies:
            del peer.held[file]
            peer.used -= file.size
        file.deleted = True
        self.used_space -= file.size * len(file.copies)
        self._copies -= len(file.copies)
        del self.files[file.key]
        self.available.remove(file)
        file.copies.clear()
        self._traffic.request(0, node.latency)
        self.outbox.append(FileDeleted(file.key, node.id, self.now))
        self._watch_storage()

    def measure(self) -> None:
        """Read the metrics off the world and tell them."""
        now, window = self.now, self._traffic.read(self._kernel.now)
        available_space = self.total_space - self.used_space
        moved = self._traffic.bytes_transferred
        bandwidth = sum(peer.bandwidth for peer in self.connected)
        load = min(1.0, window.bytes_per_second / bandwidth) if bandwidth else 0.0
        fill = self.used_space / self.total_space if self.total_space else 0.0
        self.outbox += (
            SystemMetrics(
                StorageTotals(self.total_space, self.used_space, available_space),
                NetworkTotals(self._links, moved),
                PerformanceTotals(window.average_response_time, window.requests_per_second),
            ),
            StorageMetrics(
                self.total_space,
                self.used_space,
                available_space,
                file_count=len(self.available),
                replication_factor=round(self._copies / len(self.available), 6) if len(self.available) else 0.0,
                timestamp=now,
            ),
            NetworkMetrics(self._links, moved, window.bytes_per_second, window.error_rate, now),
            # A small model: the processors work for what moves, memory holds indexes and what is on its way.
            PerformanceMetrics(
                window.average_response_time,
                window.requests_per_second,
                window.error_rate,
                memory_usage=round(min(100.0, 18 + 40 * fill + 0.5 * self._transfers), 6),
                cpu_usage=round(4 + 96 * load, 6),
                timestamp=now,
            ),
        )

    # What follows from it

    def _reconcile(self, peer: Peer) -> None:
        """Bring the disk of a peer that is back in line with what was deleted while it was away."""
        for file in tuple(peer.held):
            if file.deleted:
                del peer.held[file]
                peer.used -= file.size
            else:
                self._gain(file, peer)

    def _with_room(self, size: int, chance: Stream) -> Peer | None:
        connected = self.connected
        if not len(connected):
            return None
        for _ in range(_UPLOAD_ATTEMPTS):
            peer = connected[chance.below(len(connected))]
            if peer.room >= size:
                return peer
        peer = max(connected, key=lambda each: each.room)
        return peer if peer.room >= size else None

    def _store(self, file: File, peer: Peer) -> None:
        peer.held[file] = None
        peer.used += file.size
        self.used_space += file.size
        self._gain(file, peer)

    def _gain(self, file: File, peer: Peer) -> None:
        if not file.copies:
            self.available.add(file)
        file.copies[peer] = None
        self._copies += 1

    def _lose(self, file: File, peer: Peer) -> None:
        del file.copies[peer]
        self._copies -= 1
        if not file.copies:
            self.available.remove(file)

    def _replicate(self, file: File) -> None:
        """Send copies on their way until there will be as many as there should be, or no peer is left to take one."""
        while file.copies and len(file.copies) + len(file.coming) < self.replication:
            target = self._target(file)
            if target is None:
                return
            source = next(iter(file.copies))
            transfer = Transfer(file, source, target)
            file.coming[target] = source.transfers[transfer] = target.transfers[transfer] = None
            target.reserved += file.size
            self.reserved_space += file.size
            self._transfers += 1
            pace = min(source.bandwidth, target.bandwidth)
            self._kernel.after(source.latency + target.latency + file.size * 1_000_000 // pace, self._arrive, transfer)

    def _target(self, file: File) -> Peer | None:
        """The first peer that can take a copy, in the order that the key of the file gives."""
        count = len(self.connected)
        first = int(file.key[:8], 16)
        for step in range(count):
            peer = self.connected[(first + step) % count]
            if peer not in file.copies and peer not in file.coming and peer.room >= file.size:
                return peer
        return None

    def _arrive(self, transfer: Transfer) -> None:
        if not transfer.live:
            return
        self._end(transfer)
        file = transfer.file
        if file.deleted:
            return
        self._store(file, transfer.target)
        self._traffic.request(file.size, transfer.source.latency + transfer.target.latency)
        self._tell_replicated(transfer, "SYNCED")
        self._watch_storage()
        self._replicate(file)

    def _fail(self, transfer: Transfer) -> None:
        self._end(transfer)
        if not transfer.file.deleted:
            self._traffic.failure()
            self._tell_replicated(transfer, "FAILED")
            self._replicate(transfer.file)

    def _end(self, transfer: Transfer) -> None:
        transfer.live = False
        file, target = transfer.file, transfer.target
        del file.coming[target], transfer.source.transfers[transfer], target.transfers[transfer]
        target.reserved -= file.size
        self.reserved_space -= file.size
        self._transfers -= 1

    def _tell_replicated(self, transfer: Transfer, status: ReplicationStatus) -> None:
        file = transfer.file
        source, target = transfer.source.id, transfer.target.id
        self.outbox.append(FileReplicated(file.key, file.size, source, target, len(file.copies), status, self.now))

    def _watch_storage(self) -> None:
        if self._alarm is None or not self.total_space:
            return
        value = round(100 * self.used_space / self.total_space, 6)
        crossing = self._alarm.observe(value)
        if crossing is None:
            return
        where = "below" if crossing.level == "info" else "at or above"
        message = f"Storage usage is {value:g}%, {where} {crossing.threshold:g}%"
        self.outbox.append(StorageAlert(crossing.level, message, "storage_usage", value, crossing.threshold, self.now))
