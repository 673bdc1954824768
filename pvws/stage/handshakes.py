"""What becomes of handshakes under faults: refused, answered late, or not before a fault ends."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from pvws.scenario.faults.fault import HandshakeFault
from pvws.scenario.faults.refusal import Refusal
from pvws.scenario.faults.scope import Who
from pvws.server.room import Hold
from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream
from pvws.stage.errands import Errand

if TYPE_CHECKING:
    from pvws.stage.faults import Active

__all__ = ["Handshakes"]


class _Wait:
    """Why a handshake waits: until a fault ends, or for so long."""

    __slots__ = ("by", "micros")

    def __init__(self, by: str, micros: int | None) -> None:
        self.by = by
        self.micros = micros


class Handshakes:
    """Has each handshake meet the faults that go on, one behind the other: delays add up, the first refusal counts.

    `active` gives the faults, `chance` that of a fault with somebody it concerns, or None. `now` is stage time, `later`
    has something done at an instant of that, and `did` counts what a fault did.
    """

    def __init__(
        self,
        active: Callable[[], Iterable["Active"]],
        chance: Callable[["Active", Who], Stream | None],
        now: Callable[[], Instant],
        later: Callable[[Instant, Callable[[Instant], None]], Errand],
        did: Callable[["Active", str], None],
    ) -> None:
        self._active = active
        self._chance = chance
        self._now = now
        self._later = later
        self._did = did
        self._waiting: dict[Hold, tuple[Who, set[str], str]] = {}  # at most until a fault ends
        self._errands: dict[Hold, Errand] = {}  # of those that wait for so long, or until it ends before

    def attempt(self, who: Who) -> Refusal | Hold | None:
        """Somebody wants to come in."""
        met: set[str] = set()
        answer = self._meet(who, met)
        if not isinstance(answer, _Wait):
            return answer
        hold = Hold(self._dropped)
        self._wait(hold, who, met, answer, self._now())
        return hold

    def ended(self, fault: str) -> None:
        """A fault has ended: whom it alone held goes on."""
        for hold, (who, met, by) in list(self._waiting.items()):
            if by == fault and self._waiting.pop(hold, None) is not None:
                self._call_off(hold)
                self._go_on(hold, who, met, self._now())

    def set_back(self) -> None:
        """Stage time is about to be set back: who waits for an instant is late no longer, once it is set."""
        for hold in list(self._errands):
            self._call_off(hold)
            self._errands[hold] = self._later(0, partial(self._rung, hold))

    def __len__(self) -> int:
        return len(self._waiting)

    def _meet(self, who: Who, met: set[str]) -> Refusal | _Wait | None:
        """The first fault, of those not met yet, that has something to say."""
        for active in list(self._active()):
            fault = active.spec.fault
            if active.id in met or not isinstance(fault, HandshakeFault):
                continue
            met.add(active.id)
            chance = self._chance(active, who)
            if chance is None:
                continue
            active.met += 1
            if active.spec.attempts is not None and active.met > active.spec.attempts:
                continue
            self._did(active, fault.word)
            delay, refusal = fault.delay(chance), fault.refusal(chance)
            if refusal is not None:
                return refusal
            if delay != 0:
                return _Wait(active.id, delay)
        return None

    def _wait(self, hold: Hold, who: Who, met: set[str], wait: _Wait, now: Instant) -> None:
        self._waiting[hold] = who, met, wait.by
        if wait.micros is not None:
            self._errands[hold] = self._later(now + wait.micros, partial(self._rung, hold))

    def _rung(self, hold: Hold, now: Instant) -> None:
        who, met, _ = self._waiting.pop(hold)
        # From the instant that was meant: the clock may have come further in one move.
        self._go_on(hold, who, met, self._errands.pop(hold).at)

    def _call_off(self, hold: Hold) -> None:
        errand = self._errands.pop(hold, None)
        if errand is not None:
            errand.cancel()

    def _go_on(self, hold: Hold, who: Who, met: set[str], now: Instant) -> None:
        answer = self._meet(who, met)
        if isinstance(answer, _Wait):
            self._wait(hold, who, met, answer, now)
        else:
            hold.go_on(answer)

    def _dropped(self, hold: Hold) -> None:
        """Somebody has not waited."""
        self._waiting.pop(hold, None)
        self._call_off(hold)
