"""What `watch` and `simulate --view log` share: a client driven into a view until there is a reason to leave."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import tzinfo
from typing import Protocol, TextIO, assert_never

from pvws.cli.run import Stop
from pvws.client.client import Client
from pvws.client.happenings import Connected, Disconnected, Happening, Received, Unreached
from pvws.errors import PvwsError
from pvws.terminal.ledger import Ledger
from pvws.terminal.log import Log
from pvws.terminal.output import Output
from pvws.terminal.printable import one_line, printable, printable_json
from pvws.terminal.spans import Span, plain

__all__ = ["LAST_WRITE_S", "JsonView", "LogView", "View", "follow", "note", "tell_failure"]

LAST_WRITE_S = 0.5
"""After a signal, for a reader that is only slow; one that has stopped must not keep us."""


class View(Protocol):
    """Shows messages on an output and counts them."""

    output: Output
    ledger: Ledger

    def show(self, received: Received) -> None:
        """Show one message."""


class JsonView:
    """JSON Lines: every message's text as it came. On a terminal what could steer it is escaped, the JSON way."""

    def __init__(self, stream: TextIO) -> None:
        self.output = Output(_descriptor(stream))
        self.ledger = Ledger()
        self._line: Callable[[str], str] = printable_json if stream.isatty() else one_line

    def show(self, received: Received) -> None:
        """One line; the message isn't decoded."""
        self.output.write(self._line(received.text))
        self.ledger.saw_text(received.text, received.at)


class LogView:
    """The log: a line a message, in colours where the stream is a terminal that has them."""

    def __init__(self, stream: TextIO, *, zone: tzinfo | None = None, wide: bool = False) -> None:
        self.output = Output(_descriptor(stream))
        self.ledger = Ledger()
        self._log = Log(zone=zone, wide=wide)
        self._line = _painted(stream)

    def show(self, received: Received) -> None:
        """One line, also for what can't be read."""
        message, trouble = received.message, received.trouble
        if message is not None:
            spans = self._log.line(message)
        else:
            assert trouble is not None, "a text is a message or has a trouble"
            spans = self._log.unreadable(received.text, trouble, received.at)
        self.output.write(self._line(spans))
        self.ledger.saw(message, received.at)


def note(text: str) -> None:
    """Tell a person something on stderr, besides what goes to stdout. What it quotes can't steer the terminal."""
    if sys.stderr is None:
        return
    try:
        lines = "\n".join(printable(line) for line in text.split("\n"))
        print(f"pvws: {lines}", file=sys.stderr, flush=True)  # noqa: T201
    except OSError:
        # Nobody reads it any more. Point it elsewhere, so that the interpreter's last flush is quiet.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


async def follow(
    client: Client,
    view: View,
    stop: Stop,
    *,
    count: int | None = None,
    for_s: float | None = None,
    tell: Callable[[str], None] = note,
    now: Callable[[], float] = time.time,
) -> int:
    """Show what the client receives until there is a reason to leave, and give back the exit code.

    Reasons: `count` messages; `for_s` seconds since the first connection; a signal (its exit code); the client's
    iteration is over; nobody reads the view's output any more (0, and without a word). Notes on the connection,
    and the summary on leaving, go to `tell`. The client is closed at the end.

    Raises ReachError when the client's patience ends, and PvwsError when the output can't be written.
    """
    over = asyncio.Event()
    driving = asyncio.ensure_future(_drive(client, view, _Teller(client, tell, now), count, for_s, over))
    stopping = asyncio.ensure_future(stop.wait())
    failing = asyncio.ensure_future(view.output.failed())
    passing = asyncio.ensure_future(over.wait())
    try:
        await asyncio.wait({driving, stopping, failing, passing}, return_when=asyncio.FIRST_COMPLETED)
        driving.cancel()
        await asyncio.wait({driving})
        await _write_rest(view.output, stopping, failing)
    finally:
        for task in (driving, stopping, failing, passing):
            task.cancel()
        await asyncio.gather(driving, stopping, failing, passing, return_exceptions=True)
    if failing.done() and not failing.cancelled():
        tell_failure(failing.result())
        return stop.exit_code
    if view.ledger.connections:
        tell("\n".join(view.ledger.summary(now())))
    if not driving.cancelled():
        driving.result()
    return stop.exit_code


async def _drive(
    client: Client, view: View, teller: "_Teller", count: int | None, for_s: float | None, over: asyncio.Event
) -> None:
    left = -1 if count is None else count
    output, show = view.output, view.show
    async with client:
        async for happening in client:
            if type(happening) is not Received:
                output.flush()  # so that on a terminal the note stands where it belongs
                teller.happened(happening, view.ledger)
                if for_s is not None and isinstance(happening, Connected):
                    asyncio.get_running_loop().call_later(for_s, over.set)
                    for_s = None
                continue
            show(happening)
            left -= 1
            if left == 0:
                return
            if output.full:
                await output.drain()


async def _write_rest(output: Output, stopping: "asyncio.Task[None]", failing: "asyncio.Task[OSError]") -> None:
    """Give the reader what is still held back: all of it, unless there is a signal or the reader leaves."""
    draining = asyncio.ensure_future(output.drain())
    await asyncio.wait({draining, stopping, failing}, return_when=asyncio.FIRST_COMPLETED)
    if stopping.done():
        await asyncio.wait({draining, failing}, timeout=LAST_WRITE_S, return_when=asyncio.FIRST_COMPLETED)
    draining.cancel()


class _Teller:
    """Puts into words what happens to the connection, and counts it."""

    def __init__(self, client: Client, tell: Callable[[str], None], now: Callable[[], float]) -> None:
        self._client = client
        self._tell = tell
        self._now = now
        self._trouble: str | None = None

    def happened(self, happening: Happening, ledger: Ledger) -> None:
        match happening:
            case Connected():
                ledger.connected(self._now())
                self._trouble = None
                again = "again " if ledger.connections > 1 else ""
                self._tell(f"connected {again}to {happening.url}")
            case Disconnected():
                why = f"{happening.code} {printable(happening.reason)}".rstrip()
                if happening.retry_in is None:
                    self._tell(f"the server has closed the connection ({why})")
                else:
                    ledger.disconnected()
                    self._tell(f"connection lost ({why}): trying again in {happening.retry_in:.1f} s")
            case Unreached():
                self._unreached(happening)
            case Received():
                pass
            case _:
                assert_never(happening)

    def _unreached(self, happening: Unreached) -> None:
        if happening.trouble == self._trouble:
            return  # the same every few seconds is no news
        self._trouble = happening.trouble
        patience_s = self._client.patience_s
        until = "" if patience_s is None else f" for up to {patience_s:g} s"
        self._tell(f"{happening.url}: {happening.trouble}; trying again{until}")


def tell_failure(error: OSError, where: str = "standard output") -> None:
    """A reader that left is no failure: `| head -5` has got what it wanted. A full disk is."""
    if not isinstance(error, BrokenPipeError):
        raise PvwsError(f"can't write to {where}: {(error.strerror or str(error)).lower()}")


def _descriptor(stream: TextIO) -> int:
    stream.flush()  # what was printed before comes first
    return stream.fileno()


def _painted(stream: TextIO) -> Callable[[list[Span]], str]:
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return plain
    from pvws.terminal.paint import Paint  # Rich: only where there is something to colour

    return Paint(stream).line
