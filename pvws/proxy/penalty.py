"""What a client sends, on its way to a server: all of it, or no messages while a fault says that they are too many."""

from collections.abc import Callable

from pvws.proxy.cutter import Cutter
from pvws.session.rate import RateLimit

__all__ = ["Penalty"]


class Penalty:
    """Lets frames pass byte for byte; while there is a penalty, messages are discarded whole, and control frames pass.

    `remind` is called with the whole seconds left for each message that the client is to be told about. Times are
    seconds that are never set back.
    """

    def __init__(self, remind: Callable[[int], None]) -> None:
        self._remind = remind
        self._cutter = Cutter()
        self._limit: RateLimit | None = None
        self._penalties = 0
        self._discarding = False  # the rest of a message

    def begin(self, now: float, seconds: float) -> None:
        """From the next message on."""
        self._penalties += 1
        if self._limit is None:
            self._limit = RateLimit(None, 0.0)
        self._limit.penalise(now, seconds)

    def end(self) -> None:
        """One penalty is over; with the last one, from the next message on they pass again."""
        self._penalties -= 1
        if not self._penalties:
            self._limit = None

    def feed(self, data: bytes, now: float) -> bytes:
        """The client has sent bytes; those for the server."""
        idle = self._limit is None and not self._discarding and self._cutter.between_frames
        out = bytearray()
        for cut in self._cutter.feed(data):
            if cut.is_control or cut.opcode < 0 or not self._discards(now, final=cut.final):
                out += cut.raw
        return data if idle and self._cutter.between_frames else bytes(out)

    def _discards(self, now: float, *, final: bool) -> bool:
        """Whether a frame of data is kept from the server."""
        if self._discarding:
            self._discarding = not final
            return True
        if self._limit is None or self._limit.admit(now):
            return False
        self._discarding = not final
        left = self._limit.reminder(now)
        if left is not None:
            self._remind(left)
        return True
