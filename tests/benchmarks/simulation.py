"""How fast the engine makes events: state-consistent, encoded, as lines of a file on disk; on one core."""

import gc
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

from msgspec import structs

from pvws.cli.collector import spare_collector
from pvws.scenario.director import Director
from pvws.scenario.loader import load
from pvws.scenario.schema import DEFAULT_START, Scenario
from pvws.sim.compiled import COMPILED
from pvws.sim.source import Cue, Timed
from pvws.stage.shipped import find_scenario
from tests.benchmarks.result import Result
from tests.benchmarks.yardsticks import faker_event, simpy_timeouts, smallest_honest_loop

ROOT = Path(__file__).parents[2]
EVENTS = 300_000
ROUNDS = 5
EVENTS_A_SECOND_MIN = 200_000.0
SLICE = 256  # events between two writes, as at speed max
MEMORY_EVENTS = 10_000_000
MEMORY_GROWTH_MIB_MAX = 16.0
EVENTS_COUNTED_MIN = 1_000
COST_GROWTH_MAX = 4.0  # log(10,000) is four times log(10)
STEADY_DAY_S_MAX = 10.0
SECOND = 1_000_000
HOUR = 3600 * SECOND
SETTLED = 2 * SECOND  # by then all peers have joined, and the topology was told

NETWORK = """
scenario: cost
network:
  peers: {peers}
  capacity: 64 GiB
  bandwidth: 200 MB
  latency: {{uniform: {{from: 2ms, to: 20ms}}}}
behaviours:
  {behaviour}
"""


class Cost(NamedTuple):
    """A behaviour that makes events of one kind, as many with few peers as with many, and for how long it is played."""

    behaviour: str
    duration: int


COSTS = {
    "file event": Cost("uploads: {rate: 400/s, size: 64 KiB, lifetime: {exponential: 10s}}", 40 * SECOND),
    "metrics event": Cost("metrics: {every: 10ms}", 60 * SECOND),
    # Health is told with heartbeats, every five seconds: so ten peers make few events a second, and it takes long.
    "health event": Cost("slowdowns: {rate: 0.4/s, factor: 1000, for: 6s}", 2 * HOUR),
}


def run() -> list[Result]:
    """The firehose against yardsticks in the same rounds, what memory it takes, and what more peers cost."""
    with tempfile.TemporaryDirectory() as folder, _collecting_as_simulate_does():
        path = Path(folder) / "events.jsonl"
        contenders: dict[str, Callable[[], float]] = {
            "firehose": lambda: _firehose(EVENTS, path),
            "smallest honest loop": lambda: smallest_honest_loop(EVENTS, path),
            "SimPy, bare timeouts": lambda: simpy_timeouts(EVENTS),
            "one Faker call an event": lambda: faker_event(EVENTS // 20),
        }
        if COMPILED:
            contenders["firehose, interpreted"] = lambda: _interpreted(path)
        best = dict.fromkeys(contenders, 0.0)
        for _ in range(ROUNDS):
            for name, contender in contenders.items():
                best[name] = max(best[name], contender())
        rates = [
            Result(name, rate, "events/s", at_least=EVENTS_A_SECOND_MIN if name == "firehose" else None)
            for name, rate in best.items()
        ]
        # A process of its own, since the most memory that one has ever had is what is looked at.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            growth = pool.submit(_growth, path).result()
    return [
        *rates,
        Result("of the smallest loop", 100 * best["firehose"] / best["smallest honest loop"], "%"),
        Result("growth in 10 M events", growth, "MiB", at_most=MEMORY_GROWTH_MIB_MAX),
        Result("a steady day", _steady_day(), "s", at_most=STEADY_DAY_S_MAX),
        *(Result(f"{name}, 10,000 : 10 peers", _cost(name), "times", at_most=COST_GROWTH_MAX) for name in COSTS),
    ]


@contextmanager
def _collecting_as_simulate_does() -> Iterator[None]:
    """The collector of cycles as it is for whoever plays a scenario: for what it is compared with as well."""
    before = gc.get_threshold()
    spare_collector()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _director(scenario: Scenario, duration: int = 100 * HOUR) -> Director:
    return Director(scenario, start=DEFAULT_START, seed=scenario.seed, duration=duration)


def _lines(given: list[Timed | Cue]) -> bytes:
    """What `simulate` writes of them; there are no cues in a firehose."""
    return b"\n".join([event.text for event in given]) + b"\n"  # type: ignore[union-attr]


def _firehose(events: int, path: Path) -> float:
    """Events a second of the shipped firehose, from the first one on."""
    director, written, began = _director(find_scenario("firehose")), 0, perf_counter()
    with path.open("wb") as file:
        while written < events:
            given = director.take(None, SLICE)
            file.write(_lines(given))
            written += len(given)
    return written / (perf_counter() - began)


def _interpreted(path: Path) -> float:
    """The same by the sources as they stand here, in a process that finds them first."""
    code = f"from tests.benchmarks.simulation import firehose_alone; print(firehose_alone({str(path)!r}))"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True)
    return float(done.stdout)


def firehose_alone(path: str) -> float:
    """Events a second, in a process of its own."""
    with _collecting_as_simulate_does():
        return _firehose(EVENTS, Path(path))


def _growth(path: Path) -> float:
    """By how much the process has grown, in MiB, from the millionth event of the firehose to the ten millionth."""
    director, written, before = _director(find_scenario("firehose")), 0, 0
    with path.open("wb") as file:
        while written < MEMORY_EVENTS:
            given = director.take(None, SLICE)
            file.write(_lines(given))
            written += len(given)
            if not before and written >= 1_000_000:
                before = _resident()
            if written % 1_000_000 < SLICE:
                file.seek(0)  # what is measured is the engine, not the disk
    return (_resident() - before) / 1024


def _resident() -> int:
    """The most memory that the process had so far, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _steady_day() -> float:
    """Seconds for a simulated day."""
    scenario = find_scenario("steady-day")
    director, began = _director(scenario, scenario.duration), perf_counter()
    while director.peek() is not None:
        director.take(None, SLICE)
    return perf_counter() - began


def _cost(name: str) -> float:
    """What an event costs with 10,000 peers, in what it costs with 10; what costs without events is left out."""
    behaviour, duration = COSTS[name]
    costs = []
    for peers in (10, 10_000):
        scenario = load(NETWORK.format(peers=peers, behaviour=behaviour), f"{name}.yaml")
        idle = structs.replace(scenario, behaviours={})
        costs.append(min(_seconds_an_event(scenario, idle, duration) for _ in range(3)))
    return costs[1] / costs[0]


def _seconds_an_event(scenario: Scenario, idle: Scenario, duration: int) -> float:
    took, events = _play(scenario, duration)
    assert events >= EVENTS_COUNTED_MIN, f"{events} events say little"
    return (took - _play(idle, duration)[0]) / events


def _play(scenario: Scenario, duration: int) -> tuple[float, int]:
    """Seconds of processor time that it takes once the network is there, and how many events there were."""
    director, events = _director(scenario, duration), 0
    while (at := director.peek()) is not None and at < DEFAULT_START + SETTLED:
        director.take(DEFAULT_START + SETTLED - 1, SLICE)
    began = process_time()
    while director.peek() is not None:
        events += len(director.take(None, SLICE))
    return process_time() - began, events
