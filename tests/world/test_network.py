"""The network with its links: what a picture of it is drawn from."""

from pvws.world.network import network
from pvws.world.truth import truth
from tests.world.stagehand import SECOND, Stagehand


def test_a_world_without_anything_has_no_links(hand: Stagehand) -> None:
    said = network(hand.world)
    assert (said.peers, said.links, said.alerts) == ([], [], [])


def test_it_is_the_truth_but_for_files_and_links(hand: Stagehand) -> None:
    peers = hand.peers(9)
    for number in range(5):
        hand.upload(f"f{number}")
    hand.passes(3 * SECOND)
    hand.leave(peers[4])
    said, true = network(hand.world), truth(hand.world)
    assert (said.at, said.peers, said.alerts) == (true.at, true.peers, true.alerts)
    assert (said.total_space, said.used_space) == (true.total_space, true.used_space)
    assert (said.file_count, said.active_connections) == (true.file_count, true.active_connections)
    assert said.total_bytes_transferred == true.total_bytes_transferred


def test_each_link_is_there_once_between_peers_that_are_connected_on_one_side(hand: Stagehand) -> None:
    peers = hand.peers(12)
    hand.leave(peers[3])
    hand.cut(peers[:3] + peers[4:7], peers[7:])
    said = network(hand.world)
    assert len(said.links) == len(set(said.links)) == said.active_connections
    assert all(one < other for one, other in said.links)
    assert all(said.peers[one].cluster == said.peers[other].cluster for one, other in said.links)
    assert all(said.peers[end].connected for link in said.links for end in link)
    assert {end for link in said.links for end in link} == set(range(12)) - {3}
