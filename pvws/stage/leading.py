"""A stage as the source of a bus: everything that it plays, and how it stands, is sent to the nodes."""

import asyncio
from collections.abc import Callable, Sequence
from uuid import uuid4

import msgspec

from pvws import __version__
from pvws.bus.bus import Bus, Feed
from pvws.bus.deeds import DEEDS, Deeds
from pvws.bus.entry import Played, State, carries
from pvws.bus.question import decoded, encoded
from pvws.limits import BUS_ANSWER_S, BUS_BEAT_S
from pvws.sim.agenda import Instant
from pvws.sim.source import Cue, Exchange, Timed
from pvws.stage.advance import Straggler
from pvws.stage.company import Company
from pvws.stage.guests import Guests
from pvws.stage.nodes import SOURCE, Nodes, ledger_of
from pvws.stage.observer import Observer
from pvws.stage.stage import Stage

__all__ = ["Leading"]


class Leading(Observer):
    """Sends what a stage plays to a bus, from `begin` until `end`. Within it costs the stage nothing but a list.

    What is meant for clients of this server alone is not sent: a cue for one by its number, and what a controller does
    to clients. What the script does to them is done by every node to its own. What clients of nodes do is told to what
    plays; a cue for one of them by its number goes to its node.
    """

    def __init__(self, stage: Stage, bus: Bus, told: Callable[[str], None] = lambda sentence: None) -> None:
        self._stage = stage
        self._bus = bus
        self._feed: Feed | None = None
        self._run = uuid4().hex
        self.nodes = Nodes(bus, told)
        """Those that show what it plays."""
        self.guests = Guests(stage, told)
        """Their clients."""
        self._silent: tuple[str, ...] = ()  # nodes that did not tell what their clients did, at the last move
        self._heard_s = 0.0  # which took so long
        self._beating: asyncio.Task[None] | None = None
        self._company: Company | None = None

    @property
    def feed(self) -> Feed:
        """The source's end of the stream, once it has begun."""
        assert self._feed is not None, "it has begun"
        return self._feed

    @property
    def full(self) -> bool:
        """Whether a stage that can wait should, since the bus is behind, or a node whose clients read."""
        return self._feed is not None and (self._feed.full or self.nodes.are_behind(self._feed.last))

    async def begin(self) -> None:
        """Be the source. Raises TakenError where another one is."""
        self._feed = await self._bus.lead()
        await self._bus.answer(SOURCE, self._answer)
        self._send_state(fresh=True)
        await self.nodes.begin()
        self._stage.observe(self)
        self._stage.guests = self.guests
        await self._bus.answer(DEEDS, self._hear)
        self._stage.clock.beyond = self
        self._company = Company(self._bus, SOURCE, self.nodes, place=lambda: self.feed.last)
        self._stage.controller.company = self._company
        self._beating = asyncio.ensure_future(self._beat_on())

    async def end(self, timeout: float) -> int:  # noqa: ASYNC109 - it says how many entries did not get there
        """Send the last, and return when it is stored, or so many seconds have passed; how many were lost."""
        if self._feed is None:
            return 0
        if self._beating is not None:
            self._beating.cancel()
        self._send_state(over=True)
        self.tell()
        self._stage.clock.beyond = self._stage.controller.company = self._stage.guests = None
        if self._company is not None:
            await self._company.close()
        try:
            async with asyncio.timeout(timeout):
                await self._feed.drain()
        except TimeoutError:
            return self._feed.lost + self._feed.waiting
        return self._feed.lost

    # What it hears of the stage

    def published(self, events: Sequence[Timed], real: Instant) -> None:
        """Events were published."""
        self.feed.send(events)

    def cued(self, cue: Cue) -> None:
        """A cue was followed."""
        meant = self.guests.meant(cue)
        if meant is not None:
            self.feed.send((meant,))
            return
        if not carries(cue):
            return
        if cue.at == self._stage.ordering and cue.kind in ("disconnect", "fault", "unfault"):
            return  # by a controller, which has told the others, if they were meant
        self.feed.send((cue,))

    def exchanged(self, exchange: Exchange) -> None:
        """Something else plays: what, is known at the end of this turn."""
        self._send_state(fresh=True)
        asyncio.get_running_loop().call_soon(self._send_state)

    def sought(self, at: Instant) -> None:
        """Stage time was set."""
        self._send_state(jump=True)

    def clocked(self) -> None:
        """The clock was held, let run, or has another speed."""
        self._send_state()

    # What its clock asks of nodes

    async def hear(self, seconds: float) -> None:
        """Return when all nodes have told what their clients had done by now; not later than half of the five seconds
        that there are for them.
        """
        self._silent, self._heard_s = (), 0.0
        if self.nodes.here:
            time = asyncio.get_running_loop().time
            began = time()
            self._silent = await self.nodes.hear(max(0.0, min(seconds, BUS_ANSWER_S / 2)))
            self._heard_s = time() - began

    async def settle(self, seconds: float, ack: bool) -> tuple[tuple[Straggler, ...], tuple[str, ...]]:
        """Return when the clients of all nodes have everything, whose clocks come to where this one stands."""
        if self.nodes.here:
            self._send_state()
        silent, left = self._silent, min(seconds, BUS_ANSWER_S - self._heard_s)
        self._silent, self._heard_s = (), 0.0
        stragglers, others = await self.nodes.settle(self.feed, max(0.0, left), ack=ack, but=silent)
        return stragglers, silent + others

    # Within

    def state(self, *, fresh: bool = False, jump: bool = False, over: bool = False) -> State:
        """How the stage stands."""
        stage = self._stage
        told = stage.controller.state()
        playing = told.playing
        return State(
            run=self._run,
            at=told.at,
            sequence=stage.sequence,
            place=self.feed.last,
            speed=told.speed,
            held=told.held,
            ended=told.ended,
            fresh=fresh,
            jump=jump,
            over=over,
            start=told.start,
            end=stage.clock.end,
            played=None
            if playing is None
            else Played(**{name: getattr(playing, name) for name in Played.__struct_fields__}),
            by_topic=dict(told.by_topic),
            by_type=dict(told.by_type),
            version=__version__,
        )

    def _send_state(self, *, fresh: bool = False, jump: bool = False, over: bool = False) -> None:
        self.feed.send((self.state(fresh=fresh, jump=jump, over=over),))

    async def _beat_on(self) -> None:
        while True:
            await asyncio.sleep(BUS_BEAT_S)
            self.guests.beat()
            self.tell()

    def tell(self) -> None:
        """Say how it stands, as it does every second."""
        self._bus.tell("state", msgspec.json.encode(self.state()))

    async def _answer(self, question: bytes) -> bytes:
        is_plain = question in (b"", b"state")
        return msgspec.json.encode(self.state() if is_plain else ledger_of(self._stage))

    async def _hear(self, deeds: bytes) -> bytes:
        return encoded(self.guests.hear(decoded(deeds, Deeds)))
