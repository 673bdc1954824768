"""Copies: what space they take, on which peers, and how they get there."""

from collections.abc import Sequence

from mypy_extensions import mypyc_attr

from pvws.sim.kernel import Kernel
from pvws.wire.events import FileReplicated, ReplicationStatus
from pvws.world.care import Care
from pvws.world.corruption import Corruption
from pvws.world.entities import File, Peer, Transfer, Way
from pvws.world.health import BUSY_AT, transfer_micros
from pvws.world.herald import Herald
from pvws.world.lacking import Lacking
from pvws.world.overlay import Overlay
from pvws.world.places import answering, takers
from pvws.world.repairs import Repairs
from pvws.world.traffic import Traffic
from pvws.world.watch import Watch

__all__ = ["Copies"]

_NOTICEABLE_MICROS = 1_000_000  # a copy that takes longer is told of when it starts as well


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Copies:
    """The copies of all files, there and on their way, with the accounts of what they take; the lower half of the
    store, which says what is copied.

    Copies are placed by the key of the file, so that what one behaviour does moves no file of another as long as there
    is room, and only from a peer to one on its own side of a partition. Repairs go `repairs_at_once` at a time.
    """

    def __init__(
        self,
        kernel: Kernel,
        herald: Herald,
        overlay: Overlay,
        peers: list[Peer],
        watch: Watch,
        care: Care,
        *,
        replication: int,
        repairs_at_once: int,
    ) -> None:
        self._kernel = kernel
        self._outbox = herald.outbox
        self._overlay = overlay
        self._peers = peers
        self._watch = watch
        self._care = care
        self.replication = replication
        """Copies that a file should have."""
        self.repairs = Repairs(repairs_at_once)
        self.traffic = Traffic()
        self.connected: list[Peer] = []
        """The connected peers; each knows its place."""
        self.files: dict[str, File] = {}
        """All that is stored, by key; also what only peers hold that are away."""
        self.available: list[File] = []
        """The files of which a connected peer has a copy; each knows its place."""
        self.total_space = 0
        self.taken_space = 0
        """What copies take and those on their way will take."""
        self.transfers = 0
        self._gone_space = 0  # of what was ever stored
        self._gone_copies = 0
        self.lacking = Lacking(kernel, self._repair)
        self.corrupt = Corruption()

    @property
    def used_space(self) -> int:
        """What copies take: what was ever stored, without what is gone."""
        return self.traffic.stored_bytes - self._gone_space

    @used_space.setter
    def used_space(self, space: int) -> None:
        self._gone_space += self.used_space - space

    @property
    def copies(self) -> int:
        """How many there are, at connected peers."""
        return self.traffic.stored_copies - self._gone_copies

    @copies.setter
    def copies(self, number: int) -> None:
        self._gone_copies += self.copies - number

    @property
    def reserved_space(self) -> int:
        """What copies on their way will take."""
        return self.taken_space - self.used_space

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
        copies = file.copies
        copies.append(target.number)
        traffic = self.traffic
        traffic.stored.append(size)
        traffic.answered.append(target.delay)
        self._outbox.append(FileReplicated(key, size, source.id, target.id, len(copies), "SYNCED", self._kernel.stamp))
        if target.room <= target.brink and target.used >= target.high:
            self._watch.peer(target)
        if self.taken_space >= self._watch.high:
            self._look_at_space()
        if self.corrupt and self.corrupt.has(key, source.number):
            self.corrupt.add(key, target.number)  # a copy of a bad copy

    def _look_at_space(self) -> None:
        """What is taken is at a threshold: is what is used?"""
        if self.used_space >= self._watch.high:
            self._watch.storage(self.used_space, self.total_space)

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

    def _repair(self, key: str) -> None:
        file = self.files.get(key)
        if file is not None:
            self._replicate(file, self.replication, repair=True)

    def _tell(self, file: File, source: Peer, target: Peer, status: ReplicationStatus) -> None:
        self._outbox.append(
            FileReplicated(file.key, file.size, source.id, target.id, len(file.copies), status, self._kernel.stamp)
        )
