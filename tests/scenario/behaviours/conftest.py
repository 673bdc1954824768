"""Small runs for behaviours to act on, without a director; after each the world must not contradict itself."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from pvws.notation.document import parse
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.behaviours.kinds import NamedBehaviours
from pvws.scenario.play import Play
from pvws.sim.chance import Chance, Stream
from pvws.sim.kernel import Kernel
from pvws.world.cast import Cast
from pvws.world.entities import File, Peer
from pvws.world.invariants import contradictions
from pvws.world.world import World, WorldRules

START = 1_704_067_200_000_000  # 2024-01-01T00:00:00Z


class Constantly:
    """A figure of a peer that chance does not decide; a class of its own, since runs are pickled."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __call__(self, chance: Stream) -> int:
        return self.value


class Rehearsal(Play):
    """The parts of a run with so many peers. Instants are told in microseconds since its start."""

    __slots__ = ()

    def __init__(self, peers: int = 4, capacity: int = 1024**4, seed: int = 1, replication: int = 2) -> None:
        kernel, chance = Kernel(START), Chance(seed)
        cast = Cast(
            chance.stream("cast"),
            seed,
            capacity=Constantly(capacity),
            bandwidth=Constantly(10**9),
            latency=Constantly(10_000),
            capabilities={},
        )
        super().__init__(kernel, chance, World(kernel, WorldRules(replication=replication)), cast, seed)
        for _ in range(peers):
            self.join()
        kernel.run(START)
        self.world.herald.outbox.clear()

    @property
    def now(self) -> int:
        return self.kernel.now - START

    def join(self) -> Peer:
        """One more peer joins."""
        peer = self.cast.make()
        self.world.connect(peer, self.chance.stream("network"))
        return peer

    def add(self, script: str) -> "Rehearsal":
        """Begin the behaviours of a script, under their names."""
        for name, behaviour in read_behaviours(script).items():
            behaviour.begin(f"behaviours.{name}", self)
        return self

    def upload(self, number: int, size: int = 100) -> list[File]:
        """So many files are there, with all their copies."""
        chance = Stream(1, "test")
        for place in range(number):
            assert self.world.store.upload(f"{place:064x}", size, chance) is not None
        self.told(self.now + 1_000_000)
        return list(self.world.store.available)

    def told(self, until: int, kinds: type | tuple[type, ...] = object) -> list[tuple[int, Any]]:
        """Let time pass up to and including an instant: what of some kinds was told meanwhile, and when."""
        outbox = self.world.herald.outbox
        told = [(self.now, each) for each in outbox if isinstance(each, kinds)]
        outbox.clear()
        while (at := self.kernel.peek()) is not None and at <= START + until:
            self.kernel.step()
            told += [(self.now, each) for each in outbox if isinstance(each, kinds)]
            outbox.clear()
        self.kernel.run(START + until)
        assert contradictions(self.world) == []
        return told

    def peers(self) -> list[Peer]:
        """Who is connected and answers, in the order in which they joined."""
        return [peer for peer in self.world.peers if peer.connected and not peer.crashed]

    def again(self) -> "Rehearsal":
        """A copy that goes on from here on its own."""
        copy = pickle.loads(pickle.dumps(self))
        assert isinstance(copy, Rehearsal)
        return copy


def read_behaviours(script: str) -> dict[str, Any]:
    behaviours, problems = complaints_of(script)
    assert not problems, problems
    return behaviours  # type: ignore[no-any-return]


def complaints_of(script: str) -> tuple[Any, list[str]]:
    reader = Reader("f.yaml")
    behaviours = reader.read(parse(script, "f.yaml"), NamedBehaviours, "behaviours")
    assert (behaviours is INVALID) <= bool(reader.problems)
    return behaviours, [str(problem).removeprefix("f.yaml:") for problem in reader.problems]


@pytest.fixture
def rehearsal() -> type[Rehearsal]:
    return Rehearsal


@pytest.fixture
def complaints() -> Callable[[str], list[str]]:
    """What the reader says about behaviours; nothing, if all is well."""
    return lambda script: complaints_of(script)[1]


@pytest.fixture
def read() -> Callable[[str], dict[str, Any]]:
    """The behaviours of a script."""
    return read_behaviours
