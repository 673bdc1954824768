"""What goes to a client of a proxy, as bytes: at once, as fast as a fault lets it, or not before a stall is over."""

import asyncio
from collections.abc import Callable

from pvws.scenario.faults.bandwidth import Line
from pvws.scenario.faults.effect import Did
from pvws.sim.agenda import Instant

__all__ = ["Outflow"]


class Outflow:
    """Bytes leave through `write`, in the order in which they were put. Of several rates the lowest counts.

    `now` is stage time, which is real here; `drained` is called whenever nothing is left that waited.
    """

    def __init__(self, now: Callable[[], Instant], write: Callable[[bytes], None], drained: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._now = now
        self._write = write
        self._drained = drained
        self._rates: dict[str, tuple[int, Did]] = {}
        self._line: Line | None = None
        self._kept = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self.stalls = 0
        """How often it is stalled."""

    @property
    def size(self) -> int:
        """How many bytes wait."""
        return len(self._kept) + (0 if self._line is None else self._line.size)

    def put(self, data: bytes) -> None:
        """Bytes for the client."""
        if self._line is None:
            self._leave(data)
            return
        for _, did in self._rates.values():
            did("throttled", len(data))
        self._line.put(data, self._now())
        self._arm()

    def throttle(self, fault: str, rate: int, did: Did) -> None:
        """A fault lets so many bytes a second pass."""
        self._rates[fault] = rate, did
        self._settle()

    def release(self, fault: str) -> None:
        """A fault has ended; with the last one what was on the line leaves at once."""
        if self._rates.pop(fault, None) is not None:
            self._settle()

    def stall(self) -> None:
        """Nothing leaves for now."""
        self.stalls += 1

    def unstall(self) -> None:
        """A stall is over: with the last one what waited leaves."""
        self.stalls -= 1
        if not self.stalls:
            kept, self._kept = bytes(self._kept), bytearray()
            if kept:
                self._write(kept)
            self._tell()

    def end(self) -> None:
        """Nothing leaves any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _leave(self, data: bytes) -> None:
        if self.stalls:
            self._kept += data
        elif data:
            self._write(data)

    def _settle(self) -> None:
        if not self._rates:
            line, self._line = self._line, None
            self.end()
            if line is not None:
                self._leave(line.flush())
            self._tell()
            return
        rate = min(rate for rate, _ in self._rates.values())
        if self._line is None:
            self._line = Line(rate)
        else:
            self._line.set_rate(rate, self._now())
        self._arm()

    def _arm(self) -> None:
        self.end()
        due = None if self._line is None else self._line.due()
        if due is not None:
            self._timer = self._loop.call_later(max(0, due - self._now()) / 1_000_000, self._pass, due)

    def _pass(self, due: Instant) -> None:
        if self._line is not None:
            self._leave(self._line.take(max(due, self._now())))
            self._arm()
            self._tell()

    def _tell(self) -> None:
        if not self.size:
            self._drained()
