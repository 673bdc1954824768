"""The topology: what the graph looks like, compared with what trying everything out gives."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.world import topology
from pvws.world.entities import Peer
from pvws.world.topology import EXACT_DIAMETER_PEERS_MAX, Topology, survey
from tests.world.stagehand import new_peer

Links = set[tuple[int, int]]


class Drawn:
    """An overlay with links as a test draws them."""

    def __init__(self, peers: list[Peer], links: Links) -> None:
        self.near: dict[int, list[Peer]] = {peer.number: [] for peer in peers}
        for one, other in sorted(links):
            self.near[one].append(peers[other])
            self.near[other].append(peers[one])

    def neighbours(self, peer: Peer) -> Iterator[Peer]:
        return iter(self.near[peer.number])


def graphs(least: int, most: int, density: int) -> st.SearchStrategy[tuple[list[Peer], Links]]:
    """Peers and links between them, up to `density` a peer."""

    def linked(size: int) -> st.SearchStrategy[tuple[list[Peer], Links]]:
        ends = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).map(lambda pair: (min(pair), max(pair)))
        links = st.sets(ends.filter(lambda pair: pair[0] != pair[1]), max_size=density * size)
        latencies = st.lists(st.integers(0, 200_000), min_size=size, max_size=size)
        return st.tuples(latencies.map(_peers), links)

    return st.integers(least, most).flatmap(linked)


def _peers(latencies: list[int]) -> list[Peer]:
    return [new_peer(number, latency=latency) for number, latency in enumerate(latencies)]


def distances(count: int, links: Links) -> list[list[float]]:
    """Hops from each to each: who is reached with one hop more, until there is nobody else."""
    near = [{other for pair in links if one in pair for other in pair} for one in range(count)]
    far: list[list[float]] = []
    for one in range(count):
        row, edge, hops = [float("inf")] * count, {one}, 0
        while edge:
            for each in edge:
                row[each] = hops
            edge = {other for each in edge for other in near[each] if row[other] == float("inf")}
            hops += 1
        far.append(row)
    return far


def seen(peers: list[Peer], links: Links) -> Topology:
    return survey(Drawn(peers, links), peers)  # type: ignore[arg-type]


@given(graphs(2, 14, 2))
def test_clusters_diameter_and_latency_are_those_of_the_graph(drawn: tuple[list[Peer], Links]) -> None:
    peers, links = drawn
    far, found = distances(len(peers), links), seen(peers, links)
    clusters = {frozenset(other for other, hops in enumerate(row) if hops < float("inf")) for row in far}
    assert {frozenset(peer.number for peer in cluster) for cluster in found.clusters} == clusters
    assert sum(len(cluster) for cluster in found.clusters) == len(peers)
    order = [(-len(cluster), min(peer.number for peer in cluster)) for cluster in found.clusters]
    assert order == sorted(order)
    largest = [peer.number for peer in found.clusters[0]]
    assert found.diameter == max(far[one][other] for one in largest for other in largest)
    micros = [peers[one].latency + peers[other].latency for one, other in links]
    assert found.latency == pytest.approx(sum(micros) / len(micros) / 1e6 if micros else 0, abs=1e-6)


@given(graphs(64, 90, 2))
def test_beyond_63_peers_the_diameter_is_a_lower_bound_and_no_less_than_half(drawn: tuple[list[Peer], Links]) -> None:
    peers, links = drawn
    links |= {(number, number + 1) for number in range(63)}  # so that the largest cluster has more than that
    found = seen(peers, links)
    assert len(found.clusters[0]) > EXACT_DIAMETER_PEERS_MAX
    far, largest = distances(len(peers), links), [peer.number for peer in found.clusters[0]]
    exact = max(far[one][other] for one in largest for other in largest)
    assert exact / 2 <= found.diameter <= exact


@pytest.mark.parametrize("count", [63, 64])
def test_along_a_line_the_diameter_is_exact_at_any_size(count: int) -> None:
    peers = _peers([0] * count)
    assert seen(peers, {(number, number + 1) for number in range(count - 1)}).diameter == count - 1


def test_up_to_63_peers_the_diameter_is_exact_where_two_sweeps_miss_it(monkeypatch: pytest.MonkeyPatch) -> None:
    peers, links = _peers([0] * 5), {(0, 3), (0, 4), (1, 3), (2, 3), (2, 4)}
    assert seen(peers, links).diameter == 3  # from 1 by 3, and 0 or 2, to 4
    monkeypatch.setattr(topology, "EXACT_DIAMETER_PEERS_MAX", 4)
    assert seen(peers, links).diameter == 2


def test_nobody_at_all_has_no_clusters() -> None:
    found = seen([], set())
    assert (found.clusters, found.diameter, found.latency) == ([], 0, 0)


def test_a_peer_without_links_is_a_cluster_of_its_own() -> None:
    peers = _peers([10, 10])
    assert seen(peers, set()).clusters == [[peers[0]], [peers[1]]]


def test_the_peer_that_has_been_there_longest_leads_and_the_others_are_in_order() -> None:
    peers = _peers([0] * 5)
    for peer, joined in zip(peers, (5, 3, 1, 1, 4), strict=True):
        peer.joined = joined
    (cluster,) = seen(peers, {(0, 1), (1, 2), (2, 3), (3, 4)}).clusters
    assert [peer.number for peer in cluster] == [2, 0, 1, 3, 4]


def test_of_two_largest_clusters_the_one_with_the_lowest_number_counts() -> None:
    peers = _peers([0] * 6)
    found = seen(peers, {(1, 2), (2, 4), (0, 3), (3, 5), (0, 5)})
    assert [cluster[0].number for cluster in found.clusters] == [0, 1]
    assert found.diameter == 1


def test_slowness_makes_links_slower() -> None:
    peers = _peers([10_000, 10_000])
    peers[0].delay *= 3
    assert seen(peers, {(0, 1)}).latency == 0.04
