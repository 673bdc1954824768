"""The soak: half an hour of bursts, faults that switch on and off, and clients that come and go; nothing may grow.

The server is `pvws simulate` in a process of its own. Most clients are steady (`tests.reliability.steady`): what each
gets is compared byte by byte. The others are restless (`tests.reliability.restless`): faults, added over the control
plane and chosen by a seed, are aimed at them alone. What the server's process takes is read from `/ws/metrics`, as any
user can.
"""

import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

from pvws.client.control.sync_control import SyncControl
from pvws.errors import PvwsError
from pvws.ledgers import DeliveryReport
from pvws.testing.load.process import ServerProcess
from pvws.testing.target import Target
from pvws.testing.trial.watchdog import Watchdog
from pvws.wire.topics import TOPICS
from tests.reliability.part import Found, Result
from tests.reliability.probe import NAME, Probe
from tests.reliability.served import served, until

CLIENTS = 1_000
RESTLESS_SHARE = 0.1
MINUTES = 30.0
SEED = 1
SAMPLES = 60
FAULTS_A_CLIENT_AND_S = 0.02
FAULT_LASTS_S = (1.0, 10.0)
SETTLE_S = 60.0

SCENARIO = """\
scenario: soak
seed: 7
network:
  peers: 32
  capacity: 64 GiB
  bandwidth: {uniform: {from: 80 MB, to: 120 MB}}
  latency: {uniform: {from: 500us, to: 5ms}}
  replication: 1
behaviours:
  uploads: {rate: 10/s, size: {lognormal: {median: 16 KiB, sigma: 1, max: 1 MiB}}}
  deletes: {rate: 10/s}
  churn: {rate: 6/min, downtime: 2s}
  metrics: {every: 5s}
timeline:
  - {every: 15s, do: burst, behaviour: uploads, factor: 100, for: 3s}
  - {every: 15s, do: burst, behaviour: deletes, factor: 100, for: 3s}
"""
"""20 events a second, and every 15 s for 3 s 2,000: as many files go as come, so the network stays as large."""

_EVENTS = f"topics: [{', '.join(TOPICS)}]"
FAULTS = (
    *("latency: 300ms +- 200ms", "latency: 2s", "bandwidth: 64 KiB/s", "stall: on", "no_pong: on", "drop: 20%"),
    *("drop: 100%", f"duplicate: 20%, {_EVENTS}", "reorder: 8", "join: 3", "fragment: 64", "stale: 1h"),
    *(f"unknown_type: 10%, {_EVENTS}", "close: 1012", "close: none", "reset: on", "half_close: on", "revoke: on"),
    *("rate_limit: 2s", "hang: on", "slow_handshake: 1s +- 500ms", "status: 503"),
)
"""Those that leave each event a text of its own, so that they can be counted on both sides. Answers stay what they are:
a second pong, or one of another type, would count as an event.
"""
UNCOUNTABLE = (("join", "duplicate"), ("duplicate", "drop"))
"""Which fault may not come behind which on one client's way: of several events that are doubled as one message, and of
copies of which one was lost, the ledger doesn't say how often an event came.
"""


