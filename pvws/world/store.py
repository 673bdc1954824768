"""The store: files, the space they take, and the copies of them that are made, lost and repaired."""

from collections.abc import Sequence
from itertools import islice

from pvws.sim.chance import Stream
from pvws.sim.kernel import Kernel
from pvws.wire.events import FileDeleted, FileReplicated, FileUpdated, FileUploaded, ReplicationStatus
from pvws.world.care import Care
from pvws.world.corruption import Corruption
from pvws.world.descriptions import Descriptions
from pvws.world.entities import File, Peer, Transfer, Way
from pvws.world.health import BUSY_AT, transfer_micros
from pvws.world.herald import Herald
from pvws.world.lacking import RETRY_FILES_MAX, RETRY_MICROS, Lacking
from pvws.world.overlay import Overlay
from pvws.world.places import answering, takers, with_room
from pvws.world.repairs import Repairs
from pvws.world.traffic import Traffic
from pvws.world.watch import Watch

__all__ = ["Store"]

_NOTICEABLE_MICROS = 1_000_000  # a copy that takes longer is told of when it starts as well


class Store:
    """Only connected peers count for space. Copies are placed by the key of the file, so that what one behaviour does
    moves no file of another as long as there is room, and only from a peer to one on its own side of a partition.

    When a peer is lost, what it held is copied again after `repair_delay` microseconds, `repairs_at_once` at a time.
    When it comes back, it drops in silence what was deleted meanwhile and copies of which there are enough; copies on
    their way in the place of its own are called off. A copy found to be corrupt, which those of a peer that is back
    are at once, is dropped and replaced, unless it is the only one.
    """

    def __init__(
        self,
        kernel: Kernel,
        herald: Herald,
        overlay: Overlay,
        peers: list[Peer],
        watch: Watch,
        care: Care,
        descriptions: Descriptions,
        *,
        replication: int,
        repair_delay: int,
        repairs_at_once: int,
    ) -> None:
        self._kernel = kernel
        self._outbox = herald.outbox
        self._overlay = overlay
        self._peers = peers
        self._watch = watch
        self._care = care
        self._descriptions = descriptions
        self.replication = replication
        """Copies that a file should have."""
        self._repair_delay = repair_delay
        self.repairs = Repairs(repairs_at_once)
        self.traffic = Traffic()
        self.connected: list[Peer] = []
        """The connected peers; each knows its place."""
        self.files: dict[str, File] = {}
        """All that is stored, by key; also what only peers hold that are away."""
        self.available: list[File] = []
        """The files of which a connected peer has a copy; each knows its place."""
        self.total_space = 0
        self.used_space = 0
        self.taken_space = 0
        """What copies take and those on their way will take."""
        self.copies = 0
        self.transfers = 0
        self.lacking = Lacking(kernel, self._repair)
        self.corrupt = Corruption()

    @property
    def reserved_space(self) -> int:
        """What copies on their way will take."""
        return self.taken_space - self.used_space

    # What is asked of it

    def upload(self, key: str, size: int, chance: Stream, node: Peer | None = None) -> File | None:
        """A file comes in at a peer with room, a random one unless `node` says which; None if none has."""
        if node is None:
            peer = with_room(self.connected, size, chance)
        else:
            peer = node if node.connected and not node.crashed and node.room >= size else None
        if peer is None or key in self.files:
            self.traffic.failure()
            return None
        kernel, traffic, available = self._kernel, self.traffic, self.available
        file = self.files[key] = File(key, size, kernel.now, [peer.number], [], len(available))
        available.append(file)
        peer.held[key] = size
        peer.used = used = peer.used + size
        peer.room -= size
        self.used_space = used_in_all = self.used_space + size
        self.taken_space += size
        self.copies += 1
        traffic.requests += 1
        traffic.bytes += size
        traffic.response_micros += peer.delay
        self._outbox.append(FileUploaded(key, size, peer.id, kernel.stamp))
        if used >= peer.high:
            self._watch.peer(peer)
        if used_in_all >= self._watch.high:
            self._watch.storage(used_in_all, self.total_space)
        if self.replication > 1:
            self._spread(file, peer, self.replication - 1)
        return file

    def delete(self, file: File) -> None:
        """A file is deleted at the first peer that answers, and with it all copies. It must be available."""
        key, size, copies, peers, watch = file.key, file.size, file.copies, self._peers, self._watch
        node = peers[copies[0]]
        if node.crashed:
            node = answering(peers, file)
        if file.coming:
            self._end_all(tuple(file.coming))
        relieved = None
        for number in copies:
            peer = peers[number]
            del peer.held[key]
            peer.used = used = peer.used - size
            peer.room += size
            if used < peer.low:
                relieved = [peer] if relieved is None else [*relieved, peer]
        freed = size * len(copies)
        self.used_space = used_in_all = self.used_space - freed
        self.taken_space -= freed
        self.copies -= len(copies)
        self._unlist(file)
        del self.files[key]
        traffic = self.traffic
        traffic.requests += 1
        traffic.response_micros += node.delay
        self._outbox.append(FileDeleted(key, node.id, self._kernel.stamp))
        if relieved is not None:
            for peer in relieved:
                watch.peer(peer)
        if used_in_all < watch.low:
            watch.storage(used_in_all, self.total_space)
        if self.corrupt:
            self.corrupt.pop(key, None)
        if self.lacking:
            self.lacking.pop(key, None)
            self.lacking.reconsider()

    def update(self, file: File, tags: tuple[str, ...], *, content: bool) -> None:
        """A file gets other tags, and with `content` other content of the same size, at all its copies."""
        node = answering(self._peers, file)
        file.tags = tags
        file.version += content
        if content and self.corrupt:
            for number in file.copies:
                self.corrupt.mend(file.key, number)
        moved = file.size * len(file.copies) if content else 0
        self.traffic.request(moved, node.delay)
        key = file.key
        content_type = self._descriptions.content_type(key)
        checksum = self._descriptions.checksum(key, file.version)
        self._outbox.append(
            FileUpdated(key, file.size, node.id, content_type, checksum, list(tags), self._kernel.stamp)
        )

    def read(self, file: File, chance: Stream) -> None:
        """A file is read, from one of its copies; a corrupt one is found out by that."""
        node = self._peers[file.copies[chance.below(len(file.copies))]]
        if node.crashed:
            self.traffic.failure()
            return
        self.traffic.request(file.size, node.delay)
        if self.corrupt:
            self.find_out((file.key, node.number))

    def find_out(self, copy: tuple[str, int]) -> None:
        """A copy is looked at, by key and number of the peer: a corrupt one is told of, dropped and replaced. Nothing
        comes of it while the peer is away or has crashed.
        """
        key, number = copy
        file, peer = self.files.get(key), self._peers[number]
        if file is None or number not in file.copies or peer.crashed or not self.corrupt.has(key, number):
            return
        self._watch.incident("integrity_violation", peer.id, 1)
        if len(file.copies) < 2:
            return  # better a bad copy than none: it stays, and alarms whenever it is met
        self.corrupt.mend(key, number)
        file.copies.remove(number)
        self.copies -= 1
        self.used_space -= file.size
        self.taken_space -= file.size
        del peer.held[key]
        peer.used -= file.size
        peer.room += file.size
        self._tell(file, answering(self._peers, file), peer, "FAILED")
        if peer.used < peer.low:
            self._watch.peer(peer)
        if self.used_space < self._watch.low:
            self._watch.storage(self.used_space, self.total_space)
        self.fail([each for each in file.coming if each.source == number])
        self._replicate(file, 1, repair=True)
        self.lacking.reconsider()

    def look_over(self, peer: Peer) -> None:
        """A peer that answers again looks at what it holds, and finds out what of that is corrupt."""
        for key in self.corrupt.at(peer.number):
            self.find_out((key, peer.number))

    # Peers come and go

    def join(self, peer: Peer) -> list[Transfer]:
        """A peer counts from now on, with its disk. Gives the copies on their way that it makes superfluous."""
        peer.place = len(self.connected)
        self.connected.append(peer)
        superfluous = []
        for key, size in tuple(peer.held.items()):
            file = self.files.get(key)
            if file is None or len(file.copies) >= self.replication:
                self.corrupt.mend(key, peer.number)
                del peer.held[key]
                peer.used -= size
                peer.room += size
                continue
            if not file.copies:
                file.place = len(self.available)
                self.available.append(file)
            file.copies.append(peer.number)
            self.copies += 1
            if len(file.copies) + len(file.coming) > self.replication:
                superfluous.append(file.coming[-1])  # the one that began last, or has not begun yet
            if len(file.copies) + len(file.coming) >= self.replication:
                self.lacking.pop(key, None)
        self.total_space += peer.capacity
        self.used_space += peer.used
        self.taken_space += peer.used
        return superfluous

    def leave(self, peer: Peer) -> list[Transfer]:
        """A peer counts no longer, and its copies are not there. Gives the copies on their way that fail by that."""
        last = self.connected.pop()
        if last is not peer:
            self.connected[peer.place] = last
            last.place = peer.place
        peer.place = -1
        failed = self.transfers_of(peer)
        number = peer.number
        for key in peer.held:
            file = self.files[key]
            file.copies.remove(number)
            if not file.copies:
                self._unlist(file)
        self.copies -= len(peer.held)
        self.total_space -= peer.capacity
        self.used_space -= peer.used
        self.taken_space -= peer.used
        if peer.held:
            self._kernel.after(self._repair_delay, self._repair_lost, (peer, peer.joined, 0))
        return failed

    def transfers_of(self, peer: Peer) -> list[Transfer]:
        """The copies on their way to a connected peer, and from it. It costs a look at what it holds."""
        number, files = peer.number, self.files
        outgoing = [each for key in peer.held for each in files[key].coming if each.source == number]
        return [*peer.incoming.values(), *outgoing]

    def interrupt(self, peer: Peer) -> None:
        """Copies from or to a peer get no further, although nobody has noticed yet."""
        for transfer in self.transfers_of(peer):
            transfer.live = False

    def call_off(self, transfers: Sequence[Transfer]) -> None:
        """Copies on their way get no further."""
        self._end_all(transfers)
        for each in transfers:
            self._tell(self.files[each.key], self._peers[each.source], self._peers[each.target], "FAILED")

    def fail(self, transfers: Sequence[Transfer]) -> None:
        """Copies on their way have failed, and as many others are made in their place."""
        self.call_off(transfers)
        for transfer in transfers:
            if transfer.status == "SYNCING":  # what waited has not been tried
                self.traffic.failure()
            self._replicate(self.files[transfer.key], 1, repair=transfer.repair)
        self.lacking.reconsider()

    # What follows from it

    def _unlist(self, file: File) -> None:
        last = self.available.pop()
        if last is not file:
            self.available[file.place] = last
            last.place = file.place
        file.place = -1

    def _replicate(self, file: File, number: int, repair: bool = False) -> None:
        """Send so many copies on their way, or fewer if there will be as many as there should be, or if there is nobody
        to copy from.
        """
        missing = min(number, self.replication - len(file.copies) - len(file.coming))
        if missing <= 0:
            return
        source = answering(self._peers, file) if file.copies else None
        if source is None or source.crashed:
            self.lacking[file.key] = None
        else:
            self._spread(file, source, missing, repair)

    def _spread(self, file: File, source: Peer, missing: int, repair: bool = False) -> None:
        """Send so many copies on their way from a peer that has one, or fewer if no place is found for one."""
        targets = takers(self._overlay.sides[source.group], file, missing)
        if targets:
            self._send(file, source, targets, repair)
        if len(targets) < missing:
            self.lacking[file.key] = None
        elif self.lacking and len(file.copies) + len(file.coming) >= self.replication:
            self.lacking.pop(file.key, None)

    def _send(self, file: File, source: Peer, targets: list[Peer], repair: bool) -> None:
        """Send a copy on its way to each of the targets."""
        key, size, coming, number, count = file.key, file.size, file.coming, source.number, len(targets)
        kernel, arrive, delay, pace = self._kernel, self._arrive, source.delay, source.bandwidth
        now, work = kernel.now, size * 1_000_000
        self.taken_space += size * count
        self.transfers += count
        source.outgoing = outgoing = source.outgoing + count
        if outgoing >= BUSY_AT:
            self._care.look_soon(source)
        for target in targets:
            target_pace = target.bandwidth
            # `transfer_micros`, in line
            micros = work // (pace if pace < target_pace else target_pace) + (delay + target.delay) // 2
            transfer = Transfer(key, size, number, target.number, now, micros, repair)
            coming.append(transfer)
            incoming = target.incoming
            incoming[key] = transfer
            target.room -= size
            if len(incoming) >= BUSY_AT:
                self._care.look_soon(target)
            if repair:
                self._queue(file, transfer)
                continue
            if micros >= _NOTICEABLE_MICROS:
                self._tell(file, source, target, "SYNCING")
            kernel.after(micros, arrive, (transfer, file, source, target))

    def _queue(self, file: File, transfer: Transfer) -> None:
        """A repair begins if there is a turn for it, and waits otherwise."""
        if self.repairs.begin(transfer):
            self._start(transfer)
            return
        transfer.status = "PENDING"
        source, target = self._peers[transfer.source], self._peers[transfer.target]
        source.waiting += 1
        target.waiting += 1
        self._tell(file, source, target, "PENDING")

    def _start(self, transfer: Transfer) -> None:
        """A repair gets its turn."""
        source, target = self._peers[transfer.source], self._peers[transfer.target]
        if transfer.status == "PENDING":
            self._care.look_soon(source)
            self._care.look_soon(target)
            source.waiting -= 1
            target.waiting -= 1
        transfer.status = "SYNCING"
        transfer.began = self._kernel.now
        transfer.micros = transfer_micros(transfer.size, source, target)  # as fast as they are now
        file = self.files[transfer.key]
        self._tell(file, source, target, "SYNCING")
        self._kernel.after(transfer.micros, self._arrive, (transfer, file, source, target))

    def _arrive(self, way: Way) -> None:
        transfer, file, source, target = way
        if not transfer.live:
            return
        key, size = transfer.key, transfer.size
        if transfer.repair:
            self._end(file, transfer)
            target.room -= size
            self.taken_space += size
        else:  # the same, in line
            file.coming.remove(transfer)
            del target.incoming[key]
            source.outgoing -= 1
            self.transfers -= 1
        target.held[key] = size
        target.used = used = target.used + size
        self.used_space = used_in_all = self.used_space + size
        self.copies += 1
        copies = file.copies
        copies.append(target.number)
        traffic = self.traffic
        traffic.requests += 1
        traffic.bytes += size
        traffic.response_micros += target.delay
        self._outbox.append(FileReplicated(key, size, source.id, target.id, len(copies), "SYNCED", self._kernel.stamp))
        if used >= target.high:
            self._watch.peer(target)
        if used_in_all >= self._watch.high:
            self._watch.storage(used_in_all, self.total_space)
        if self.corrupt and self.corrupt.has(key, source.number):
            self.corrupt.add(key, target.number)  # a copy of a bad copy

    def _end_all(self, transfers: Sequence[Transfer]) -> None:
        for transfer in transfers:
            transfer.live = False  # all of them first: whoever takes the turn of one is to be none of the others
        for transfer in transfers:
            self._end(self.files[transfer.key], transfer)

    def _end(self, file: File, transfer: Transfer) -> None:
        """A copy is not on its way any more, and what was kept free for it is free."""
        transfer.live = False
        source, target = self._peers[transfer.source], self._peers[transfer.target]
        file.coming.remove(transfer)
        del target.incoming[transfer.key]
        source.outgoing -= 1
        target.room += transfer.size
        self.taken_space -= transfer.size
        self.transfers -= 1
        if transfer.status == "PENDING":
            source.waiting -= 1
            target.waiting -= 1
        elif transfer.repair and (next_one := self.repairs.end()) is not None:
            self._start(next_one)

    def _repair_lost(self, lost: tuple[Peer, int, int]) -> None:
        """The peer has been away for so long that what it held is copied again: not all of it at once, since what
        waits for its turn is told of as well.
        """
        peer, joined, begun = lost
        if not peer.connected and peer.joined == joined:
            for key in list(islice(peer.held, begun, begun + RETRY_FILES_MAX)):
                self._repair(key)
            begun += RETRY_FILES_MAX
            if begun < len(peer.held):
                self._kernel.after(RETRY_MICROS, self._repair_lost, (peer, joined, begun))

    def _repair(self, key: str) -> None:
        file = self.files.get(key)
        if file is not None:
            self._replicate(file, self.replication, repair=True)

    def _tell(self, file: File, source: Peer, target: Peer, status: ReplicationStatus) -> None:
        self._outbox.append(
            FileReplicated(file.key, file.size, source.id, target.id, len(file.copies), status, self._kernel.stamp)
        )
