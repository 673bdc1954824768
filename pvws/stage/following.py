"""A stage as a node of a bus: what a source plays elsewhere is given out here, and time is as it is there."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from uuid import uuid4

from msgspec import structs

from pvws import __version__
from pvws.bus.bus import Bus, UnansweredError
from pvws.bus.entry import Carried, Meant, Played, State, decode_state
from pvws.bus.question import Node, Question, Settled, Waiting, decoded, encoded
from pvws.errors import MessageError, ReachError
from pvws.limits import BUS_ANSWER_S, BUS_BEAT_S, BUS_NODE_BEHIND_MAX, BUS_SILENT_S, PACER_SLICE_EVENTS_MAX
from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream
from pvws.sim.source import Cue, Timed
from pvws.stage.company import Company
from pvws.stage.controller import Playing
from pvws.stage.nodes import Nodes, ledger_of, other_version
from pvws.stage.reporting import Reporting
from pvws.stage.silence import Silence
from pvws.stage.stage import Stage
from pvws.stage.steering import Plays
from pvws.timestamp import Timestamp

__all__ = ["Following"]

_BEATS = 16  # over so many, the least that we seem to be ahead by is what we are ahead by
_TOLD_EVERY = BUS_NODE_BEHIND_MAX // 4  # entries, where the source may wait for us
_CONGESTED_POLL_S = 0.002  # whether a client reads shows in time alone
_AHEAD_MICROS = 1_000  # less is no more than a turn of an event loop


class Following:
    """Has a stage show what the source of a bus plays, from `begin` on.

    Everything comes in the source's order, once. What is lost on the way (the stream no longer had it, or it never got
    there) is counted in `lost` and told, with `told`. Stage time is the source's, later by what the bus takes at its
    quickest; a source's clock that runs faster or slower than ours is followed.

    What clients do is told to the source. What comes faster than clients that read can take it is given out as they
    do: without a bound where the source goes as fast as it goes, and then waits for us; else for some seconds.
    """

    def __init__(self, stage: Stage, bus: Bus, told: Callable[[str], None] = lambda sentence: None) -> None:
        self._stage = stage
        self._bus = bus
        self._told = told
        self.id = uuid4().hex[:12]
        """By which it is asked on the bus."""
        stage.ids = Stream(0, f"client ids of the node {self.id}")  # no other node gives out the same
        self.reporting = Reporting(stage, bus, self.id, self._plays, told)
        """What tells the source what clients do."""
        self._nodes = Nodes(bus)
        self._heard_s = 0.0  # when the source was heard of
        self._over = ""  # the run that has ended
        self._shown: object = None  # what was told to be shown last
        self.company = Company(
            bus, self.id, self._nodes, is_led=self._is_led, stands=lambda: self._state, arrives=self._arrive
        )
        """The other servers of the bus."""
        stage.controller.company = self.company
        self._url = ""
        self._beating: asyncio.Task[None] | None = None
        self._arrivals: list[tuple[int, asyncio.Future[None]]] = []
        self._state: State | None = None
        self._place = 0
        self._after = 0  # what stands up to there is in the state that was adopted
        self._waiting: deque[Carried] = deque()
        self._later: asyncio.Handle | None = None
        self._hurried = 0.0  # from when on clients that read are waited for no longer, while the source's clock runs
        self._told_place = 0
        self._pending: list[Timed | Cue] = []
        self._expected = 0  # the number of the next event
        self._anew = False  # whether the next event may have any number
        self._ahead: deque[int] = deque(maxlen=_BEATS)
        self.lost = 0
        """How many events of the source never came."""
        self.repeated = 0
        """How many came a second time, and were not given out again."""

    @property
    def state(self) -> State | None:
        """How the source stood when it was last heard of; None before that."""
        return self._state

    @property
    def place(self) -> int:
        """That of the last entry that was given out."""
        return self._place

    async def begin(self) -> None:
        """Follow the source that is there, from how it stands now on; or the next one, from its beginning. Raises
        ReachError where what it says is not understood.
        """
        await self._bus.listen("state", self._heard)
        await self._bus.answer(self.id, self._answer)
        await self._nodes.begin()
        self._beating = asyncio.ensure_future(self._beat_on())
        await self.reporting.begin()
        try:
            state = decode_state(await self._bus.ask("source", b"state", BUS_ANSWER_S))
        except MessageError as error:
            what = f"what plays there is not understood by pvws {__version__} ({error})"
            raise ReachError(self._bus.text, what, "have the same version of pvws on all machines") from None
        except UnansweredError:
            self._told(f"nothing plays on {self._bus.text} yet; what does will be shown")
            await self._bus.follow(None, self.take)
            return
        self._heard_s = asyncio.get_running_loop().time()
        self._adopt(state)
        self._after = self._place = state.place
        await self._bus.follow(state.place, self.take)

    async def end(self) -> None:
        """Say goodbye: nobody waits for this node any more."""
        self._stage.controller.company = None
        await self.company.close()
        await self.reporting.end()
        if self._later is not None:
            self._later.cancel()
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait({self._beating})
        self._bus.tell("node", encoded(Node(self.id, self._url, left=True)))

    def serve_at(self, url: str | None) -> None:
        """Say from now on where clients connect."""
        self._url = url or ""
        self.tell()

    def tell(self) -> None:
        """Say that this node is there, as it does every second."""
        clients, self._told_place = len(self._stage.clients()), self._place
        node = Node(self.id, self._url, clients, self._place, self.lost, version=__version__)
        self._bus.tell("node", encoded(node))

    def take(self, carried: Sequence[Carried]) -> None:
        """Give out what has come, as soon as that costs no client that reads anything."""
        if not self._waiting:
            self._hurried = asyncio.get_running_loop().time() + BUS_ANSWER_S
        self._waiting += carried
        if self._later is None:
            self._go_on()

    # Within

    def _plays(self) -> bool:
        return self._state is not None and not self._state.over

    def _go_on(self) -> None:
        """Give out what waits, a slice at a time."""
        self._later = None
        loop = asyncio.get_running_loop()
        while self._waiting:
            if self._is_congested(loop.time()):
                self._later = loop.call_later(_CONGESTED_POLL_S, self._go_on)
                return
            self._take([self._waiting.popleft() for _ in range(min(len(self._waiting), PACER_SLICE_EVENTS_MAX))])
            if self._waiting:  # what was published is written at the end of this turn
                self._later = loop.call_soon(self._go_on)
                return

    def _is_congested(self, now: float) -> bool:
        """Whether clients that read should have some time."""
        clock = self._stage.clock
        runs = not clock.held and clock.speed is not None
        if runs and (len(self._waiting) <= PACER_SLICE_EVENTS_MAX or now > self._hurried):
            return False
        return self._stage.hub.congested()

    def _take(self, carried: Sequence[Carried]) -> None:
        for each in carried:
            entry, self._place = each.entry, each.place
            if isinstance(entry, State):
                self._give()
                self._take_state(entry, each.place)
            elif self._state is None or each.place <= self._after:
                continue
            elif isinstance(entry, Meant):
                if entry.node == self.id:
                    self._pending.append(entry.cue)
            elif isinstance(entry, Cue) or self._is_next(entry):
                self._pending.append(entry)
        self._give()
        for place, arrived in self._arrivals:
            if place <= self._place and not arrived.done():
                arrived.set_result(None)
        if self._place - self._told_place >= _TOLD_EVERY:
            self.tell()

    async def _beat_on(self) -> None:
        while True:
            self.tell()
            await asyncio.sleep(BUS_BEAT_S)

    async def _answer(self, question: bytes) -> bytes:
        asked = decoded(question, Question)
        if asked.what == "ledger":
            return encoded(ledger_of(self._stage))
        if asked.what == "deeds":
            return encoded(Settled(behind=not await self.reporting.all_told(asked.seconds)))
        return encoded(await self._settle(asked))

    async def _settle(self, asked: Question) -> Settled:
        """Wait for what was sent to be here, and with everybody."""
        time = asyncio.get_running_loop().time
        began = time()
        if not await self._arrive(asked.place, asked.seconds):
            return Settled(behind=True)
        left = max(0.0, asked.seconds - (time() - began))
        stragglers = await self._stage.clock.settle(timeout=left, ack=asked.ack)
        names = Waiting.__struct_fields__
        return Settled(tuple(Waiting(**{name: getattr(each, name) for name in names}) for each in stragglers))

    async def _arrive(self, place: int, seconds: float) -> bool:
        """Return when what stands up to a place is here, or so many seconds have passed; whether it is."""
        if self._place >= place:
            return True
        arrival = place, asyncio.get_running_loop().create_future()
        self._arrivals.append(arrival)
        try:
            async with asyncio.timeout(seconds):
                await arrival[1]
        except TimeoutError:
            return False
        finally:
            self._arrivals.remove(arrival)
        return True

    def _is_led(self) -> bool:
        """Whether a source plays."""
        state, now = self._state, asyncio.get_running_loop().time()
        return state is not None and state.run != self._over and now - self._heard_s < BUS_SILENT_S

    def _is_next(self, event: Timed) -> bool:
        """Whether an event is to be given out; what is missing before it is told."""
        expected, anew = self._expected, self._anew
        if event.sequence < expected and not anew:
            self.repeated += 1
            return False
        self._expected, self._anew = event.sequence + 1, False
        if event.sequence > expected and not anew:
            missing = event.sequence - expected
            self.lost += missing
            self._told(f"{missing:,} events were lost on the way, before {Timestamp(event.at)}; {self.lost:,} in all")
        return True

    def _give(self) -> None:
        given, self._pending = self._pending, []
        if given:
            self._stage.clock.relay(given)

    def _take_state(self, state: State, place: int) -> None:
        """A state that stands in the stream."""
        if state.fresh or self._state is None or state.run != self._state.run:
            self._adopt(state)
        elif place > self._after:
            if state.jump:
                self._jump(state)
            self._resemble(state)
        if state.over:
            self._over = state.run
            self._told("the simulation has ended; still serving, but nothing plays")

    def _heard(self, content: bytes) -> None:
        """The source says how it stands. What the stream has still to bring is not anticipated."""
        try:
            state = decode_state(content)
        except MessageError:  # of another version; what the stream has of it is told
            return
        self._heard_s = asyncio.get_running_loop().time()
        if self._state is None:
            self._adopt(state)
            self._after = state.place
        elif state.run == self._state.run and state.place <= self._place:
            self._resemble(state)
            self._keep_time(state.at)

    def _adopt(self, state: State) -> None:
        """Something else plays than before."""
        stage, before = self._stage, self._state
        if state.held:  # else a breath of time would go by
            stage.clock.pause()
        stage.exchange(Silence(), Plays(state.at, speed=state.speed))
        stage.clock.start = state.start
        stage.sequence = self._expected = state.sequence
        self._anew = state.fresh
        stage.controller.follows(_playing(state.played), state.by_topic, state.by_type)
        self._ahead.clear()
        self._resemble(state)
        if before is None or before.run != state.run:
            self.reporting.anew()
            if sentence := other_version(f"what plays on {self._bus.text}", state.version):
                self._told(sentence)

    def _jump(self, state: State) -> None:
        """The source's clock was set."""
        stage = self._stage
        if state.at < stage.now().micros:
            stage.faults.set_back()
        stage.clock.jump(state.at)
        stage.sequence = self._expected = state.sequence
        self._anew = True
        self._ahead.clear()

    def _resemble(self, state: State) -> None:
        """Have the clock be held, or run, as the source's is."""
        clock, before = self._stage.clock, self._state
        if before is None or state.played != before.played:
            self._stage.controller.follows(_playing(state.played), state.by_topic, state.by_type)
        self._announce(state)
        if state.speed != clock.speed:
            clock.set_speed(state.speed)
        if state.held and not clock.held:
            clock.pause()
        elif clock.held and not state.held:
            clock.resume()
        if clock.held:
            clock.follow(state.at)
        self._state = state

    def _announce(self, state: State) -> None:
        """Tell what is shown from now on, once."""
        played = state.played
        shown = state.run, None if played is None else (played.name, played.seed)
        if shown == self._shown or state.over or (played is None and state.fresh):  # which is known in a moment
            return
        self._shown = shown
        what = "what" if played is None else f"{played.name}, seed {played.seed}, which"
        self._told(f"showing {what} plays on {self._bus.text}")

    def _keep_time(self, at: Instant) -> None:
        """Follow the source's clock: ahead at once, and back by as much as we have been ahead of every beat."""
        clock = self._stage.clock
        speed = clock.speed
        if clock.held or speed is None:
            clock.follow(at)
            return
        self._ahead.append(int((clock.now.micros - at) / speed))
        clock.follow(at)
        if len(self._ahead) == _BEATS and (ahead := min(self._ahead)) > _AHEAD_MICROS:
            clock.lag(ahead)
            self._ahead.clear()


def _playing(played: Played | None) -> Playing | None:
    return None if played is None else Playing(**structs.asdict(played))
