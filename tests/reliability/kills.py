"""Kills: what is killed, filled up, stopped, or taken away, and what users have afterwards.

Each is a function that says what happened, in a sentence; one whose promise is not kept raises `BrokenError` with what
was found. Servers are processes of their own.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

import pvws
from pvws.client.control.sync_control import SyncControl
from pvws.files.recordings import open_recording
from pvws.recording.format import Message
from tests.reliability.part import Found, Result
from tests.reliability.served import Served, served, until
from tests.support.nats_server import nats_server
from tests.support.processes import ends

CLIENTS = 50
DRAIN_S = 7.0
"""The closing handshake's grace is 5 s, and one more may pass until all that is left is cut."""
FLUSHED_S = 0.5
"""A recording is flushed every 50 ms; a busy machine may take some more."""
BACK_S = 60.0
RATE = 200
MINUTES = 1.0
SUBSCRIBE = '{"type":"subscribe","topic":"file_operations"}'
TEST = """\
scenario: short
duration: 1h
network: {peers: 2}
expect:
  - {client: subscribes, within: 50m}
"""


class BrokenError(AssertionError):
    """A promise was not kept."""


def run(minutes: float = MINUTES) -> Found:
    """All of them; how long they take does not depend on the minutes."""
    rows: list[dict[str, object]] = []
    for name, kill in KILLS.items():
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                happened, held = kill(Path(folder)), True
            except (AssertionError, OSError, subprocess.SubprocessError, pvws.PvwsError, ConnectionClosed) as error:
                happened, held = f"{type(error).__name__}: {error}", False
        took = round(time.monotonic() - began, 1)
        rows.append({"kill": name, "what happened": happened, "kept": "yes" if held else "NO", "s": took})
    broken = sum(row["kept"] != "yes" for row in rows)
    return Found([Result("kills", len(rows), ""), Result("promises not kept", broken, "", at_most=0)], rows)


def _firehose(
    folder: Path, *arguments: str, port: int = 0, rate: int = RATE, shell: str = ""
) -> AbstractContextManager[Served]:
    wrapped = ("sh", "-c", f'{shell}; exec "$@"', "sh") if shell else ()
    command = ("simulate", "firehose", "--loop", "--set", f"rate={rate}", *arguments)
    return served(folder, *command, port=port, wrapped=wrapped)


def _check(right: object, what: str) -> None:
    if not right:
        raise BrokenError(what)


def _listener(url: str) -> ClientConnection:
    client = connect(url, max_queue=None, compression=None)
    client.send(SUBSCRIBE)
    return client


def _event(client: ClientConnection) -> str:
    return str(client.recv(BACK_S))


# The server


