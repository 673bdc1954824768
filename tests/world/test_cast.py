"""The cast: peers that differ, the same ones for the same seed."""

import re
from ipaddress import ip_address

from pvws.sim.chance import Stream
from pvws.world.cast import Cast
from pvws.world.entities import Peer


def peers(number: int, seed: int = 1, capabilities: dict[str, float] | None = None) -> list[Peer]:
    cast = Cast(Stream(seed, "cast"), seed, capacity=100, capabilities=capabilities or {})
    return [cast.make() for _ in range(number)]


def facts(peer: Peer) -> tuple[object, ...]:
    return (peer.name, peer.id, peer.address, peer.port, peer.capabilities, peer.bandwidth, peer.latency)


def test_peers_are_numbered_from_one() -> None:
    assert [peer.name for peer in peers(3)] == ["peer-1", "peer-2", "peer-3"]


def test_the_same_seed_makes_the_same_peers_and_another_seed_others() -> None:
    assert [facts(peer) for peer in peers(20)] == [facts(peer) for peer in peers(20)]
    assert not {peer.id for peer in peers(20)} & {peer.id for peer in peers(20, seed=2)}


def test_what_a_peer_tells_of_itself_is_as_the_contract_says() -> None:
    made = peers(200)
    assert len({peer.id for peer in made}) == 200
    for peer in made:
        assert re.fullmatch("[0-9a-f]{64}", peer.id)
        assert ip_address(peer.address).is_private
        assert 8000 <= peer.port <= 8099
        assert peer.bandwidth > 0
        assert peer.latency > 0
        assert (peer.connected, peer.used, peer.reserved, peer.room) == (False, 0, 0, 100)


def test_capabilities_go_to_their_share_of_the_peers() -> None:
    made = peers(2_000, capabilities={"storage": 1.0, "compute": 0.4, "none": 0.0})
    counts = {word: sum(word in peer.capabilities for peer in made) for word in ("storage", "compute", "none")}
    assert counts["storage"] == 2_000
    assert counts["none"] == 0
    assert 740 <= counts["compute"] <= 860
