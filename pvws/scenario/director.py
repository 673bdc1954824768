"""The director: plays a scenario, and gives out what happens as a source of encoded events."""

from pvws.scenario.play import Play
from pvws.scenario.schema import Scenario
from pvws.sim.agenda import Instant
from pvws.sim.chance import Chance
from pvws.sim.kernel import Kernel
from pvws.sim.source import Timed
from pvws.wire.codec import encode_event
from pvws.world.cast import Cast
from pvws.world.world import World

__all__ = ["Director"]


class Director:
    """A `Source`: from `start` on it plays a scenario, and ends after `duration` microseconds.

    The same scenario, seed, start and duration give the same bytes, whatever the speed at which they are asked for.
    `play` is what it plays on: to be looked at by whoever wants to know the truth.
    """

    def __init__(self, scenario: Scenario, *, start: Instant, seed: int, duration: Instant) -> None:
        kernel, chance = Kernel(start), Chance(seed)
        network = scenario.network
        world = World(kernel, seed=seed, replication=network.replication, storage_usage=scenario.alerts.storage_usage)
        cast = Cast(chance.stream("cast"), seed, capacity=network.capacity, capabilities=network.capabilities)
        self.play = Play(kernel, chance, world, cast)
        self._end = start + duration
        self._sequence = 0
        kernel.schedule(start, self._gather, network.peers)
        for name, behaviour in scenario.behaviours.items():
            behaviour.begin(f"behaviours.{name}", self.play)
        for place, step in enumerate(scenario.timeline):
            step.begin(f"timeline[{place}]", self.play)

    def peek(self) -> Instant | None:
        """When the next thing happens; None when the scenario is over."""
        at = self.play.kernel.peek()
        return None if at is None or at > self._end else at

    def step(self) -> list[Timed]:
        """Let the next thing happen: its events, which may be none."""
        if self.peek() is None:
            raise IndexError("the scenario is over")
        self.play.kernel.step()
        world = self.play.world
        payloads = world.outbox
        if not payloads:
            return []
        now, sequence = world.now, self._sequence
        events = [
            Timed(now.micros, number, payload.topic, payload.type, encode_event(payload, now))
            for number, payload in enumerate(payloads, sequence)
        ]
        self._sequence = sequence + len(events)
        payloads.clear()
        return events

    def _gather(self, peers: int) -> None:
        chance = self.play.chance.stream("network")
        for _ in range(peers):
            self.play.world.connect(self.play.cast.make(), chance)
