"""The store: files, the space they take, and the copies of them that are made, lost and repaired."""

from itertools import islice

from mypy_extensions import mypyc_attr

from pvws.sim.chance import Stream
from pvws.sim.kernel import Kernel
from pvws.wire.events import FileDeleted, FileUpdated, FileUploaded
from pvws.world.care import Care
from pvws.world.copies import Copies
from pvws.world.descriptions import Descriptions
from pvws.world.entities import File, Peer, Transfer
from pvws.world.herald import Herald
from pvws.world.lacking import RETRY_FILES_MAX, RETRY_MICROS
from pvws.world.overlay import Overlay
from pvws.world.places import answering, with_room
from pvws.world.watch import Watch

__all__ = ["Store"]


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Store(Copies):
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
        super().__init__(
            kernel, herald, overlay, peers, watch, care, replication=replication, repairs_at_once=repairs_at_once
        )
        self._descriptions = descriptions
        self._repair_delay = repair_delay

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
        file = self.files[key] = File(key, size, [peer.number], [], len(available))
        available.append(file)
        peer.held[key] = size
        peer.room = room = peer.room - size
        self.taken_space = taken = self.taken_space + size
        traffic.stored.append(size)
        traffic.answered.append(peer.delay)
        self._outbox.append(FileUploaded(key, size, peer.id, kernel.stamp))
        if room <= peer.brink and peer.used >= peer.high:
            self._watch.peer(peer)
        if taken >= self._watch.high:
            self._look_at_space()
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
            peer.room += size
            if peer.low > 0 and peer.used < peer.low:
                relieved = [peer] if relieved is None else [*relieved, peer]
        freed = size * len(copies)
        self.taken_space -= freed
        self._gone_space += freed
        self._gone_copies += len(copies)
        self._unlist(file)
        del self.files[key]
        self.traffic.answered.append(node.delay)
        self._outbox.append(FileDeleted(key, node.id, self._kernel.stamp))
        if relieved is not None:
            for peer in relieved:
                watch.peer(peer)
        if watch.low > 0 and self.used_space < watch.low:
            watch.storage(self.used_space, self.total_space)
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

    # What follows from it

    def _unlist(self, file: File) -> None:
        last = self.available.pop()
        if last is not file:
            self.available[file.place] = last
            last.place = file.place
        file.place = -1

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
