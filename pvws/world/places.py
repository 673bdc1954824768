"""Places: which peer takes a file, and which answers for it."""

from collections.abc import Sequence
from math import floor

from pvws.sim.chance import Stream
from pvws.world.entities import File, Peer

__all__ = ["PLACES_ASKED_MAX", "PLACES_TRIED", "answering", "takers", "with_room"]

PLACES_ASKED_MAX = 64
"""Peers asked for room before it is said that there is none: asking costs the same however many there are."""

PLACES_TRIED = 8
"""Random ones that are asked before that: in a network that is not nearly full, one of them has it."""


def with_room(connected: Sequence[Peer], size: int, chance: Stream) -> Peer | None:
    """A random peer that has room for so many bytes; when chance meets none, the first of some in a row."""
    count = len(connected)
    if not count:
        return None
    random, tries = chance.random, PLACES_TRIED
    while tries:  # nearly always the first one has room, and a `range` would cost as much as that
        peer = connected[floor(random() * count)]
        if peer.room >= size and not peer.crashed:
            return peer
        tries -= 1
    first = chance.below(count)
    for step in range(min(count, PLACES_ASKED_MAX)):
        peer = connected[(first + step) % count]
        if peer.room >= size and not peer.crashed:
            return peer
    return None


def takers(side: Sequence[Peer], file: File, number: int) -> list[Peer]:
    """So many peers of a side, or fewer, that have room for a copy of a file and none of it yet, nor one on its way.

    They are asked in an order that the key gives.
    """
    key, size, copies, alone = file.key, file.size, file.copies, not file.coming
    count = len(side)
    place = int(key[:8], 16) % count
    left = count if count < PLACES_ASKED_MAX else PLACES_ASKED_MAX
    found: list[Peer] = []
    while left:
        peer = side[place]
        if peer.room >= size and peer.number not in copies and (alone or key not in peer.incoming):
            found.append(peer)
            if len(found) == number:
                break
        left -= 1
        place += 1
        if place == count:
            place = 0
    return found


def answering(peers: Sequence[Peer], file: File) -> Peer:
    """The first peer that has a copy and answers; the first of all, if none does. The file must be available."""
    for number in file.copies:
        if not peers[number].crashed:
            return peers[number]
    return peers[file.copies[0]]
