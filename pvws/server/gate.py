"""A gate before a client's transport, through which bytes pass no faster than a fault lets them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pvws.scenario.faults.bandwidth import Line
from pvws.scenario.faults.effect import Did
from pvws.server.lane import Wake, Wakes
from pvws.sim.agenda import Instant

if TYPE_CHECKING:
    from pvws.server.subscriber import Subscriber

__all__ = ["Gate"]


class Gate:
    """Stands between a subscriber and its transport, and is to the one what the other would be: slow.

    While bytes are on the line the subscriber counts as paused, so that its backlog, its bounds and the joining of its
    messages are those of a client that reads slowly. Of several rates the lowest counts. Times are stage time.
    """

    __slots__ = ("_at", "_clock", "_line", "_member", "_rates", "_wake", "_waking", "_write", "choked")

    def __init__(self, member: "Subscriber", clock: Callable[[], Instant], wake: Wakes) -> None:
        self._member = member
        self._clock = clock
        self._wake = wake
        self._write = member.write
        self._rates: dict[str, tuple[int, Did]] = {}
        self._line: Line | None = None
        self._waking: Wake | None = None
        self._at: Instant | None = None  # the instant at which bytes pass just now, be the clock further by then
        self.choked = member.paused
        """Whether the transport takes nothing, gate or no gate."""
        member.write = self.write
        member.gate = self

    @property
    def names(self) -> tuple[str, ...]:
        """Of the faults that make it slow."""
        return tuple(self._rates)

    @property
    def size(self) -> int:
        """How many bytes are on the line."""
        return 0 if self._line is None else self._line.size

    def add(self, name: str, rate: int, did: Did) -> None:
        """One more rate."""
        self._rates[name] = rate, did
        self._settle()

    def remove(self, name: str) -> None:
        """A rate holds no longer; with the last one the gate is gone, and what is on the line leaves at once, or when
        the transport takes it.
        """
        del self._rates[name]
        if self._rates:
            self._settle()
        elif not self.choked:
            self._vanish()
            if not self.choked:
                self._member.resume()

    def set_back(self) -> None:
        """Stage time is about to be set back: what is on the line leaves as soon as it is."""
        if self._line is not None:
            self._line.set_back()
            self._next()

    def drop(self) -> None:
        """Forget what is on the line."""
        self._call_off()
        if self._line is not None:
            self._line.flush()

    def write(self, data: bytes) -> None:
        """Bytes for the transport."""
        assert self._line is not None, "a gate has a rate before anything is written"
        for _, did in self._rates.values():
            did("throttled", len(data))
        self._line.put(data, self._clock() if self._at is None else self._at)
        self._member.stall()
        self._next()

    def choke(self) -> None:
        """The transport takes no more."""
        self.choked = True
        self._call_off()

    def unchoke(self) -> bool:
        """The transport has taken everything: whether nothing is left on the line either."""
        self.choked = False
        if self._rates:
            self._next()
            return not self.size
        self._vanish()
        return not self.choked

    def _vanish(self) -> None:
        """Be gone, and have the transport take what is on the line."""
        left = b"" if self._line is None else self._line.flush()
        self.drop()
        if self._member.write == self.write:
            self._member.write = self._write
        if left:
            self._write(left)
        self._member.gate = None  # not before: the transport says here that it takes no more

    def _settle(self) -> None:
        rate = min(rate for rate, _ in self._rates.values())
        if self._line is None:
            self._line = Line(rate)
        else:
            self._line.set_rate(rate, self._clock())
        self._next()

    def _next(self) -> None:
        """Have the next bytes pass when it is time."""
        self._call_off()
        due = None if self._line is None or self.choked else self._line.due()
        if due is not None:
            self._waking = self._wake(due, self._pass)

    def _call_off(self) -> None:
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None

    def _pass(self, now: Instant) -> None:
        self._waking = None
        assert self._line is not None, "something is on it"
        data = self._line.take(now)
        if data:
            self._write(data)
        if self.choked:
            return
        self._next()
        if not self.size:
            self._at = now
            self._member.resume()
            self._at = None
