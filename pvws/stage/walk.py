"""A walk of a clock that is moved by hand: from one instant to another, a slice of what is due at a time."""

from collections import deque

from pvws.limits import ADVANCE_EVENTS_KEPT, PACER_SLICE_EVENTS_MAX
from pvws.sim.agenda import Instant
from pvws.sim.source import Cue, Timed
from pvws.stage.advance import Advance, Straggler
from pvws.stage.condition import Until
from pvws.stage.pacer import Pacer
from pvws.timestamp import LAST_INSTANT

__all__ = ["Walk"]


class Walk:
    """On the way from one instant to another, or to the first that has what is waited for."""

    def __init__(self, pacer: Pacer, target: Instant, stop: Until | None) -> None:
        self._pacer = pacer
        self._target = target
        self._stop = stop
        self._bounded = target < LAST_INSTANT
        self._kept: deque[Timed] = deque(maxlen=ADVANCE_EVENTS_KEPT)
        self._marks: list[str] = []
        self._count = 0
        self._matched: Timed | None = None
        self._stopped = False
        self._exchanges = pacer.exchanges

    @property
    def is_astray(self) -> bool:
        """Whether something else plays than when it set out."""
        return self._pacer.exchanges != self._exchanges

    @property
    def goes_on(self) -> bool:
        """Whether something is left to give out on the way."""
        return self._pacer.upcoming(self._target) is not None

    def give(self) -> None:
        """Give out a slice, or what there is up to the instant of what is waited for."""
        for _ in range(PACER_SLICE_EVENTS_MAX):
            at = self._pacer.upcoming(self._target)
            if at is None:
                return
            given = self._pacer.walk(self._target if self._stop is None or self._stopped else at)
            self._take(given, at)
            if self._stop is None or self._stopped or len(given) >= PACER_SLICE_EVENTS_MAX:
                return

    def arrive(self) -> None:
        """Stand where it was to go; without an instant to go to, where the last thing happened."""
        if self._stopped or self._bounded:
            self._pacer.stand(self._target)

    def result(self, stragglers: tuple[Straggler, ...], silent: tuple[str, ...] = ()) -> Advance:
        """What came of it."""
        return Advance(
            at=self._pacer.now(),
            count=self._count,
            events=tuple(self._kept),
            marks=tuple(self._marks),
            matched=self._matched,
            ended=self._pacer.ended,
            stragglers=stragglers,
            silent=silent,
        )

    def _take(self, given: list[Timed | Cue], at: Instant) -> None:
        for each in given:
            if isinstance(each, Timed):
                self._count += 1
                self._kept.append(each)
            elif each.kind == "mark":
                self._marks.append(each.name)
            if self._stop is not None and not self._stopped and self._stop(each):
                self._stopped = True
                self._target = at
                self._matched = each if isinstance(each, Timed) else None
