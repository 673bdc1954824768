"""Users for Locust, as processes: what Locust's statistics say of them is what the servers' ledgers say.

Locust makes everything that blocks cooperative in the process that imports it, so no test imports it.
"""

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
from asyncio.subprocess import STDOUT, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from pvws.scenario.faults.spec import read_fault
from pvws.server.settings import Auth, Configuration
from pvws.session.access import Token
from pvws.stage.following import Following
from pvws.stage.journal import Wanted
from pvws.stage.leading import Leading
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.wire.topics import TOPICS
from tests.house.modules import ROOT
from tests.support.nats_server import bus_of, nats_server, new_world, until
from tests.support.snippets import texts
from tests.support.staged import HERE, story

USERS = 4  # of each server
STORY = """
scenario: story
duration: 5m
network: {peers: 6, capacity: 1 GiB}
behaviours: {uploads: {rate: 10/s, size: 1 KiB}, metrics: {every: 1s}}
timeline:
  - {every: 5s, do: emit, type: security_alert, data: {level: critical}}
"""
(USER,) = texts("docs/load-testing-with-locust.md", "python")
LOCUSTFILE = """
from pvws.testing.locust import PeerVaultUser


class Listener(PeerVaultUser):
    retry_first_s = 0.01
"""
# A master that is ended gives its workers half a second for their last figures. One that stops the test waits for them.
STOPPED_FIRST = """
import signal
import gevent
from locust import events
from locust.runners import MasterRunner


@events.init.add_listener
def listen(environment, **_):
    if isinstance(environment.runner, MasterRunner):
        gevent.signal_handler(signal.SIGUSR1, lambda: (environment.runner.stop(), environment.runner.quit()))
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@asynccontextmanager
async def locust(folder: Path, *options: str, source: str = LOCUSTFILE) -> AsyncIterator[Process]:
    """Locust without its page, in a process, with the user of this file; what it says is in `locust.log`."""
    (folder / "locustfile.py").write_text(source)
    with (folder / "locust.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "locust", "--headless", *options), cwd=folder, stdout=log, stderr=STDOUT
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def statistics(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows of Locust's statistics by type and name."""
    rows = json.loads((folder / "stats.json").read_text())
    return {(row["method"], row["name"]): row for row in rows}


def total(rows: dict[tuple[str, str], dict[str, Any]], kind: str, figure: str = "num_requests") -> int:
    return sum(row[figure] for (each, _), row in rows.items() if each == kind)


async def subscribed(stage: Stage, count: int) -> None:
    """So many users have subscribed to everything: the ping that they send behind that has been answered."""
    await stage.controller.journal.wait(Wanted(type="ping"), count=count, timeout=50)


@asynccontextmanager
async def two_nodes(folder: Path) -> AsyncIterator[tuple[Stage, list[Stage]]]:
    """A source that is held at its start, and two stages that show what it plays, joined by NATS."""
    with nats_server(folder) as server:
        world = new_world(server)
        async with AsyncExitStack() as stack:
            source, *nodes = [await stack.enter_async_context(bus_of(world)) for _ in range(3)]
            stage, stages = story(STORY), [Stage() for _ in nodes]
            leading = Leading(stage, source)
            await leading.begin()
            for each, bus in zip(stages, nodes, strict=True):
                await Following(each, bus, lambda said: None).begin()
            yield stage, stages
            await leading.end(1)


async def moved(source: Stage, nodes: Sequence[Stage], by: str) -> None:
    """Move the clock on, until all nodes have shown it and everybody has what was due."""
    await source.clock.advance(by)
    await until(lambda: all(each.sequence == source.sequence and not each.delivery.stage().pending for each in nodes))


