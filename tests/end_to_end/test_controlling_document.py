"""docs/controlling.md: the example prints what stands below it, and the rules can be read."""

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from threading import Thread

from pvws.scenario.loader import load

DOCUMENT = (Path(__file__).parents[2] / "docs" / "controlling.md").read_text(encoding="utf-8")
[(CODE, SAID)] = re.findall(r"^```python\n(.*?)^```\n```text\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
SCRIPT = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_example_prints_what_stands_below_it() -> None:
    printed = StringIO()

    def run() -> None:
        with redirect_stdout(printed):
            exec(compile(CODE, "controlling.md", "exec"), {"__name__": "example"})

    thread = Thread(target=run)  # it has an event loop of its own
    thread.start()
    thread.join(40)
    assert printed.getvalue() == SAID


def test_the_rules_can_be_read() -> None:
    (script,) = SCRIPT.findall(DOCUMENT)
    assert len(load(script, "controlling.md").timeline) == 3
