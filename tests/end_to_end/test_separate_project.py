"""The plugin as its users have it: a wheel of pvws in a venv of its own, and a project that knows nothing of this one.

What else they would have installed, pytest and the libraries, is lent to the venv from here by its path, so that no
network is needed. pvws itself is built, installed by pip, and found by its entry point alone.
"""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.house.modules import ROOT

TESTS = """
import asyncio
import json
import pathlib
import threading

import pytest
import pvws
from websockets.asyncio.client import connect as connect_async
from websockets.sync.client import connect

HERE = pathlib.Path(__file__).parent


def client(url):
    with connect(url) as connection:
        connection.send('{"type":"subscribe","topic":"alerts"}')
        return json.loads(connection.recv())["data"]["value"]


def test_it_is_the_wheel():
    assert HERE.joinpath("venv") in pathlib.Path(pvws.__file__).parents


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


def project(folder: Path) -> Path:
    """A folder with a venv, in which the wheel of pvws is installed, and a file of tests."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    wheel = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run([*pip, *wheel], check=True, capture_output=True, text=True)
    (built,) = folder.glob("pvws-*.whl")
    venv.create(folder / "venv", with_pip=False)
    python = str(_python(folder))
    subprocess.run(
        [*pip, "--python", python, "install", "--no-deps", "--no-index", "--no-compile", str(built)],
        check=True,
        capture_output=True,
        text=True,
    )
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()
    Path(own, "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    (folder / "pytest.ini").write_text(SETTINGS, "utf-8")
    (folder / "test_client.py").write_text(TESTS, "utf-8")
    return folder


@pytest.mark.timeout(240)  # a build, an installation, and what is compiled for the first time
def test_the_plugin_is_found_and_serves_tests_of_every_kind_side_by_side(tmp_path: Path) -> None:
    folder = project(tmp_path)
    names = ("PYTEST", "PYTHONDONTWRITE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(names)}
    command = [str(_python(folder)), "-m", "pytest", "-q", "-n", "4", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "18 passed, 1 xfailed" in done.stdout
    assert not (folder / "pvws-failures").exists(), "what was expected to fail leaves nothing"


def _python(project: Path) -> Path:
    return project / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
