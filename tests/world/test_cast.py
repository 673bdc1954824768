"""The cast: peers that differ, the same ones for the same seed, whatever is said of some of them."""

import pickle
import re
from ipaddress import ip_address
from typing import Any

import pytest

from pvws.sim.chance import Stream
from pvws.world.cast import Cast, Figures
from pvws.world.entities import Peer


def draw_capacity(chance: Stream) -> int:
    return 1 + int(chance.lognormal(1_000_000, 2))  # takes more numbers at times


def draw_bandwidth(chance: Stream) -> int:
    return chance.between(8, 64)


def draw_latency(chance: Stream) -> int:
    return chance.between(2, 60)


def cast(seed: int = 1, **capabilities: float) -> Cast:
    return Cast(
        Stream(seed, "cast"),
        seed,
        capacity=draw_capacity,
        bandwidth=draw_bandwidth,
        latency=draw_latency,
        capabilities=capabilities,
    )


def peers(number: int, seed: int = 1, **capabilities: float) -> list[Peer]:
    making = cast(seed, **capabilities)
    return [making.make() for _ in range(number)]


def facts(peer: Peer) -> tuple[object, ...]:
    figures = (peer.capacity, peer.bandwidth, peer.latency)
    return peer.number, peer.name, peer.id, peer.address, peer.port, peer.capabilities, *figures


def test_peers_are_called_by_number_from_one_and_numbered_from_zero() -> None:
    assert [(peer.number, peer.name) for peer in peers(3)] == [(0, "peer-1"), (1, "peer-2"), (2, "peer-3")]


def test_the_same_seed_makes_the_same_peers_and_another_seed_others() -> None:
    assert [facts(peer) for peer in peers(20)] == [facts(peer) for peer in peers(20)]
    assert not {peer.id for peer in peers(20)} & {peer.id for peer in peers(20, seed=2)}


def test_what_a_peer_tells_of_itself_is_as_the_contract_says() -> None:
    made = peers(200, storage=1.0)
    assert len({peer.id for peer in made}) == 200
    for peer in made:
        assert re.fullmatch("[0-9a-f]{64}", peer.id)
        assert ip_address(peer.address).is_private
        assert 8000 <= peer.port <= 8099
        assert min(peer.capacity, peer.bandwidth, peer.latency) > 0
        assert (peer.connected, peer.used, peer.room) == (False, 0, peer.capacity)
    assert len({peer.capacity for peer in made}) > 190


def test_capabilities_go_to_their_share_of_the_peers() -> None:
    made = peers(2_000, storage=1.0, compute=0.4, none=0.0)
    counts = {word: sum(word in peer.capabilities for peer in made) for word in ("storage", "compute", "none")}
    assert (counts["storage"], counts["none"]) == (2_000, 0)
    assert 740 <= counts["compute"] <= 860


ALL_SAID = {
    "name": "anna",
    "address": "192.168.0.7",
    "port": 4_000,
    "capabilities": ("relay",),
    "capacity": 5,
    "bandwidth": 6,
    "latency": 7,
}


@pytest.mark.parametrize("key", ALL_SAID)
def test_what_is_said_of_a_peer_is_so_and_changes_nothing_else(key: str) -> None:
    """Neither of this peer, but for the id that a name makes, nor of those that come behind it."""
    plain, said = cast(storage=0.5), cast(storage=0.5)
    figures: Any = Figures(**{key: ALL_SAID[key]})
    first, second = (
        [plain.make() for _ in range(6)],
        [said.make(figures if place == 2 else Figures()) for place in range(6)],
    )
    value = getattr(second[2], key)
    assert (tuple(value) if key == "capabilities" else value) == ALL_SAID[key]
    assert second[2].room == second[2].capacity
    for place, (one, other) in enumerate(zip(first, second, strict=True)):
        for name in (*ALL_SAID, "id", "number"):
            if place != 2 or name not in (key, "id" if key == "name" else key):
                assert getattr(one, name) == getattr(other, name), f"{name} of {one.name}"


def test_nothing_that_is_said_is_taken_for_nothing_said() -> None:
    peer = cast(storage=1.0).make(Figures(port=0, capabilities=(), capacity=0, latency=0))
    assert (peer.port, peer.capabilities, peer.capacity, peer.latency) == (0, [], 0, 0)


def test_a_name_has_the_same_id_wherever_it_stands() -> None:
    making = cast()
    making.make()
    assert (
        making.make(Figures(name="anna")).id
        == cast().make(Figures(name="anna")).id
        != cast(2).make(Figures(name="anna")).id
    )


def test_a_cast_goes_on_after_pickling() -> None:
    making = cast()
    making.make()
    copy = pickle.loads(pickle.dumps(making))
    assert [facts(copy.make()) for _ in range(3)] == [facts(making.make()) for _ in range(3)]
