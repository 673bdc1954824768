"""What one client under faults costs the others: 999 beside one that reads, and beside one that reads under faults.

It is the same run but for the fault, with our own server as a process of its own on one core. What an event costs on
its way through faults, to the one client alone, is measured apart.
"""

import asyncio
import socket
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from msgspec import structs

from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.spec import read_fault
from pvws.server.encoder import Plain
from pvws.server.hub import Hub
from pvws.server.settings import SlowConsumer
from pvws.server.subscriber import Subscriber
from pvws.sim.chance import Stream
from pvws.sim.source import Timed
from pvws.stage.errands import Errands
from pvws.testing.frames import client_frame
from pvws.testing.load.house import TOPIC, Plan, house_command
from pvws.testing.load.measures import Delivery, house_delivery
from pvws.testing.load.metronome import Metronome
from pvws.testing.talk import KEY
from pvws.testing.target import Target
from pvws.wire.frames import Opcode
from tests.benchmarks.result import Result

OTHERS = 999
ROUNDS = 7  # pairs of runs, one straight behind the other: a machine is faster in one minute than in the next
FAULT = "duplicate: 10%"
SEVERAL = ("drop: 10%", FAULT, "reorder: 3", "corrupt: {how: any, share: 10%}")
PLAN = Plan(600.0, events=10_000, at_once=50)
COST_MAX = 1.1
"""Of what a run costs without faults: the same bound as beside a client that never reads."""


def run() -> list[Result]:
    """All of it; half a minute."""
    ratios: list[float] = []
    failures = 0
    for _ in range(ROUNDS):
        without, under_one = (_measured(under_a_fault=under_a_fault) for under_a_fault in (False, True))
        for found in (without, under_one):
            failures += found.reckoning.lost + found.reckoning.disordered + found.reckoning.repeated + found.gone
        ratios.append((under_one.cpu_us or 0.0) / (without.cpu_us or 1.0))
    return [
        Result("CPU with one under a fault, median", statistics.median(ratios), "times", at_most=COST_MAX),
        Result("lost, repeated, disordered at the others", failures, "messages", at_most=0),
        *(
            Result(f"an event to one under {name}", _own_cost(faults), "us")
            for name, faults in (("a fault", (FAULT,)), ("four faults", SEVERAL))
        ),
    ]


def _measured(*, under_a_fault: bool) -> Delivery:
    """One run; the client that may be under a fault is the last to come."""
    faults = (f"{FAULT}, topics: [{TOPIC}], client: {OTHERS + 1}",) if under_a_fault else ()
    plan = structs.replace(PLAN, faults=faults)
    return house_delivery(house_command(plan), plan, OTHERS, beside=_one_that_reads)


def _own_cost(faults: Sequence[str]) -> float:
    """The CPU time, in microseconds, of an event on its way through faults to one client, and to nobody else."""
    return min(asyncio.run(_passage(faults)) for _ in range(ROUNDS)) / (PLAN.events or 1)


async def _passage(faults: Sequence[str]) -> float:
    hub, errands = Hub(asyncio.get_running_loop()), Errands()
    member = Subscriber(lambda data: None, Plain(), SlowConsumer(), lambda: None)
    hub.join(member, frozenset({TOPIC}))
    lane = hub.lane(member, lambda: 0, errands.put)
    for number, text in enumerate(faults):
        spec = read_fault(text)
        assert isinstance(spec.fault, MessageFault), "those above are of messages"
        lane.add(f"f{number}", spec, spec.fault.effect(Stream(0, text), Did()))
    source, events = Metronome(TOPIC, None, PLAN.events, PLAN.at_once), list[Timed]()
    while source.peek() is not None:
        events += cast(list[Timed], source.take(None, 256))
    cpu = time.process_time()
    for place in range(0, len(events), PLAN.at_once or 1):
        hub.publish_all(events[place : place + (PLAN.at_once or 1)])
        hub.flush()
    return (time.process_time() - cpu) * 1_000_000


@contextmanager
def _one_that_reads(url: str) -> Iterator[None]:
    """A client more, which reads as fast as it can and keeps nothing."""
    target = Target(url)
    reader = _Reader(target.host, target.port)
    try:
        yield
    finally:
        reader.end()


class _Reader:
    """A client in a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port))
        head = f"GET /ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        self._socket.sendall(f"{head}Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        subscribe = f'{{"type":"subscribe","topic":"{TOPIC}"}}'.encode()
        self._socket.sendall(client_frame(Opcode.TEXT, subscribe) + client_frame(Opcode.TEXT, b'{"type":"ping"}'))
        seen = b""
        while b'"pong"' not in seen:
            seen += self._socket.recv(65_536)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        room = bytearray(1 << 20)
        try:
            while self._socket.recv_into(room):
                pass
        except OSError:
            pass

    def end(self) -> None:
        """Go."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()


if __name__ == "__main__":
    for result in run():
        print(f"{result.name:<50} {result.value:>14,.3f} {result.unit:<8} {'' if result.kept else 'MISSED'}")
