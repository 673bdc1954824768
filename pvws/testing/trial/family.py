"""The processes that a command has started, its children's children among them: found, signalled, known to be gone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

__all__ = ["MARK_VARIABLE", "Family"]

MARK_VARIABLE = "PVWS_TRIAL"
"""Is in the environment of a command, with a value of its own: who has it was started by that command."""

_PROC = Path("/proc")
_GONE = b"ZX"  # states of processes that have ended, reaped or not


class Family:
    """A command and everything that it has started, by the process that leads its session.

    On Linux that includes who has left the session, as browsers that are steered do, since they have the mark in their
    environment. Elsewhere it is the process group; on Windows the tree of who is still somebody's child.
    """

    def __init__(self, leader: int, mark: str) -> None:
        self._leader = leader
        self._mark = f"{MARK_VARIABLE}={mark}".encode()

    def send(self, number: int) -> None:
        """Send a signal to all of them."""
        if sys.platform == "win32":
            _signal_tree(self._leader, number)
        elif _is_listed():
            for member in self._listed():
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(member, number)
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._leader, number)

    def lives(self) -> bool:
        """Whether any of them still runs, as far as one can see."""
        if sys.platform == "win32":
            return False
        if _is_listed():
            return next(self._listed(), None) is not None
        try:
            os.killpg(self._leader, 0)
        except (ProcessLookupError, PermissionError):  # macOS denies to signal a group of which nobody is left to reap
            return False
        return True

    def _listed(self) -> Iterator[int]:
        with os.scandir(_PROC) as entries:
            names = [entry.name for entry in entries if entry.name.isdecimal()]
        yield from (int(name) for name in names if self._has(name))

    def _has(self, pid: str) -> bool:
        # Whoever ends meanwhile is read no further; whose environment is not ours to read is not ours to signal.
        with suppress(OSError):
            state, _, _, session = (_PROC / pid / "stat").read_bytes().rpartition(b")")[2].split()[:4]
            if state in _GONE:
                return False
            return int(session) == self._leader or self._mark in (_PROC / pid / "environ").read_bytes()
        return False


def _is_listed() -> bool:
    """Whether the system tells of every process, as Linux does."""
    return (_PROC / "self" / "environ").exists()


def _signal_tree(leader: int, number: int) -> None:
    """Windows has neither signals nor sessions: what can be said is Ctrl-Break, to a group, and the end, to a tree."""
    if number in (signal.SIGTERM, signal.SIGINT):
        with suppress(OSError):
            os.kill(leader, getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))
    else:
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(leader)], capture_output=True, check=False)
