import asyncio
import json
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

from pvws.bus.address import Address
from pvws.cli import bused as bused_module
from pvws.cli.app import run
from pvws.cli.bused import bused
from pvws.cli.performance import Performance
from pvws.cli.replaying import Replaying
from pvws.cli.run import Stop
from pvws.cli.serving import Serving
from pvws.cli.wishes import Wishes
from pvws.recording.format import Message
from pvws.recording.replayer import Choice, Track
from pvws.scenario.loader import load
from pvws.server.settings import Configuration
from pvws.stage.following import Following
from pvws.stage.shipped import find_scenario
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from tests.support.nats_server import NatsServer, bus_of, nats_server, new_world, until
from tests.support.staged import director, listener, venue_of

Pvws = Callable[..., tuple[int, str]]
QUIET = ("--port", "0", "--control", "off")


class Running:
    """A pvws command in a process of its own, which serves; stopped when this is left."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._ready = folder / "ready.json"
        self._log = folder / "log"
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""

    async def __aenter__(self) -> "Running":
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()

    async def start(self, *arguments: str) -> None:
        """Start it, and return once clients can connect."""
        self._ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pvws", *self._arguments, *arguments, "--ready-file", str(self._ready)]
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
        await until(lambda: self._ready.exists() or self.process.returncode is not None, 40)
        assert self._ready.exists(), self.log
        self.url = json.loads(self._ready.read_text())["url"]

    @property
    def process(self) -> asyncio.subprocess.Process:
        """It."""
        assert self._process is not None
        return self._process

    @property
    def log(self) -> str:
        """What it has said."""
        return self._log.read_text()


class Reading:
    """A client that keeps every text it gets."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.texts: list[str] = []
        self._reading = asyncio.ensure_future(self._read())

    @classmethod
    async def of(cls, url: str, stack: AsyncExitStack) -> "Reading":
        """One that has subscribed."""
        connection = await stack.enter_async_context(connect(url, max_queue=None))
        for topic in ("file_operations", "peer_network", "system", "alerts"):
            await connection.send(json.dumps({"type": "subscribe", "topic": topic}))
        return cls(connection)

    async def _read(self) -> None:
        async for text in self._connection:
            self.texts.append(str(text))


def together(readings: Sequence[Reading]) -> list[list[str]]:
    """What each got from the first text on that all got: they subscribed one after the other."""
    common = set.intersection(*(set(each.texts) for each in readings))
    begin = next(text for text in readings[0].texts if text in common)
    return [each.texts[each.texts.index(begin) :] for each in readings]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with nats_server(tmp_path_factory.mktemp("nats")) as started:
        yield started


SCRIPT = """
scenario: steady
seed: 3
start: 2024-01-01T00:00:00Z
duration: 1h
network: {peers: 8}
behaviours: {uploads: {rate: 100/s, size: 1 KiB}}
timeline: [{when: {client: sends, match: type == 'hello'}, times: always, do: reply, raw: "hello ${client.name}"}]
"""


async def node_of(world: Address, stack: AsyncExitStack) -> tuple[Following, Venue, list[str]]:
    """A node in this process, its server, and what it says."""
    stage, told = Stage(), list[str]()
    node = Following(stage, await stack.enter_async_context(bus_of(world, told)), told.append)
    await node.begin()
    stack.push_async_callback(node.end)
    return node, await stack.enter_async_context(venue_of(stage)), told


async def greeted(url: str, answer: str) -> None:
    """A client that says hello is answered by the script, which plays elsewhere."""
    async with connect(url) as client, asyncio.timeout(30):
        await client.send('{"type":"hello"}')
        while await client.recv() != answer:
            pass


