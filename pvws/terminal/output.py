"""Lines to standard output, from an event loop that must not stand still while their reader does."""

import asyncio
import errno
import os
import select
import stat
import weakref

__all__ = ["Output"]

_HELD_BYTES_MAX = 1_048_576  # what waits for a slow reader; past it whoever writes should wait, see `full`
_PIECE_BYTES = getattr(select, "PIPE_BUF", 4096)  # a pipe that is ready takes that much without blocking (POSIX)
_FILE_PIECE_BYTES = 1_048_576  # a file never blocks for a reader
_LOOK_AGAIN_S_FIRST = 0.001  # while the reader is slow
_LOOK_FOR_READER_S = 0.5  # while nothing is to be written: a reader that has left shows in a poll alone
_LOOK_AGAIN_S_MAX = 0.05  # and when it has stopped: cheap, and no person notices


class Output:
    """Writes lines to a file descriptor: what one turn of the loop brought is written at its end, in one piece.

    So nothing is held back while nothing comes, and a busy stream costs few system calls. Where the reader is slow
    the lines wait here while the loop goes on: signals and pings are answered. The descriptor stays as it is;
    making it non-blocking would do so for every process that shares it. A terminal is opened once more instead: it
    says that it is ready, and then keeps a writer waiting, as soon as there is room for a single letter.

    `write` may be called at any time; after a failure it does nothing, and `failed` tells of it.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = self._opened_anew(descriptor)
        self._blocks = self._descriptor == descriptor
        self._loop = asyncio.get_running_loop()
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        self._piece = _FILE_PIECE_BYTES if regular else _PIECE_BYTES
        # Windows has no poll: there a slow reader does hold up the loop.
        self._poll = None if regular or not hasattr(select, "poll") else select.poll()
        if self._poll is not None:
            self._poll.register(self._descriptor, select.POLLOUT)
            self._loop.call_later(_LOOK_FOR_READER_S, self._look_for_reader)
        self._held = bytearray()
        self._flushing = False
        self._pause_s = _LOOK_AGAIN_S_FIRST
        self._error: OSError | None = None
        self._failed = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def _opened_anew(self, descriptor: int) -> int:
        """A descriptor of our own of the same terminal, on which no write waits; else the one that was given."""
        if not os.isatty(descriptor) or not hasattr(os, "ttyname"):
            return descriptor
        try:
            own = os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError:  # it has no name here, as in some containers
            return descriptor
        weakref.finalize(self, os.close, own)
        return own

    @property
    def descriptor(self) -> int:
        """What it writes to."""
        return self._descriptor

    @property
    def broken(self) -> bool:
        """Whether writing has failed."""
        return self._error is not None

    @property
    def full(self) -> bool:
        """Whether so much is waiting that whoever writes should `drain` first."""
        return len(self._held) > _HELD_BYTES_MAX

    @property
    def written(self) -> bool:
        """Whether all that there was has been written."""
        return not self._held and self._error is None

    def write(self, line: str) -> None:
        """Write a line, soon."""
        self.write_bytes(line.encode(errors="backslashreplace"))

    def write_bytes(self, line: bytes) -> None:
        """The same of a line that is encoded already."""
        self.write_raw(line + b"\n")

    def write_raw(self, data: bytes) -> None:
        """The same of anything: what moves the cursor of a terminal, say."""
        if self._error is not None:
            return
        self._held += data
        if not self._flushing:
            self._flushing = True
            self._empty.clear()
            self._loop.call_soon(self._flush)

    async def drain(self) -> None:
        """Return once all is written, or once writing has failed."""
        await self._empty.wait()

    async def failed(self) -> OSError:
        """Wait until writing fails: BrokenPipeError when the reader has left, another OSError for a full disk."""
        await self._failed.wait()
        assert self._error is not None, "an error comes before the event that tells of it"
        return self._error

    def flush(self) -> None:
        """Write now what can be written without waiting."""
        held, at = memoryview(self._held), 0
        try:
            while at < len(held) and self._ready():
                at += os.write(self._descriptor, held[at : at + self._piece])
        except BlockingIOError:  # a terminal, or somebody else has made the descriptor non-blocking
            pass
        except OSError as error:
            self._error = error
            at = len(held)
            self._failed.set()
        held.release()
        if at:
            self._pause_s = _LOOK_AGAIN_S_FIRST
            del self._held[:at]

    def _flush(self) -> None:
        self.flush()
        if self._held:
            self._loop.call_later(self._pause_s, self._flush)
            self._pause_s = min(self._pause_s * 2, _LOOK_AGAIN_S_MAX)
        else:
            self._flushing = False
            self._empty.set()

    def _look_for_reader(self) -> None:
        assert self._poll is not None, "only what can be polled is looked at"
        if self._error is not None:
            return
        if any(event & (select.POLLERR | select.POLLNVAL) for _, event in self._poll.poll(0)):
            self._error = BrokenPipeError(errno.EPIPE, "the reader has left")
            self._failed.set()
            self._empty.set()
        else:
            self._loop.call_later(_LOOK_FOR_READER_S, self._look_for_reader)

    def _ready(self) -> bool:
        return self._poll is None or not self._blocks or bool(self._poll.poll(0))