def run(minutes: float = MINUTES, clients: int = CLIENTS, seed: int = SEED) -> Found:
    """All of it."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        path = Path(folder)
        (path / "soak.yaml").write_text(SCENARIO)
        (path / "pvws.yaml").write_text(f"websocket: {{limits: {{max_connections: {clients * 2 + 64}}}}}\n")
        command = ("simulate", str(path / "soak.yaml"), "--duration", "24h", "--config", str(path / "pvws.yaml"))
        server = stack.enter_context(served(path, *command))
        soak = _Soak(server.url, server.control, clients, Random(seed), stack)
        soak.live(minutes * 60)
        soak.settle()
        soak.leave()
        code, said = server.end()
        return soak.found(code, said, {"minutes": minutes, "clients": clients, "seed": seed})


class _Soak:
    """Order of calls: `live`, `settle`, `leave`, `found`."""

    def __init__(self, url: str, control: str, clients: int, chance: Random, stack: ExitStack) -> None:
        self._target = Target(url)
        self._control = stack.enter_context(SyncControl(control, timeout_s=SETTLE_S))
        self._chance = chance
        self._restless = max(1, int(clients * RESTLESS_SHARE))
        self._steady = clients - self._restless
        self._faults = 0
        self._odd: list[str] = []
        self._disconnects: dict[str, int] = {}
        self._samples: list[dict[str, float]] = []
        self._control.info()  # its connection is kept, and counted below
        self._before = self._metrics()["process"]
        self._probe = Probe(url)
        stack.callback(self._probe.close)
        self._crowd = stack.enter_context(_load("steady", url, self._steady))
        self._others = stack.enter_context(_load("restless", url, self._restless, chance.randrange(1 << 30)))
        for each in (self._crowd, self._others):
            each.hear()
        self._after: dict[str, float] = {}
        self._heard: dict[str, Any] = {}
        self._ledger = DeliveryReport()

    def live(self, seconds: float) -> None:
        """Have faults begin and end, and look at the process now and then."""
        began = time.monotonic()
        period = seconds / SAMPLES
        self._probe.window()
        next_sample, next_fault = began + period, began
        while (now := time.monotonic()) < began + seconds:
            if now >= next_fault:
                self._afflict()
                next_fault += self._chance.expovariate(self._restless * FAULTS_A_CLIENT_AND_S)
            if now >= next_sample:
                self._sample(now - began)
                next_sample += period
            time.sleep(max(0.0, min(next_sample, next_fault, began + seconds) - time.monotonic()))

    def settle(self) -> None:
        """All faults end, all clients are there and have got everything; then both sides are asked what that was."""
        self._control.faults.clear()
        self._others.tell()
        self._others.hear()
        self._control.clock.hold(timeout_s=SETTLE_S)
        until(lambda: self._control.clock.settle(timeout_s=SETTLE_S).complete, 5 * SETTLE_S)
        for each in (self._crowd, self._others):
            each.tell()
            self._heard |= each.hear()
        self._heard["fenced"] = self._probe.fence(SETTLE_S)
        self._ledger = self._control.ledger()

    def leave(self) -> None:
        """Everybody goes; return once the server has seen it."""
        self._probe.close()
        for each in (self._crowd, self._others):
            each.tell()
        until(lambda: not self._metrics()["websocket"]["active_connections"], SETTLE_S)
        told = self._metrics()
        self._after, self._disconnects = told["process"], told["websocket"]["disconnects"]

    def _afflict(self) -> None:
        seconds = self._chance.uniform(*FAULT_LASTS_S)
        active = self._control.faults.list()
        if active and self._chance.random() < 0.2:  # one is ended by hand instead of by its time
            self._end(self._chance.choice(active).id)
        number = self._chance.randrange(self._restless)
        suffers = {each.kind for each in active if each.scope.get("client") == f"r{number}"}
        fault = self._chance.choice([each for each in FAULTS if countable(each, suffers)])
        self._control.faults.add(f"{fault}, client: r{number}, for: {round(seconds * 1000)}ms")
        self._faults += 1

    def _end(self, fault: str) -> None:
        with suppress(PvwsError):  # its time may be over meanwhile
            self._control.faults.remove(fault)

    def _sample(self, at: float) -> None:
        told, late = self._metrics(), self._probe.window()
        process, stage = told["process"], told["stage"]
        self._samples.append(
            {
                "at_s": round(at, 1),
                "resident_mib": round(process.get("resident_bytes", 0) / (1 << 20), 1),
                "descriptors": process.get("open_descriptors", 0),
                "tasks": process["tasks"],
                "blocks": process["allocated_blocks"],
                "cpu_s": round(process["cpu_s"], 1),
                "events": stage["events"],
                "clients": told["websocket"]["active_connections"],
                "pending": stage["deliveries"]["pending"],
                "late_p50_ms": late.share(0.5) / 1000,
                "late_p99_ms": late.share(0.99) / 1000,
            }
        )

    def _metrics(self) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self._target.host, self._target.port, timeout=SETTLE_S)
        try:
            connection.request("GET", "/ws/metrics")
            found: dict[str, Any] = json.load(connection.getresponse())
            return found
        finally:
            connection.close()

    # The outcome

    def found(self, code: int, said: str, facts: dict[str, object]) -> Found:
        """What came of it."""
        counts = self._heard["counts"]
        facts |= {
            "events": self._ledger.events,
            "deliveries": self._ledger.owed,
            "faults": self._faults,
            "connections": counts["connected"] + self._steady + 1,
            "left": counts.get("left", 0) + counts.get("vanished", 0),
            "ended_by_server_or_fault": counts.get("ended", 0),
            "refused": counts.get("refused", 0),
            "deaf": counts.get("deaf", 0),
            "disconnects": self._disconnects,
            "effects": _summed(self._ledger.faults.values()),
        }
        facts["odd"] = self._odd
        results = [
            *grown(self._samples),
            *self._emptied(),
            *self._reckoned(),
            Result("tracebacks in the server's log", said.count("Traceback"), "", at_most=0),
            Result("exit code after SIGTERM", code, "", at_most=0),
        ]
        return Found(results, [each for number, each in enumerate(self._samples) if number % 6 == 5], facts)

    def _emptied(self) -> Iterator[Result]:
        """What is left over once everybody has gone, beyond what was there before anybody came."""
        for name, key in (("descriptors", "open_descriptors"), ("tasks", "tasks")):
            more = self._after.get(key, 0) - self._before.get(key, 0)
            yield Result(f"{name} left over when all have gone", more, "", at_most=0)

    def _reckoned(self) -> Iterator[Result]:
        ledger, counts = self._ledger, self._heard["counts"]
        by_name = {each.name: each for each in ledger.clients if each.connected}
        steady = [each for each in ledger.clients if each.connected and each.name is None]
        yield Result("deliveries neither written nor lost", ledger.owed - ledger.written - ledger.lost, "", at_most=0)
        wrong = abs(sum(each.written for each in steady) - self._heard["messages"])
        yield Result("steady clients: written and not read", wrong, "messages", at_most=0)
        for key in ("lost", "repeated", "disordered", "strange"):
            yield Result(f"steady clients: {key}", self._heard["reckoning"][key], "messages", at_most=0)
        yield Result("steady clients: ended by the server", self._heard["gone"], "clients", at_most=0)
        wrong = 0
        for name, events in (*self._heard["events"].items(), (NAME, self._probe.events)):
            sent = by_name[name].written + by_name[name].faults.get("duplicated", 0)
            wrong += abs(sent - events)
            if sent != events:
                self._odd.append(f"{name}: {sent} sent, {events} read; {by_name[name].faults}")
        yield Result("restless clients: sent and not read, of who is here", wrong, "messages", at_most=0)
        duplicated = _summed(ledger.faults.values()).get("duplicated", 0)
        received = self._heard["messages"] + counts["events"] + self._probe.events
        on_the_way = ledger.written + duplicated - received
        yield Result("read and never sent", max(0, -on_the_way), "messages", at_most=0)
        yield Result("lost by faults, or by who was too slow or went", ledger.lost, "messages")
        yield Result("on their way to who went, or was cut", max(0, on_the_way), "messages")


def countable(fault: str, suffers: Collection[str]) -> bool:
    """Whether what comes to a client can be counted with one more fault, behind others of these kinds."""
    kind = fault.partition(":")[0]
    return not any(behind == kind and before in suffers for before, behind in UNCOUNTABLE)


def grown(samples: Sequence[dict[str, float]]) -> Iterator[Result]:
    """Of what must not grow: what it was early, once all were warm, and at the end; and what more it may be then.

    In half an hour the stage's journal and the ledger's memories, which are bounded, are full before the second fifth.
    """
    fifth = max(1, len(samples) // 5)
    early, late = samples[fifth : 2 * fifth] or samples, samples[-fifth:]
    for key, name, unit, times, more in (
        ("resident_mib", "resident memory", "MiB", 1.05, 10.0),
        ("blocks", "allocated blocks", "", 1.05, 30_000.0),
        ("descriptors", "open descriptors", "", 1.0, 20.0),
        ("tasks", "tasks", "", 1.0, 10.0),
        ("late_p50_ms", "read late, p50", "ms", 1.5, 5.0),
        ("late_p99_ms", "read late, p99", "ms", 1.5, 100.0),
    ):
        before, after = (statistics.median(each[key] for each in part) for part in (early, late))
        yield Result(f"{name}, early", before, unit)
        yield Result(f"{name}, at the end", after, unit, at_most=round(before * times + more, 1))


def _summed(effects: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for each in effects:
        for name, times in each.items():
            total[name] = total.get(name, 0) + times
    return total


@contextmanager
def _load(module: str, *arguments: object) -> Iterator[ServerProcess]:
    """A process of clients, which ends with this one however that ends."""
    command = [sys.executable, "-m", f"tests.reliability.{module}", *map(str, arguments)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    )
    watchdog = Watchdog(process.pid)
    try:
        yield ServerProcess(process)
    finally:
        process.kill()
        process.communicate()
        watchdog.release()
