"""What happens on a stage, for one reader: server-sent events (WHATWG HTML, section 9.2.6), bounded, with honest gaps.

A reader that is slow costs memory up to a bound and nobody any time: what it can't be told is counted, and it is told
how many that were. Nothing listens to the stage but while somebody reads.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from typing import Any

from msgspec import Struct

from pvws.answers import encoded
from pvws.control.told import clock_of, fault_of, message_of, playing_of, state_of
from pvws.limits import FEED_HELD_MAX
from pvws.server.room import Said
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Exchange, Order, Timed
from pvws.stage.faults import Active
from pvws.stage.observer import Observer
from pvws.stage.stage import Stage
from pvws.timestamp import Timestamp

__all__ = ["KINDS", "Choice", "Feed"]

KINDS = ("event", "client", "message", "clock", "fault", "rule", "scenario", "cue", "state")
"""What is told of. `gap` says what was left out of it, and is always told."""

_PERIOD_S = 0.1  # between two blocks: the eye sees no more, and a reader need not wake for each event
_STATE_PERIOD_S = 1.0
_HEARTBEAT_S = 5.0  # a comment where nothing is said: whoever is silent for longer is gone
_RETRY_MS = 1_000


class Choice(Struct, frozen=True):
    """What a reader wants to be told: `kinds`, and of events those of some topics and types (None: all) that are
    `meant`, at most `rate` of them a second of real time.
    """

    kinds: Collection[str] = KINDS
    topics: Collection[str] | None = None
    types: Collection[str] | None = None
    meant: Callable[[Timed], bool] | None = None
    rate: float | None = None


class Feed(Observer):
    """Listens to a stage, for one reader. `is_there` says whether the stage still is; when not, the feed ends.

    What is told of the same kind in a tenth of a second goes in one block, in the order in which it happened.
    """

    def __init__(self, stage: Stage, choice: Choice, is_there: Callable[[], bool] = lambda: True) -> None:
        self._stage = stage
        self._choice = choice
        self._kinds = frozenset(choice.kinds)
        self._is_there = is_there
        self._happened = asyncio.Event()
        self._held: deque[tuple[str, Any]] = deque()
        self._lost = Counter[str]()
        self._sequence = 0
        self._allowance = 0.0
        self._allowed_at = 0.0
        self._clock_told: object = None

    async def chunks(self, *, again: bool = False) -> AsyncGenerator[bytes, None]:
        """The text, as it comes; with `again` the reader was here before, and is told that it has missed something."""
        stop = self._stage.observe(self)
        self._clock_told = self._clock()
        try:
            yield f"retry: {_RETRY_MS}\n\n".encode()
            if again:
                yield self._block("gap", {"events": None, "others": None, "reason": "the connection was lost"})
            state_due = said_at = time.monotonic()
            while self._is_there():
                now = time.monotonic()
                text = self._text()
                if "state" in self._kinds and now >= state_due:
                    text += self._block("state", state_of(self._stage))
                    state_due = now + _STATE_PERIOD_S
                if not text and now - said_at >= _HEARTBEAT_S:
                    text = b": here\n\n"
                if text:
                    said_at = now
                    yield text
                await self._pause(now)
        finally:
            stop()

    async def _pause(self, since: float) -> None:
        """Return when something has happened, or it is time to look, but not too soon after the last look."""
        if not self._held:
            self._happened.clear()
            try:
                async with asyncio.timeout(_PERIOD_S):
                    await self._happened.wait()
            except TimeoutError:
                return
        await asyncio.sleep(since + _PERIOD_S - time.monotonic())

    # What the stage says

    def published(self, events: Sequence[Timed], real: Instant) -> None:
        """Keep those that are wanted."""
        if "event" not in self._kinds:
            return
        choice = self._choice
        for event in events:
            topics = event.topic.split(" ")
            if choice.topics is not None and not any(topic in choice.topics for topic in topics):
                continue
            if choice.types is not None and event.type not in choice.types:
                continue
            if choice.meant is not None and not choice.meant(event):
                continue
            if self._may(real):
                self._keep("event", event)
            else:
                self._lost["event"] += 1

    def cued(self, cue: Cue) -> None:
        """Tell of a mark, and of what was done to clients."""
        self._keep("cue", {"kind": cue.kind, "name": cue.name, "at": Timestamp(cue.at)})

    def faulted(self, fault: Active) -> None:
        """Tell that it has begun, or ended."""
        self._keep("fault", {"what": "ended" if fault.ended else "added", "fault": fault_of(fault)})

    def did(self, deed: ClientInput, real: Instant, said: Said | None, code: int | None) -> None:
        """Tell of what a client has done."""
        who = {"id": deed.client_id, "number": deed.client, "name": deed.name or None}
        told: dict[str, Any] = {"client": who, "at": Timestamp(deed.at)}
        if said is not None:
            told |= {"type": deed.type, "topic": deed.topic, "text": deed.message, "error": said.error or None}
            self._keep("message", told)
            return
        what = {"connects": "connected", "disconnects": "disconnected"}.get(deed.did, f"{deed.did[:-1]}d")
        told = {"what": what} | told | ({"topic": deed.topic} if deed.topic else {})
        self._keep("client", told | ({} if code is None else {"code": code}))

    def ordered(self, order: Order) -> None:
        """Tell of a rule."""
        if order.rule:
            what = "removed" if order.step is None else "added"
            self._keep("rule", {"what": what, "id": order.rule, "rule": order.step})

    def exchanged(self, exchange: Exchange) -> None:
        """Tell what plays now, once it is known."""
        self._keep("scenario", None)

    # Within

    def _keep(self, kind: str, told: Any) -> None:
        if kind not in self._kinds:
            return
        if len(self._held) >= FEED_HELD_MAX:
            self._lost[self._held.popleft()[0]] += 1
        self._held.append((kind, told))
        self._happened.set()

    def _may(self, real: Instant) -> bool:
        """Whether one more event may be told by the rate that was asked for; a tenth of a second's may come at once."""
        rate = self._choice.rate
        if rate is None:
            return True
        most = max(1.0, rate * _PERIOD_S)
        self._allowance = min(most, self._allowance + (real - self._allowed_at) * rate / 1_000_000)
        self._allowed_at = real
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def _clock(self) -> object:
        clock = self._stage.clock
        return clock.held, clock.speed, clock.ended, clock.start, clock.now.micros if clock.held else None

    def _text(self) -> bytes:
        """All that was kept, as blocks."""
        blocks: list[bytes] = []
        lost, self._lost = self._lost, Counter()
        if lost:
            missed = lost.pop("event", 0)
            blocks.append(self._block("gap", {"events": missed, "others": lost.total()}))
        held, self._held = self._held, deque()
        events: list[Timed] = []
        for kind, told in held:
            if kind == "event":
                events.append(told)
                continue
            blocks += self._events(events)
            events = []
            blocks.append(self._block(kind, self._playing() if kind == "scenario" else told))
        blocks += self._events(events)
        if "clock" in self._kinds and (clock := self._clock()) != self._clock_told:
            self._clock_told = clock
            blocks.append(self._block("clock", clock_of(self._stage)))
        return b"".join(blocks)

    def _events(self, events: Sequence[Timed]) -> list[bytes]:
        return [self._block("event", {"events": [message_of(event) for event in events]})] if events else []

    def _playing(self) -> object:
        playing = self._stage.controller.state().playing
        return None if playing is None else playing_of(playing)

    def _block(self, kind: str, told: object) -> bytes:
        self._sequence += 1
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (self._sequence, kind.encode(), encoded(told))
