"""restart: the whole server goes, and comes back on the same port."""

from collections.abc import Callable
from typing import Annotated

from msgspec import Meta

from pvws.notation.quantities import Duration
from pvws.scenario.faults.close import AnyCloseCode
from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import ListenerFault
from pvws.scenario.faults.victim import House
from pvws.sim.agenda import Instant

__all__ = ["Restart"]


class Restart(ListenerFault, frozen=True):
    """Every connection of the server ends, and nobody can connect until it is back on the same port. What plays goes on
    meanwhile. It concerns the whole server.

    A client sees 1012, or 1006 where nothing is said, then refused connections, and is to come back after a while that
    is not everybody's. Counted as `restarted`, and each client as `disconnected`.
    """

    down: Annotated[Duration, Meta(description="How long it is away, in stage time.", examples=["5s"])]
    code: Annotated[
        AnyCloseCode,
        Meta(description="What clients are told in a close frame; `none`: nothing, the connection just ends."),
    ] = 1012

    @property
    def never(self) -> bool:
        """Zero means never."""
        return self.down == 0

    @property
    def lasts(self) -> Instant:
        """As long as it is down."""
        return self.down

    def begin(self, house: House, did: Did) -> Callable[[], None]:
        """Send everybody away, and shut the door."""
        house.refuse()
        did("restarted")
        did("disconnected", house.dismiss(self.code, "" if self.code is None else "service restart"))
        return house.accept
