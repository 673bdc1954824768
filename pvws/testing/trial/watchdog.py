"""Ends a command whose own process was killed, so that it could not do so itself."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

__all__ = ["Watchdog"]

_SHELL = Path("/bin/sh")
# It reads a line from us. If there is none we are gone, and the group is asked to end, and then made to.
_SCRIPT = 'read line || { kill -s TERM -- "-$1"; sleep 5; kill -s KILL -- "-$1"; }'


class Watchdog:
    """Watches over a process group from when it is made until it is released, in a small process of its own.

    The kernel closes our end of its pipe however we end. On Windows there is none.
    """

    def __init__(self, group: int) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        if sys.platform != "win32" and _SHELL.exists():
            self._process = subprocess.Popen(
                [_SHELL, "-c", _SCRIPT, "pvws-watchdog", str(group)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # what ends us, such as Ctrl-C, is not to end it
                env={},
            )

    def release(self) -> None:
        """Have it watch no more; a second time does nothing."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(BrokenPipeError):
                process.communicate(b"\n")
