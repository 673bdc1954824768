"""Runs a command's coroutine: the event loop, and the one place that handles signals."""

import asyncio
import errno
import logging
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cache
from types import FrameType
from typing import Any, TypeVar

from pvws.server.loops import loop_factory

__all__ = ["ENDED_FROM_OUTSIDE", "EXIT_CODES", "Stop", "internal_error", "run", "unless_stopped"]

_T = TypeVar("_T")

EXIT_CODES = {signal.SIGINT: 130, signal.SIGTERM: 0}
"""What a command ends with after a signal, if it does not say otherwise."""


ENDED_FROM_OUTSIDE = 1
"""What commands that test something end with after SIGTERM or a hang-up: who was ended before has not passed."""


class Stop:
    """The wish to stop. A command waits for it, then says goodbye to its clients and returns."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.exit_code = 0
        """What to leave with because of the signal: 130 after SIGINT, after SIGTERM 0, or what `run` was told."""

    @property
    def requested(self) -> bool:
        """Whether a signal has come."""
        return self._event.is_set()

    async def wait(self) -> None:
        """Return once a signal has come."""
        await self._event.wait()

    def request(self, exit_code: int) -> None:
        """Ask for it, as a signal does."""
        self.exit_code = exit_code
        self._event.set()


async def unless_stopped(stop: Stop, work: Awaitable[_T]) -> _T | None:
    """What some work comes to, or None where a signal came first: the work was cancelled, and has ended."""
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, stopping):
            task.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)


def run(command: Callable[[Stop], Awaitable[int]], *, terminated: int = EXIT_CODES[signal.SIGTERM]) -> int:
    """Run a command to its end and give back its exit code.

    The first SIGINT or SIGTERM is a wish: the command sees it in its `Stop`. A second one cuts at once. `terminated`
    is what SIGTERM has it leave with: 0 says that all went well, which what is ended from outside may not say.
    """
    exit_codes = EXIT_CODES | {signal.SIGTERM: terminated}

    async def watched() -> int:
        asyncio.get_running_loop().set_exception_handler(_report)
        # asyncio warns of every write to a connection that is gone; that is no news to a server.
        logging.getLogger("asyncio").addHandler(logging.NullHandler())
        logging.getLogger("asyncio").propagate = False
        stop = Stop()
        task = asyncio.ensure_future(command(stop))

        def signalled(number: signal.Signals) -> None:
            if stop.requested:
                task.cancel()
            else:
                stop.request(exit_codes[number])

        with _handlers(signalled):
            try:
                return await task
            except asyncio.CancelledError:
                return stop.exit_code

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(watched())


def internal_error(error: BaseException) -> None:
    """Tell a person of a mistake of ours in a sentence; with PVWS_TRACEBACK set, also where it happened."""
    print(  # noqa: T201
        f"pvws: internal error: {type(error).__name__}: {error}\n"
        "This is a mistake in pvws; please report it, with what PVWS_TRACEBACK=1 adds.",
        file=sys.stderr,
    )
    if os.environ.get("PVWS_TRACEBACK"):
        traceback.print_exception(error)


@cache
def _tell_of_descriptors() -> None:
    """Said once: the loop tries again, and fails again, every second for each socket."""
    print("pvws: no more files can be opened, so no more clients can come; raise `ulimit -n`", file=sys.stderr)  # noqa: T201


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What the event loop does with an exception that nobody has caught."""
    error = context.get("exception")
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
        _tell_of_descriptors()
        return
    internal_error(error if isinstance(error, BaseException) else RuntimeError(context.get("message")))


class _handlers:  # noqa: N801 - reads as the statement it is used in
    """While entered, signals go to a function on the loop."""

    def __init__(self, receive: Callable[[signal.Signals], None]) -> None:
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._previous: dict[signal.Signals, object] = {}

    def __enter__(self) -> None:
        for number in EXIT_CODES:
            try:
                self._loop.add_signal_handler(number, self._receive, number)
            except NotImplementedError:  # Windows' loops
                self._previous[number] = signal.signal(number, self._from_interpreter)

    def _from_interpreter(self, number: int, frame: FrameType | None) -> None:
        self._loop.call_soon_threadsafe(self._receive, signal.Signals(number))

    def __exit__(self, *exception: object) -> None:
        for number in EXIT_CODES:
            with suppress(NotImplementedError):
                self._loop.remove_signal_handler(number)
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
