"""The command lines of the clients under exam, each of which connects to `$PVWS_URL`."""

import subprocess
import sys
from functools import cache
from pathlib import Path

CLIENTS = Path(__file__).parent / "clients"
_PLAIN = (sys.executable, "-I", "-S")  # no site: a client starts in some forty milliseconds

REFERENCE = (*_PLAIN, str(CLIENTS / "reference.py"))
"""The good one."""

CONNECTED = (sys.executable, str(CLIENTS / "connected.py"))
"""One that is written with `pvws.connect`."""


def flawed(flaw: str) -> tuple[str, ...]:
    """One that has a flaw."""
    return *_PLAIN, str(CLIENTS / "flawed.py"), flaw


@cache
def flaws() -> tuple[str, ...]:
    """What flaws there are."""
    listed = subprocess.run([*_PLAIN, str(CLIENTS / "flawed.py")], capture_output=True, text=True, check=True)
    return tuple(listed.stdout.split())


def reconnecting(node: Path, package: str) -> tuple[str, ...]:
    """One that is written with a package from npm."""
    return str(node), str(CLIENTS.parents[1] / "node" / "reconnecting.mjs"), package
