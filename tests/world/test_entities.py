"""Peers, files and transfers: what they begin with."""

import pickle

from hypothesis import given
from hypothesis import strategies as st

from pvws.world.entities import File, Transfer
from tests.world.stagehand import new_peer


def test_a_new_peer_is_away_and_empty() -> None:
    peer = new_peer(3, "a", capacity=100, latency=7)
    assert (peer.number, peer.name, peer.connected, peer.crashed, peer.missed) == (3, "a", False, False, False)
    assert (peer.used, peer.room, peer.capacity) == (0, 100, 100)
    assert peer.held == peer.incoming == peer.chords == {}
    assert (peer.seat, peer.place, peer.health) == (-1, -1, "UNKNOWN")


def test_what_a_peer_uses_is_what_is_neither_free_nor_on_its_way() -> None:
    peer = new_peer(0, capacity=100)
    peer.room -= 30
    peer.incoming["key"] = Transfer("key", 10, 1, 0, 0, 5)
    assert peer.used == 20


@given(st.integers(0, 100), st.integers(0, 100), st.integers(-1, 200))
def test_so_many_bytes_are_never_used_where_more_room_is_than_at_the_brink(room: int, coming: int, high: int) -> None:
    peer = new_peer(0, capacity=100)
    peer.room = room
    peer.incoming["key"] = Transfer("key", min(coming, 100 - room), 1, 0, 0, 5)
    peer.heed(-1, high)
    assert peer.room <= peer.brink or peer.used < peer.high


def test_a_request_takes_the_way_there_and_back() -> None:
    assert new_peer(0, latency=7).delay == 14


def test_files_and_transfers_are_themselves_and_no_others_even_when_they_look_alike() -> None:
    assert File("key", 1, [0], []) != File("key", 1, [0], [])
    assert Transfer("key", 1, 0, 1, 0, 5) != Transfer("key", 1, 0, 1, 0, 5)


def test_a_transfer_is_live_and_on_its_way_until_somebody_says_otherwise() -> None:
    transfer = Transfer("key", 1, 0, 1, 0, 5)
    assert (transfer.live, transfer.status, transfer.repair) == (True, "SYNCING", False)


def test_what_refers_to_each_other_is_still_the_same_after_pickling() -> None:
    peer = new_peer(0)
    file = File("key", 1, [], [Transfer("key", 1, 1, 0, 0, 5)])
    peer.incoming["key"] = file.coming[0]
    other, copy = pickle.loads(pickle.dumps((peer, file)))
    assert other.incoming["key"] is copy.coming[0]
