"""Makes the synchronous client of the control plane from the asynchronous one: `make twins`.

The two differ in nothing but `async` and `await`, in the names of their classes, and in what they stand on: a transport
and a timer, which are written by hand for each.
"""

import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "pvws" / "client" / "control"
TWINS = ("control", "lease", "resources")

_CHANGES = (
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
)


def twin_of(name: str) -> str:
    """The source of `sync_NAME.py`, as yet unformatted."""
    source = (FOLDER / f"{name}.py").read_text("utf-8")
    for old, new in _CHANGES:
        source = re.sub(old, new, source, flags=re.MULTILINE)
    first, _, rest = source.partition("\n")
    first = first.removesuffix('"""')
    return f'{first}\n\nThe twin without an event loop: made from {name}.py by `make twins`.\n"""\n{rest}'


def main() -> None:
    """Write them all."""
    paths = [FOLDER / f"sync_{name}.py" for name in TWINS]
    for name, path in zip(TWINS, paths, strict=True):
        path.write_text(twin_of(name), "utf-8")
    for command in (["check", "--quiet", "--fix", "--select", "I,RUF022"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, *map(str, paths)], check=True)


if __name__ == "__main__":
    main()
