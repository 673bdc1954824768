"""The matrix: every kind of fault, what clients make of it, if they are there again, and whether the ledger is true.

All clients are on one server at once, and a fault is for all of them. What a client did is taken from the server's
journal, and that it reads again from a pong that it sends behind the last event: so nothing is asked of a client but
what clients do.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pvws.answers import JournalEntry
from pvws.client.control.sync_control import SyncControl
from pvws.errors import PvwsError
from pvws.wire.topics import TOPICS
from tests.exam.subjects import CONNECTED, REFERENCE, reconnecting
from tests.reliability.part import Found, Result
from tests.reliability.served import served, until

CASES: Mapping[str, str] = {
    "latency": "latency: 300ms +- 200ms",
    "bandwidth": "bandwidth: 4 KiB/s",
    "drop": "drop: 50%",
    "duplicate": "duplicate: 50%",
    "reorder": "reorder: 4",
    "corrupt": "corrupt: {how: any, share: 20%}",
    "stale": "stale: 1h",
    "unknown_type": "unknown_type: 50%",
    "join": "join: 3",
    "fragment": "fragment: 16",
    "empty": "empty: 20%",
    "oversize": "oversize: {size: 2 MiB, share: 5%}",
    "stall": "stall: on",
    "no_pong": "no_pong: on",
    "close": "close: 1012",
    "reset": "reset: on",
    "half_close": "half_close: on",
    "revoke": "revoke: on",
    "rate_limit": "rate_limit: 1s",
    "hang": "hang: on",
    "slow_handshake": "slow_handshake: 1s",
    "status": "status: 503",
    "refuse": "refuse: on",
    "restart": "restart: 1s",
}
"""How each kind of fault is written here; a test holds that none is missing."""

HANDSHAKES = ("hang", "slow_handshake", "status", "refuse")
"""Those that only who comes meets: everybody is told goodbye meanwhile."""

GIVES_UP = ("revoke",)
"""Those after which a good client does not come back (contract: AUTH_FAILED)."""

OURS = ("reference", "pvws.connect")
"""Those that are known to do all that a good client does."""

LASTS_S = 2.0
BACK_S = 30.0
MINUTES = 2.0

SCENARIO = """\
scenario: matrix
seed: 3
network: {peers: 8, replication: 1, capacity: 64 GiB}
behaviours:
  uploads: {rate: 25/s, size: 16 KiB}
  deletes: {rate: 25/s}
"""


def run(minutes: float = MINUTES) -> Found:
    """Every fault; its time grows and shrinks with the minutes."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "matrix.yaml").write_text(SCENARIO)
        with (
            served(Path(folder), "simulate", f"{folder}/matrix.yaml", "--duration", "24h") as server,
            ExitStack() as stack,
        ):
            control = stack.enter_context(SyncControl(server.control, timeout_s=BACK_S))
            matrix = _Matrix(control, server.url, stack)
            rows = [matrix.case(kind, LASTS_S * minutes / MINUTES) for kind in CASES]
            matrix.end()
            code, said = server.end()
    names = list(matrix.clients)
    results = [
        Result("faults", len(rows), ""),
        Result(
            "clients that were not there again",
            sum("not back" in str(row[name]) for row in rows for name in names),
            "",
            at_most=0,
        ),
        Result(
            "faults after which the ledger was not true", sum(row["ledger"] != "true" for row in rows), "", at_most=0
        ),
        Result("tracebacks in the server's log", said.count("Traceback"), "", at_most=0),
        Result("exit code after SIGTERM", abs(code), "", at_most=0),
    ]
    return Found(results, rows, {"clients": names})