@pytest.mark.timeout(200)  # three processes start, one after the other, on a machine that may be busy
async def test_clients_of_three_nodes_get_one_sequence_through_all_that_happens_to_bus_and_nodes(
    tmp_path: Path,
) -> None:
    script = tmp_path / "steady.yaml"
    script.write_text(SCRIPT)
    with nats_server(tmp_path / "nats") as server:
        world = new_world(server)
        bus = ("--bus", str(world), *QUIET)
        async with AsyncExitStack() as stack:
            play = ("simulate", str(script), "--speed", "1", *bus)
            source, killed = Running(tmp_path / "source", *play), Running(tmp_path / "node", "serve", *bus)
            await asyncio.gather(*(stack.enter_async_context(each) for each in (source, killed)))
            nodes = [await node_of(world, stack) for _ in range(2)]
            urls = [source.url, *(venue.url for _, venue, _ in nodes), killed.url]
            readings = [await Reading.of(url, stack) for url in urls]
            await until(lambda: all(len(each.texts) > 50 for each in readings))

            for number, url in enumerate(urls[1:]):
                await greeted(f"{url}?client=c{number}", f"hello c{number}")

            server.kill()  # the bus goes, and comes back
            before = len(readings[0].texts)
            await until(lambda: len(readings[0].texts) > before + 50)
            server.start()
            await until(lambda: all(len(each.texts) > before + 100 for each in readings))

            killed.process.kill()  # a node goes, and comes back
            await killed.process.wait()
            await killed.start()
            again = await Reading.of(killed.url, stack)
            await greeted(f"{killed.url}?client=back", "hello back")
            await until(lambda: len(again.texts) > 50)

            source.process.terminate()
            await source.process.wait()
            said = [lambda told=told: "".join(told) for *_, told in nodes] + [lambda: killed.log]
            await until(lambda: all("the simulation has ended" in each() for each in said))
            read = (*readings[:3], again)
            await until(lambda: len({each.texts[-1] for each in read}) == 1)  # all have read to the end
            assert "lost" not in "".join(each() for each in said)
        first, *others = together(readings[:3])
        assert all(each == first for each in others), "byte for byte"
        assert len(first) > 250
        assert len(again.texts) > 50 and again.texts == first[first.index(again.texts[0]) :]


@pytest.fixture
def pvws(capsys: pytest.CaptureFixture[str]) -> Pvws:
    """Runs a command in this process: its exit code, and what it has said."""

    def run_it(*arguments: str) -> tuple[int, str]:
        code = run(list(arguments))
        return code, capsys.readouterr().err

    return run_it


def test_a_bus_that_is_not_there_is_told_and_leaves_with_3(pvws: Pvws, unused_tcp_port: int) -> None:
    code, said = pvws("serve", "--bus", f"nats://me:secret@127.0.0.1:{unused_tcp_port}", *QUIET)
    assert code == 3
    assert f"nats://127.0.0.1:{unused_tcp_port}: nobody answers there" in said
    assert "nats-server -js" in said
    assert "secret" not in said and "Traceback" not in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("serve", "--bus", "nats://me:secret@x", "--echo"), "no --echo beside it"),
        (("simulate", "quickstart", "--bus", "http://me:secret@x"), "--bus: expected nats://"),
        (("simulate", "quickstart", "--bus", "@/nowhere"), "/nowhere"),
    ],
)
def test_what_goes_with_no_bus_is_told_and_leaves_with_2(pvws: Pvws, arguments: tuple[str, ...], said: str) -> None:
    code, told = pvws(*arguments, *QUIET)
    assert code == 2
    assert said in told
    assert "secret" not in told


def test_a_simulation_without_a_server_plays_to_the_bus_alone(pvws: Pvws, server: NatsServer) -> None:
    world = new_world(server)
    code, said = pvws("simulate", "quickstart", "--no-serve", "--speed", "max", "--duration", "5s", "--bus", str(world))
    assert code == 0, said
    assert f"playing to all nodes of {world}" in said
    assert "lost" not in said


def test_a_world_in_which_a_simulation_plays_takes_no_second_one(pvws: Pvws, server: NatsServer) -> None:
    world = new_world(server)
    leading = threading.Event()
    done = threading.Event()

    async def lead() -> None:
        async with bus_of(world) as bus:
            await bus.lead()
            await bus.answer("source", _answer)
            leading.set()
            await asyncio.to_thread(done.wait)

    other = threading.Thread(target=lambda: asyncio.run(lead()))
    other.start()
    try:
        assert leading.wait(10)
        code, said = pvws("simulate", "quickstart", "--bus", str(world), *QUIET)
    finally:
        done.set()
        other.join()
    assert code == 3
    assert "another simulation plays in the world" in said


