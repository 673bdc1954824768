"""Peers and files: what they begin with."""

from pvws.world.entities import File, Peer, Transfer


def test_room_is_what_neither_copies_nor_transfers_take() -> None:
    peer = Peer("peer-1", "id", "10.0.0.1", 8000, [], capacity=100, bandwidth=1, latency=1)
    assert peer.room == 100
    peer.used, peer.reserved = 30, 20
    assert peer.room == 50


def test_things_are_themselves_and_no_others_even_when_they_look_alike() -> None:
    assert File("key", 1) != File("key", 1)
    assert len({File("key", 1), File("key", 1)}) == 2


def test_a_transfer_is_live_until_it_ends() -> None:
    peers = [Peer(name, name, "10.0.0.1", 8000, [], 100, 1, 1) for name in ("a", "b")]
    assert Transfer(File("key", 1), *peers).live
