"""docs/clock-and-ledger.md: each example runs as it stands, and prints what stands below it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCUMENT = (Path(__file__).parents[2] / "docs" / "clock-and-ledger.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^```python\n(?P<code>.*?)^```\n```text\n(?P<said>.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = [(match["code"], match["said"]) for match in EXAMPLE.finditer(DOCUMENT)]


def test_every_example_has_its_output_below_it() -> None:
    assert len(EXAMPLES) == DOCUMENT.count("```python\n") >= 6


@pytest.mark.parametrize(("code", "said"), EXAMPLES, ids=[f"example-{n}" for n in range(1, len(EXAMPLES) + 1)])
def test_an_example_prints_what_stands_below_it(code: str, said: str) -> None:
    command = [sys.executable, "-W", "error", "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert ended.returncode == 0, ended.stderr
    assert (ended.stdout, ended.stderr) == (said, "")
