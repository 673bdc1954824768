"""The pacer: the only place that knows real time. It gives a source's events out when they are due."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from math import ceil
from operator import attrgetter
from typing import cast

from pvws.limits import PACER_SLICE_EVENTS_MAX
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Obedient, Order, Source, Timed
from pvws.stage.errands import Errands
from pvws.timestamp import LAST_INSTANT

__all__ = ["Pacer", "loop_clock"]

_CONGESTED_POLL_S = 0.005  # how often a source at speed max looks whether its readers have caught up
_TICK_MICROS = 1_000  # the finest that event loops wait; with less uvloop would turn in circles until it is time


def loop_clock() -> Callable[[], int]:
    """The running event loop's time in whole microseconds: it is never set back."""
    clock = asyncio.get_running_loop().time
    return lambda: round(clock() * 1_000_000)  # cut, a timer would seem to ring too early


class Pacer:
    """Plays a source at a speed: a factor of real time, or None for as fast as it goes.

    `publish` takes the events, as many as are due at once, and `act` each cue; at a pause the clock stands still. At a
    timed speed the source never waits for anybody: an instant's due time is reckoned from an anchor, a pair of stage
    and real time, so that being late once makes nothing later and nothing adds up over hours. A change of speed, `hold`
    and `resume` set the anchor anew at the present instant: stage time neither jumps nor makes up for anything. At
    speed max it waits while `congested` says that a client which is reading would otherwise lose something, and a
    pause takes no time. While it is held stage time stands, and nothing is given out but what was due before.

    `end` is when it is over, should that be behind the last event. `clock` gives real time in microseconds.
    `passed_over` takes the cues that a seek passes over, which are not followed.

    Beside the source there are errands of stage time, which are kept whether `run` is under way or not. `deliveries`
    are what faults hold until an instant: the run is not over before the last of them. `endings` end something, such
    as a fault: exactly then, before the events of that instant; for them alone nobody waits at the end.
    """

    def __init__(
        self,
        source: Source,
        publish: Callable[[Sequence[Timed]], None],
        *,
        start: Instant,
        speed: float | None = 1.0,
        end: Instant | None = None,
        congested: Callable[[], bool] = lambda: False,
        act: Callable[[Cue], None] = lambda cue: None,
        passed_over: Callable[[Cue], None] = lambda cue: None,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self.source = source
        """What it plays; another may be put in its place while it is walked."""
        self.congested = congested
        self._publish = publish
        self._act = act
        self._passed_over = passed_over
        self.deliveries = Errands(self._change)
        self.endings = Errands(self._change)
        self._speed = speed
        self._end = end
        self._clock = loop_clock() if clock is None else clock
        self._stage_anchor = start
        self._real_anchor: int | None = None  # none before the run begins
        self._last = start
        self._held = False
        self._due_by: Instant | None = None  # while it is held, what was due before is still given out
        self._walked = False
        self._pause_left = 0  # of a cue's pause, in real time, when it was held
        self._given = False  # whether anything was
        self.exchanges = 0
        """How many times something else began to play."""
        self._changed = asyncio.Event()
        self._running = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def speed(self) -> float | None:
        """The factor of real time; None is as fast as it goes."""
        return self._speed

    @property
    def end(self) -> Instant | None:
        """When it is over, should that be behind the last event."""
        return self._end

    @property
    def held(self) -> bool:
        """Whether stage time stands until somebody moves it."""
        return self._held

    @property
    def standing(self) -> bool:
        """Whether instants have no due time in real time now: held, walked, or as fast as it goes."""
        return self._held or self._walked or self._speed is None or self._real_anchor is None

    @property
    def running(self) -> bool:
        """Whether `run` is under way."""
        return self._running

    @property
    def begun(self) -> bool:
        """Whether stage time has begun to run."""
        return self._real_anchor is not None

    @property
    def ended(self) -> bool:
        """Whether nothing is left to play."""
        return self._next() is None

    def now(self) -> Instant:
        """Stage time: it runs at the speed from the beginning of `run` on, and only a seek sets it back."""
        if self.standing:
            return self._last
        assert self._real_anchor is not None, "it does not stand"
        assert self._speed is not None, "it does not stand"
        run = max(0, self._clock() - self._real_anchor)
        return max(self._last, self._stage_anchor + int(run * self._speed))

    def due(self, at: Instant) -> int:
        """When an instant is due, in microseconds of the real clock, rounded up. Only while it does not stand."""
        assert self._real_anchor is not None, "the run has begun"
        assert self._speed is not None, "the speed is a factor"
        return self._real_anchor + ceil((at - self._stage_anchor) / self._speed)

    def tell(self, deed: ClientInput) -> ClientInput | None:
        """Tell the source what a client did; what is given back says when that takes effect, None being never."""
        told = self.source.tell(deed)
        if told is not None:
            self._change()  # it may have something to do earlier than it said
        return told

    def order(self, order: Order) -> Order | None:
        """Have the source obey; what is given back says when that takes effect, None being never."""
        assert isinstance(self.source, Obedient), "the stage has seen to that"
        obeyed = self.source.order(order)
        if obeyed is not None:
            self._change()
        return obeyed

    def give_now(self, until: Instant, done: Callable[[], bool] = lambda: False) -> list[Timed | Cue]:
        """Give out what was caused at an instant that is now or a breath ahead, with all that is due before, until it
        is `done`; and say what it was. A clock that is held stands all the same.

        Of a source that has given nothing yet nothing is given but what is due first, if that is it.
        """
        stands, given = self._last, list[Timed | Cue]()
        for _ in range(PACER_SLICE_EVENTS_MAX):
            at = self.source.peek()
            if at is None or at > until or (at < until and not self._given):
                break
            errand = _first(self.deliveries.peek(), self.endings.peek())
            if errand is not None and errand <= at:
                self._run_errands(errand)
                continue
            taken = self.source.take(at, 1)
            given += taken
            self._give(taken)
            self.deliveries.run(self._last)
            if done():
                break
        if self._held:
            self._last = stands
        return given

    def relay(self, given: Sequence[Timed | Cue]) -> None:
        """Give out at once what another pacer has given out, behind the errands that are due before each of it.

        Stage time is then that of the last of it, or what it was, if that is later.
        """
        for at, together in groupby(given, attrgetter("at")):
            while (errand := _first(self.deliveries.peek(), self.endings.peek())) is not None and errand <= at:
                self._run_errands(errand)
            self.follow(at)
            for is_cue, alike in groupby(together, lambda each: isinstance(each, Cue)):
                for part in [[each] for each in alike] if is_cue else [list(alike)]:
                    self._give(part)
        self.deliveries.run(self._last)

    def follow(self, at: Instant) -> None:
        """Stage time is this by now, or later: it goes on from there, and never back."""
        if self.standing:
            self._last = max(self._last, at)
        elif at > self.now():
            self._stage_anchor, self._real_anchor = at, self._clock()

    def lag(self, micros: int) -> None:
        """Stage time has run ahead of what it follows by so much real time: have it run that much behind."""
        if not self.standing and self._real_anchor is not None:
            self._real_anchor += micros

    def give_all(self) -> None:
        """Give out all that is due by now, if it has begun."""
        now = self.now()
        while self._given and (at := self.source.peek()) is not None and at <= now:
            self._slice(now)

    def exchange(self, source: Source, start: Instant, end: Instant | None, clock: Callable[[], int]) -> None:
        """Play another source from now on, which begins at an instant; `clock` gives its real time.

        Stage time goes back only if that lies in the past, which is for the caller to know.
        """
        self.source, self._end, self._clock = source, end, clock
        self.exchanges += 1
        self._last = self._stage_anchor = start
        self._due_by, self._pause_left, self._given = None, 0, False
        if self._real_anchor is not None:
            self._real_anchor = clock()
        self._change()

    def set_speed(self, speed: float | None) -> None:
        """Go on at another speed from the present instant."""
        self._anchor()
        self._speed = speed
        self._change()

    def hold(self) -> None:
        """Have stage time stand where it is."""
        if not self._held:
            self._anchor()
            if self._real_anchor is not None:
                self._pause_left = max(0, self._real_anchor - self._clock())
            self._due_by = None if self._real_anchor is None else self._last
            self._held = True
            self._change()

    def resume(self) -> None:
        """Have stage time go on from where it stands."""
        if self._held:
            self._held = False
            self._stage_anchor = self._last
            if self._real_anchor is not None:
                self._real_anchor = self._clock() + self._pause_left
            self._change()

    def begin(self, real: int | None = None) -> None:
        """Have stage time run from an instant of real time on, or from now, if it does not. `run` does so by itself."""
        if self._real_anchor is None:
            self._stage_anchor, self._real_anchor = self._last, self._clock() if real is None else real

    async def run(self, *, forever: bool = False) -> None:
        """Play the source to its end; or `forever`, since it may be set back."""
        self.begin()
        self._running = True
        try:
            while forever or self._next() is not None:
                at = self._next()
                if at is None and self._speed is not None:
                    at = self.endings.peek()
                if at is None:
                    self._changed.clear()
                    await self._changed.wait()
                elif await self._until(at):
                    self._play(at)
                # The end of a turn: what was published is written, and clients are heard.
                await asyncio.sleep(0)
        finally:
            self._running = False
            self._change()

    @contextmanager
    def walked(self) -> Iterator[None]:
        """For as long as this is entered `run` plays nothing, and stage time is moved by `walk`, `skip` and `stand`."""
        assert not self._walked, "one walks at a time"
        self._anchor()
        self._walked = True
        try:
            yield
        finally:
            self._walked = False
            self._due_by = None
            self._stage_anchor = self._last
            if self._real_anchor is not None:
                self._real_anchor = self._clock()
            self._pause_left = 0
            self._change()

    def walk(self, until: Instant) -> list[Timed | Cue]:
        """Give out a slice of what is due up to and including an instant, and say what it was."""
        return self._slice(until)

    def upcoming(self, until: Instant) -> Instant | None:
        """When there is something to give out next, up to an instant; None if there is nothing."""
        at = _first(self.source.peek(), self.deliveries.peek())
        if at is not None or until < LAST_INSTANT:
            at = _first(at, self.endings.peek())
        return at if at is not None and at <= until else None

    def skip(self, until: Instant) -> int:
        """Take a slice of what is due, and give it to nobody; how many messages and cues that was."""
        given = self.source.take(until, PACER_SLICE_EVENTS_MAX)
        self._given = True
        if given and isinstance(given[-1], Cue):
            self._passed_over(given[-1])
        return len(given)

    def catch_up(self, at: Instant) -> None:
        """Do the errands of an instant that was set, and of all before it."""
        self._run_errands(at)

    def stand(self, at: Instant) -> None:
        """Stage time is this now."""
        assert self._walked, "stage time is moved by hand only while it is walked"
        self._last = at

    def _anchor(self) -> None:
        """Begin to reckon anew at the present instant. A pause that a cue has asked for goes on."""
        if self.standing:
            if self._real_anchor is not None and self._speed is None:
                self._real_anchor = self._clock()
        else:
            assert self._real_anchor is not None, "it does not stand"
            now = self.now()
            self._real_anchor = max(self._real_anchor, self._clock())
            self._last = now
        self._stage_anchor = self._last

    def _next(self) -> Instant | None:
        """When there is something to do."""
        at = self.source.peek()
        if at is None and self._end is not None and self._last < self._end:
            at = self._end
        at = _first(at, self.deliveries.peek())
        return at if at is None else _first(at, self.endings.peek())

    def _change(self) -> None:
        """Something may be due at another time than before."""
        self._changed.set()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._running or self._held or self._walked or self._real_anchor is None:
            return
        at = self._alone()
        if at is not None:
            wait = 0 if self._speed is None else max(self.due(at) - self._clock(), 0)
            self._timer = asyncio.get_running_loop().call_later(wait / 1_000_000, self._ring)

    def _alone(self) -> Instant | None:
        """When an errand is due that is to be done although nothing plays."""
        deliveries, endings = self.deliveries.peek(), self.endings.peek()
        return deliveries if self._speed is None else _first(deliveries, endings)

    def _ring(self) -> None:
        self._timer = None
        at = self._alone()
        if at is not None and (self._speed is None or self.due(at) <= self._clock()):
            self._run_errands(at if self._speed is None else max(self.now(), at))
        self._change()

    async def _until(self, at: Instant) -> bool:
        """Wait until something is due; false when something else may have changed meanwhile."""
        self._changed.clear()
        if self._walked or (self._held and (self._due_by is None or at > self._due_by)):
            await self._changed.wait()
            return False
        if self._held:
            return True
        if self._speed is None:
            if not self.congested():
                return True
            await asyncio.sleep(_CONGESTED_POLL_S)  # whether a client reads shows in time alone, no event tells
            return False
        if (wait := self.due(at) - self._clock()) <= 0:
            return True
        try:
            async with asyncio.timeout(max(wait, _TICK_MICROS) / 1_000_000):
                await self._changed.wait()
        except TimeoutError:
            return not self.standing and self.due(at) <= self._clock()
        return False

    def _play(self, at: Instant) -> None:
        """Give out a slice of what is due by now, of which `at` is the first."""
        until = None if self._speed is None and not self._held else max(self.now(), at)
        if self._slice(until) or self.source.peek() is not None:
            return
        if self._end is not None and (until is None or until >= self._end) and not self._is_before(self._end):
            self._last = max(self._last, self._end)

    def _is_before(self, end: Instant) -> bool:
        """Whether errands are still to be done before an instant."""
        at = _first(self.deliveries.peek(), self.endings.peek())
        return at is not None and at < end

    def _slice(self, until: Instant | None) -> list[Timed | Cue]:
        """Give out a slice of what is due up to and including an instant, None being the end of time: the errands that
        come before the source's next event, or events up to where something ends.
        """
        at, ending = self.source.peek(), self.endings.peek()
        errand = _first(self.deliveries.peek(), ending)
        if errand is not None and (until is None or errand <= until) and (at is None or errand <= at):
            self._run_errands(errand)
            return []
        if ending is not None:
            until = ending - 1 if until is None else min(until, ending - 1)
        given = self.source.take(until, PACER_SLICE_EVENTS_MAX)
        self._give(given)
        self.deliveries.run(self._last)
        return given

    def _run_errands(self, until: Instant) -> None:
        """Stage time has come to an instant: what is held until then leaves, and what ends then ends."""
        while (ending := self.endings.peek()) is not None and ending <= until:
            self._last = max(self._last, ending)
            self.deliveries.run(ending)
            self.endings.run(ending)
        self._last = max(self._last, until)
        self.deliveries.run(until)

    def _give(self, given: list[Timed | Cue]) -> None:
        """Publish a list, of which only the last may be a cue, and follow that."""
        if not given:
            return
        self._given = True
        last = given[-1]
        self._last = max(self._last, last.at)
        events = given[:-1] if isinstance(last, Cue) else given  # nothing is given behind one
        if events:
            self._publish(cast(list[Timed], events))
        if isinstance(last, Cue):
            self._follow(last)

    def _follow(self, cue: Cue) -> None:
        if cue.kind == "pause" and not self.standing:
            # Stage time stands still at the cue's instant for a while of real time.
            self._stage_anchor = self._last = cue.at
            self._real_anchor = self._clock() + cue.micros
        self._act(cue)


def _first(one: Instant | None, other: Instant | None) -> Instant | None:
    """The earlier of two instants, of which either may be missing."""
    return other if one is None else one if other is None else min(one, other)
