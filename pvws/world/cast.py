"""The cast: the peers of a run, made one after the other."""

from collections.abc import Callable, Mapping
from hashlib import sha256

from msgspec import Struct

from pvws.sim.chance import Stream
from pvws.world.entities import Peer

__all__ = ["Cast", "Figures"]


class Figures(Struct, frozen=True, omit_defaults=True):
    """What is said of a peer; None is left to chance. Sizes in bytes, `bandwidth` in bytes a second, `latency` in
    microseconds.
    """

    name: str | None = None
    address: str | None = None
    port: int | None = None
    capabilities: tuple[str, ...] | None = None
    capacity: int | None = None
    bandwidth: int | None = None
    latency: int | None = None


_NOTHING_SAID = Figures()


class Cast:
    """Makes peers one after the other: `peer-1`, `peer-2`, … unless they are given a name.

    All that chance decides comes from one stream, as often for each peer whatever is said of it. `capacity`,
    `bandwidth` and `latency` draw such a figure; `capabilities` has the share of peers that have each.
    """

    def __init__(
        self,
        chance: Stream,
        seed: int,
        *,
        capacity: Callable[[Stream], int],
        bandwidth: Callable[[Stream], int],
        latency: Callable[[Stream], int],
        capabilities: Mapping[str, float],
    ) -> None:
        self._chance = chance
        self._seed = seed
        self._capacity = capacity
        self._bandwidth = bandwidth
        self._latency = latency
        self._capabilities = dict(capabilities)
        self._made = 0

    def make(self, figures: Figures = _NOTHING_SAID) -> Peer:
        """One more peer, not connected yet."""
        number = self._made
        self._made += 1
        name = figures.name or f"peer-{self._made}"
        chance = self._chance
        address = f"10.{chance.below(256)}.{chance.below(256)}.{chance.between(1, 254)}"
        port = chance.between(8000, 8099)
        capabilities = [word for word, share in self._capabilities.items() if chance.random() < share]
        capacity, bandwidth, latency = self._capacity(chance), self._bandwidth(chance), self._latency(chance)
        return Peer(
            number=number,
            name=name,
            peer_id=sha256(f"{self._seed}\0{name}".encode()).hexdigest(),
            address=figures.address or address,
            port=port if figures.port is None else figures.port,
            capabilities=capabilities if figures.capabilities is None else list(figures.capabilities),
            capacity=capacity if figures.capacity is None else figures.capacity,
            bandwidth=bandwidth if figures.bandwidth is None else figures.bandwidth,
            latency=latency if figures.latency is None else figures.latency,
        )