class _Matrix:
    """Clients that are there, and what a fault does to them."""

    def __init__(self, control: SyncControl, url: str, stack: ExitStack) -> None:
        self.clients: dict[str, Sequence[str]] = {"reference": REFERENCE, "pvws.connect": CONNECTED}
        node = shutil.which("node")
        if node and (Path(__file__).parents[1] / "node" / "node_modules" / "ws").is_dir():
            self.clients["ws of npm"] = reconnecting(Path(node), "reconnecting-websocket")
        self._control = control
        self._url = url
        self._stack = stack
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._start()

    def case(self, kind: str, seconds: float) -> dict[str, object]:
        """Have a fault begin and end, and see what becomes of it."""
        before = self._control.journal.entries().last
        fault = self._control.faults.add(f"{CASES[kind]}, name: case")
        if kind in HANDSHAKES:
            self._control.disconnect(clients="all", code=1012)
        time.sleep(seconds)  # what is measured is what happens meanwhile
        effects = self._removed(fault.id)
        over = time.monotonic()
        row: dict[str, object] = {"fault": CASES[kind], "effects": effects}
        back = dict.fromkeys(self.clients, 0.0)
        until(lambda: self._all_back(back, over), BACK_S)
        true = self._ledger()
        entries = self._control.journal.entries(after=before).entries
        for name in self.clients:
            row[name] = self._told(kind, name, back[name], entries)
        row["ledger"] = true
        self._start()
        return row

    def end(self) -> None:
        """Have all clients go."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.wait(BACK_S)

    def _start(self) -> None:
        """Start those that do not run, and wait until all are subscribed to everything."""
        for name, command in self.clients.items():
            if name not in self._running or self._running[name].poll() is not None:
                self._running[name] = self._stack.enter_context(_client(command, f"{self._url}?client={_word(name)}"))
        there = until(lambda: len(self._subscribed()) == len(self.clients), BACK_S)
        assert there, f"expected {', '.join(self.clients)} to subscribe, found {self._subscribed()}"

    def _subscribed(self) -> set[str]:
        """Who is subscribed to everything, by its word."""
        return {each.name or "" for each in self._control.clients() if len(each.topics) == len(TOPICS)}

    def _all_back(self, back: dict[str, float], over: float) -> bool:
        subscribed = self._subscribed()
        for name in self.clients:
            if _word(name) in subscribed:
                back[name] = back[name] or max(time.monotonic() - over, 0.001)
        gone = [name for name in self.clients if self._running[name].poll() is not None]
        return all(back[name] or name in gone for name in self.clients)

    def _removed(self, fault: str) -> str:
        try:
            told = self._control.faults.get(fault).effects
            self._control.faults.remove(fault)
        except PvwsError:  # what is done once is over by now, and the ledger knows of it
            done = self._control.ledger().faults
            told = next((counts for name, counts in done.items() if name.startswith(fault)), {})
        return ", ".join(f"{word} {count:,}" for word, count in sorted(told.items())) or "none"

    def _ledger(self) -> str:
        """Whether, with the clock held, everybody acknowledges the last event and the ledger adds up."""
        clock = self._control.clock
        clock.hold(timeout_s=BACK_S)
        moved = clock.advance("1ms", ack=True, timeout_s=BACK_S)
        ledger = self._control.ledger()
        clock.resume()
        if moved.stragglers:
            return f"{len(moved.stragglers)} did not acknowledge"
        if ledger.pending or ledger.owed != ledger.written + ledger.lost:
            return f"{ledger.owed} owed, {ledger.written} written, {ledger.lost} lost, {ledger.pending} pending"
        return "true"

    def _told(self, kind: str, name: str, back: float, entries: Sequence[JournalEntry]) -> str:
        own = [each for each in entries if each.name == _word(name)]
        ended = self._running[name].poll() is not None
        if kind in GIVES_UP and ended:
            return "gave up, as it must"
        if kind in GIVES_UP and name in OURS:
            return "not back: it was to give up, and has not"
        if not back:
            return "not back: it has ended" if ended else "not back"
        if not any(each.did == "disconnects" for each in own):
            return "stayed"
        return f"back {back:.1f} s after" if back > 0.3 else "came back"


@contextmanager
def _client(command: Sequence[str], url: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        command,
        env=os.environ | {"PVWS_URL": url},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _word(name: str) -> str:
    return name.replace(" ", "-").replace(".", "-")
