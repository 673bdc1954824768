"""The director: plays a scenario, and gives out what happens as a source of encoded events."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from msgspec import structs

from pvws.scenario.observations import Observations
from pvws.scenario.orders import Orders, read_rule, read_step
from pvws.scenario.play import Play, RawEvent, RawMessage
from pvws.scenario.schema import Scenario
from pvws.scenario.timeline.actions import word_of
from pvws.scenario.triggers import Act, begin
from pvws.sim.agenda import Instant
from pvws.sim.chance import Chance
from pvws.sim.kernel import Kernel
from pvws.sim.source import ClientInput, Cue, Exchange, Input, Order, Timed
from pvws.timestamp import LAST_INSTANT, Timestamp
from pvws.wire.codec import PAYLOADS, encode_event, encode_events
from pvws.world.cast import Cast, Figures
from pvws.world.invariants import ContradictionError, Doubts
from pvws.world.names import DEFAULT_NAMES, Names
from pvws.world.world import World

__all__ = ["Director"]

# Looked up, these cost a fifth of what asking the class costs.
_topic = {payload: payload.topic for payload in PAYLOADS}.__getitem__
_type = {payload: payload.type for payload in PAYLOADS}.__getitem__
_INPUTS = -1  # rank of what is caused from outside: before all else of its instant, of which nothing has happened yet
_BEHIND = 99  # and of what is caused when its instant was played already


class Director:
    """A `Source`: from `start` on it plays a scenario, and ends after `duration` microseconds.

    The same scenario, seed, start, duration and `inputs`, which are what clients did, give the same bytes, whatever the
    speed at which they are asked for. Messages are numbered from `sequence` on. A `paranoid` one looks whether the
    world contradicts itself, as often as `Doubts` has it. `play` is what it plays on, to be looked at by whoever wants
    to know the truth. A director can be pickled at any time, and goes on from there.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        start: Instant,
        seed: int,
        duration: Instant,
        names: Names = DEFAULT_NAMES,
        inputs: Sequence[Input] = (),
        sequence: int = 0,
        paranoid: bool = False,
    ) -> None:
        kernel, chance = Kernel(start), Chance(seed)
        network = scenario.network
        world = World(kernel, scenario.rules(names))
        cast = Cast(
            chance.stream("cast"),
            seed,
            capacity=network.capacity.sampler().draw_whole,
            bandwidth=network.bandwidth.sampler().draw_whole,
            latency=network.latency.sampler().draw_whole,
            capabilities=network.capabilities,
        )
        self.play = Play(kernel, chance, world, cast, seed)
        self._end = start + duration
        self._sequence = sequence
        self._doubts = Doubts() if paranoid else None
        kernel.schedule(start, self._gather, network.figures())
        for name, behaviour in scenario.behaviours.items():
            behaviour.begin(f"behaviours.{name}", self.play)
        asked = {name for expectation in scenario.expect for _, name in expectation.landmarks()}
        for place, step in enumerate(scenario.timeline):
            name = f"timeline[{place}]"
            act, word = step.action.begin(name, self.play), word_of(step.action)
            if word in asked:
                act = _Announced(word, act, self.play)
            begin(step.trigger, name, self.play, act, step.guard, step.place)
        self.orders = Orders(self.play)
        """What controllers have done to the run."""
        self._taken = False  # whether anything has happened yet
        self._epilogue: list[ClientInput | Order] = []
        self._ruled = False  # whether there ever was a rule
        for given in inputs:
            assert not isinstance(given, Exchange), "that is for whoever has directors"
            if isinstance(given, Order):
                self.order(given)
            elif isinstance(given, ClientInput):
                self.tell(given)

    @property
    def sequence(self) -> int:
        """The number that the next message will have."""
        return self._sequence

    def peek(self) -> Instant | None:
        """When the next thing happens; None when the scenario is over."""
        if self.play.world.herald.outbox:  # what stood behind a cue
            return self.play.kernel.now
        at = self.play.kernel.peek()
        if at is None or at > self._end:
            return self._epilogue[0].at if self._epilogue else None
        return at

    def take(self, until: Instant | None, limit: int) -> list[Timed | Cue]:
        """What happens up to and including an instant; see `Source`."""
        if self._epilogue and not self._goes_on:
            self._begin_epilogue()
        self._taken = True
        last = self._end if until is None or until > self._end else until
        outbox, watchers = self.play.world.herald.outbox, self.play.watchers
        go_on = self.play.kernel.run_on if self._doubts is None else self._doubtfully
        given: list[Timed | Cue] = []
        while (left := limit - len(given)) > 0:
            instants = go_on(last, outbox, 1 if watchers else left)
            self.play.world.store.traffic.settle()
            if not instants:
                break
            cued = self._give(instants, given)
            for watcher in watchers:
                watcher.look()
            if cued:
                break
        return given

    def _give(self, instants: Sequence[Instant], given: list[Timed | Cue]) -> bool:
        """Move what was told at these instants from the outbox to what is given, encoded; up to the first cue, since
        what stands behind one has to wait for its effect. Says whether there was one.
        """
        outbox = self.play.world.herald.outbox
        types = list(map(type, outbox))
        if PAYLOADS.issuperset(types):  # nearly always: then no event costs a step of the interpreter here
            texts = encode_events(outbox, instants)
            given.extend(map(Timed, instants, count(self._sequence), map(_topic, types), map(_type, types), texts))
            self._sequence += len(types)
            outbox.clear()
            return False
        for place, (at, told) in enumerate(zip(instants, outbox, strict=True)):
            if isinstance(told, Cue):
                given.append(told)
                del outbox[: place + 1]
                return True
            if type(told) is RawMessage:
                given.append(told.at(at, self._sequence))
                self._sequence += 1
                continue
            text = told.text if type(told) is RawEvent else encode_event(told, Timestamp(at))
            given.append(Timed(at, self._sequence, told.topic, told.type, text))
            self._sequence += 1
        outbox.clear()
        return False

    def tell(self, deed: ClientInput) -> ClientInput | None:
        """A client has done something. It takes effect at that instant, but behind everything that was taken before:
        what is given back says when, None being never, since nobody waits for it or the scenario is over.

        The same inputs, told in any way that keeps their instants and their order, give the same bytes again. What
        nobody asks about a deed is not in what is given back.
        """
        kernel, listeners = self.play.kernel, self.play.listeners
        at, behind = self._place_of(deed)
        is_over = at > self._end or (behind and at == self._end and self.peek() is None)
        if not self._ruled and (not listeners or is_over):
            return None
        if self._ruled or any(listener.asks for listener in listeners):
            deed = structs.replace(deed, at=at, behind=behind)
        else:
            deed = ClientInput(at, deed.client, deed.did, deed.topic, deed.type, behind=behind)
        if at > self._end:
            self._epilogue.append(deed)
        else:
            kernel.schedule(at, self._hear, deed, rank=_BEHIND if behind else _INPUTS)
        return deed

    def order(self, order: Order) -> Order | None:
        """A controller has done something, which takes effect as what a client does; also when the scenario is over,
        whose world then stands still. Raises InputError for a step that can't be read, and changes nothing.

        Of a run in which nothing has happened yet it comes before all else.
        """
        if order.step is not None:
            read = read_rule if order.rule else read_step
            read(order.step)
        kernel = self.play.kernel
        at, behind = self._place_of(order)
        order = structs.replace(order, at=at, behind=behind)
        self._ruled = self._ruled or bool(order.rule)
        if order.at > self._end:
            self._epilogue.append(order)
        else:
            kernel.schedule(order.at, self.orders.obey, order, rank=_BEHIND if behind else _INPUTS)
        return order

    def _place_of(self, given: ClientInput | Order) -> tuple[Instant, bool]:
        """When something takes effect, and whether behind all else of that instant, of which something has happened."""
        now = self.play.kernel.now
        at = max(given.at, now)
        return at, given.behind or (at == now and self._taken)

    def pass_until(self, at: Instant) -> None:
        """Let the time pass until an instant up to which everything was taken."""
        self.play.kernel.run(min(at, self._end))

    def _hear(self, deed: ClientInput) -> None:
        for listener in tuple(self.play.listeners):
            listener.hear(deed)

    @property
    def _goes_on(self) -> bool:
        """Whether the scenario has something left, within its time."""
        at = self.play.kernel.peek()
        return bool(self.play.world.herald.outbox) or (at is not None and at <= self._end)

    def _begin_epilogue(self) -> None:
        """The scenario is over: from now on nothing happens but what is caused from outside, and what follows of that
        by rules.
        """
        kernel, self._end = self.play.kernel, LAST_INSTANT
        kernel.clear()
        self.play.watchers.clear()
        self.play.listeners[:] = self.orders.rules.values()
        for each in self._epilogue:
            act = self.orders.obey if isinstance(each, Order) else self._hear
            kernel.schedule(each.at, act, each, rank=_BEHIND if each.behind else _INPUTS)
        self._epilogue.clear()

    def _doubtfully(self, until: Instant, told: list[Any], enough: int) -> list[Instant]:
        """Go on as the kernel would, but only until something was told; and look after the steps, and at the end,
        whether the world contradicts itself. Raises ContradictionError.
        """
        kernel, world, doubts = self.play.kernel, self.play.world, self._doubts
        assert doubts is not None, "who has none goes on without"
        found: list[str] = []
        while not found and not told and (at := kernel.peek()) is not None and at <= until:
            kernel.step()
            found = doubts.step(world)
        if not found and self.peek() is None:
            found = doubts.look(world)
        if found:
            raise ContradictionError(found, f"by {world.herald.now}, with seed {self.play.seed}")
        return [kernel.now] * len(told)

    def _gather(self, figures: list[Figures]) -> None:
        chance = self.play.chance.stream("network")
        for each in figures:
            self.play.world.connect(self.play.cast.make(each), chance)


class _Announced:
    """A step that an expectation counts from: the stage is told before it is taken."""

    __slots__ = ("_act", "_play", "_word")

    def __init__(self, word: str, act: Act, play: Play) -> None:
        self._word = word
        self._act = act
        self._play = play

    def __call__(self, observations: Observations) -> None:
        now, herald = self._play.kernel.now, self._play.world.herald
        herald.cue(Cue(now, "step", name=self._word))
        self._act(observations)
