"""A stage as the source of a bus: everything that it plays, and how it stands, is sent to the nodes."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import msgspec
from msgspec import structs

from pvws.bus.bus import Bus, Feed
from pvws.bus.entry import Played, State, carries
from pvws.limits import BUS_BEAT_S
from pvws.scenario.faults.spec import FaultSpec
from pvws.sim.agenda import Instant
from pvws.sim.source import Cue, Exchange, Timed
from pvws.stage.advance import Straggler
from pvws.stage.nodes import Nodes
from pvws.stage.observer import Observer
from pvws.stage.stage import Stage

__all__ = ["Leading"]


class Leading(Observer):
    """Sends what a stage plays to a bus, from `begin` until `end`. Within it costs the stage nothing but a list.

    What is meant for clients of this server alone is not sent: a cue for one by its number, and what a controller does
    to clients, unless it means those of all `nodes`. What the script does to them is done by every node to its own.
    """

    def __init__(self, stage: Stage, bus: Bus) -> None:
        self._stage = stage
        self._bus = bus
        self._feed: Feed | None = None
        self._run = uuid4().hex
        self.nodes = Nodes(bus)
        """Those that show what it plays."""
        self._beating: asyncio.Task[None] | None = None
        self._everywhere: dict[str, str] = {}  # names on all nodes of faults that a controller has put there

    @property
    def feed(self) -> Feed:
        """The source's end of the stream, once it has begun."""
        assert self._feed is not None, "it has begun"
        return self._feed

    @property
    def full(self) -> bool:
        """Whether a stage that can wait should, since the bus is behind."""
        return self._feed is not None and self._feed.full

    async def begin(self) -> None:
        """Be the source. Raises TakenError where another one is."""
        self._feed = await self._bus.lead()
        await self._bus.answer("source", self._answer)
        self._send_state(fresh=True)
        await self.nodes.begin()
        self._stage.observe(self)
        self._stage.clock.beyond = self._settle_beyond
        self._stage.controller.nodes = self.nodes
        self._beating = asyncio.ensure_future(self._beat_on())

    async def end(self, timeout: float) -> int:  # noqa: ASYNC109 - it says how many entries did not get there
        """Send the last, and return when it is stored, or so many seconds have passed; how many were lost."""
        if self._feed is None:
            return 0
        if self._beating is not None:
            self._beating.cancel()
        self._send_state(over=True)
        self._tell()
        self._stage.clock.beyond = self._stage.controller.nodes = None
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
        if not carries(cue):
            return
        if cue.at == self._stage.ordering and cue.kind in ("disconnect", "fault", "unfault"):
            self._done_by_controller(cue)
        else:
            self.feed.send((cue,))

    def _done_by_controller(self, cue: Cue) -> None:
        """A controller did something to clients: nodes do it if they are meant, and end what they were meant by."""
        if cue.kind == "unfault":
            name = self._everywhere.pop(cue.name, None)
            if name is not None:
                self.feed.send((structs.replace(cue, name=name),))
        elif self.nodes.meant:
            latest, spec = self._stage.faults.latest, cue.asked
            if isinstance(spec, FaultSpec) and latest is not None:
                name = spec.name or f"{latest.id} of {self._run[:8]}"
                self._everywhere[latest.id] = name  # ids are each node's own
                cue = structs.replace(cue, asked=structs.replace(spec, name=name))
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
        )

    async def _settle_beyond(self, seconds: float, ack: bool) -> tuple[tuple[Straggler, ...], tuple[str, ...]]:
        """Wait for the clients of all nodes, whose clocks come to where this one stands."""
        self._send_state()
        return await self.nodes.settle(self.feed, max(0.0, seconds), ack=ack)

    def _send_state(self, *, fresh: bool = False, jump: bool = False, over: bool = False) -> None:
        self.feed.send((self.state(fresh=fresh, jump=jump, over=over),))

    async def _beat_on(self) -> None:
        while True:
            await asyncio.sleep(BUS_BEAT_S)
            self._tell()

    def _tell(self) -> None:
        self._bus.tell("state", msgspec.json.encode(self.state()))

    async def _answer(self, question: bytes) -> bytes:
        return msgspec.json.encode(self.state())
