"""Runs of small scenarios, for all tests of the scenario language."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from pvws.errors import InputError
from pvws.scenario.director import Director
from pvws.scenario.loader import load
from pvws.scenario.play import Play
from pvws.scenario.schema import Scenario
from pvws.sim.chance import Chance
from pvws.sim.kernel import Kernel
from pvws.world.cast import Cast
from pvws.world.entities import Peer
from pvws.world.world import World

HEAD = "pvws: 1\nscenario: made-up\n"


class Told(NamedTuple):
    """An event: microseconds after the start, its type, its payload."""

    at: int
    type: str
    data: dict[str, Any]


def read_scenario(body: str) -> Scenario:
    return load(HEAD + body, "made-up.yaml")


def complaints_of(text: str) -> list[str]:
    try:
        load(text, "f.yaml")
    except InputError as error:
        assert str(error) == "\n".join(str(problem) for problem in error.problems)
        return str(error).split("\n")
    return []


def direct_scenario(scenario: Scenario, seed: int | None = None, start: int = 0) -> Director:
    seed = scenario.seed if seed is None else seed
    return Director(scenario, start=start, seed=seed, duration=scenario.duration)


def run_scenario(body: str, seed: int | None = None) -> list[Told]:
    director = direct_scenario(read_scenario(body), seed)
    told = []
    while director.peek() is not None:
        told += [Told(event.at, event.type, json.loads(event.text)["data"]) for event in director.step()]
    return told


class Rehearsal(Play):
    """The parts of a run with so many peers, for behaviours to act on without a director."""

    __slots__ = ()

    def __init__(self, peers: int = 4, capacity: int = 1024**3, seed: int = 1) -> None:
        kernel, chance = Kernel(0), Chance(seed)
        cast = Cast(chance.stream("cast"), seed, capacity=capacity, capabilities={})
        super().__init__(kernel, chance, World(kernel, seed=seed, replication=2, storage_usage=None), cast)
        for _ in range(peers):
            self.world.connect(cast.make(), chance.stream("network"))
        self.told()

    def told(self, until: int = 0) -> list[tuple[int, Any]]:
        """Let time pass until an instant: what was told meanwhile, and when."""
        told = []
        while (at := self.kernel.peek()) is not None and at <= until:
            self.kernel.step()
            told += [(self.kernel.now, payload) for payload in self.world.outbox]
            self.world.outbox.clear()
        self.world.outbox.clear()
        return told

    def peers(self) -> list[Peer]:
        """Who is connected now, by name."""
        return sorted(self.world.connected, key=lambda peer: peer.name)


@pytest.fixture
def read() -> Callable[[str], Scenario]:
    """The scenario of a script without its two first lines."""
    return read_scenario


@pytest.fixture
def complaints() -> Callable[[str], list[str]]:
    """What the loader says about a whole text, a line a problem; nothing, if all is well. Its file is `f.yaml`."""
    return complaints_of


@pytest.fixture
def direct() -> Callable[..., Director]:
    return direct_scenario


@pytest.fixture
def run() -> Callable[..., list[Told]]:
    """All that a script, without its two first lines, tells from start to end."""
    return run_scenario


@pytest.fixture
def rehearsal() -> type[Rehearsal]:
    return Rehearsal
