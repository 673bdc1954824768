"""A walk at random through all that can happen to a world."""

import json
from random import Random

from pvws.sim.chance import Stream
from pvws.sim.kernel import Kernel
from pvws.wire.codec import encode_event
from pvws.wire.events import DisconnectReason
from pvws.world.alerts import DEFAULT_THRESHOLDS, Thresholds
from pvws.world.cast import Cast
from pvws.world.invariants import contradictions
from pvws.world.metrics import METRICS_KINDS, measure
from pvws.world.truth import truth
from pvws.world.world import World, WorldRules
from tests.world.stagehand import MEBIBYTE, SECOND, START
from tests.world.story import Story

REASONS: tuple[DisconnectReason, ...] = ("timeout", "shutdown", "network_error", "partition", "evicted")
LOW = Thresholds(warning=40, critical=70, clear=30)


def draw_capacity(chance: Stream) -> int:
    return chance.between(1, 40) * MEBIBYTE


def draw_bandwidth(chance: Stream) -> int:
    return chance.between(1, 16) * MEBIBYTE


def draw_latency(chance: Stream) -> int:
    return chance.between(0, 90) * 1_000 * (1 + 3 * (chance.random() < 0.1))


class Walk:
    """So many steps as one takes: each is a random thing that happens, and then some time. After every instant the
    world is searched for contradictions, and compared with what a story has made of its events. It can be pickled.
    """

    def __init__(self, seed: int) -> None:
        self.draw = draw = Random(seed)
        self.kernel = Kernel(START + draw.randrange(SECOND))
        thresholds = DEFAULT_THRESHOLDS | {"storage_usage": LOW, "peer_storage_usage": LOW}
        for name in draw.sample(sorted(thresholds), draw.randrange(4)):
            del thresholds[name]
        rules = WorldRules(
            replication=draw.choice([1, 2, 3, 3, 4]),
            repair_delay=draw.choice([0, 700_000, 10 * SECOND]),
            repairs_at_once=draw.choice([1, 2, 16]),
            scrub_micros=draw.choice([0, 30 * SECOND]),
            thresholds=thresholds,
        )
        self.world = World(self.kernel, rules)
        self.chance = Stream(seed, "walk")
        self.cast = Cast(
            Stream(seed, "cast"),
            seed,
            capacity=draw_capacity,
            bandwidth=draw_bandwidth,
            latency=draw_latency,
            capabilities={"storage": 0.9},
        )
        self.story = Story(thresholds, rules.replication)
        self.reading = self.world.reading()
        self.busyness = draw.choice([20_000, 200_000, 2 * SECOND])  # mean time between two steps, in microseconds
        self.size_max = draw.choice([1, MEBIBYTE, 6 * MEBIBYTE])
        self.texts: list[bytes] = []
        for _ in range(draw.randrange(9)):
            self.join()

    def walk(self, steps: int) -> None:
        """Take so many steps."""
        for _ in range(steps):
            self.passes(self.draw.randrange(2 * self.busyness))
            self.step()
            self.listen()

    def passes(self, micros: int) -> None:
        """Time passes."""
        until = self.kernel.now + micros
        while (at := self.kernel.peek()) is not None and at <= until:
            self.kernel.step()
            if self.world.herald.outbox:
                self.listen()
        self.kernel.run(until)

    def listen(self) -> None:
        """Hear what was told, and look at the world from both sides."""
        outbox = self.world.herald.outbox
        for payload in outbox:
            self.texts.append(text := encode_event(payload, self.world.herald.now))
            self.story.tell(json.loads(text))
        outbox.clear()
        self.story.rest()
        problems = contradictions(self.world) + self.story.problems or self.story.against(truth(self.world))
        assert not problems, "\n".join(problems)

    def calm(self) -> None:
        """All that is wrong ends, and time passes until nothing is left to be done."""
        self.world.heal(self.chance)
        for peer in self.world.peers:
            self.world.recover(peer, self.chance)
            self.world.burden(peer, slowness=1, load=0)
        self.listen()
        for _ in range(100):
            if self.kernel.peek() is not None:
                self.passes(1_000 * SECOND)

    def join(self) -> None:
        """One more peer."""
        peer = self.cast.make()
        self.story.capacities[peer.id] = peer.capacity
        self.world.connect(peer, self.chance)

    def step(self) -> None:
        """Something happens."""
        draw, world, store, chance = self.draw, self.world, self.world.store, self.chance
        if not world.peers or (len(world.peers) < 12 and draw.random() < 0.02):
            self.join()
            return
        peer, x = draw.choice(world.peers), draw.random()
        if x < 0.40:
            node = peer if draw.random() < 0.1 else None
            store.upload(f"{draw.getrandbits(256):064x}", draw.randrange(self.size_max) + 1, chance, node)
        elif x < 0.63:
            self.touch(x)
        elif x < 0.71:
            world.disconnect(peer, draw.choice(REASONS))
        elif x < 0.79:
            world.connect(peer, chance)
        elif x < 0.82:
            world.crash(peer)
        elif x < 0.85:
            world.recover(peer, chance)
        elif x < 0.87:
            linked = [each for side in world.overlay.sides for each in side]
            draw.shuffle(linked)
            cuts = sorted(draw.randrange(len(linked) + 1) for _ in range(draw.randrange(3)))
            world.partition([linked[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)], chance)
        elif x < 0.89:
            world.heal(chance)
        elif x < 0.93:
            world.burden(peer, slowness=draw.choice([1, 1, 4, 30]), load=draw.choice([0, 0, 0.5, 1]))
        elif x < 0.97:
            measure(world, self.reading, METRICS_KINDS if draw.random() < 0.7 else ("performance_metrics",))
        else:
            category = draw.choice(["auth_failure", "unknown_peer", "rate_abuse"])
            world.watch.incident(category, f"10.0.0.{draw.randrange(255)}", draw.randrange(1, 9))

    def touch(self, x: float) -> None:
        """Something happens to a file."""
        draw, store, chance = self.draw, self.world.store, self.chance
        if not store.available:
            return
        file = draw.choice(store.available)
        if x < 0.48:
            store.delete(file)
        elif x < 0.54:
            store.update(file, self.world.descriptions.new_tags(chance), content=draw.random() < 0.5)
        elif x < 0.59:
            store.read(file, chance)
        else:
            self.world.corrupt(file, self.world.peers[draw.choice(file.copies)], chance)