async def test_a_bus_that_will_have_no_more_of_us_ends_source_and_node_with_3_and_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    conf = tmp_path / "conf"
    conf.write_text("authorization {user: me, password: secret}")
    with nats_server(tmp_path, "-c", str(conf)) as server:
        url = server.url.replace("//", "//me:secret@")
        scenario = find_scenario("quickstart")
        performance = Performance(scenario, 0, director())
        source, node = Stage(performance.source), Stage()
        stops = Stop(), Stop()
        async with bused(url, source, performance.lead, stops[0]), bused(url, node, None, stops[1]):
            conf.write_text("authorization {user: me, password: another}")
            server.reload()
            async with asyncio.timeout(15):
                await asyncio.gather(*(stop.wait() for stop in stops))
    assert [stop.exit_code for stop in stops] == [3, 3]
    said = capsys.readouterr().err
    assert said.count("the NATS server does not let us in any more with these credentials") == 2
    assert "secret" not in said and "Traceback" not in said


async def test_a_source_that_is_to_end_while_the_bus_is_gone_waits_for_it_no_longer_than_somebody_who_waits_for_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bused_module, "BUS_ANSWER_S", 1_000)
    monkeypatch.setattr(bused_module, "_STOP_S", 0.01)
    stop, performance = Stop(), Performance(find_scenario("quickstart"), 0, director())
    with nats_server(tmp_path) as server:
        async with bused(str(new_world(server)), Stage(performance.source), performance.lead, stop):
            server.kill()
            stop.request(130)
    said = capsys.readouterr().err
    assert "entries never got to the bus" in said


async def test_one_replay_is_served_by_many_nodes_byte_for_byte_and_begins_with_a_client_of_one(
    server: NatsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    world = new_world(server)
    texts = [f'{{"type":"storage_alert","topic":"alerts", "n":{number}}}' for number in range(300)]
    entries = [Message(number, "recv", text.encode()) for number, text in enumerate(texts)]
    wishes = Wishes((), (Track(lambda: entries),), Choice(), 0, None, "documented")
    async with AsyncExitStack() as stack:
        nodes = [await node_of(world, stack) for _ in range(2)]
        clients = [await stack.enter_async_context(listener(venue, "alerts")) for _, venue, _ in nodes]
        assert await Replaying(wishes, None, wait_for_client=True, bus=str(world))(Stop()) == 0
        for client in clients:
            await client.read_until(texts[-1])
            assert [text for text in client.texts if "pong" not in text] == texts
    said = capsys.readouterr().err
    assert f"playing to all nodes of {world}" in said
    assert "lost" not in said


def test_a_replay_with_a_bus_tells_what_does_not_go_with_it(pvws: Pvws, tmp_path: Path) -> None:
    for option, flag in (("--catch-up",) * 2, ("--mode=synchronized", "--mode synchronized")):
        code, said = pvws("replay", str(tmp_path / "none"), option, "--bus", "nats://me:secret@x", *QUIET)
        assert code == 2
        assert "beside it" in said and flag in said and "--bus" in said and "secret" not in said


async def test_worlds_of_a_node_play_the_scenario_that_it_was_given_and_main_what_comes_by_the_bus(
    server: NatsServer, tmp_path: Path
) -> None:
    script, stop, ready = load(SCRIPT + "speed: 20\n", "steady.yaml"), Stop(), tmp_path / "ready"
    node = Serving(
        None,
        Configuration("127.0.0.1", 0),
        start=script.start or 0,
        stay=True,
        ready_file=str(ready),
        bus=str(new_world(server)),
        beside=script,
    )
    running = asyncio.ensure_future(node(stop))
    await until(lambda: ready.exists() or running.done())
    url = json.loads(ready.read_text())["url"]
    async with AsyncExitStack() as stack:
        main = await Reading.of(url, stack)
        worlds = [await Reading.of(f"{url}?world={name}", stack) for name in ("a", "b")]
        await until(lambda: all(len(each.texts) > 50 for each in worlds))
        first, second = together(worlds)
        assert first[:20] == second[:20], "each plays it afresh"
        assert main.texts == [], "where nothing plays yet"
        stop.request(0)
        assert await running == 0


async def _answer(question: bytes) -> bytes:
    return b""


def test_without_nats_py_it_is_told_what_to_install(pvws: Pvws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.split(".")[0] == "nats" or each == "pvws.bus.nats_bus"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nats", None)
    code, said = pvws("serve", "--bus", "nats://localhost", *QUIET)
    assert code == 2
    assert "pip install 'pvws[nats]'" in said