def killed_under_load(folder: Path) -> str:
    """Clients of `pvws.connect` come back to a server that was killed and started again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return asyncio.run(_killed_under_load(folder, port))


async def _killed_under_load(folder: Path, port: int) -> str:
    url = f"ws://localhost:{port}/ws"
    seen = [0] * CLIENTS

    async def follow(number: int) -> None:
        async with pvws.connect(url, topics=["file_operations"]) as events:
            async for _ in events:
                seen[number] += 1

    async def all_have_more(than: list[int]) -> None:
        async with asyncio.timeout(BACK_S):
            while not all(now > before for now, before in zip(seen, than, strict=True)):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    with ExitStack() as stack:
        server = stack.enter_context(_firehose(folder, port=port))
        tasks = [asyncio.create_task(follow(number)) for number in range(CLIENTS)]
        try:
            await all_have_more([0] * CLIENTS)
            server.process.kill()
            server.process.wait()
            await asyncio.sleep(0.1)  # what lies in sockets is read
            before, killed = list(seen), time.monotonic()
            await asyncio.to_thread(stack.enter_context, _firehose(folder, port=port))
            there = time.monotonic()
            await all_have_more(before)
            back = time.monotonic()
            return (
                f"the server was back {there - killed:.1f} s after the kill, "
                f"and {back - there:.1f} s later all {CLIENTS} clients had events again"
            )
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def terminated_under_load(folder: Path) -> str:
    """SIGTERM: who reads gets a close frame, who does not is cut, and it is over within the bound."""
    with _firehose(folder, rate=2_000) as server, ExitStack() as stack:
        clients = [stack.enter_context(_listener(server.url)) for _ in range(CLIENTS)]
        for client in clients:
            _event(client)
        deaf = socket.create_connection(("localhost", int(server.url.rpartition(":")[2].partition("/")[0])))
        stack.callback(deaf.close)
        deaf.sendall(b"GET /ws HTTP/1.1\r\nHost: localhost\r\n")  # a handshake that never comes to its end
        began = time.monotonic()
        code, said = server.end()
        took = time.monotonic() - began
        codes = {_close_code(client) for client in clients}
        _check(code == 0 and "Traceback" not in said, f"exit code {code}: {said}")
        _check(codes == {1001}, f"clients saw the close codes {codes}")
        _check(took <= DRAIN_S, f"it took {took:.1f} s, at most {DRAIN_S}")
        return f"all {CLIENTS} clients read to a close frame 1001; exit code 0 after {took:.1f} s"


def _close_code(client: ClientConnection) -> int | None:
    try:
        while True:
            client.recv(BACK_S)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def stopped(folder: Path) -> str:
    """SIGSTOP for 3 s and SIGCONT, as of a machine that sleeps: nobody is cut, and nothing is missing."""
    with _firehose(folder) as server, _listener(server.url) as client, SyncControl(server.control) as control:
        _event(client)
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(3)
        server.process.send_signal(signal.SIGCONT)
        control.clock.hold(timeout_s=BACK_S)
        control.clock.settle(timeout_s=BACK_S)
        ledger = control.ledger()
        read = 1
        while read < ledger.written:
            _event(client)
            read += 1
        _check(ledger.owed == ledger.written == read, f"{ledger.owed} owed, {ledger.written} written, {read} read")
        late = ledger.lateness.worst_s
        return f"the client stayed and read all {read} events, the latest {late:.1f} s late"


def clock_jumped(folder: Path) -> str:
    """The wall clock jumps by an hour, forward and back: events come as before, nobody is cut."""
    jump = (
        "import sys, time, runpy\n"
        "right, right_ns, began = time.time, time.time_ns, time.monotonic()\n"
        "def ahead():\n"
        "    passed = time.monotonic() - began\n"
        "    return 3_600 if 2 < passed < 3 else -3_600 if 3 <= passed < 4 else 0\n"
        "time.time = lambda: right() + ahead()\n"
        "time.time_ns = lambda: right_ns() + ahead() * 10**9\n"
        "sys.argv[:] = sys.argv[3:]\n"
        "runpy.run_module('pvws', run_name='__main__', alter_sys=True)\n"
    )
    command = ("simulate", "firehose", "--loop", "--set", f"rate={RATE}")
    # What follows it is the ordinary command line: the interpreter, -m and pvws, which it passes over.
    wrapped = (sys.executable, "-c", jump)
    with served(folder, *command, wrapped=wrapped) as server, _listener(server.url) as client:
        gaps, last = list[float](), time.monotonic()
        until_at = last + 6
        while time.monotonic() < until_at:
            _event(client)
            gaps.append(time.monotonic() - last)
            last = time.monotonic()
        code, said = server.end()
        _check("Traceback" not in said and code == 0, f"exit code {code}: {said}")
        wanted = RATE * 6 // 2
        _check(len(gaps) > wanted, f"{len(gaps)} events in 6 s, expected more than {wanted}")
        _check(max(gaps) < 1.5, f"a gap of {max(gaps):.1f} s")
        return f"{len(gaps)} events in 6 s over both jumps, the longest gap {max(gaps) * 1000:.0f} ms"


def files_closed(folder: Path) -> str:
    """Started with no stdin, stdout and stderr it serves."""
    with _firehose(folder, shell="exec <&- >&- 2>&-") as server, _listener(server.url) as client:
        _event(client)
        code, _ = server.end()
        _check(code == 0, f"exit code {code}")
        return "it served, and ended with 0"


def descriptors_used_up(folder: Path) -> str:
    """There are files for 36 clients: that is told, whom it has no room for is told as well, and all is well later."""
    with _firehose(folder, shell="ulimit -n 100") as server:
        port = int(server.url.rpartition(":")[2].partition("/")[0])
        with ExitStack() as stack:
            there = [stack.enter_context(_listener(server.url)) for _ in range(36)]
            turned_away = stack.enter_context(connect(server.url))
            _check("as many as there may be" in _event(turned_away), "who came when it was full was not told")
            for _ in range(100):  # more than files can be opened for, without a word
                stack.enter_context(socket.create_connection(("localhost", port)))
            for client in there:
                _event(client)
        with ExitStack() as stack:
            _check(until(lambda: _lets_in(server.url), BACK_S), "nobody was let in later")
            _event(stack.enter_context(_listener(server.url)))
        code, said = server.end()
        _check(code == 0 and "Traceback" not in said, f"exit code {code}: {said}")
        told = next((line for line in said.splitlines() if "room for" in line), "")
        _check(told, f"it said nothing of it: {said}")
        return f'"{told}"; who was there had events all the time, who was one too many was told, later ones were let in'


def _lets_in(url: str) -> bool:
    try:
        with connect(url) as client:
            client.send('{"type":"ping"}')
            return '"pong"' in str(client.recv(BACK_S))
    except (OSError, WebSocketException):
        return False


# Recordings


def recording_killed(folder: Path) -> str:
    """SIGKILL while it records: all that was sent until half a second before is in the file."""
    out = folder / "a.pvrec.jsonl"
    with _firehose(folder, "--record", str(out), rate=2_000) as server, _listener(server.url) as client:
        for _ in range(1_000):
            _event(client)
        with SyncControl(server.control) as control:
            events = control.state().events.total
        time.sleep(FLUSHED_S)
        server.process.kill()
        server.process.wait()
        found = _recorded(out)
        _check(found >= events, f"{found} entries, and {events} events {FLUSHED_S} s before")
        return f"{events:,} events had been sent {FLUSHED_S:g} s before the kill; {found:,} were read from the file"


def _recorded(path: Path) -> int:
    with open_recording(str(path)) as recording:
        return sum(isinstance(each, Message) for each in recording)


def disk_full(folder: Path) -> str:
    """The disk is full while it records: that is told, clients have their events, and what was kept can be read."""
    out = folder / "a.pvrec.jsonl"
    # A file may grow to 256 KiB and no further, which a full disk is for who writes.
    shell = f"trap '' XFSZ; ulimit -f {256 if _blocks_are_kib() else 512}"
    with _firehose(folder, "--record", str(out), rate=2_000, shell=shell) as server, _listener(server.url) as client:
        _check(until(lambda: "can't be written" in server.said, BACK_S), f"it said: {server.said}")
        for _ in range(2_000):
            _event(client)
        code, said = server.end()
        found = _recorded(out)
        _check("Traceback" not in said, said)
        _check(code == 1, f"exit code {code}, expected 1 since not all was recorded")
        _check(found > 0, "nothing can be read")
        sentence = next(line for line in said.splitlines() if out.name in line).replace(str(folder) + os.sep, "")
        return f'"{sentence}"; the client had its events, {found:,} entries were read'


def _blocks_are_kib() -> bool:
    """Of what size the blocks of this shell's `ulimit -f` are."""
    said = subprocess.run(
        ["sh", "-c", "ulimit -f 2; exec " + sys.executable + ' -c "import resource; print(resource.getrlimit(1)[0])"'],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return int(said) == 2_048


# What is beside it


def trial_killed(folder: Path) -> str:
    """`pvws test` is killed: its client, in a session of its own or not, and its children end."""
    (folder / "short.yaml").write_text(TEST)
    pids = folder / "pids"
    script = "import os, subprocess, sys, time\nchild = subprocess.Popen(['sleep', '600'])\n"
    script += f"open({str(pids) + '~'!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
    script += f"os.rename({str(pids) + '~'!r}, {str(pids)!r})\ntime.sleep(600)\n"
    command = [sys.executable, "-m", "pvws", "test", str(folder / "short.yaml"), "--", sys.executable, "-c", script]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as trial:
        try:
            _check(until(pids.exists, BACK_S), "the client was not started")
        finally:
            trial.kill()
    left = [pid for pid in map(int, pids.read_text().split()) if not ends(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    _check(not left, f"{len(left)} processes went on")
    return "the client and its child ended"


def nats_killed(folder: Path) -> str:
    """NATS is killed and started again under a simulation and a node: the node's client has every event, once."""
    nodes = folder / "node"
    nodes.mkdir()
    with nats_server(folder / "nats") as nats, ExitStack() as stack:
        bus = ("--bus", f"{nats.url}/kills")
        source = stack.enter_context(_firehose(folder, *bus))
        node = stack.enter_context(served(nodes, "serve", *bus))
        first, second = (stack.enter_context(_listener(each.url)) for each in (source, node))
        for client in (first, second):
            _event(client)
        nats.kill()
        for _ in range(RATE):
            _event(first)
        nats.start()
        began = time.monotonic()
        common, doubled = _common(first, second)
        for each in (node, source):
            code, said = each.end()
            _check(code == 0 and "Traceback" not in said, f"exit code {code}: {said}")
        _check(not doubled, f"{doubled} events came twice")
        return (
            f"the node's client had all {common} events that the source's had, {time.monotonic() - began:.1f} s later"
        )


def _common(first: ClientConnection, second: ClientConnection) -> tuple[int, int]:
    """Read both until the second has had what the first had: how many of these, and how many came twice."""
    wanted = [_event(first) for _ in range(2 * RATE)]
    missing, seen, doubled = set(wanted), set[str](), 0
    until_at = time.monotonic() + BACK_S
    while missing:
        _check(time.monotonic() < until_at, f"the node's client misses {len(missing)} of {len(wanted)} events")
        text = _event(second)
        doubled += text in seen
        seen.add(text)
        missing.discard(text)
    return len(wanted), doubled


KILLS: Mapping[str, Callable[[Path], str]] = {
    "SIGKILL of the server under load, and a restart": killed_under_load,
    "SIGTERM under load": terminated_under_load,
    "SIGSTOP for 3 s": stopped,
    "the wall clock jumps by an hour, and back": clock_jumped,
    "started without stdin, stdout and stderr": files_closed,
    "no more files can be opened": descriptors_used_up,
    "SIGKILL while recording": recording_killed,
    "the disk is full while recording": disk_full,
    "SIGKILL of `pvws test`": trial_killed,
    "SIGKILL of NATS, and a restart": nats_killed,
}
"""What is done, by what it is called on the page."""
