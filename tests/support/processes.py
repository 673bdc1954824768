"""Processes of others."""

import os
from pathlib import Path


def lives(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody reaps, as in some containers, does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    told = Path(f"/proc/{pid}/stat")
    try:
        return told.read_text(encoding="ascii").rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return not told.parents[1].joinpath("self").exists()
