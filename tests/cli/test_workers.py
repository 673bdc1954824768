import asyncio
import gc
import json
import os
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from pvws.bus.entry import State
from pvws.cli import workers as workers_module
from pvws.cli.app import run
from pvws.cli.run import Stop
from pvws.cli.workers import workers_of
from pvws.server.settings import Configuration
from tests.support.bused import event
from tests.support.nats_server import NatsServer, bus_of, nats_server, new_world, until
from tests.support.processes import ends


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with nats_server(tmp_path_factory.mktemp("nats")) as started:
        yield started


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--workers: expected --bus URL beside it"),
        ((), "start a NATS server with: nats-server -js"),
        (("--bus", "ftp://x"), "pvws: --bus: expected nats://"),
        (("--bus", "nats://x", "--workers", "0"), "a number from 1 to 64, got 0"),
        (("--bus", "nats://x", "--record", "f"), "no --record beside it"),
        (("--bus", "nats://x", "--tls-self-signed"), "no --tls-self-signed beside it"),
    ],
)
def test_workers_that_can_not_be_are_told_and_leave_with_2(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pvws.cli.configured.self_signed", lambda folder, host: (None, "nobody"))
    assert run(["serve", "--workers", "2", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_workers_are_given_the_scenario_of_their_worlds() -> None:
    parameters = {
        "workers": 2,
        "scenario": "quickstart",
        "set_": ["network.peers=3"],
        "bus": "nats://x",
        "reload": True,
        "token": None,
        "control": None,
        "ready_file": None,
    }
    workers = workers_of(defaultdict(lambda: None, parameters), Configuration("127.0.0.1", 0))
    said = " ".join(workers.arguments)
    assert "--scenario quickstart" in said and "--set network.peers=3" in said and "--reload" in said


def test_where_ports_can_not_be_shared_there_are_no_workers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(workers_module, "can_share_ports", lambda: False)
    assert run(["serve", "--workers", "2", "--bus", "nats://x"]) == 2
    assert "--workers: expected Linux" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="processes share a port on Linux alone")
@pytest.mark.timeout(200)  # processes start processes on a machine that may be busy
async def test_workers_share_a_port_show_the_same_and_one_that_dies_is_replaced(
    server: NatsServer, tmp_path: Path
) -> None:
    world, ready = new_world(server), tmp_path / "ready.json"
    command = ["-m", "pvws", "serve", "--workers", "2", "--port", "0", "--bus", str(world), "--ready-file", str(ready)]
    log = (tmp_path / "log").open("wb")
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stderr=log)
    said = lambda: (tmp_path / "log").read_text()  # noqa: E731 - read again and again
    try:
        await until(lambda: ready.exists() or process.returncode is not None, 60)
        assert ready.exists(), said()
        told = json.loads(ready.read_text())
        assert told["pid"] == process.pid
        assert told["control"].startswith("http://")
        async with AsyncExitStack() as stack, bus_of(world) as bus:
            clients = [await stack.enter_async_context(connect(told["url"])) for _ in range(24)]
            for client in clients:
                await client.send('{"type":"subscribe","topic":"alerts"}')
                await client.send('{"type":"ping"}')
                await client.recv()
            heard: dict[str, int] = {}

            def hear(content: bytes) -> None:
                node = json.loads(content)
                heard[node["id"]] = node["clients"]

            await bus.listen("node", hear)
            await until(lambda: len(heard) == 2 and sum(heard.values()) == 24)
            assert all(heard.values()), "the kernel gives some to each"

            feed = await bus.lead()
            feed.send([State(run="r", at=0, sequence=0, fresh=True), event(0)])
            texts = Counter([str(await asyncio.wait_for(client.recv(), 20)) for client in clients])
            assert texts == {'{"number":0}': 24}
        children = await _children(process.pid)
        assert len(children) == 2
        os.kill(children[0], signal.SIGKILL)
        await until(lambda: "has ended (SIGKILL); another one takes its place" in said(), 30)
    finally:
        if process.returncode is None:
            process.terminate()
        code = await process.wait()
        log.close()
    assert code == 0
    assert "worker 1: pvws" in said() and "worker 2: pvws" in said()


@pytest.mark.skipif(sys.platform != "linux", reason="processes share a port on Linux alone")
async def test_a_worker_ends_with_who_looks_after_it_also_when_that_is_killed(
    server: NatsServer, tmp_path: Path
) -> None:
    ready = tmp_path / "ready.json"
    command = ["-m", "pvws", "serve", "--workers", "1", "--port", "0", "--bus", str(new_world(server))]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, "--ready-file", str(ready))
    await until(lambda: ready.exists() or process.returncode is not None, 60)
    (worker,) = await _children(process.pid)
    async with connect(json.loads(ready.read_text())["url"]) as client:
        process.kill()
        await process.wait()
        await client.wait_closed()
        assert client.close_code == 1001, "it says goodbye"
    assert await asyncio.to_thread(ends, worker)


