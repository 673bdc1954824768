"""A `pvws` that serves in a process of its own, whose words go to files: nothing it says can hold it up."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pvws.testing.trial.watchdog import Watchdog

__all__ = ["Served", "served", "until"]

_PATIENCE_S = 60.0


class Served:
    """The process, `url` where clients connect, `control` where it is steered."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, control: str, log: Path) -> None:
        self.process = process
        self.url = url
        self.control = control
        self._log = log

    @property
    def said(self) -> str:
        """What it has said on stderr."""
        return self._log.read_text("utf-8", errors="replace")

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """End it by a signal; its exit code, and what it has said on stderr."""
        self.process.send_signal(number)
        return self.process.wait(_PATIENCE_S), self.said


@contextmanager
def served(
    folder: Path, *arguments: str, port: int = 0, wrapped: Sequence[str] = (), **environment: str
) -> Iterator[Served]:
    """Run it until clients can connect; killed on leaving if it still runs, and ended if this process is killed.

    `wrapped` is a command that starts it.
    """
    ready, log = folder / "ready.json", folder / "stderr"
    ready.unlink(missing_ok=True)
    command = [*wrapped, sys.executable, "-m", "pvws", *arguments, "--port", str(port), "--ready-file", str(ready)]
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env=os.environ | environment,
            start_new_session=True,
        )
    watchdog = Watchdog(process.pid)
    try:
        until(lambda: ready.exists() or process.poll() is not None)
        assert ready.exists(), f"it ended with {process.returncode}: {log.read_text()}"
        told = json.loads(ready.read_text())
        yield Served(process, told["url"], told.get("control") or "", log)
    finally:
        process.kill()
        process.wait()
        watchdog.release()


def until(true: Callable[[], object], seconds: float = _PATIENCE_S) -> bool:
    """Wait for something that nothing tells of; false where it does not come to be."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True
