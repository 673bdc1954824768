"""Things happen that look like attacks."""

from typing import Annotated, TypeAlias, cast, get_args

from msgspec import Meta

from pvws.scenario.behaviours.arrivals import Arriving
from pvws.scenario.behaviours.process import Process
from pvws.scenario.distributions import Quantity
from pvws.scenario.play import Play
from pvws.scenario.quantities import NumberDistribution
from pvws.scenario.weights import Weighted, weighted_form
from pvws.sim.distributions import Constant, draw_whole, fresh
from pvws.wire.events import SecurityCategory

__all__ = ["Categories", "Incidents"]

_CATEGORIES: tuple[str, ...] = get_args(SecurityCategory)
# RFC 5737: networks for documentation, in which nobody real is blamed.
_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")

Categories: TypeAlias = Annotated[Weighted, weighted_form("CategoryWeights", _CATEGORIES)]
"""Categories of incidents: one, or weights of several."""


class Incidents(Arriving, frozen=True, kw_only=True):
    """Incidents come in; when there are enough of a category within a minute, an alert tells of them.

    Failed authentications and abused limits come from addresses, unknown peers have ids that nobody has, and an
    integrity violation is blamed on a peer that is connected.
    """

    category: Annotated[Categories, Meta(description="What happens: one category, or several with weights.")] = (
        Weighted.of("auth_failure")
    )
    attempts: Annotated[NumberDistribution, Meta(description="How many attempts each is.")] = Quantity(Constant(1))

    def begin(self, name: str, play: Play) -> None:
        """Start it as part of a run."""
        _Attacking(self, name, play)


class _Attacking(Process):
    __slots__ = ("_attempts", "_category", "_chance", "_ids", "_world")

    def __init__(self, spec: Incidents, name: str, play: Play) -> None:
        super().__init__(spec, spec.profile(play.start), spec.arrivals, name, play)
        self._category = spec.category
        self._attempts = fresh(spec.attempts.distribution)
        self._chance = play.chance.stream(f"attackers of {name}")
        self._ids = play.chance.keys(name)
        self._world = play.world

    def _act(self) -> None:
        # As many numbers are drawn whatever the category is and whoever is there, so that the next ones stay the same.
        chance = self._chance
        category = cast(SecurityCategory, self._category.draw(chance))
        attempts = draw_whole(self._attempts, chance, 1)
        address = f"{chance.choice(_NETWORKS)}.{chance.between(1, 254)}"
        stranger, who = self._ids.next(), chance.random()
        match category:
            case "auth_failure" | "rate_abuse":
                source = address
            case "unknown_peer":
                source = stranger
            case "integrity_violation":
                connected = self._world.store.connected
                source = connected[int(who * len(connected))].id if connected else stranger
        self._world.watch.incident(category, source, attempts)
