"""A command of somebody else's: started apart, heard, and ended with all that it has started."""

import asyncio
import errno
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from threading import Thread
from types import TracebackType
from typing import IO, Literal, TypeAlias, TypeVar

from msgspec import Struct

from pvws.errors import InputError, Problem
from pvws.testing.trial.family import MARK_VARIABLE, Family
from pvws.testing.trial.tail import Tail
from pvws.testing.trial.watchdog import Watchdog

__all__ = ["GRACE_S", "Command", "Exit", "Heard"]

GRACE_S = 5.0
"""How long a command that was asked to end is given for it, if nothing else is said."""

Heard: TypeAlias = Literal["kept", "passed on", "inherited"]
"""What becomes of its output: the last of it is kept; or it is written to our own standard files as well; or they are
the command's own, as a terminal must be for it to show colours, and nothing is kept.
"""

_LAST_WORDS_S = 1.0  # for what stands in its pipes when all its processes have ended
_LOOK_S_FIRST, _LOOK_S_MAX = 0.002, 0.05  # how often is looked whether the children of a command have ended
_PIECE_BYTES = 65_536
_KILL = signal.SIGKILL if sys.platform != "win32" else signal.SIGABRT

_T = TypeVar("_T")
_Started: TypeAlias = "tuple[subprocess.Popen[bytes], Watchdog]"


class Exit(Struct, frozen=True):
    """How a command has ended: with a `code`, or by a `signal`; the other is None. `forced`: it did not end when it
    was asked to, and was killed.
    """

    code: int | None = None
    signal: int | None = None
    forced: bool = False

    @property
    def good(self) -> bool:
        """Whether it said that all went well."""
        return self.code == 0

    def __str__(self) -> str:
        if self.signal is None:
            return f"exited with {self.code}"
        try:
            name = signal.Signals(self.signal).name
        except ValueError:
            name = f"signal {self.signal}"
        return f"was ended by {name}"


