"""Who is linked to whom: rings with chords, one ring for each side of a partition.

Every peer has its two neighbours on a ring, as in Chord (Stoica et al. 2001), and some random chords across it. So
the peers of a side always reach each other, in few hops, and joining or leaving costs the same however many there are.
"""

from collections.abc import Iterator, Sequence

from mypy_extensions import mypyc_attr

from pvws.sim.chance import Stream
from pvws.world.entities import Peer

__all__ = ["CHORDS_PER_PEER", "Overlay"]

CHORDS_PER_PEER = 2  # that a peer makes when it joins; others make some to it, so that it has about twice as many


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Overlay:
    """The links of the network. A peer is on one side at a time; side 0 is the one that we look from.

    `sides` holds the peers of each, in the order of its ring.
    """

    __slots__ = ("_chords", "_peers", "sides")

    def __init__(self, peers: list[Peer]) -> None:
        self._peers = peers
        self._chords = 0
        self.sides: list[list[Peer]] = [[]]

    @property
    def links(self) -> int:
        """How many links there are, each counted once."""
        return self._chords + sum(_ring_links(len(side)) for side in self.sides)

    def add(self, peer: Peer, chance: Stream) -> None:
        """Put a peer on the ring of its side (`group`), or of side 0 when that is no more, and give it chords."""
        peer.group = peer.group if peer.group < len(self.sides) else 0
        side = self.sides[peer.group]
        peer.seat = len(side)
        side.append(peer)  # whose neighbours on the ring are no others' any more, and have no chord to it
        self._give_chords(peer, side, chance)

    def remove(self, peer: Peer) -> None:
        """Take a peer out: its chords go, its neighbours on the ring close up."""
        for number in peer.chords:
            del self._peers[number].chords[peer.number]
        self._chords -= len(peer.chords)
        peer.chords.clear()
        side = self.sides[peer.group]
        last = side.pop()
        if last is not peer:
            side[peer.seat] = last
            last.seat = peer.seat
            self._meet(side, last.seat - 1)
            self._meet(side, last.seat)
        self._meet(side, len(side) - 1)
        peer.seat = -1

    def split(self, sides: Sequence[Sequence[Peer]], chance: Stream) -> None:
        """Have these sides, which hold every peer once, and no link between them. The largest becomes side 0."""
        self._chords = 0
        self.sides = [list(side) for side in sorted(sides, key=len, reverse=True)]
        for group, side in enumerate(self.sides):
            for seat, peer in enumerate(side):
                peer.group, peer.seat = group, seat
                peer.chords.clear()
        for side in self.sides:
            for peer in side:
                self._give_chords(peer, side, chance)

    def neighbours(self, peer: Peer) -> Iterator[Peer]:
        """The peers that a peer is linked to, each once: the one before it and the one behind it, then its chords."""
        side = self.sides[peer.group]
        if len(side) > 1:
            yield side[peer.seat - 1]
        if len(side) > 2:
            yield side[(peer.seat + 1) % len(side)]
        for number in peer.chords:
            yield self._peers[number]

    def _give_chords(self, peer: Peer, side: list[Peer], chance: Stream) -> None:
        size = len(side)
        for _ in range(CHORDS_PER_PEER):
            other = side[chance.below(size)]
            if (other.seat - peer.seat) % size in (0, 1, size - 1) or other.number in peer.chords:
                continue  # itself, or linked already
            peer.chords[other.number] = other.chords[peer.number] = None
            self._chords += 1

    def _meet(self, side: list[Peer], seat: int) -> None:
        """The peer of this seat and the next are neighbours on the ring now: they need no chord beside that."""
        if len(side) > 1:
            one, other = side[seat], side[(seat + 1) % len(side)]
            if one.chords.pop(other.number, 0) is None:
                del other.chords[one.number]
                self._chords -= 1


def _ring_links(size: int) -> int:
    return size if size > 2 else max(0, size - 1)