@pytest.mark.timeout(150)  # five processes on a busy machine
async def test_two_workers_at_two_nodes_count_what_the_ledgers_count(tmp_path: Path) -> None:
    port = str(free_port())
    async with two_nodes(tmp_path / "nats") as (source, nodes), AsyncExitStack() as stack:
        places = [HERE, Configuration("127.0.0.1", 0, profile="upstream")]
        urls = [(await stack.enter_async_context(Venue(*each))).url for each in zip(nodes, places, strict=True)]
        master = await stack.enter_async_context(
            locust(
                tmp_path,
                *("--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--expect-workers", "2"),
                *("--users", str(2 * USERS), "--spawn-rate", "100", "--json-file", "stats", "--host", ",".join(urls)),
                source=LOCUSTFILE + STOPPED_FIRST,
            )
        )
        for _ in range(2):
            await stack.enter_async_context(
                locust(tmp_path, "--worker", "--master-port", port, source=LOCUSTFILE + STOPPED_FIRST)
            )
        for node in nodes:
            await subscribed(node, USERS)
        # All have got something of each topic when one of them begins to lose some.
        await moved(source, nodes, "10s")
        nodes[0].faults.add(read_fault("drop: 30%, client: 1, types: [file_uploaded]"))
        await moved(source, nodes, "30s")
        nodes[0].faults.clear()
        lost = nodes[0].delivery.stage().lost

        # Another one is sent away, and comes back to hear the rest.
        nodes[1].controller.disconnect(2, code=1012, reason="restarting")
        await subscribed(nodes[1], USERS + 1)
        await moved(source, nodes, "10s")
        master.send_signal(signal.SIGUSR1)
        assert await master.wait() == 1, "there were failures"

    rows, ledgers = statistics(tmp_path), [node.delivery.stage() for node in nodes]
    assert total(rows, "receive") == sum(each.owed for each in ledgers)
    assert total(rows, "receive", "num_failures") == sum(each.lost for each in ledgers) == lost > 10
    assert total(rows, "connect") == total(rows, "subscribe") == 2 * USERS + 1
    assert total(rows, "connect", "num_failures") == total(rows, "subscribe", "num_failures") == 0
    assert {name: row["num_failures"] for (kind, name), row in rows.items() if kind == "lose"} == {urls[1]: 1}
    # Of each worker two users listen to either node, so it tells of each event at both.
    published = source.controller.state().by_topic
    assert {name: row["num_requests"] for (kind, name), row in rows.items() if kind == "reach"} == {
        topic: 4 * count for topic, count in published.items()
    }
    assert total(rows, "reach", "num_failures") == lost


def guarded() -> Configuration:
    return Configuration("127.0.0.1", 0, auth=Auth(tokens=(Token("let-me-in"),)))


async def test_the_users_of_the_example_present_their_token_and_come_to_no_harm(tmp_path: Path) -> None:
    source = (ROOT / "docs" / "examples" / "locust" / "locustfile.py").read_text("utf-8")
    source += "\nPeerVaultUser.token = 'let-me-in'\n"
    stage = story(STORY)
    async with Venue(stage, guarded()) as venue:
        options = ("--users", "8", "--spawn-rate", "100", "--json-file", "stats", "--host", venue.url)
        async with locust(tmp_path, *options, source=source) as process:
            await stage.controller.journal.wait(Wanted(did="subscribes", topic="alerts"), count=8, timeout=50)
            assert (await stage.clock.advance("20s", ack=True)).complete
            process.terminate()
            assert await process.wait() == 0, (tmp_path / "locust.log").read_text()
    rows, published = statistics(tmp_path), stage.controller.state().by_topic
    assert total(rows, "receive") == stage.delivery.stage().written
    assert rows["receive", "alerts"]["num_requests"] == 8 * published["alerts"] > 0
    assert rows["receive", "system"]["num_requests"] == 2 * published["system"] > 100
    assert rows["reach", "system"]["num_requests"] == published["system"]
    assert total(rows, "ping") + total(rows, "unsubscribe") >= 2, "each dashboard has done something"


async def test_who_is_refused_for_good_is_told_and_does_not_try_again(tmp_path: Path) -> None:
    source = USER + "\nPeerVaultUser.token = 'a-wrong-one'\n"
    stage = story(STORY)
    async with Venue(stage, guarded()) as venue:
        options = ("--users", "1", "--json-file", "stats", "--host", venue.url)
        async with locust(tmp_path, *options, source=source) as process:
            await stage.controller.journal.wait(Wanted(did="disconnects"), timeout=50)
            process.terminate()
            assert await process.wait() == 1
    rows = statistics(tmp_path)
    assert rows["error", "AUTH_FAILED"]["num_failures"] == 1
    assert total(rows, "connect") == 1
    assert "a-wrong-one" not in (tmp_path / "locust.log").read_text()


async def test_who_is_cut_before_it_was_answered_comes_back_at_once(tmp_path: Path) -> None:
    stage = Stage()
    stage.faults.add(read_fault("reset: on, client: 1"))
    source = f"{LOCUSTFILE}    open_timeout_s = 600\n"  # a pong may take that long, but not behind the end
    async with Venue(stage, HERE) as venue, locust(tmp_path, "--host", venue.url, source=source):
        async with asyncio.timeout(50):
            await stage.hub.subscriber(frozenset(TOPICS))
    assert stage.attempts >= 2


def test_without_locust_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['locust'] = None; import pvws.testing.locust"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ImportError: pvws.testing.locust needs Locust: pip install 'pvws[locust]'" in done.stderr


def test_nothing_else_imports_locust_or_what_it_brings() -> None:
    wanted = re.compile(r"^\s*(from|import) (locust|gevent|pvws\.testing\.locust)\b", re.MULTILINE)
    found = [str(file) for file in (ROOT / "pvws").rglob("*.py") if wanted.search(file.read_text("utf-8"))]
    assert found == [str(ROOT / "pvws" / "testing" / "locust.py")]
    assert not {"locust", "gevent"} & sys.modules.keys(), "and so no test has"
