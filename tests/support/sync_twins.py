"""Makes what works without an event loop from what works in one: `make twins`.

The synchronous client of the control plane and the waits of a test in a thread differ from their others in nothing but
`async` and `await`, in the names of their classes, and in what they stand on, which is written by hand for each.
"""

import re
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "pvws"
CONTROL = tuple(PACKAGE / "client" / "control" / f"{name}.py" for name in ("control", "lease", "resources"))
"""The asynchronous client of the control plane."""
SOURCES = (*CONTROL, PACKAGE / "testing" / "fixture" / "waits.py")
"""What has a twin beside it."""

_CHANGES = (
    (r"^ *# ruff: noqa: ASYNC.*\n\n", ""),
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\(await (.*)\)\.(\w+)$", r"\1.\2"),
    (r"\bawait ", ""),
    (r"for (\w+) in (.*):\n +yield \1$", r"yield from \2"),
    (r"\bAsyncGenerator\[(\w+), None\]", r"Generator[\1, None, None]"),
    (r"\bAsyncGenerator\b", "Generator"),
    (r"\baclosing\b", "closing"),
    (r"\b__a(enter|exit)__\b", r"__\1__"),
    (r"\b(Control(?:Clock|Faults|Journal|Rules|Scenario)?|Lease|Transport|Renewal)\b", r"Sync\1"),
    (r"\bcontrol\.(control|lease|resources|transport) import", r"control.sync_\1 import"),
    (r"\bAsyncWaits\b", "Waits"),
    (r"\b_reach\.awaited\b", "_reach.wait"),
)


def twin_path(path: Path) -> Path:
    """Where the twin of a module is."""
    return path.with_name(f"sync_{path.name}")


def twin_of(path: Path) -> str:
    """The source of the twin of a module, as yet unformatted."""
    source = path.read_text("utf-8")
    for old, new in _CHANGES:
        source = re.sub(old, new, source, flags=re.MULTILINE)
    first, _, rest = source.partition("\n")
    first = first.removesuffix('"""')
    return f'{first}\n\nThe twin without an event loop: made from {path.name} by `make twins`.\n"""\n{rest}'


def main() -> None:
    """Write them all."""
    for path in SOURCES:
        twin_path(path).write_text(twin_of(path), "utf-8")
    twins = [str(twin_path(path)) for path in SOURCES]
    for command in (["check", "--quiet", "--fix", "--select", "I,RUF022"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, *twins], check=True)


if __name__ == "__main__":
    main()
