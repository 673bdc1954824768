"""Small runs for steps of the timeline to act on, without a director."""

import pickle
from typing import Any, NamedTuple

from pvws.notation.document import parse
from pvws.notation.reader import Reader
from pvws.scenario.play import Play
from pvws.scenario.timeline.step import Scripted, TimelineStep
from pvws.scenario.triggers import begin
from pvws.sim.chance import Chance, Stream
from pvws.sim.kernel import Kernel
from pvws.sim.source import ClientInput, Deed
from pvws.world.cast import Cast
from pvws.world.entities import File, Peer
from pvws.world.invariants import contradictions
from pvws.world.world import World, WorldRules

SECOND = 1_000_000
MEBIBYTE = 1_048_576
START = 1_704_067_200_000_000  # 2024-01-01T00:00:00Z


class Told(NamedTuple):
    """What was told: seconds since the start, the last word of its class, and itself."""

    at: float
    kind: str
    payload: Any


class Always:
    """A figure of a peer that chance does not decide; a class of its own, since runs are pickled."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __call__(self, chance: Stream) -> int:
        return self.value


def read_step(text: str) -> tuple[Scripted, list[str]]:
    """The step of a text, if it is one, and what is said of it, line by line; its file is `f.yaml`."""
    reader = Reader("f.yaml")
    step = reader.read(parse(text, "f.yaml"), TimelineStep, "timeline[0]")
    return step, [str(problem) for problem in reader.problems]


class SmallRun(Play):
    """The parts of a run with so many peers, all alike. Whenever it stops, its world must not contradict itself."""

    __slots__ = ("_steps",)

    def __init__(
        self,
        peers: int = 6,
        *,
        capacity: int = 96 * MEBIBYTE,
        bandwidth: int = 100 * MEBIBYTE,
        replication: int = 3,
        seed: int = 1,
    ) -> None:
        kernel, chance = Kernel(START), Chance(seed)
        figures = {"capacity": Always(capacity), "bandwidth": Always(bandwidth), "latency": Always(10_000)}
        cast = Cast(chance.stream("cast"), seed, capabilities={}, **figures)
        world = World(kernel, WorldRules(replication=replication))
        super().__init__(kernel, chance, world, cast, seed)
        self._steps = 0
        for _ in range(peers):
            world.connect(cast.make(), chance.stream("network"))
        self.told(0)

    def script(self, *steps: str) -> "SmallRun":
        """Begin some steps, which must be right; their times count from now."""
        for text in steps:
            step, complaints = read_step(text)
            assert not complaints, complaints
            name = f"timeline[{self._steps}]"
            self._steps += 1
            begin(step.trigger, name, self, step.action.begin(name, self), step.guard)
        return self

    def told(self, until: float, *kinds: str) -> list[Told]:
        """Let time pass until some seconds after the start: what of some kinds, or of all, was told meanwhile."""
        found: list[Told] = []
        outbox, last = self.world.herald.outbox, START + round(until * SECOND)
        while (at := self.kernel.peek()) is not None and at <= last:
            self.kernel.step()
            if outbox:
                seconds = (self.kernel.now - START) / SECOND
                found += [Told(seconds, type(each).__name__, each) for each in outbox]
                outbox.clear()
                for watcher in self.watchers:
                    watcher.look()
        self.kernel.run(last)
        assert not contradictions(self.world)
        return [each for each in found if not kinds or each.kind in kinds]

    def times(self, until: float, *kinds: str) -> list[float]:
        """When something of some kinds was told, in seconds."""
        return [each.at for each in self.told(until, *kinds)]

    def client(self, did: Deed, topic: str = "", message_type: str = "") -> None:
        """A client does something now."""
        for listener in self.listeners:
            listener.hear(ClientInput(self.kernel.now, 1, did, topic, message_type))

    def upload(self, number: int, size: int = MEBIBYTE) -> list[File]:
        """So many files are there, with all their copies, after ten seconds."""
        keys, chance = self.chance.keys("test"), self.chance.stream("test")
        files = [self.world.store.upload(keys.next(), size, chance) for _ in range(number)]
        self.told((self.kernel.now - START) / SECOND + 10)
        assert None not in files
        return [file for file in files if file is not None]

    def peer(self, name: str) -> Peer:
        """The peer of a name, which must have been there."""
        peer = self.world.find(name)
        assert peer is not None
        return peer

    def names(self) -> list[str]:
        """Who is connected, in the order in which they first came."""
        return [peer.name for peer in sorted(self.world.store.connected, key=lambda peer: peer.number)]

    def copy(self) -> "SmallRun":
        """The same run again, which goes on by itself from here."""
        again: SmallRun = pickle.loads(pickle.dumps(self))
        return again
