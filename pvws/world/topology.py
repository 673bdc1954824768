"""What the graph of the network looks like: clusters, diameter, latency. Computed from its links alone."""

from collections.abc import Iterable

from msgspec import Struct

from pvws.world.entities import Peer
from pvws.world.overlay import Overlay

__all__ = ["CLUSTERS_MAX", "CLUSTER_NODES_MAX", "EXACT_DIAMETER_PEERS_MAX", "Topology", "survey"]

CLUSTERS_MAX = 16  # contract, "Topics and events"
CLUSTER_NODES_MAX = 32  # contract: the leader first, `size` has the true count
EXACT_DIAMETER_PEERS_MAX = 63  # a sweep from each of them visits as many as two sweeps of 2,000 peers do


class Topology(Struct, frozen=True):
    """A survey of the graph. `latency` is the mean over all links, in seconds; `diameter` is hops within the largest
    cluster; `clusters` are the peers that reach each other, the largest first, the leader of each first.
    """

    latency: float
    diameter: int
    clusters: list[list[Peer]]


def survey(overlay: Overlay, peers: Iterable[Peer]) -> Topology:
    """The topology of these peers, which are all that have links. It costs a visit to every link, twice.

    The diameter is exact up to 63 peers. Beyond, it is the lower bound that two sweeps give (from any peer to one
    that is farthest, and from there again), since the exact one would cost a sweep from every peer.
    """
    ordered = sorted(peers, key=lambda peer: peer.number)
    neighbours = {peer.number: list(overlay.neighbours(peer)) for peer in ordered}
    micros = sum(peer.delay * len(neighbours[peer.number]) for peer in ordered)
    ends = sum(len(each) for each in neighbours.values())
    clusters, seen = list[list[Peer]](), set[int]()
    for peer in ordered:
        if peer.number not in seen:
            cluster = [each for each, _ in _sweep(peer, neighbours)]
            seen.update(each.number for each in cluster)
            clusters.append(cluster)
    clusters.sort(key=lambda cluster: (-len(cluster), cluster[0].number))
    return Topology(
        latency=round(micros / ends / 1_000_000, 6) if ends else 0.0,
        diameter=_diameter(clusters[0], neighbours) if clusters else 0,
        clusters=[_leader_first(cluster) for cluster in clusters],
    )


def _sweep(start: Peer, neighbours: dict[int, list[Peer]]) -> list[tuple[Peer, int]]:
    """All that a peer reaches, nearest first, with the hops to each."""
    reached, seen = [(start, 0)], {start.number}
    for peer, hops in reached:
        for other in neighbours[peer.number]:
            if other.number not in seen:
                seen.add(other.number)
                reached.append((other, hops + 1))
    return reached


def _diameter(cluster: list[Peer], neighbours: dict[int, list[Peer]]) -> int:
    if len(cluster) <= EXACT_DIAMETER_PEERS_MAX:
        return max(_sweep(peer, neighbours)[-1][1] for peer in cluster)
    farthest = _sweep(cluster[0], neighbours)[-1][0]
    return _sweep(farthest, neighbours)[-1][1]


def _leader_first(cluster: list[Peer]) -> list[Peer]:
    """The peer that has been there longest leads; the others are in order of number."""
    leader = min(cluster, key=lambda peer: (peer.joined, peer.number))
    return [leader, *sorted((peer for peer in cluster if peer is not leader), key=lambda peer: peer.number)]
