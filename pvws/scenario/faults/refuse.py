"""refuse: nobody can connect."""

from collections.abc import Callable

from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import ListenerFault
from pvws.scenario.faults.victim import House

__all__ = ["Refuse"]


class Refuse(ListenerFault, frozen=True):
    """Connections are refused by the kernel, as where nobody listens; those that are open stay. It concerns the whole
    server. When the fault ends, the server listens on the same port again.

    A client sees its connection refused. Counted as `shut`.
    """

    def begin(self, house: House, did: Did) -> Callable[[], None]:
        """Shut the door."""
        did("shut")
        house.refuse()
        return house.accept
