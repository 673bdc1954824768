"""A server in a process of its own, and on a core of its own where the system lets one choose."""

import json
import os
import select
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pvws.errors import PvwsError

__all__ = ["ServerProcess", "on_core", "server_process"]


class ServerProcess:
    """A process that speaks lines of JSON: it is told to go on by an empty line, and says what there is to say."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdin is not None, "it has a standard input of ours"
        assert process.stdout is not None, "it has a standard output of ours"
        self._stdin, self._stdout = process.stdin, process.stdout

    def tell(self) -> None:
        """Have it go on. Raises PvwsError where it has ended."""
        try:
            self._stdin.write("\n")
            self._stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def hear(self) -> dict[str, Any]:
        """The next thing it says. Raises PvwsError where it ends instead."""
        line = self._stdout.readline()
        if not line:
            raise self._ended()
        said: dict[str, Any] = json.loads(line)
        return said

    def has_said(self) -> bool:
        """Whether `hear` would return at once."""
        return bool(select.select([self._stdout], [], [], 0)[0])

    def resident_kib(self) -> float | None:
        """How much memory it takes; None where the system does not tell (only Linux does)."""
        try:
            pages = Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1]
        except OSError:
            return None
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1024

    def _ended(self) -> PvwsError:
        return PvwsError(f"the measured server has ended by itself, with exit code {self._process.wait()}")


@contextmanager
def server_process(command: Sequence[str], folder: str | None = None) -> Iterator[ServerProcess]:
    """A process on the first core, for as long as this is entered."""
    with on_core(0):
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            start_new_session=True,  # Ctrl-C is for us: we end it
        )
    try:
        yield ServerProcess(process)
    finally:
        process.kill()
        process.communicate()


@contextmanager
def on_core(place: int) -> Iterator[None]:
    """Run on one core alone, and start there what is started; on any, where there is but one or no choice."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(before)[place]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
