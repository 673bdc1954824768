"""The pacer: the only place that knows real time. It gives a source's events out when they are due."""

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

from pvws.limits import PACER_SLICE_EVENTS_MAX
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Source, Timed

__all__ = ["Pacer"]

_CONGESTED_POLL_S = 0.005  # how often a source at speed max looks whether its readers have caught up


class Pacer:
    """Plays a source at a speed: a factor of real time, or None for as fast as it goes.

    `publish` takes the events, as many as are due at once, and `act` each cue; at a pause the clock stands still. At a
    timed speed the source never waits for anybody: an instant's due time is reckoned from where the run began, so that
    being late once makes nothing later. At speed max it waits while `congested` says that a client which is reading
    would otherwise lose something, and a pause takes no time.
    """

    def __init__(
        self,
        source: Source,
        publish: Callable[[Sequence[Timed]], None],
        *,
        start: Instant,
        speed: float | None = 1.0,
        congested: Callable[[], bool] = lambda: False,
        act: Callable[[Cue], None] = lambda cue: None,
    ) -> None:
        self._source = source
        self._publish = publish
        self._act = act
        self._speed = speed
        self._congested = congested
        self._clock = asyncio.get_running_loop().time
        self._stage_anchor = start
        self._real_anchor: float | None = None
        self._last = start
        self._told = asyncio.Event()

    def now(self) -> Instant:
        """Stage time: it runs at the speed from the first call of `run` on, and never backwards."""
        if self._real_anchor is None or self._speed is None:
            return self._last
        run = max(0.0, self._clock() - self._real_anchor) * self._speed
        return max(self._last, self._stage_anchor + int(run * 1_000_000))

    def tell(self, deed: ClientInput) -> ClientInput | None:
        """Tell the source what a client did; what is given back says when that takes effect, None being never."""
        told = self._source.tell(deed)
        if told is not None:
            self._told.set()  # it may have something to do earlier than it said
        return told

    async def run(self) -> None:
        """Play the source to its end."""
        self._real_anchor = self._clock()
        while (at := self._source.peek()) is not None:
            if await self._until(at):
                self._play_due()
            # The end of a turn: what was published is written, and clients are heard.
            await asyncio.sleep(0)

    async def _until(self, at: Instant) -> bool:
        """Wait until something is due; false when it was told something meanwhile."""
        if self._speed is None:
            while self._congested():  # noqa: ASYNC110 - whether a client reads shows in time alone, no event tells
                await asyncio.sleep(_CONGESTED_POLL_S)
            return True
        if (wait := self._real(at) - self._clock()) <= 0:
            return True
        self._told.clear()
        try:
            async with asyncio.timeout(wait):
                await self._told.wait()
        except TimeoutError:
            return True
        return False

    def _real(self, at: Instant) -> float:
        assert self._real_anchor is not None, "the run has begun"
        assert self._speed is not None, "the speed is a factor"
        return self._real_anchor + (at - self._stage_anchor) / 1_000_000 / self._speed

    def _play_due(self) -> None:
        """Take what is due by now, up to a slice."""
        until = None if self._speed is None else self.now()
        given = self._source.take(until, PACER_SLICE_EVENTS_MAX)
        if not given:
            return
        self._last = max(self._last, given[-1].at)
        last = given[-1]
        if isinstance(last, Cue):  # nothing is given behind one
            given.pop()
        if given:
            self._publish(cast(list[Timed], given))
        if isinstance(last, Cue):
            self._follow(last)

    def _follow(self, cue: Cue) -> None:
        if cue.kind == "pause" and self._speed is not None:
            # Stage time stands still at the cue's instant for a while of real time.
            self._stage_anchor = self._last = cue.at
            self._real_anchor = self._clock() + cue.micros / 1_000_000
        self._act(cue)
