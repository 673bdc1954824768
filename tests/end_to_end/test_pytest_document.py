"""docs/pytest.md: each example is a file of tests that passes, or fails with what stands below it."""

import re
from pathlib import Path

import pytest

import pvws.scenario.director
import pvws.testing.fixture.factory  # noqa: F401 - pytester forgets what is imported within one of its runs

pytest_plugins = ["pytester"]

DOCUMENT = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^```python\n(?P<code>.*?)^```\n(?:```text\n(?P<said>.*?)^```\n)?", re.MULTILINE | re.DOTALL)
EXAMPLES = [(match["code"], match["said"]) for match in EXAMPLE.finditer(DOCUMENT)]
SETTINGS = """
[pytest]
filterwarnings = error
addopts = --strict-markers --strict-config -p no:cacheprovider
asyncio_default_fixture_loop_scope = function
"""


def test_every_example_passes_or_fails_as_it_says(pytester: pytest.Pytester) -> None:
    assert len(EXAMPLES) == DOCUMENT.count("```python\n") >= 10
    pytester.makefile(".ini", pytest=SETTINGS)
    pytester.makepyfile(**{f"test_example_{number:02d}": code for number, (code, _) in enumerate(EXAMPLES)})
    result = pytester.runpytest_inprocess()
    tests = sum(code.count("def test_") for code, _ in EXAMPLES)
    failing = [said for _, said in EXAMPLES if said]
    assert len(failing) == 1
    result.assert_outcomes(passed=tests - len(failing), failed=len(failing))
    output = result.stdout.str()
    for line in failing[0].splitlines():
        shown = re.escape(line).replace(re.escape("…"), r"\d+\.\d+")
        assert re.search(f"^{shown}$", output, re.MULTILINE), line


def test_everything_on_the_handle_is_in_its_table() -> None:
    from pvws.testing import PvwsServer

    _, _, table = DOCUMENT.partition("## Everything on the handle\n")
    told = set(re.findall(r"`[….]*([a-z_]+)", table.partition("## Settings")[0]))
    told |= {f"wait_for{name}" for name in told if name.startswith("_")}
    public = {name for name in dir(PvwsServer) if not name.startswith("_")}
    attributes = {"url", "clock", "faults", "rules", "ledger", "recording", "aio"}
    assert public | attributes <= told | {"profile", "state", "on"}, (public | attributes) - told
