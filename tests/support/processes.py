"""Processes of others."""

import os
import time
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


def ends(pid: int, within: float = 20) -> bool:
    """Wait until a process has ended that is nobody's child here, of whose end no event tells; false if it goes on."""
    until = time.monotonic() + within
    while lives(pid):
        if time.monotonic() >= until:
            return False
        time.sleep(0.002)
    return True
