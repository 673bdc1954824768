"""How much is delivered to many, how late, and what connections cost: ours beside those that it is compared with.

The server has one core and the load client another. Every byte that arrives is compared; one message that is lost,
repeated or out of order is a miss.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pvws.testing.load.house import Plan
from pvws.testing.load.measures import Delivery, house_delivery, measure_house
from tests.benchmarks.result import Result
from tests.benchmarks.rivals import NODE, RIVALS, rival_command

CLIENTS = 1_000
ROUNDS = 2
ROUNDS_COMPARED = 5  # of a ratio near 1: the best of two differ by a tenth for no reason
LOOPS = ("uvloop", "asyncio")
SATURATED = Plan(4.0)
"""The engine, as fast as it goes."""
ONE_BY_ONE = Plan(600.0, events=600, at_once=1)
"""Each event in a turn of the event loop of its own."""
FIFTY = Plan(600.0, events=10_000, at_once=50)
PUNCTUAL = Plan(5.0, rate=1_000.0)
MANY = 10_000
A_HUNDRED = Plan(600.0, events=100)

SATURATED_MIN = 5_000_000.0
ONE_BY_ONE_MIN = 250_000.0
LATENCY_MS_MAX = 5.0
KIB_MAX = 8.0
COMPRESSED_KIB_MAX = 20.0
CONNECTED_S_MAX = 1.0
STALLED_COST_MAX = 1.1


def run() -> list[Result]:
    """All of it; some two minutes."""
    wrong: list[Delivery] = []
    results = [*_rates(wrong), *_stalled(wrong), *_latencies(wrong), *_connections(wrong)]
    failures = sum(_failures(found) for found in wrong)
    return [*results, Result("lost, repeated, disordered", failures, "messages", at_most=0)]


def _rates(wrong: list[Delivery]) -> Iterator[Result]:
    found: dict[str, list[Delivery]] = {}
    for _ in range(ROUNDS):
        for name, plan in (("engine at its fastest", SATURATED), ("one event a turn", ONE_BY_ONE)):
            for loop in LOOPS:
                with _on(loop):
                    found.setdefault(f"{name}, {loop}", []).append(measure_house(plan, CLIENTS))
        for rival in (*RIVALS, NODE):
            delivery = _rival(rival, ONE_BY_ONE)
            if delivery is not None:
                found.setdefault(f"one event a turn, {rival}", []).append(delivery)
    bounds = {"engine at its fastest, uvloop": SATURATED_MIN, "one event a turn, uvloop": ONE_BY_ONE_MIN}
    for name, deliveries in found.items():
        if name.rpartition(", ")[2] in LOOPS:
            wrong += deliveries
        yield Result(name, max(each.messages_a_second for each in deliveries), "msg/s", at_least=bounds.get(name))
        yield Result(f"  CPU of a message, {name}", min(each.cpu_us or 0.0 for each in deliveries) * 1_000, "ns")


def _rival(name: str, plan: Plan, clients: int = CLIENTS) -> Delivery | None:
    with tempfile.TemporaryDirectory() as folder:
        command = rival_command(name, plan, clients, Path(folder))
        return None if command is None else house_delivery(command[0], plan, clients, folder=command[1])


def _stalled(wrong: list[Delivery]) -> Iterator[Result]:
    """What a message costs with one client more that never reads, in what it costs without."""
    costs: dict[int, float] = {}
    for _ in range(ROUNDS_COMPARED):
        for stalled in (0, 1):
            found = measure_house(FIFTY, CLIENTS, stalled=stalled)
            wrong.append(found)
            costs[stalled] = min(costs.get(stalled, float("inf")), found.cpu_us or 0.0)
    yield Result("CPU with one who never reads", costs[1] / costs[0], "times", at_most=STALLED_COST_MAX)


def _latencies(wrong: list[Delivery]) -> Iterator[Result]:
    for loop in LOOPS:
        with _on(loop):
            found = min((measure_house(PUNCTUAL, 100) for _ in range(ROUNDS)), key=lambda each: each.latency_p99 or 0)
        wrong.append(found)
        name = f"due to read, 1,000/s to 100, {loop}"
        bound = LATENCY_MS_MAX if loop == "uvloop" else None
        yield Result(f"{name}: p50", (found.latency_p50 or 0) / 1_000, "ms")
        yield Result(f"{name}: p99", (found.latency_p99 or 0) / 1_000, "ms", at_most=bound)


def _connections(wrong: list[Delivery]) -> Iterator[Result]:
    quick = min((measure_house(A_HUNDRED, CLIENTS) for _ in range(ROUNDS)), key=lambda each: each.connected_s)
    plain, compressed = (measure_house(A_HUNDRED, MANY, compress=compress) for compress in (False, True))
    wrong += [quick, plain, compressed]
    yield Result("1,000 connect", quick.connected_s, "s", at_most=CONNECTED_S_MAX)
    for name, found, bound in (("", plain, KIB_MAX), (", compressed", compressed, COMPRESSED_KIB_MAX)):
        yield Result(f"one of 10,000{name}", found.connection_kib_after or 0.0, "KiB", at_most=bound)
        yield Result(f"10,000{name}, all receiving", found.reckoning.reach, "clients", at_least=MANY)
    rival = _rival("websockets.broadcast", Plan(600.0, events=1))
    if rival is not None:
        yield Result("one of 1,000, websockets.serve", rival.connection_kib_after or 0.0, "KiB")


def _failures(found: Delivery) -> int:
    wrong = found.reckoning
    return wrong.lost + wrong.repeated + wrong.disordered + wrong.strange + found.gone + (found.intact is False)


@contextmanager
def _on(loop: str) -> Iterator[None]:
    """Servers that are started meanwhile run on this event loop."""
    before = os.environ.get("PVWS_EVENT_LOOP")
    os.environ["PVWS_EVENT_LOOP"] = loop
    try:
        yield
    finally:
        if before is None:
            del os.environ["PVWS_EVENT_LOOP"]
        else:
            os.environ["PVWS_EVENT_LOOP"] = before


if __name__ == "__main__":
    for result in run():
        print(
            f"{result.name:<50} {result.value:>14,.3f} {result.unit:<8} {'' if result.kept else 'MISSED'}", flush=True
        )
