"""How the fixture meets pytest: whole runs of pytest on test files of their own, within this process or in others."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import pvws.scenario.director
import pvws.testing.fixture.factory  # noqa: F401 - pytester forgets what is imported within one of its runs
from pvws.files.recordings import open_recording
from pvws.recording.format import Message

pytest_plugins = ["pytester"]

SETTINGS = """
[pytest]
filterwarnings = error
addopts = --strict-markers --strict-config -p no:cacheprovider
asyncio_default_fixture_loop_scope = function
xfail_strict = true
"""
CLIENT = """
import json
import pytest
from websockets.sync.client import connect

def subscribe(server, topic="alerts", name="dashboard"):
    with connect(f"{server.url}?client={name}") as client:
        client.send(json.dumps({"type": "subscribe", "topic": topic}))
"""


def run(pytester: pytest.Pytester, source: str, *options: str, settings: str = "") -> pytest.RunResult:
    """A run of pytest on a test file, in this process, with warnings as errors and no cache."""
    pytester.makefile(".ini", pytest=SETTINGS + settings)
    pytester.makepyfile(test_it=CLIENT + source)
    return pytester.runpytest_inprocess("-p", "no:randomly", *options)


def test_what_clients_do_wrong_fails_a_test_unless_that_is_allowed(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_wrong(pvws_server):
    subscribe(pvws_server, "alert")

@pytest.mark.pvws(allow=["INVALID_MESSAGE"])
def test_allowed(pvws_server):
    subscribe(pvws_server, "alert")

@pytest.mark.pvws(allow="protocol")
class TestAddedUp:
    @pytest.mark.pvws(allow=["INVALID_MESSAGE"])
    def test_allowed(self, pvws_server, pvws_factory):
        subscribe(pvws_server, "alert")
        subscribe(pvws_factory(), "alert")
        assert pvws_server._reach.do(lambda bed: sorted(bed.conduct.allowed)) == ["INVALID_MESSAGE", "protocol"]

@pytest.mark.xfail
def test_expected_to_fail(pvws_server):
    subscribe(pvws_server, "alert")

def test_skipped(pvws_server):
    subscribe(pvws_server, "alert")
    pytest.skip("it says nothing of clients")

@pytest.fixture
def late_client(pvws_server):
    yield
    subscribe(pvws_server, "alert", name="late")

def test_behind_its_end(late_client): ...

def test_made(pvws_factory):
    subscribe(pvws_factory(allow=["AUTH_FAILED"]), "alert", name="made")
""",
    )
    result.assert_outcomes(passed=3, failed=2, xfailed=1, skipped=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_behind_its_end*",
            "pvws: clients made a mistake that this test does not allow:",
            "*late sent what is no message of the API: INVALID_MESSAGE: topic: expected one of file_operations*",
            "*_ test_wrong _*",
            "pvws: clients made a mistake that this test does not allow:",
            "*dashboard sent what is no message of the API: INVALID_MESSAGE: *",
            '*{"type": "subscribe", "topic": "alert"}',
            'If they are meant to: @pytest.mark.pvws(allow=?"INVALID_MESSAGE"?)',
            "*_ test_made _*",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_a_failed_test_shows_what_was_said_and_leaves_a_recording(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.parametrize("level", ["a/b"])
def test_failing(pvws_server, pvws_factory, level):
    subscribe(pvws_server)
    subscribe(pvws_factory(scenario="quickstart", held=True), name="other")
    assert level == "b"

@pytest.fixture
def broken(pvws_server):
    subscribe(pvws_server, name="early")
    assert not "set up"

def test_not_set_up(broken): ...

def test_passing(pvws_server):
    subscribe(pvws_server)
""",
        "--junitxml=report.xml",
        settings="pvws_lines = 3\n",
    )
    result.assert_outcomes(passed=1, failed=1, errors=1)
    folder = pytester.path / "pvws-failures"
    names = ["test_it.py-test_failing-a-b-2", "test_it.py-test_failing-a-b", "test_it.py-test_not_set_up"]
    assert {path.name for path in folder.iterdir()} == {f"{name}.pvrec.jsonl" for name in names}
    result.stdout.fnmatch_lines(
        [
            "*_ ERROR at setup of test_not_set_up _*",
            "*- pvws at ws://127.0.0.1:*/ws -*",
            "*_ test_failing?a/b? _*",
            ">       assert level == *",
            "*- pvws at ws://127.0.0.1:*/ws -*",
            "nothing plays, stage time at *Z; 0 of 1 clients here; 0 of 0 deliveries written",
            f"recording of all of it, 4 entries: {folder}/test_it.py-test_failing-a-b.pvrec.jsonl",
            "the last of what was said, 3 lines:",
            "  +0.*s 20*Z dashboard closes: 1000",
            "*- pvws at ws://127.0.0.1:*/ws -*",
            "quickstart plays, stage time held at 2024-01-01T00:00:00.000Z; *",
        ]
    )
    with open_recording(str(folder / "test_it.py-test_failing-a-b.pvrec.jsonl")) as recording:
        assert recording.header.by.startswith("pvws ")
        (message,) = (each for each in recording if isinstance(each, Message))
    assert json.loads(message.data) == {"type": "subscribe", "topic": "alerts"}
    assert str(folder) in (pytester.path / "report.xml").read_text("utf-8"), "CI finds it as a property"


def test_where_recordings_go_can_be_said(pytester: pytest.Pytester) -> None:
    source = "def test_failing(pvws_server):\n    subscribe(pvws_server)\n    assert 0\n"
    run(pytester, source, "--pvws-failures=artefacts/pvws")
    assert (pytester.path / "artefacts/pvws/test_it.py-test_failing.pvrec.jsonl").exists()
    result = run(pytester, source, settings="pvws_failures = none\n")
    assert not (pytester.path / "pvws-failures").exists()
    assert not (pytester.path / "none").exists()
    assert "recording of all" not in result.stdout.str()
    assert "dashboard sends" in result.stdout.str()


def test_what_a_marker_asks_for_wrongly_is_told_in_a_line(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.pvws(scenaro="quickstart", profile="upstrem")
def test_words(pvws_server): ...

@pytest.mark.pvws("quickstart")
def test_positional(pvws_server): ...

@pytest.mark.pvws(allow=3)
def test_number(pvws_server): ...

@pytest.mark.pvws(scenario="wrong.yaml")
def test_script(pvws_server): ...

def test_factory(pvws_factory):
    pvws_factory(scenario="quickstrat")
""",
    )
    result.assert_outcomes(errors=4, failed=1)
    result.stdout.fnmatch_lines(
        [
            '@pytest.mark.pvws: scenaro: expected one of scenario, *, got an unknown one (did you mean "scenario"?)',
            '@pytest.mark.pvws: config.profile: expected one of documented, upstream, got "upstrem" (*"upstream"?)',
            "@pytest.mark.pvws: expected keywords alone, got ('quickstart',)",
            "@pytest.mark.pvws: allow: expected some of INVALID_MESSAGE, *, got 3",
            "*wrong.yaml*no such file or directory*",
            '*"quickstrat"*did you mean "quickstart"?*',
        ]
    )


def test_a_scenario_beside_the_test_file_is_found(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("cases")
    (folder / "near.yaml").write_text("scenario: near\nduration: 5s\n", "utf-8")
    source = "import pytest\n\n@pytest.mark.pvws(scenario='near.yaml')\ndef test_it(pvws_server):\n"
    (folder / "test_near.py").write_text(f"{source}    assert pvws_server.state().playing.name == 'near'\n", "utf-8")
    pytester.makefile(".ini", pytest=SETTINGS)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_an_expectation_that_has_not_held_fails_the_test(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_open(pvws_server):
    pvws_server.expect("reconnects, within: 10s, after: disconnect")
    with connect(pvws_server.url):
        pvws_server.wait_for_connection()
        pvws_server.disconnect()
        pvws_server.wait_for_disconnection()

def test_held(pvws_server):
    pvws_server.expect("client: connects")
    subscribe(pvws_server)
""",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "pvws: what was expected of the clients has not held:",
            "  not judged: reconnects, * (that it connects again within 10s of being disconnected: there are * left*)",
        ]
    )


def test_a_wait_in_vain_points_at_the_line_of_the_test(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import asyncio

def test_waiting(pvws_server):
    pvws_server.wait_for_message("type == 'hello'", timeout=0.01)

@pytest.mark.asyncio
async def test_blocking(pvws_server):
    pvws_server.wait_for_message(timeout=0.01)

@pytest.mark.asyncio
async def test_awaiting(pvws_server):
    await pvws_server.aio.wait_for_message(timeout=0.01)
""",
    )
    result.assert_outcomes(failed=3)
    output = result.stdout.str()
    assert output.count("nothing came from any client") >= 3
    failures, _, _ = output.partition("short test summary info")  # which has it all again where CI is set
    assert failures.count("which stood while it waited") == 1
    for ours in ("journal.py", "reach.py", "waits.py", "futures.py"):
        assert ours not in output, "the traceback is the test's"


def test_tests_in_asyncio_trio_and_none_have_the_same_handle(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import asyncio
from websockets.asyncio.client import connect as connect_async

def test_none(pvws_server):
    subscribe(pvws_server)
    assert pvws_server.wait_for_subscription("alerts").name == "dashboard"

@pytest.mark.asyncio
async def test_asyncio(pvws_server):
    async def client():
        async with connect_async(pvws_server.url) as client:
            await client.send('{"type":"subscribe","topic":"alerts"}')
            return json.loads(await client.recv())["type"]

    running = asyncio.create_task(client())
    await pvws_server.aio.wait_for_subscription("alerts")
    pvws_server.emit("storage_alert")
    assert await running == "storage_alert"

@pytest.mark.trio
async def test_trio(pvws_server):
    import trio

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.to_thread.run_sync, subscribe, pvws_server)
        assert (await pvws_server.aio.wait_for_subscription("alerts")).name == "dashboard"
    with trio.move_on_after(0.01) as scope:
        await pvws_server.aio.wait_for_message("type == 'never'")
    assert scope.cancelled_caught

@pytest.mark.anyio
async def test_anyio(pvws_server, anyio_backend_name):
    assert (await pvws_server.aio.clock.settle()).complete
""",
    )
    result.assert_outcomes(passed=5)


def test_nothing_is_left_behind_by_a_run(pytester: pytest.Pytester) -> None:
    source = """
@pytest.mark.pvws(scenario="quickstart")
def test_world(pvws_server, pvws_factory):
    other = pvws_factory()
    with connect(pvws_server.url), connect(other.url), connect(other.url):
        other.wait_for_connection(count=2)

def test_failing(pvws_server):
    subscribe(pvws_server)
    assert 0
"""
    run(pytester, source)  # what is imported, and keeps something open, is by now
    threads, descriptors = set(threading.enumerate()), _descriptors()
    run(pytester, source).assert_outcomes(passed=1, failed=1)
    assert not [thread for thread in set(threading.enumerate()) - threads if thread.name == "pvws-server"]
    assert _descriptors() <= descriptors


def _descriptors() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


LOADED = """
import gc, json, sys, pytest

looks = []

@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef):
    if fixturedef.argname != "pvws_server":
        return (yield)
    gc.collect()
    gc.callbacks.append(lambda phase, info: looks.append(phase))
    server = yield
    gc.callbacks.clear()
    assert gc.isenabled()
    return server

def pytest_unconfigure():
    print(json.dumps([sorted(sys.modules), looks.count("start")]), file=sys.stderr)
"""


def loaded_by(folder: Path, test: str) -> tuple[set[str], int]:
    """The modules that a run in a process of its own has in the end, and how often Python looked for garbage while it
    made `pvws_server`.
    """
    (folder / "conftest.py").write_text(LOADED, "utf-8")
    (folder / "test_one.py").write_text(test, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:asyncio", "-p", "no:trio", "-p", "no:anyio", "-q"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [*command, "-c", os.devnull, "--rootdir=."],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    loaded, looks = json.loads(done.stderr.splitlines()[-1])
    return set(loaded), looks


def test_a_run_that_asks_for_no_server_imports_nothing(tmp_path: Path) -> None:
    loaded, _ = loaded_by(tmp_path, "def test_plain(): ...\n")
    assert {name for name in loaded if name.partition(".")[0] == "pvws"} == {
        "pvws",
        "pvws.testing",
        "pvws.testing.plugin",
    }
    assert not loaded & {"websockets", "msgspec", "yaml", "h11", "uvloop"}
    # From Python 3.14 on the debugger imports asyncio, and pytest imports the debugger.
    assert "asyncio" not in loaded or ("pdb" in loaded and sys.version_info >= (3, 14))


def test_the_first_server_of_a_session_takes_no_more_than_it_needs(tmp_path: Path) -> None:
    loaded, looks = loaded_by(tmp_path, "def test_one(pvws_server): ...\n")

    ours = {name for name in loaded if name.partition(".")[0] == "pvws"}
    for part in ("control", "cli", "bus", "files", "scenario.behaviours", "testing.judging"):
        assert not {name for name in ours if f"{name}.".startswith(f"pvws.{part}.")}, part
    for module in (
        "scenario.director",
        "scenario.expectations",
        "scenario.faults.spec",
        "stage.loading",
        "world.world",
    ):
        assert f"pvws.{module}" not in ours
    assert len(ours) < 175
    assert not loaded & {"click", "jsonschema", "orjson", "psutil", "rich", "starlette", "typer", "uvicorn"}
    assert looks <= 5  # it were dozens, each through all there is