class Command:
    """A command in a session of its own, so that all its processes can be ended, and none of ours.

    `start` it, `wait` for it, and `end` it; entered, it is started, and on leaving it has ended, whatever happened. A
    command that has ended by itself may have left processes behind: `end` ends those as well. `environment` is all of
    its environment; `ours` are the descriptors that are meant by our own standard files.
    """

    def __init__(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        *,
        heard: Heard = "kept",
        grace: float = GRACE_S,
        ours: tuple[int, int] = (1, 2),
    ) -> None:
        assert argv, "there is a command"
        self.argv = tuple(argv)
        self.tail = Tail()
        """The last of what it has said, on stdout and stderr alike."""
        self._mark = secrets.token_hex(16)
        self._environment = {**environment, MARK_VARIABLE: self._mark}
        self._heard = heard
        self._grace = grace
        self._ours = ours
        self._process: subprocess.Popen[bytes] | None = None
        self._family: Family | None = None
        self._watchdog: Watchdog | None = None
        self._ended: asyncio.Future[int] | None = None
        self._reading: list[asyncio.Future[None]] = []
        self._forced = False
        self._passing_on = set[int]()  # to which of our files something is being written just now
        self._over = False  # whether all its processes are known to have ended

    async def __aenter__(self) -> "Command":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if not isinstance(error, asyncio.CancelledError):  # else there is no time to be asked nicely
                await self.end()
        finally:
            self.kill()

    @property
    def pid(self) -> int:
        """The number of its process, and of its session."""
        assert self._process is not None, "it was started"
        return self._process.pid

    @property
    def exit(self) -> Exit | None:
        """How it has ended; None while it runs."""
        if self._ended is None or not self._ended.done():
            return None
        status = self._ended.result()
        return Exit(status, None, self._forced) if status >= 0 else Exit(None, -status, self._forced)

    async def start(self) -> None:
        """Start it. Raises InputError where there is no such command, or it can't be run."""
        program, loop = self._program(), asyncio.get_running_loop()
        # On a busy machine this takes a while, in which the server must not stand still.
        starting = loop.run_in_executor(None, self._started, program)
        try:
            process, self._watchdog = await asyncio.shield(starting)
        except (OSError, ValueError) as error:
            raise self._unfit(error) from None
        except asyncio.CancelledError:
            starting.add_done_callback(self._unwanted)
            raise
        self._process, self._family = process, Family(process.pid, self._mark)
        self._ended = _in_thread(loop, process.wait)
        for stream, ours in zip((process.stdout, process.stderr), self._ours, strict=True):
            if stream is not None:
                to = ours if self._heard == "passed on" else None
                self._reading.append(_in_thread(loop, partial(self._read, stream, to)))

    def _started(self, program: str) -> "_Started":
        out, err = self._files()
        process = subprocess.Popen(
            [program, *self.argv[1:]],
            env=self._environment,
            stdin=subprocess.DEVNULL if self._heard == "kept" else None,
            stdout=out,
            stderr=err,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        return process, Watchdog(process.pid)

    def _unwanted(self, starting: "asyncio.Future[_Started]") -> None:
        """It has started when nobody wanted it any more."""
        if not starting.cancelled() and starting.exception() is None:
            process, watchdog = starting.result()
            Family(process.pid, self._mark).send(_KILL)
            process.communicate()
            watchdog.release()

    async def wait(self) -> Exit:
        """Return when it has ended; what it has started may go on."""
        assert self._ended is not None, "it was started"
        await asyncio.shield(self._ended)
        found = self.exit
        assert found is not None, "it has ended"
        return found

    def send(self, number: int) -> None:
        """Send a signal to it and to all that it has started."""
        assert self._family is not None, "it was started"
        self._family.send(number)

    async def end(self, ask: int = signal.SIGTERM) -> Exit:
        """Have it, and all that it has started, end: asked by a signal at first, killed when the grace is over.

        Returns once all have ended and all that they said was read.
        """
        assert self._family is not None, "it was started"
        assert self._ended is not None, "it was started"
        if self.exit is None or await self._lives():
            await self._send(ask)
            await asyncio.wait({self._ended}, timeout=self._grace)
            if ask != signal.SIGTERM and self.exit is not None:
                await self._send(signal.SIGTERM)  # what a shell has put into the background is deaf to Ctrl-C
            if not await self._gone(self._grace if self.exit is not None else 0):
                self._forced = self.exit is None
                await self._send(_KILL)
                await self._gone(self._grace)
        self._over = True
        found = await self.wait()
        if self._watchdog is not None:
            await asyncio.to_thread(self._watchdog.release)
        await self._heard_out()
        return found

    def kill(self) -> None:
        """End all of it at once."""
        if self._family is not None and not self._over:
            self._family.send(_KILL)
        if self._watchdog is not None:
            self._watchdog.release()

    async def _gone(self, seconds: float) -> bool:
        """Whether all its processes have ended, by so many seconds from now at the latest."""
        assert self._family is not None, "it was started"
        assert self._ended is not None, "it was started"
        until, look = time.monotonic() + seconds, _LOOK_S_FIRST
        if seconds:
            await asyncio.wait({self._ended}, timeout=seconds)
        while self.exit is None or await self._lives():
            if time.monotonic() >= until:
                return False
            await asyncio.sleep(look)  # no event tells of the end of somebody else's child
            look = min(look * 2, _LOOK_S_MAX)
        return True

    # All processes of the machine are looked at, of which there may be thousands, so not on the event loop.

    async def _lives(self) -> bool:
        assert self._family is not None, "it was started"
        return await asyncio.to_thread(self._family.lives)

    async def _send(self, number: int) -> None:
        assert self._family is not None, "it was started"
        await asyncio.to_thread(self._family.send, number)

    async def _heard_out(self) -> None:
        """Return when all that was said is read, and passed on however slow its reader is. Nobody says any more, unless
        somebody was not found who still holds the pipe: such a one is not waited for.
        """
        left = set(self._reading)
        while left:
            before = self.tail.bytes
            _, left = await asyncio.wait(left, timeout=_LAST_WORDS_S)
            if not self._passing_on and self.tail.bytes == before:
                break

    def _files(self) -> tuple[int | None, int | None]:
        """What is to be its standard output and standard error."""
        match self._heard:
            case "inherited":
                return None, None
            case "kept":
                return subprocess.PIPE, subprocess.STDOUT
            case "passed on":
                # One pipe where ours are one file: only so do its lines stay in order.
                return subprocess.PIPE, subprocess.STDOUT if _are_one(*self._ours) else subprocess.PIPE

    def _read(self, stream: IO[bytes], to: int | None) -> None:
        """In a thread, for whoever reads us may be slow: keep what comes, and pass it on."""
        with stream, suppress(OSError):
            while data := os.read(stream.fileno(), _PIECE_BYTES):
                self.tail.add(data)
                if to is not None:
                    self._passing_on.add(to)
                    written = _written(to, data)
                    self._passing_on.discard(to)
                    to = to if written else None

    def _program(self) -> str:
        """Where it lies. Raises InputError."""
        name = self.argv[0]
        with suppress(ValueError):  # a name with a zero byte
            if found := shutil.which(name, path=self._environment.get("PATH")):
                return found
        if os.path.isdir(name):  # noqa: PTH112 - a name may be no path
            trouble, hint = "a folder", None
        elif os.path.dirname(name) and os.path.exists(name):  # noqa: PTH110, PTH120
            trouble, hint = "it is not executable", f"chmod +x {name}, or name its interpreter before it"
        elif " " in name:
            trouble, hint = "not found", f"its words one by one, or a line for a shell as: sh -c '{name}'"
        elif os.path.dirname(name):  # noqa: PTH120
            trouble, hint = "no such file", None
        else:
            trouble, hint = "not found", "is it installed, and its folder in PATH?"
        raise InputError(Problem("COMMAND", "a command that can be run", f'"{name}" ({trouble})', hint=hint))

    def _unfit(self, error: OSError | ValueError) -> InputError:
        """What is wrong with a file that is there and executable, and could not be run all the same."""
        trouble, hint = (getattr(error, "strerror", None) or str(error)).lower(), None
        number = getattr(error, "errno", None)
        if number == errno.ENOENT:
            trouble = "the interpreter that its first line names is not there"
        elif number == errno.ENOEXEC:
            hint = "a script begins with a line such as #!/bin/sh"
        return InputError(Problem("COMMAND", "a command that can be run", f'"{self.argv[0]}" ({trouble})', hint=hint))


def _in_thread(loop: asyncio.AbstractEventLoop, work: Callable[[], _T]) -> "asyncio.Future[_T]":
    """What a thread of its own comes to, which may take as long as the command does."""
    future: asyncio.Future[_T] = loop.create_future()

    def done(result: _T) -> None:
        if not future.done():
            future.set_result(result)

    def run() -> None:
        result = work()
        with suppress(RuntimeError):  # the loop has ended before the command
            loop.call_soon_threadsafe(done, result)

    Thread(target=run, daemon=True).start()
    return future


def _are_one(one: int, other: int) -> bool:
    try:
        return os.path.sameopenfile(one, other)
    except OSError:
        return False


def _written(to: int, data: bytes) -> bool:
    """Write all of it; false where nobody reads it any more."""
    try:
        while data:
            data = data[os.write(to, data) :]
    except OSError:
        return False
    return True
