"""The `pvws` command as a user runs it."""

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from pvws.cli.app import run
from tests.support.logs import log_kept


def pvws(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command line to its end within this process, which saves what starting another one costs.

    It has standard files of its own, as descriptors and in `sys`, and leaves nothing behind. Where a process makes the
    difference, such as the seed of its hashes or how it ends, there is `process`.
    """
    with tempfile.TemporaryFile("w+b") as out, tempfile.TemporaryFile("w+b") as err:
        with ExitStack() as restored:
            restored.enter_context(_environment(environment))
            restored.enter_context(_interpreter())
            restored.enter_context(_standard_files(out, err))
            code = run(arguments)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(arguments, code, out.read().decode(), err.read().decode())


@contextmanager
def _environment(changes: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(changes)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _interpreter() -> Iterator[None]:
    """What commands do to their process as a whole, taken back."""
    threshold = gc.get_threshold()
    gc.freeze()  # the command is not to look through what the tests have made
    try:
        with log_kept():
            yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)


@contextmanager
def _standard_files(out: IO[bytes], err: IO[bytes]) -> Iterator[None]:
    streams, descriptors = (sys.stdin, sys.stdout, sys.stderr), [os.dup(number) for number in range(3)]
    sys.stdout.flush()
    sys.stderr.flush()
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        for number, file in enumerate((nothing, out, err)):
            os.dup2(file.fileno(), number)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
        for number, mode in enumerate(("r", "w", "w"))
    )
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr, sys.stdin):
            stream.close()
        sys.stdin, sys.stdout, sys.stderr = streams
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)


def process(*arguments: str, timeout: float = 50, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command line to its end in a process of its own."""
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
    """A command that serves: `url` is where, `control` is where it is steered, `process` is the process."""

    def __init__(self, process: subprocess.Popen[str], url: str, control: str | None) -> None:
        self.process = process
        self.url = url
        self.control = control or ""


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
        told = json.loads(ready.read_text())
        yield Serving(process, told["url"], told.get("control"))
    finally:
        process.kill()
        process.communicate()
