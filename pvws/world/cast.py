"""The cast: the peers of a run, made one after the other."""

from hashlib import sha256

from pvws.sim.chance import Stream
from pvws.world.entities import Peer

__all__ = ["Cast"]


class Cast:
    """Makes peers one after the other: `peer-1`, `peer-2`, … All that chance decides comes from one stream."""

    def __init__(self, chance: Stream, seed: int, *, capacity: int, capabilities: dict[str, float]) -> None:
        self._chance = chance
        self._seed = seed
        self._capacity = capacity
        self._capabilities = capabilities
        self._made = 0

    def make(self) -> Peer:
        """One more peer, not connected yet."""
        self._made += 1
        name = f"peer-{self._made}"
        chance = self._chance
        return Peer(
            name=name,
            peer_id=sha256(f"{self._seed}\0{name}".encode()).hexdigest(),
            address=f"10.{chance.below(256)}.{chance.below(256)}.{chance.between(1, 254)}",
            port=chance.between(8000, 8099),
            capabilities=[word for word, share in self._capabilities.items() if chance.random() < share],
            capacity=self._capacity,
            bandwidth=chance.between(8, 64) * 1_000_000,
            latency=chance.between(2_000, 60_000),
        )
