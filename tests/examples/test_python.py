"""The example for pytest passes where pvws is installed; and where its client has a mistake, it says so."""

import sys
from collections.abc import Callable

import pytest

from tests.examples.conftest import Example

pytestmark = pytest.mark.timeout(180)  # processes that start processes, on a busy machine

Copied = Callable[[str], Example]
PYTEST = (sys.executable, "-m", "pytest")


def test_all_of_its_tests_pass(example: Copied) -> None:
    python = example("python-pytest")
    done = python.run(*PYTEST, "--junit-xml=report.xml")
    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout
    assert "warning" not in done.stdout
    assert (python.folder / "report.xml").exists()
    assert not (python.folder / "pvws-failures").exists()


def test_a_client_that_comes_back_and_asks_for_nothing_is_told_with_what_was_said(example: Copied) -> None:
    python = example("python-pytest")
    python.spoil("dashboard.py", "for topic in TOPICS:", "for topic in () if dashboard.files else TOPICS:")
    python.spoil("tests/test_dashboard.py", "await returns.held()", "await returns.held(1)")
    done = python.run(*PYTEST, "-k", "outage")
    assert done.returncode == 1
    assert "1 failed" in done.stdout
    assert "resubscribes, within: 5s" in done.stdout
    assert "is told to go: 1012" in done.stdout
    assert list((python.folder / "pvws-failures").glob("*.pvrec.jsonl"))
