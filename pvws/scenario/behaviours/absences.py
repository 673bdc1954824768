"""How peers go and come back: for how long, why, and whether they say so."""

from collections.abc import Callable
from typing import Annotated, Protocol, TypeAlias, cast, get_args

from msgspec import Meta, Struct

from pvws.limits import PEERS_MAX
from pvws.notation.quantities import Percentage
from pvws.scenario.distributions import Quantity
from pvws.scenario.play import BEHAVIOURS, Play
from pvws.scenario.quantities import DurationDistribution
from pvws.scenario.weights import Weighted, weighted_form
from pvws.sim.chance import Stream
from pvws.sim.distributions import Exponential, draw_whole, fresh
from pvws.wire.events import DisconnectReason
from pvws.world.entities import Peer

__all__ = [
    "DEFAULT_DOWNTIME",
    "DEFAULT_REASONS",
    "Absence",
    "Absences",
    "Crashing",
    "Downtime",
    "Reasons",
    "Replaced",
    "Staying",
    "Unsteady",
]

Reasons: TypeAlias = Annotated[
    Weighted,
    weighted_form("ReasonWeights", get_args(DisconnectReason)),
    Meta(description="Why they go: one reason, or several with weights."),
]
Downtime: TypeAlias = Annotated[DurationDistribution, Meta(description="How long they are away.")]
Crashing: TypeAlias = Annotated[
    Percentage, Meta(description="The share that goes silently: only their heartbeats are missed.")
]
Replaced: TypeAlias = Annotated[
    Percentage, Meta(description="The share that never comes back: when one would, a new peer joins.")
]
Staying: TypeAlias = Annotated[int, Meta(ge=0, le=PEERS_MAX, description="So many are always there.")]

DEFAULT_DOWNTIME = Quantity(Exponential(mean=45_000_000))
"""45 s on average: most are back before, and some long after, a peer that is silent counts as disconnected."""

DEFAULT_REASONS = Weighted.of("timeout", "shutdown", "network_error")
"""A peer's own: that the network is partitioned, or a peer evicted, has causes of its own."""


class Unsteady(Protocol):
    """What a behaviour says of how peers go and come back. (A Struct can't be made of two that have fields.)"""

    @property
    def downtime(self) -> Quantity:
        """How long they are away."""
        ...

    @property
    def reasons(self) -> Weighted:
        """Why they go."""
        ...

    @property
    def crash(self) -> float:
        """The share that goes silently."""
        ...

    @property
    def newcomers(self) -> float:
        """The share that never comes back: when one would, a new peer joins."""
        ...

    @property
    def least(self) -> int:
        """So many are always there."""
        ...


class Absence(Struct, frozen=True):
    """One absence, as chance has it. `micros` is how long it takes."""

    reason: DisconnectReason
    crashes: bool
    replaced: bool
    micros: int


class Absences:
    """Sends peers away, and has them back in time. `returned` is told of each peer that is, or that came instead."""

    __slots__ = ("_downtime", "_links", "_play", "_returned", "_spec")

    def __init__(self, spec: Unsteady, name: str, play: Play, returned: Callable[[Peer], None] | None = None) -> None:
        self._spec = spec
        self._play = play
        self._downtime = fresh(spec.downtime.distribution)
        self._links = play.chance.stream(f"links of {name}")  # how often it is drawn from depends on who is there
        self._returned = returned

    def draw(self, chance: Stream) -> Absence:
        """What the next absence is to be like."""
        spec = self._spec
        return Absence(
            reason=cast(DisconnectReason, spec.reasons.draw(chance)),
            crashes=chance.random() < spec.crash,
            replaced=chance.random() < spec.newcomers,
            micros=draw_whole(self._downtime, chance, 1),
        )

    def send(self, peer: Peer, absence: Absence) -> bool:
        """Send a peer away; False if it is away, or if too few others would be left."""
        world = self._play.world
        if not peer.connected or peer.crashed or sum(map(len, world.overlay.sides)) <= self._spec.least:
            return False
        if absence.crashes:
            world.crash(peer)
        else:
            world.disconnect(peer, absence.reason)
        back = peer, peer.joined, absence.replaced
        self._play.kernel.after(absence.micros, self._come_back, back, rank=BEHAVIOURS)
        return True

    def _come_back(self, back: tuple[Peer, int, bool]) -> None:
        peer, joined, replaced = back
        world = self._play.world
        if replaced and len(world.peers) < PEERS_MAX:
            peer = self._play.cast.make()
            world.connect(peer, self._links)
        elif peer.joined == joined:  # or somebody else has had it back meanwhile
            world.recover(peer, self._links)
        if self._returned is not None:
            self._returned(peer)
