"""The director: plays a scenario, and gives out what happens as a source of encoded events."""

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from pvws.scenario.play import Play, RawEvent
from pvws.scenario.schema import Scenario
from pvws.scenario.triggers import begin
from pvws.sim.agenda import Instant
from pvws.sim.chance import Chance
from pvws.sim.kernel import Kernel
from pvws.sim.source import ClientInput, Cue, Timed
from pvws.wire.codec import WORDINGS, encode_payload, event_tail
from pvws.world.cast import Cast, Figures
from pvws.world.invariants import ContradictionError, contradictions
from pvws.world.names import DEFAULT_NAMES, Names
from pvws.world.world import World

__all__ = ["Director"]

_INPUTS = -1  # rank of what clients do: before all else of its instant, of which nothing has happened yet


class Director:
    """A `Source`: from `start` on it plays a scenario, and ends after `duration` microseconds.

    The same scenario, seed, start, duration and `inputs`, which are what clients did, give the same bytes, whatever the
    speed at which they are asked for. Messages are numbered from `sequence` on. A `paranoid` one looks after every step
    whether the world contradicts itself. `play` is what it plays on, to be looked at by whoever wants to know the
    truth. A director can be pickled at any time, and goes on from there.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        start: Instant,
        seed: int,
        duration: Instant,
        names: Names = DEFAULT_NAMES,
        inputs: Sequence[ClientInput] = (),
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
        self._paranoid = paranoid
        kernel.schedule(start, self._gather, network.figures())
        for name, behaviour in scenario.behaviours.items():
            behaviour.begin(f"behaviours.{name}", self.play)
        for place, step in enumerate(scenario.timeline):
            name = f"timeline[{place}]"
            begin(step.trigger, name, self.play, step.action.begin(name, self.play), step.guard)
        for deed in inputs:
            self.tell(deed)

    @property
    def sequence(self) -> int:
        """The number that the next message will have."""
        return self._sequence

    def peek(self) -> Instant | None:
        """When the next thing happens; None when the scenario is over."""
        if self.play.world.herald.outbox:  # what stood behind a cue
            return self.play.kernel.now
        at = self.play.kernel.peek()
        return None if at is None or at > self._end else at

    def take(self, until: Instant | None, limit: int) -> list[Timed | Cue]:
        """What happens up to and including an instant; see `Source`."""
        last = self._end if until is None or until > self._end else until
        kernel, outbox, watchers = self.play.kernel, self.play.world.herald.outbox, self.play.watchers
        go_on = self._doubtfully if self._paranoid else kernel.run_on
        sequence, given = self._sequence, list[Timed | Cue]()
        stamp, tail, cued = kernel.stamp, event_tail(kernel.stamp), False
        while len(given) < limit and not cued:
            go_on(last, outbox)
            if not outbox:
                break
            if kernel.stamp is not stamp:
                stamp, tail = kernel.stamp, event_tail(kernel.stamp)
            at = kernel.now
            for told in outbox:
                wording = WORDINGS.get(type(told))
                if wording is not None:
                    topic, name, head = wording
                    given.append(Timed(at, sequence, topic, name, head + encode_payload(told) + tail))
                elif type(told) is RawEvent:
                    given.append(Timed(at, sequence, told.topic, told.type, told.text))
                else:
                    given.append(told)
                    cued = True
                    break
                sequence += 1
            if cued:
                del outbox[: outbox.index(given[-1]) + 1]  # what stands behind a cue has to wait for its effect
            else:
                outbox.clear()
            for watcher in watchers:
                watcher.look()
        self._sequence = sequence
        return given

    def tell(self, deed: ClientInput) -> ClientInput | None:
        """A client has done something. It takes effect at that instant, but behind everything that was taken before:
        what is given back says when, None being never, since nobody waits for it or the scenario is over.

        The same inputs, told in any way that keeps their instants and their order, give the same bytes again.
        """
        kernel = self.play.kernel
        at = max(deed.at, kernel.now + 1)
        if not self.play.listeners or at > self._end:
            return None
        deed = structs.replace(deed, at=at)
        kernel.schedule(at, self._hear, deed, rank=_INPUTS)
        return deed

    def _hear(self, deed: ClientInput) -> None:
        for listener in self.play.listeners:
            listener.hear(deed)

    def _doubtfully(self, until: Instant, told: list[Any]) -> None:
        """Go on as the kernel would, and look after every step whether the world contradicts itself.

        Raises ContradictionError.
        """
        kernel, world = self.play.kernel, self.play.world
        while (at := kernel.peek()) is not None and at <= until and not told:
            kernel.step()
            if found := contradictions(world):
                raise ContradictionError(found, f"at {world.herald.now}, with seed {self.play.seed}")

    def _gather(self, figures: list[Figures]) -> None:
        chance = self.play.chance.stream("network")
        for each in figures:
            self.play.world.connect(self.play.cast.make(each), chance)
