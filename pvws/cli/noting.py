"""One run of `pvws record`."""

import asyncio
import ssl
from typing import assert_never

from msgspec import Struct

from pvws.cli.ear import ears
from pvws.cli.files import remove
from pvws.cli.recorded import header_of, recording_to
from pvws.cli.run import Stop
from pvws.cli.standard import note
from pvws.client.client import PATIENCE_FIRST_S, Client
from pvws.client.happenings import Connected, Disconnected, Happening, Received, Unreached
from pvws.errors import ReachError
from pvws.files.recorder import Recorder
from pvws.proxy.recorded import Stenographer
from pvws.recording.format import Entry, Gap, Message
from pvws.recording.redact import Redactor
from pvws.wire.topics import Topic

__all__ = ["Noting"]


class Noting(Struct, frozen=True):
    """Call it with the `Stop` of the command; it gives the exit code: 1 where the recording could not be written.

    Reasons to leave: `count` recorded messages of the server; `for_s` seconds since the first connection; a signal; a
    disk that takes no more. Raises ReachError when the client's patience ends; what was recorded by then is kept.
    """

    url: str
    out: str
    topics: tuple[Topic, ...]
    tls: ssl.SSLContext | None
    redact: Redactor
    token: str | None = None
    count: int | None = None
    for_s: float | None = None
    patience_s: float | None = None

    async def __call__(self, stop: Stop) -> int:
        """Record until there is a reason to leave."""
        header = header_of("record", url=self.url, topics=self.topics)
        recorder: Recorder | None = None
        try:
            async with recording_to(self.out, header, "--out", redact=self.redact) as recorder:
                await self._record(recorder, stop)
        except ReachError:
            if recorder is not None and not recorder.recorded:
                remove(self.out)
            raise
        return stop.exit_code or int(recorder.trouble is not None)

    async def _record(self, recorder: Recorder, stop: Stop) -> None:
        taking = _Taking(recorder, self.count)
        client = Client(
            self.url,
            self.topics,
            token=self.token,
            patience_first_s=PATIENCE_FIRST_S if self.patience_s is None else self.patience_s,
            patience_s=self.patience_s,
            tls=self.tls,
            tap=ears(self.url, Stenographer(taking.take, recorder.now)),
        )
        driving = asyncio.ensure_future(self._drive(client, recorder, taking.over))
        reasons = {
            driving,
            asyncio.ensure_future(stop.wait()),
            asyncio.ensure_future(taking.over.wait()),
            asyncio.ensure_future(recorder.failed()),
        }
        try:
            await asyncio.wait(reasons, return_when=asyncio.FIRST_COMPLETED)
            if driving.done():
                driving.result()
        finally:
            for each in reasons:
                each.cancel()
            await asyncio.gather(*reasons, return_exceptions=True)

    async def _drive(self, client: Client, recorder: Recorder, over: asyncio.Event) -> None:
        telling, for_s = _Telling(recorder), self.for_s
        async with client:
            async for happening in client:
                if not isinstance(happening, Received):
                    telling.happened(happening)
                    if for_s is not None and isinstance(happening, Connected):
                        asyncio.get_running_loop().call_later(for_s, over.set)
                        for_s = None
                elif recorder.full:  # the server has to wait, so that nothing is lost
                    await recorder.drain()


class _Taking:
    """Takes entries until there are enough messages."""

    def __init__(self, recorder: Recorder, count: int | None) -> None:
        self._recorder = recorder
        self._left = count
        self.over = asyncio.Event()
        """Set when there are enough."""

    def take(self, entry: Entry) -> None:
        received = isinstance(entry, Message) and entry.dir == "recv"
        if received and self._left == 0:
            return
        self._recorder.record(entry)
        if received and self._left is not None:
            self._left -= 1
            if self._left == 0:
                self.over.set()


class _Telling:
    """Tells what happens to the connection, and records what was missed."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._lost: tuple[int, str] | None = None
        self._trouble = ""

    def happened(self, happening: Happening) -> None:
        match happening:
            case Connected():
                again = "" if self._lost is None else "again "
                note(f"connected {again}to {happening.url}")
                if self._lost is not None:
                    since, why = self._lost
                    now = self._recorder.now()
                    reason = f"the connection was lost ({why}); what was sent meanwhile is missed"
                    self._recorder.record(Gap(now, reason, micros=now - since))
                self._trouble = ""
            case Disconnected():
                why = f"{happening.code} {happening.reason}".rstrip()
                self._lost = self._recorder.now(), why
                note(f"connection lost ({why})")
            case Unreached():
                if happening.trouble != self._trouble:  # the same every few seconds is no news
                    self._trouble = happening.trouble
                    note(f"{happening.url}: {happening.trouble}; trying again")
            case Received():
                pass
            case _:
                assert_never(happening)
