"""The watch over one WebSocket: its pings, its pongs, and whether it takes what it is sent."""

from collections.abc import Callable
from typing import Protocol

from pvws.server.deadlines import Deadline, Deadlines
from pvws.server.probe import Probe
from pvws.server.settings import Timeouts

__all__ = ["Vigil", "Watched"]

_LOOKS_PER_TIMEOUT = 30  # how often a client that takes nothing is looked at, so that 30 s are at most 31
_TURN_S = 0.05  # what is read in that time had come, where this process had no turn when it was due


class Watched(Protocol):
    """What is watched over."""

    def send_ping(self) -> None:
        """The ping period is over."""
        ...

    def no_pong(self) -> None:
        """Nothing was heard for the pong wait."""
        ...

    def stalled(self) -> None:
        """It has taken no byte for the write timeout while something waited."""
        ...

    def unsent(self) -> int:
        """How many bytes its transport holds."""
        ...


class _Nobody:
    """Whom nobody watches any more."""

    def send_ping(self) -> None: ...

    def no_pong(self) -> None: ...

    def stalled(self) -> None: ...

    def unsent(self) -> int:
        return 0


_NOBODY = _Nobody()


class Vigil:
    """Keeps the deadlines of a connection. Any byte heard restarts the pong wait, which costs one assignment.

    Where this process has no turn for a while no pong is missed by that: a ping that leaves late moves the pong wait by
    as much, and what has come meanwhile is read before it is over.

    Order of calls: it begins at once; `heard`, `paused` and `resumed` as these happen; `end` last. `clock` is in
    seconds, `write_timeout` and those of `timeouts` in microseconds.
    """

    __slots__ = (
        "_clock",
        "_deadlines",
        "_ended",
        "_heard_at",
        "_held",
        "_late",
        "_looked",
        "_period",
        "_ping",
        "_ping_due",
        "_pong",
        "_probe",
        "_taken_at",
        "_unsent",
        "_wait",
        "_watched",
        "_write",
        "_write_timeout",
    )

    def __init__(
        self, watched: Watched, deadlines: Deadlines, clock: Callable[[], float], timeouts: Timeouts, write_timeout: int
    ) -> None:
        self._watched = watched
        self._deadlines = deadlines
        self._clock = clock
        self._period = timeouts.ping_period / 1_000_000
        self._wait = timeouts.pong_wait / 1_000_000
        self._write_timeout = write_timeout / 1_000_000
        self._heard_at = clock()
        self._taken_at = 0.0
        self._unsent = 0
        self._write: Deadline | None = None
        self._probe: Probe | None = None  # most clients are never asked
        self._ended = False
        self._held = False
        self._late = 0.0  # by how much the last ping was
        self._looked = False  # whether what has come was read, although the pong wait was over
        self._ping_due = self._heard_at + self._period
        self._ping = deadlines.after(self._period, self._send_ping)
        self._pong = deadlines.after(self._wait, self._check_pong)

    def heard(self) -> None:
        """Something was heard of the client."""
        self._heard_at = self._clock()

    def ask(self, payload: bytes, answered: Callable[[], object]) -> None:
        """A ping with this payload is sent: call `answered` with its pong, the next question, or the end."""
        if self._probe is None:
            self._probe = Probe()
        self._probe.ask(payload, answered)
        if self._ended:
            self._probe.end()

    def pong(self, payload: bytes, *, renews: bool) -> None:
        """A pong was heard; where it `renews` the pong wait, no other bytes do."""
        if renews:
            self.heard()
        if self._probe is not None:
            self._probe.pong(payload)

    def paused(self) -> None:
        """Something waits that the kernel does not take."""
        self._taken_at = self._clock()
        self._unsent = self._watched.unsent()
        if self._write is None:
            self._look_again()

    def resumed(self) -> None:
        """Everything was taken."""
        if self._write is not None:
            self._write.cancel()
            self._write = None

    def hold(self, *, wish: bool) -> None:
        """Judge nothing and send no pings for now, since nobody is heard; or go on, as if all were heard just now."""
        self._held = wish
        self._heard_at = self._taken_at = self._clock()

    def end(self) -> None:
        """Watch no more."""
        self._ping.cancel()
        self._pong.cancel()
        self.resumed()
        self._ended = True
        if self._probe is not None:
            self._probe.end()
        self._watched = _NOBODY  # so that it is in no cycle with who was watched

    def _send_ping(self) -> None:
        now = self._clock()
        self._late, self._ping_due = max(0.0, now - self._ping_due), now + self._period
        self._ping = self._deadlines.after(self._period, self._send_ping)
        if not self._held:
            self._watched.send_ping()

    def _check_pong(self) -> None:
        if self._held:
            self.heard()
        left = self._heard_at + self._wait + self._late - self._clock()
        if left > 0:
            self._looked = False
        elif left < -_TURN_S and not self._looked:
            self._looked, left = True, _TURN_S
        else:
            self._watched.no_pong()
            return
        self._pong = self._deadlines.after(left, self._check_pong)

    def _look_again(self) -> None:
        self._write = self._deadlines.after(self._write_timeout / _LOOKS_PER_TIMEOUT, self._look)

    def _look(self) -> None:
        unsent, now = self._watched.unsent(), self._clock()
        if self._held or unsent != self._unsent:  # nothing is added while it is paused, so it has taken some
            self._unsent, self._taken_at = unsent, now
        if now - self._taken_at >= self._write_timeout:
            self._write = None
            self._watched.stalled()
        else:
            self._look_again()
