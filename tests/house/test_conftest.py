"""What tests/conftest.py promises: no skips where everything must run, and nothing hangs for ever."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.modules import ROOT

SKIPS = """
import pytest

@pytest.mark.skip(reason="marked")
def test_marked(): ...

def test_called():
    pytest.skip("called")

@pytest.mark.tools("chromium")
def test_browser(): ...

@pytest.mark.xfail(strict=True)
def test_fails_as_expected():
    assert False

def test_runs(): ...
"""
SKIPS_WHEN_COLLECTED = """
import pytest

pytest.importorskip("a_module_that_is_nowhere")
"""
HANGS = """
import asyncio

async def test_hangs():
    await asyncio.Event().wait()
"""


def run(tmp_path: Path, sources: list[str], *options: str, all_must_run: bool = False) -> tuple[int, str]:
    """Exit code and output of pytest with our settings and conftest, on test files of these sources."""
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text("utf-8"), "utf-8")
    for number, source in enumerate(sources):
        (tmp_path / f"test_made_{number}.py").write_text(source)
    # An empty PATH stands for a machine without the tools.
    environment = {name: value for name, value in os.environ.items() if name not in ("PATH", "PVWS_TEST_ALL")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, *options, tmp_path],
        env=environment | {"PATH": ""} | ({"PVWS_TEST_ALL": "1"} if all_must_run else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_skips_are_allowed_on_a_machine_that_lacks_something(tmp_path: Path) -> None:
    code, output = run(tmp_path, [SKIPS, SKIPS_WHEN_COLLECTED])
    assert code == 0, output
    assert "1 passed, 4 skipped, 1 xfailed" in output
    assert "needs Node/Chromium/jq: `make tools` installs them where it is root on Debian" in output


def test_any_skip_is_a_failure_where_everything_must_run(tmp_path: Path) -> None:
    code, output = run(tmp_path, [SKIPS, SKIPS_WHEN_COLLECTED], "--continue-on-collection-errors", all_must_run=True)
    assert code == 1, output
    assert "1 failed, 1 passed, 1 xfailed, 3 errors" in output
    for reason in ("marked", "called", "needs Node/Chromium/jq", "could not import 'a_module_that_is_nowhere'"):
        assert f"PVWS_TEST_ALL=1 and a test was skipped: {reason}" in output


def test_a_test_that_hangs_is_cut_and_says_where(tmp_path: Path) -> None:
    # On a busy machine half a second could end within the set-up, which by our settings counts: here it does not.
    code, output = run(tmp_path, [HANGS], "--timeout=0.5", "-o", "timeout_func_only=true")
    assert code == 1, output
    assert "Timeout (>0.5s) from pytest-timeout" in output
    assert "test_made_0.py::test_hangs" in output
    assert "1 failed" in output


@pytest.mark.parametrize("profile", ["quick", "deep"])
def test_hypothesis_has_two_profiles_by_name(profile: str) -> None:
    import hypothesis

    settings = hypothesis.settings.get_profile(profile)
    assert settings.derandomize is (profile == "quick")
    assert settings.deadline is None, "a busy machine is no failure"
