"""The `pvws` command as a user runs it: another process."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def pvws(*arguments: str, timeout: float = 50, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        [sys.executable, "-m", "pvws", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
        env=os.environ | environment,
    )


class Serving:
    """A command that serves: `url` is where, `process` is the process."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url


@contextmanager
def serving(tmp_path: Path, *arguments: str, **environment: str) -> Iterator[Serving]:
    """Run it, on a free port, until clients can connect; killed on leaving if it still runs."""
    ready = tmp_path / "ready.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "pvws", *arguments, "--port", "0", "--ready-file", str(ready)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env=os.environ | environment,
    )
    try:
        while not ready.exists():
            if process.poll() is not None:
                raise AssertionError(f"it ended with {process.returncode}: {process.communicate()[1]}")
            time.sleep(0.01)
        yield Serving(process, json.loads(ready.read_text())["url"])
    finally:
        process.kill()
        process.communicate()
