"""Peers, files and transfers: what they begin with."""

import pickle

from pvws.world.entities import File, Transfer
from tests.world.stagehand import new_peer


def test_a_new_peer_is_away_and_empty() -> None:
    peer = new_peer(3, "a", capacity=100, latency=7)
    assert (peer.number, peer.name, peer.connected, peer.crashed, peer.missed) == (3, "a", False, False, False)
    assert (peer.used, peer.room, peer.capacity) == (0, 100, 100)
    assert peer.held == peer.incoming == peer.chords == {}
    assert (peer.seat, peer.place, peer.health) == (-1, -1, "UNKNOWN")


def test_a_request_takes_the_way_there_and_back() -> None:
    assert new_peer(0, latency=7).delay == 14


def test_files_and_transfers_are_themselves_and_no_others_even_when_they_look_alike() -> None:
    assert File("key", 1, 0, [0], []) != File("key", 1, 0, [0], [])
    assert Transfer("key", 1, 0, 1, 0, 5) != Transfer("key", 1, 0, 1, 0, 5)


def test_a_transfer_is_live_and_on_its_way_until_somebody_says_otherwise() -> None:
    transfer = Transfer("key", 1, 0, 1, 0, 5)
    assert (transfer.live, transfer.status, transfer.repair) == (True, "SYNCING", False)


def test_what_refers_to_each_other_is_still_the_same_after_pickling() -> None:
    peer = new_peer(0)
    file = File("key", 1, 0, [], [Transfer("key", 1, 1, 0, 0, 5)])
    peer.incoming["key"] = file.coming[0]
    other, copy = pickle.loads(pickle.dumps((peer, file)))
    assert other.incoming["key"] is copy.coming[0]
