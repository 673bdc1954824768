"""The herald: what has happened and was not yet told, and the instant at which it happens."""

from typing import Any

from pvws.sim.kernel import Kernel
from pvws.timestamp import Timestamp

__all__ = ["Herald"]


class Herald:
    """Keeps what happened, in order; whoever tells it empties the list `outbox`."""

    __slots__ = ("_kernel", "outbox")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.outbox: list[Any] = []
        """Payloads of events, and what a script has said beside them."""

    @property
    def now(self) -> Timestamp:
        """The instant at which everything in this step happens, to the millisecond, as the API writes it."""
        return self._kernel.stamp

    def cue(self, cue: Any) -> None:
        """Have the stage do something before anything else happens here."""
        self.outbox.append(cue)
        self._kernel.halt()
