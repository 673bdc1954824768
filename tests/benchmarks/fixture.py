"""What the pytest fixture costs: a run of pytest in a process of its own, with the times that pytest itself takes."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.result import Result

RUNS = 5
TESTS = 200
START_MS_MAX = 300.0
TEST_MS_MAX = 10.0

_TESTS = f"""
import asyncio

import pytest
from websockets.sync.client import connect  # what a client brings along




@pytest.mark.parametrize("number", range({TESTS}))
def test_it(pvws_server, number): ...
"""
_CONFTEST = """
import json
import pathlib

TIMES = {}


def pytest_runtest_logreport(report):
    TIMES.setdefault(report.nodeid, {})[report.when] = report.duration


def pytest_sessionfinish():
    pathlib.Path("times.json").write_text(json.dumps(list(TIMES.values())))
"""


def times(folder: Path) -> list[dict[str, float]]:
    """How long set-up, call and take-down of each test took, in seconds."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir=.", "-p", "no:cacheprovider"]
    subprocess.run(
        command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    found: list[dict[str, float]] = json.loads((folder / "times.json").read_text("utf-8"))
    return found


def run() -> list[Result]:
    """The first test of a session pays for the start; each test for its stage, its port and its end."""
    starts, tests = list[float](), list[float]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_it.py").write_text(_TESTS, "utf-8")
        (folder / "conftest.py").write_text(_CONFTEST, "utf-8")
        for _ in range(RUNS):
            first, *others = times(folder)
            starts.append(first["setup"] * 1000)
            tests.append(statistics.median(sum(each.values()) for each in others) * 1000)
    return [
        Result("fixture, once a session", min(starts), "ms", at_most=START_MS_MAX),
        Result("fixture, each test", min(tests), "ms", at_most=TEST_MS_MAX),
    ]
