"""A stage as a node of a bus: what a source plays elsewhere is given out here, and time is as it is there."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from uuid import uuid4

from msgspec import structs

from pvws.bus.bus import Bus, UnansweredError
from pvws.bus.entry import Carried, Played, State, decode_state
from pvws.bus.question import Node, Question, Settled, Waiting, decoded, encoded
from pvws.limits import BUS_ANSWER_S, BUS_BEAT_S
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Timed
from pvws.stage.controller import Playing
from pvws.stage.nodes import ledger_of
from pvws.stage.stage import Stage
from pvws.stage.steering import Plays
from pvws.timestamp import Timestamp

__all__ = ["Following", "Relayed"]

_BEATS = 16  # over so many, the least that we seem to be ahead by is what we are ahead by
_AHEAD_MICROS = 1_000  # less is no more than a turn of an event loop


class Relayed:
    """A `Source` of a stage whose events come by a bus: nothing is ever due by itself."""

    def peek(self) -> Instant | None:
        """Nothing is due."""
        return None

    def take(self, until: Instant | None, limit: int) -> list[Timed | Cue]:
        """Nothing."""
        return []

    def tell(self, deed: ClientInput) -> ClientInput | None:
        """A client has done something, which the scenario is not told."""
        return None


class Following:
    """Has a stage show what the source of a bus plays, from `begin` on.

    Everything comes in the source's order, once. What is lost on the way (the stream no longer had it, or it never got
    there) is counted in `lost` and told, with `told`. Stage time is the source's, later by what the bus takes at its
    quickest; a source's clock that runs faster or slower than ours is followed.
    """

    def __init__(self, stage: Stage, bus: Bus, told: Callable[[str], None] = lambda sentence: None) -> None:
        self._stage = stage
        stage.controller.followed = bus.text
        self._bus = bus
        self._told = told
        self.id = uuid4().hex[:12]
        """By which it is asked on the bus."""
        self._url = ""
        self._beating: asyncio.Task[None] | None = None
        self._arrivals: list[tuple[int, asyncio.Future[None]]] = []
        self._state: State | None = None
        self._place = 0
        self._after = 0  # what stands up to there is in the state that was adopted
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
        """Follow the source that is there, from how it stands now on; or the next one, from its beginning."""
        await self._bus.listen("state", self._heard)
        await self._bus.answer(self.id, self._answer)
        self._beating = asyncio.ensure_future(self._beat_on())
        try:
            state = decode_state(await self._bus.ask("source", b"state", BUS_ANSWER_S))
        except UnansweredError:
            self._told(f"nothing plays on {self._bus.text} yet; what does will be shown")
            await self._bus.follow(None, self.take)
            return
        self._adopt(state)
        self._after = self._place = state.place
        await self._bus.follow(state.place, self.take)

    async def end(self) -> None:
        """Say goodbye: nobody waits for this node any more."""
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
        clients = len(self._stage.clients())
        self._bus.tell("node", encoded(Node(self.id, self._url, clients, self._place, self.lost)))

    def take(self, carried: Sequence[Carried]) -> None:
        """Give out what has come."""
        for each in carried:
            entry, self._place = each.entry, each.place
            if isinstance(entry, State):
                self._give()
                self._take_state(entry, each.place)
            elif self._state is None or each.place <= self._after:
                continue
            elif isinstance(entry, Cue) or self._is_next(entry):
                self._pending.append(entry)
        self._give()
        for place, arrived in self._arrivals:
            if place <= self._place and not arrived.done():
                arrived.set_result(None)

    # Within

    async def _beat_on(self) -> None:
        while True:
            self.tell()
            await asyncio.sleep(BUS_BEAT_S)

    async def _answer(self, question: bytes) -> bytes:
        asked = decoded(question, Question)
        return encoded(ledger_of(self._stage) if asked.what == "ledger" else await self._settle(asked))

    async def _settle(self, asked: Question) -> Settled:
        """Wait for what was sent to be here, and with everybody."""
        time = asyncio.get_running_loop().time
        began = time()
        if self._place < asked.place:
            arrival = asked.place, asyncio.get_running_loop().create_future()
            self._arrivals.append(arrival)
            try:
                async with asyncio.timeout(asked.seconds):
                    await arrival[1]
            except TimeoutError:
                return Settled(behind=True)
            finally:
                self._arrivals.remove(arrival)
        left = max(0.0, asked.seconds - (time() - began))
        stragglers = await self._stage.clock.settle(timeout=left, ack=asked.ack)
        names = Waiting.__struct_fields__
        return Settled(tuple(Waiting(**{name: getattr(each, name) for name in names}) for each in stragglers))

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
            self._told("the simulation has ended; serving on, quietly")

    def _heard(self, content: bytes) -> None:
        """The source says how it stands. What the stream has still to bring is not anticipated."""
        state = decode_state(content)
        if self._state is None:
            self._adopt(state)
            self._after = state.place
        elif state.run == self._state.run and state.place <= self._place:
            self._resemble(state)
            self._keep_time(state.at)

    def _adopt(self, state: State) -> None:
        """Something else plays than before."""
        stage = self._stage
        if state.held:  # else a breath of time would go by
            stage.clock.pause()
        stage.exchange(Relayed(), Plays(state.at, speed=state.speed))
        stage.clock.start = state.start
        stage.sequence = self._expected = state.sequence
        self._anew = state.fresh
        stage.controller.follows(_playing(state.played), state.by_topic, state.by_type)
        self._ahead.clear()
        self._resemble(state)

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
        if state.speed != clock.speed:
            clock.set_speed(state.speed)
        if state.held and not clock.held:
            clock.pause()
        elif clock.held and not state.held:
            clock.resume()
        if clock.held:
            clock.follow(state.at)
        self._state = state

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