@pytest.mark.skipif(sys.platform != "linux", reason="processes share a port on Linux alone")
def test_workers_that_can_not_start_end_all_with_their_reason(
    unused_tcp_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    bus = f"nats://127.0.0.1:{unused_tcp_port}"
    assert run(["serve", "--workers", "2", "--port", "0", "--bus", bus]) == 3
    said = capsys.readouterr().err
    assert "nobody answers there" in said
    assert "has ended (exit code 3), and so all do" in said


@pytest.mark.skipif(sys.platform != "linux", reason="processes share a port on Linux alone")
async def test_workers_that_are_to_end_while_they_start_are_not_waited_for(
    server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters = {"workers": 2, "bus": str(new_world(server))}
    workers = workers_of(defaultdict(lambda: None, parameters), Configuration("127.0.0.1", 0))
    stop, ready = Stop(), workers_module._Worker.start

    async def start(worker: workers_module._Worker) -> dict[str, Any]:
        """Its process is started, and never ready."""
        monkeypatch.setattr(Path, "exists", lambda path: False)
        starting = asyncio.ensure_future(ready(worker))
        await until(lambda: worker._process is not None or starting.done())
        stop.request(130)
        return await starting

    monkeypatch.setattr(workers_module._Worker, "start", start)
    troubles = list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: troubles.append(context))
    assert await workers(stop) == 130
    gc.collect()  # what nobody has asked for is told of then
    assert not troubles


@pytest.mark.skipif(sys.platform != "linux", reason="processes share a port on Linux alone")
async def test_two_signals_at_once_leave_no_worker_behind(server: NatsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = {"workers": 2, "bus": str(new_world(server))}
    workers = workers_of(defaultdict(lambda: None, parameters), Configuration("127.0.0.1", 0))
    made, start = list[workers_module._Worker](), workers_module._Worker.start

    async def started(worker: workers_module._Worker) -> dict[str, Any]:
        made.append(worker)
        return await start(worker)

    async def cut(worker: workers_module._Worker) -> None:
        raise asyncio.CancelledError  # before anything was done

    monkeypatch.setattr(workers_module._Worker, "start", started)
    monkeypatch.setattr(workers_module._Worker, "stop", cut)
    stop = Stop()
    running = asyncio.ensure_future(workers(stop))
    await until(lambda: len(made) == 2 and all(each._process is not None for each in made))
    stop.request(130)
    with pytest.raises(asyncio.CancelledError):
        await running
    codes = [await each._process.wait() for each in made if each._process is not None]
    assert len(codes) == 2 and set(codes) <= {0, -signal.SIGTERM}


async def _children(pid: int) -> list[int]:
    text = await asyncio.to_thread(Path(f"/proc/{pid}/task/{pid}/children").read_text)
    return [int(each) for each in text.split()]
