"""The plugin as its users have it: pvws in a venv of its own, and a project that knows nothing of this one.

pvws itself is built, installed by pip, and found by its entry point alone.
"""

import os
import subprocess
from pathlib import Path

import pytest

from tests.release.distribution import Installed

TESTS = """
import asyncio
import json
import os
import pathlib
import threading

import pytest
import pvws
from websockets.asyncio.client import connect as connect_async
from websockets.sync.client import connect

def client(url):
    with connect(url) as connection:
        connection.send('{"type":"subscribe","topic":"alerts"}')
        return json.loads(connection.recv())["data"]["value"]


def test_it_is_the_wheel():
    assert pathlib.Path(os.environ["PVWS_VENV"]) in pathlib.Path(pvws.__file__).parents


@pytest.mark.parametrize("number", range(8))
def test_sync(pvws_server, number):
    def emit():
        pvws_server.wait_for_subscription()
        pvws_server.emit("storage_alert", {"value": number})

    emitting = threading.Thread(target=emit)
    emitting.start()
    assert client(pvws_server.url) == number
    emitting.join()
    assert [each.type for each in pvws_server.received] == ["subscribe"]


@pytest.mark.asyncio
@pytest.mark.parametrize("number", range(4))
async def test_asyncio(pvws_server, number):
    async def client():
        async with connect_async(pvws_server.url) as connection:
            await connection.send('{"type":"subscribe","topic":"alerts"}')
            return json.loads(await connection.recv())["data"]["value"]

    running = asyncio.create_task(client())
    await pvws_server.aio.wait_for_subscription("alerts")
    pvws_server.emit("storage_alert", {"value": number})
    assert await running == number


@pytest.mark.trio
@pytest.mark.parametrize("number", range(4))
async def test_trio(pvws_server, number):
    import trio

    async with trio.open_nursery() as nursery:
        async def run():
            assert await trio.to_thread.run_sync(client, pvws_server.url) == number

        nursery.start_soon(run)
        await pvws_server.aio.wait_for_subscription("alerts")
        pvws_server.emit("storage_alert", {"value": number})


@pytest.mark.pvws(scenario="quickstart", held=True)
def test_a_shipped_world(pvws_server):
    pvws_server.clock.advance("30s")
    assert pvws_server.world.peers


@pytest.mark.xfail(strict=True)
def test_a_mistake(pvws_server):
    with connect(pvws_server.url) as connection:
        connection.send("nonsense")
"""
SETTINGS = """
[pytest]
filterwarnings = error
addopts = --strict-markers --strict-config
asyncio_default_fixture_loop_scope = function
"""


@pytest.mark.timeout(240)  # a build, an installation, and what is compiled for the first time
def test_the_plugin_is_found_and_serves_tests_of_every_kind_side_by_side(tmp_path: Path, installed: Installed) -> None:
    (tmp_path / "pytest.ini").write_text(SETTINGS, "utf-8")
    (tmp_path / "test_client.py").write_text(TESTS, "utf-8")
    names = ("PYTEST", "PYTHONDONTWRITE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(names)}
    environment["PVWS_VENV"] = str(installed.folder)
    command = [str(installed.python), "-m", "pytest", "-q", "-n", "4", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "18 passed, 1 xfailed" in done.stdout
    assert not (tmp_path / "pvws-failures").exists(), "what was expected to fail leaves nothing"
