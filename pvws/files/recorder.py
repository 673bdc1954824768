"""A recording that is written while things happen: the event loop hands entries over, a thread writes them."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Thread

from pvws.errors import PvwsError
from pvws.files.recordings import RecordingWriter
from pvws.limits import RECORDER_HELD_BYTES_MAX
from pvws.recording.format import Entry, Gap, Message

__all__ = ["FLUSH_PERIOD_S", "Recorder"]

FLUSH_PERIOD_S = 0.05
"""How long an entry waits at most before it is handed over: what `kill -9` can cost, beside a write under way."""

_ENTRY_BYTES = 200  # that an entry takes beside its payload


class Recorder:
    """Writes entries in the order in which they come, and never has the event loop wait for a disk.

    `record` takes an entry at any time. Who can wait looks at `full` and then awaits `drain`: nothing is lost. Where
    nobody can, entries past the bound (64 MiB held) are dropped, counted in `dropped`, and a gap that says how many
    stands where they were. After a failure, of a full disk for example, `failed` gives the error, which says what was
    kept, and what follows is dropped. `close` writes the rest. Must be made within a running event loop.

    `now` counts microseconds from the making of the recorder on, as entries do.
    """

    def __init__(
        self,
        writer: RecordingWriter,
        *,
        held_bytes_max: int = RECORDER_HELD_BYTES_MAX,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._clock = _monotonic if clock is None else clock
        self._began = self._clock()
        self._held_max = held_bytes_max
        self._held = 0  # bytes, roughly: not handed over, or handed over and not written
        self._new: list[Entry] = []
        self._new_bytes = 0
        self._due: asyncio.TimerHandle | None = None
        self._gap: _Lost | None = None
        self._work: deque[tuple[list[Entry], int] | None] = deque()
        self._ready = Condition()
        self._drained = asyncio.Event()
        self._drained.set()
        self._failed: asyncio.Future[PvwsError] = self._loop.create_future()
        self._closed = False
        self._ended = asyncio.Event()
        self.recorded = 0
        """Entries that were taken."""
        self.dropped = 0
        """Entries that were not."""
        self._thread = Thread(target=self._write, name="recorder", daemon=True)
        self._thread.start()

    @property
    def path(self) -> str:
        """Where it is written."""
        return self._writer.path

    @property
    def trouble(self) -> PvwsError | None:
        """Why no more is written, if that is so."""
        return self._failed.result() if self._failed.done() else None

    def now(self) -> int:
        """Microseconds since the recording began."""
        return self._clock() - self._began

    @property
    def full(self) -> bool:
        """Whether so much is held that whoever can wait should `drain` first."""
        return self._held > self._held_max // 2 and not self._failed.done()

    def record(self, entry: Entry) -> None:
        """Take an entry; it is in the file soon."""
        if self._closed or self._failed.done():
            self.dropped += 1
            return
        size = _ENTRY_BYTES + (len(entry.data) if type(entry) is Message else 0)
        if self._held + size > self._held_max:
            self._drop(entry, size)
            return
        if self._gap is not None:
            self._end_gap(entry.t)
        self._take(entry, size)

    async def drain(self) -> None:
        """Return once everything that was taken is in the file, or writing has failed."""
        self._hand_over()
        await self._drained.wait()

    async def failed(self) -> PvwsError:
        """Wait until writing fails; the error says what was kept."""
        return await asyncio.shield(self._failed)

    async def close(self) -> None:
        """Write what is held, and end the file. Raises PvwsError when that fails, or failed before."""
        if not self._closed:
            if self._gap is not None:
                self._end_gap(self._gap.until)
            self._hand_over()
            self._closed = True
            with self._ready:
                self._work.append(None)
                self._ready.notify()
            # Not joined: where a disk hangs, whoever is cancelled here has to get away.
            await self._ended.wait()
        if self._failed.done():
            raise self._failed.result()

    def _take(self, entry: Entry, size: int) -> None:
        self.recorded += 1
        self._held += size
        self._new_bytes += size
        self._new.append(entry)
        if self._due is None:
            self._drained.clear()
            self._due = self._loop.call_later(FLUSH_PERIOD_S, self._hand_over)

    def _drop(self, entry: Entry, size: int) -> None:
        if self._gap is None:
            self._gap = _Lost(entry.t)
        self.dropped += 1
        self._gap.add(entry, size)

    def _end_gap(self, at: int) -> None:
        assert self._gap is not None, "called where there is one"
        self._take(self._gap.entry(at), _ENTRY_BYTES)
        self._gap = None

    def _hand_over(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if self._new:
            with self._ready:
                self._work.append((self._new, self._new_bytes))
                self._ready.notify()
            self._new, self._new_bytes = [], 0

    # What the thread does

    def _write(self) -> None:
        try:
            self._write_all()
        finally:
            self._tell(self._ended.set)

    def _write_all(self) -> None:
        while True:
            with self._ready:
                while not self._work:
                    self._ready.wait()
                work = self._work.popleft()
            try:
                if work is None:
                    self._writer.close()
                    return
                for entry in work[0]:
                    self._writer.write(entry)
                self._writer.flush()
            except PvwsError as error:
                self._tell(self._fail, error)
                self._close_quietly()
                return
            except Exception as error:  # a mistake of ours is told as one, and not only by a thread that is gone
                self._tell(self._fail, PvwsError(f"{self._writer.path}: {type(error).__name__}: {error}"))
                self._close_quietly()
                return
            self._tell(self._wrote, work[1])

    def _close_quietly(self) -> None:
        with suppress(PvwsError):
            self._writer.close()

    def _tell(self, what: Callable[..., None], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop has ended before us
            self._loop.call_soon_threadsafe(what, *arguments)

    def _wrote(self, size: int) -> None:
        self._held -= size
        if not self._work and not self._new:
            self._drained.set()

    def _fail(self, error: PvwsError) -> None:
        kept = self._writer.entries - self._writer.lost
        words = f"{error}; {kept:,} {'entry is' if kept == 1 else 'entries are'} kept and can be read"
        if not self._failed.done():
            self._failed.set_result(PvwsError(words))
        self.dropped += len(self._new) + self._writer.lost
        self._new.clear()
        self._drained.set()


def _monotonic() -> int:
    return time.monotonic_ns() // 1000


class _Lost:
    """What was dropped since an instant."""

    def __init__(self, since: int) -> None:
        self.until = since
        self._since = since
        self._messages = 0
        self._bytes = 0

    def add(self, entry: Entry, size: int) -> None:
        self.until = entry.t
        if type(entry) is Message:
            self._messages += 1
            self._bytes += len(entry.data)

    def entry(self, at: int) -> Gap:
        reason = "the disk was slower than the stream"
        return Gap(at, reason, messages=self._messages, bytes=self._bytes, micros=at - self._since)
