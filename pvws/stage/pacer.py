"""The pacer: the only place that knows real time. It lets a source's events out when they are due."""

import asyncio
from collections.abc import Callable

from pvws.limits import PACER_SLICE_EVENTS_MAX
from pvws.sim.agenda import Instant
from pvws.sim.source import Source, Timed

__all__ = ["Pacer"]

_CONGESTED_POLL_S = 0.005  # how often a source at speed max looks whether its readers have caught up


class Pacer:
    """Plays a source at a speed: a factor of real time, or None for as fast as it goes.

    `publish` takes each event. At a timed speed the source never waits for anybody: an instant's due time is
    reckoned from where the run began, so that being late once makes nothing later. At speed max it waits while
    `congested` says that a client which is reading would otherwise lose something.
    """

    def __init__(
        self,
        source: Source,
        publish: Callable[[Timed], None],
        *,
        start: Instant,
        speed: float | None = 1.0,
        congested: Callable[[], bool] = lambda: False,
    ) -> None:
        self._source = source
        self._publish = publish
        self._speed = speed
        self._congested = congested
        self._clock = asyncio.get_running_loop().time
        self._stage_anchor = start
        self._real_anchor: float | None = None
        self._last = start

    def now(self) -> Instant:
        """Stage time: it runs at the speed from the first call of `run` on, and never backwards."""
        if self._real_anchor is None or self._speed is None:
            return self._last
        run = (self._clock() - self._real_anchor) * self._speed
        return max(self._last, self._stage_anchor + int(run * 1_000_000))

    async def run(self) -> None:
        """Play the source to its end."""
        self._real_anchor = self._clock()
        while (at := self._source.peek()) is not None:
            await self._until(at)
            self._play_due()
            # The end of a turn: what was published is written, and clients are heard.
            await asyncio.sleep(0)

    async def _until(self, at: Instant) -> None:
        if self._speed is None:
            while self._congested():  # noqa: ASYNC110 - whether a client reads shows in time alone, no event tells
                await asyncio.sleep(_CONGESTED_POLL_S)
        elif (wait := self._real(at) - self._clock()) > 0:
            await asyncio.sleep(wait)

    def _real(self, at: Instant) -> float:
        assert self._real_anchor is not None, "the run has begun"
        assert self._speed is not None, "the speed is a factor"
        return self._real_anchor + (at - self._stage_anchor) / 1_000_000 / self._speed

    def _play_due(self) -> None:
        """Take the steps that are due by now, up to a slice."""
        until = None if self._speed is None else self.now()
        given = 0
        while given < PACER_SLICE_EVENTS_MAX:
            at = self._source.peek()
            if at is None or (until is not None and at > until):
                return
            self._last = max(self._last, at)
            events = self._source.step()
            for event in events:
                self._publish(event)
            given += max(1, len(events))  # steps without events take time as well
