"""The network at an instant, with its links and without its files: what somebody draws who looks every second."""

from msgspec import Struct

from pvws.timestamp import Timestamp
from pvws.world.entities import Peer
from pvws.world.truth import AlertTruth, PeerTruth, alerts_of, peer_truth
from pvws.world.world import World

__all__ = ["Network", "network"]


class Network(Struct, frozen=True, rename="camel"):
    """The truth without its files, which may be many, and with the links between peers.

    A link is the places of its two ends in `peers`, the lower one first; the links are in order. Sizes in bytes.
    """

    at: Timestamp
    total_space: int
    used_space: int
    file_count: int
    active_connections: int
    total_bytes_transferred: int
    peers: list[PeerTruth]
    links: list[tuple[int, int]]
    alerts: list[AlertTruth]


def network(world: World) -> Network:
    """The network as it is now. It costs a look at every peer and link, however many files there are."""
    store = world.store
    return Network(
        at=world.herald.now,
        total_space=store.total_space,
        used_space=store.used_space,
        file_count=len(store.available),
        active_connections=world.overlay.links,
        total_bytes_transferred=store.traffic.bytes,
        peers=[peer_truth(peer, world.kernel.now) for peer in world.peers],
        links=_links(world),
        alerts=alerts_of(world),
    )


def _links(world: World) -> list[tuple[int, int]]:
    def ends(one: Peer, other: Peer) -> tuple[int, int]:
        return (one.number, other.number) if one.number < other.number else (other.number, one.number)

    overlay = world.overlay
    linked = {ends(peer, other) for side in overlay.sides for peer in side for other in overlay.neighbours(peer)}
    return sorted(linked)
