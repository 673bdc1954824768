"""The barrier clock: a stage's time, to be held, moved by hand, and known to have arrived at every client."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Protocol

from pvws.errors import InputError, Problem
from pvws.limits import SPEED_MAX
from pvws.server.hub import Hub
from pvws.server.room import Client
from pvws.sim.agenda import Instant
from pvws.sim.source import Cue, Source, Timed
from pvws.stage.advance import (
    Advance,
    ClockTimeoutError,
    ExchangedError,
    NeverHappenedError,
    NotHeldError,
    Straggler,
)
from pvws.stage.condition import Condition, Until, until
from pvws.stage.moments import Moment, Span, instant_of, span_micros
from pvws.stage.pacer import Pacer
from pvws.stage.settling import Settling
from pvws.stage.walk import Walk
from pvws.timestamp import LAST_INSTANT, Timestamp

__all__ = ["ADVANCE_TIMEOUT_S", "Beyond", "Clock", "Steered"]

ADVANCE_TIMEOUT_S = 10.0
"""How much real time moving the clock may take, when nothing else is said."""


class Beyond(Protocol):
    """Other servers that show what plays here."""

    async def hear(self, seconds: float) -> None:
        """Return when what their clients have done by now was told, or so many seconds have passed."""
        ...

    async def settle(self, seconds: float, ack: bool) -> tuple[tuple[Straggler, ...], tuple[str, ...]]:
        """Return when their clients have got everything: who has not within so many seconds, and which of the servers
        did not say. With `ack` clients are asked.
        """
        ...


_CONGESTED_POLL_S = 0.002


class Steered(Protocol):
    """What a clock is the clock of: the stage."""

    @property
    def hub(self) -> Hub:
        """Who hears what is played."""
        ...

    def clients(self) -> Mapping[str, tuple[int, Client]]:
        """Who is here, by id: the how manieth connection it is, and the client."""
        ...

    def again(self, until: Instant) -> Source:
        """The source afresh, with what clients had done by an instant. Raises CantGoBackError."""
        ...

    def sought(self, at: Instant, *, there: bool) -> None:
        """Stage time is being set to an instant, or is `there`."""
        ...

    def clocked(self) -> None:
        """It was held, let run, or has another speed."""
        ...


class Clock:
    """Stage time as whoever writes a test wants it. Made by the stage, on whose event loop all calls are to be made.

    `hold` stops it; then `advance`, `step` and `run_until` give out what is due on the way, as fast as clients that
    read take it, and return when all of it was handed to the socket of every subscriber. A client that takes nothing
    for a second is not waited for but named in the result. With `ack` a ping follows the last event to every client,
    and the call returns with the last pong. No call sleeps, so a test of it need not either, and what clients get is
    the same at any speed. Calls that come while another is under way wait for it.

    A call under way when another scenario is loaded raises ExchangedError: the new one is not moved.

    Once it is its turn a call takes `timeout` seconds of real time at most: past that it raises ClockTimeoutError if
    not all that was due could be given out, and names the clients that have not got everything otherwise.
    """

    def __init__(
        self,
        pacer: Pacer,
        stage: Steered,
        start: Instant,
    ) -> None:
        self.start = start
        """Where the stage's time began."""
        self._pacer = pacer
        self._stage = stage
        self._settling = Settling(stage.hub, stage.clients)
        self._moving = asyncio.Lock()
        self.beyond: Beyond | None = None
        """Waits for clients of other servers, where this is the clock of several."""

    @property
    def now(self) -> Timestamp:
        """Stage time."""
        return Timestamp(self._pacer.now())

    @property
    def end(self) -> Instant | None:
        """When it is over, should that be behind the last event; None where only the events say so."""
        return self._pacer.end

    @property
    def begun(self) -> bool:
        """Whether stage time has begun to run, or was moved."""
        return self._pacer.begun or self._pacer.now() > self.start

    @property
    def held(self) -> bool:
        """Whether it stands until it is moved by hand."""
        return self._pacer.held

    @property
    def speed(self) -> float | None:
        """The factor of real time at which it runs; None is as fast as it goes."""
        return self._pacer.speed

    @property
    def ended(self) -> bool:
        """Whether nothing is left to play."""
        return self._pacer.ended

    def set_speed(self, speed: float | None) -> None:
        """Run at another speed from now on, without a jump. While it is held that is the speed to resume at.

        Raises InputError for what is no factor above 0.
        """
        if speed is not None and not 0 < speed <= SPEED_MAX:
            expected = f"a factor above 0, up to {SPEED_MAX:,.0f}, or None for as fast as it goes"
            raise InputError(Problem("speed", expected, f"{speed:g}"))
        self._pacer.set_speed(speed)
        self._stage.clocked()

    def pause(self) -> None:
        """Stop it where it is, at once."""
        self._pacer.hold()
        self._stage.clocked()

    def resume(self) -> None:
        """Let it run on from where it stands, without making up for the time it stood.

        A call that is moving it then raises NotHeldError.
        """
        self._pacer.resume()
        self._stage.clocked()

    async def hold(self, *, timeout: float = ADVANCE_TIMEOUT_S, ack: bool = False) -> Advance:  # noqa: ASYNC109
        """Stop it where it is, and return when all that was due by then has been handed over."""
        self.pause()
        return await self._move(self._pacer.now, None, timeout, ack)

    async def advance(
        self,
        by: Span | None = None,
        *,
        to: Moment | None = None,
        timeout: float = ADVANCE_TIMEOUT_S,  # noqa: ASYNC109 - it says who was too slow, which a cancellation can't
        ack: bool = False,
    ) -> Advance:
        """Move it on by a span, or to an instant.

        Raises NotHeldError while it runs, and InputError for an instant that is past or a text that is none.
        """
        if (by is None) == (to is None):
            raise InputError(Problem("advance", "either by or to", "both" if to is not None else "neither"))
        if to is None:
            assert by is not None, "one of them is given"
            return await self._move(partial(self._ahead, span_micros(by)), None, timeout, ack)
        return await self._move(partial(self._not_past, instant_of(to)), None, timeout, ack)

    async def step(self, *, timeout: float = ADVANCE_TIMEOUT_S, ack: bool = False) -> Advance:  # noqa: ASYNC109
        """Move it on to the next instant at which there is an event, and give out all that is due at that.

        At the end it stays where it is, and nothing was given out. Raises NotHeldError while it runs.
        """
        return await self._move(lambda: LAST_INSTANT, lambda given: isinstance(given, Timed), timeout, ack)

    async def run_until(
        self,
        condition: Condition | None = None,
        *,
        mark: str | None = None,
        within: Span | None = None,
        timeout: float = ADVANCE_TIMEOUT_S,  # noqa: ASYNC109
        ack: bool = False,
    ) -> Advance:
        """Move it on to the instant of the next event that meets a condition, or of the next mark of a name.

        All that is due at that instant is given out. Raises NeverHappenedError when it does not come before the end,
        or `within` a span of stage time, ExpressionError for a text that is no expression, and NotHeldError while it
        runs.
        """
        if (condition is None) == (mark is None):
            found = "both" if mark is not None else "neither"
            raise InputError(Problem("run_until", "either a condition or a mark", found))
        met, name = until(condition, mark)
        last = partial(self._ahead, LAST_INSTANT if within is None else span_micros(within, "within"))
        seen = False

        def watch(given: Timed | Cue) -> bool:
            nonlocal seen
            seen = seen or met(given)
            return seen

        advance = await self._move(last, watch, timeout, ack)
        if not seen:
            raise NeverHappenedError(name, advance)
        return advance

    async def seek(self, to: Moment) -> Advance:
        """Set it to an instant without giving out what lies between: held or running, forward or back.

        Forward everything happens in the world, and nobody hears of it. Back the source is made afresh and played up to
        that instant with what clients had done by then; what they did later is forgotten. Set back to the stage's
        start, nothing has happened yet. What clients do meanwhile takes effect behind it. `count` says how many
        messages and cues were passed over. A call that is cancelled once it has begun gets there all the same, at once:
        halfway the clock would be neither here nor there. Raises CantGoBackError where there is no way back, and
        changes nothing.
        """
        target = max(instant_of(to), self.start)
        pacer, passed = self._pacer, 0
        async with self._moving:
            if self.beyond is not None:
                await self.beyond.hear(ADVANCE_TIMEOUT_S)
            with pacer.walked():
                self._stage.hub.flush()
                if target < pacer.now():
                    pacer.source = self._stage.again(target)
                pacer.stand(target)
                self._stage.sought(target, there=False)
                passing = self._passed_over(target)
                try:
                    for number in passing:
                        passed += number
                        await asyncio.sleep(0)
                finally:
                    passed += sum(passing)  # nothing is left, unless it was cancelled
                    self._stage.sought(target, there=True)
            others, silent = ((), ()) if self.beyond is None else await self.beyond.settle(ADVANCE_TIMEOUT_S, ack=False)
            return Advance(target, passed, ended=pacer.ended, stragglers=others, silent=silent)

    async def settle(self, *, timeout: float = ADVANCE_TIMEOUT_S, ack: bool = False) -> tuple[Straggler, ...]:  # noqa: ASYNC109
        """Return when all that was published has been handed to every subscriber here; who has not got it is named."""
        deadline = asyncio.get_running_loop().time() + timeout
        stragglers = await self._settling.settle(deadline)
        return stragglers + (await self._settling.acknowledge(deadline, stragglers) if ack else ())

    # Where it follows another stage's clock, by a bus

    def relay(self, given: Sequence[Timed | Cue]) -> None:
        """Give out what another stage has given out, and follow its cues."""
        self._pacer.relay(given)

    def follow(self, at: Instant) -> None:
        """It is so late by now, or later; it never goes back."""
        self._pacer.follow(at)

    def lag(self, micros: int) -> None:
        """It runs ahead by so much real time: go on that much behind."""
        self._pacer.lag(micros)

    def jump(self, at: Instant) -> None:
        """Another stage's clock was set to an instant, and so is this one."""
        with self._pacer.walked():
            self._pacer.stand(at)
            self._stage.sought(at, there=False)
            self._stage.sought(at, there=True)

    def _passed_over(self, target: Instant) -> Iterator[int]:
        """Let happen what is due on the way to an instant, a slice at a time; how much each was."""
        # At its start nothing has happened yet, be there something that is due just then.
        while target > self.start and (at := self._pacer.source.peek()) is not None and at <= target:
            yield self._pacer.skip(target)

    def _ahead(self, by: int) -> Instant:
        return min(self._pacer.now() + by, LAST_INSTANT)

    def _not_past(self, target: Instant) -> Instant:
        if target < self._pacer.now():
            expected = f"an instant that is not before {self.now}, for seek goes back"
            raise InputError(Problem("to", expected, str(Timestamp(target))))
        return min(target, LAST_INSTANT)

    async def _move(self, target: Callable[[], Instant], stop: Until | None, timeout: float, ack: bool) -> Advance:  # noqa: ASYNC109
        async with self._moving:
            deadline = asyncio.get_running_loop().time() + timeout
            self._check_held()
            if self.beyond is not None:
                await self.beyond.hear(timeout)
                self._check_held("the clock was resumed while it was moved by hand")
            walk = Walk(self._pacer, target(), stop)
            with self._pacer.walked():
                while walk.goes_on:
                    await self._turn(walk, deadline, timeout)
                walk.arrive()
            stragglers = await self._settling.settle(deadline)
            if ack:
                stragglers += await self._settling.acknowledge(deadline, stragglers)
            if self.beyond is None:
                return walk.result(stragglers)
            others, silent = await self.beyond.settle(deadline - asyncio.get_running_loop().time(), ack)
            return walk.result(stragglers + others, silent)

    async def _turn(self, walk: Walk, deadline: float, timeout: float) -> None:  # noqa: ASYNC109
        """Give out a slice, as soon as that costs no client that is reading anything, and let the loop turn."""
        if not self._pacer.congested():
            walk.give()
            await asyncio.sleep(0)
        else:
            await asyncio.sleep(_CONGESTED_POLL_S)
        self._check_held("the clock was resumed while it was moved by hand")
        if walk.is_astray:
            raise ExchangedError
        if walk.goes_on and asyncio.get_running_loop().time() > deadline:
            raise ClockTimeoutError(timeout, walk.result(()))

    def _check_held(self, *trouble: str) -> None:
        if not self._pacer.held:
            raise NotHeldError(*trouble)
